/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The IP layer of a datagram.
 *
 * Two ends bound every header: the one that the datagram claims (its total or
 * payload length) and the one of the buffer, which comes first when the capture
 * kept only the start. A header past the former is a lie of the sender
 * (IP_HEADER), past the latter it is only unseen (IP_SHORT).
 */
#include "wire/ip.h"

#include "wire/checksum.h"

enum {
	IPV4_HEADER_MIN = 20,
	IPV6_HEADER = 40,
	IPV4_DF = 0x4000,
	IPV4_MF = 0x2000,
	IPV4_OFFSET = 0x1fff,
	/* RFC 8200 has six, each at most once or twice. */
	EXTENSIONS_MAX = 16,
};

/* IPv6 extension headers (RFC 8200 4, RFC 7045). */
enum {
	EXTENSION_HOP_BY_HOP = 0,
	EXTENSION_ROUTING = 43,
	EXTENSION_FRAGMENT = 44,
	EXTENSION_AUTHENTICATION = 51,
	EXTENSION_DESTINATION = 60,
	EXTENSION_MOBILITY = 135,
	EXTENSION_HIP = 139,
	EXTENSION_SHIM6 = 140,
};

/* Let the reader end where the datagram does, `claimed` bytes on. */
static void limit(struct rd *r, size_t claimed, struct ip *out)
{
	if (claimed > r->left)
		out->truncated = true;
	else
		r->left = claimed;
}

static void take_addr(struct rd *r, enum family family, struct addr *out)
{
	*out = (struct addr){ .family = (uint8_t)family };
	for (size_t i = 0; i < addr_size(family); i++)
		out->bytes[i] = rd_u8(r);
	if (r->bad) /* half an address is none */
		*out = (struct addr){ 0 };
}

static enum ip_fault past_end(const struct ip *ip)
{
	return ip->truncated ? IP_SHORT : IP_HEADER;
}

static enum ip_fault parse_ipv4(struct rd *r, struct ip *out)
{
	uint8_t header_len = (uint8_t)((rd_u8(r) & 15) * 4);
	uint16_t total, fragment;

	out->tos = rd_u8(r);
	total = rd_u16(r);
	out->id = rd_u16(r);
	fragment = rd_u16(r);
	out->df = fragment & IPV4_DF;
	out->more_fragments = fragment & IPV4_MF;
	out->ttl = rd_u8(r);
	out->protocol = rd_u8(r);
	rd_u16(r); /* what came this far had a good header checksum */
	take_addr(r, FAMILY_IPV4, &out->src);
	take_addr(r, FAMILY_IPV4, &out->dst);
	if (r->bad)
		return IP_SHORT;
	if (header_len < IPV4_HEADER_MIN || (total && total < header_len))
		return IP_HEADER;
	if (total)
		limit(r, total - (size_t)IPV4_HEADER_MIN, out);
	else
		out->offloaded = true;
	if (!rd_bytes(r, header_len - (size_t)IPV4_HEADER_MIN))
		return past_end(out);
	return fragment & IPV4_OFFSET ? IP_FRAGMENT : IP_OK;
}

static bool is_extension(uint8_t protocol)
{
	switch (protocol) {
	case EXTENSION_HOP_BY_HOP:
	case EXTENSION_ROUTING:
	case EXTENSION_FRAGMENT:
	case EXTENSION_AUTHENTICATION:
	case EXTENSION_DESTINATION:
	case EXTENSION_MOBILITY:
	case EXTENSION_HIP:
	case EXTENSION_SHIM6:
		return true;
	}
	return false;
}

/* One extension header; out->protocol is its kind, then that of the next. */
static enum ip_fault skip_extension(struct rd *r, struct ip *out)
{
	uint8_t kind = out->protocol;
	uint8_t next = rd_u8(r);
	size_t units = rd_u8(r);
	uint16_t fragment = rd_u16(r);

	rd_u32(r); /* all of them are eight bytes at least */
	if (kind == EXTENSION_AUTHENTICATION)
		rd_bytes(r, units * 4); /* RFC 4302: words, less two */
	else if (kind != EXTENSION_FRAGMENT)
		rd_bytes(r, units * 8);
	if (r->bad)
		return past_end(out);
	out->protocol = next;
	if (kind != EXTENSION_FRAGMENT)
		return IP_OK;
	out->more_fragments = fragment & 1;
	return fragment >> 3 ? IP_FRAGMENT : IP_OK;
}

static enum ip_fault parse_ipv6(struct rd *r, struct ip *out)
{
	uint32_t first = rd_u32(r);
	uint16_t claimed = rd_u16(r);
	enum ip_fault fault;

	out->tos = (uint8_t)(first >> 20);
	out->flow_label = first & 0xfffff;
	out->df = true;
	out->protocol = rd_u8(r);
	out->ttl = rd_u8(r);
	take_addr(r, FAMILY_IPV6, &out->src);
	take_addr(r, FAMILY_IPV6, &out->dst);
	if (r->bad)
		return IP_SHORT;
	if (claimed)
		limit(r, claimed, out);
	else
		out->offloaded = true;
	for (size_t n = 0; is_extension(out->protocol); n++) {
		if (n == EXTENSIONS_MAX)
			return IP_HEADER;
		fault = skip_extension(r, out);
		if (fault)
			return fault;
	}
	return IP_OK;
}

enum ip_fault ip_parse(const uint8_t *bytes, size_t len, struct ip *out)
{
	struct rd r = rd_init(bytes, len);
	enum ip_fault fault;

	*out = (struct ip){ 0 };
	if (!len)
		return IP_SHORT;
	if (bytes[0] >> 4 == 4)
		fault = parse_ipv4(&r, out);
	else if (bytes[0] >> 4 == 6)
		fault = parse_ipv6(&r, out);
	else
		return IP_VERSION;
	if (fault)
		return fault;
	out->payload = r.at;
	out->payload_len = r.left;
	return IP_OK;
}

const char *ip_fault_text(enum ip_fault fault)
{
	static const char *const texts[] = {
		[IP_OK] = "good",
		[IP_SHORT] = "ends inside the IP header",
		[IP_VERSION] = "neither IPv4 nor IPv6",
		[IP_HEADER] = "bad IP header length",
		[IP_FRAGMENT] = "fragment",
	};

	static_assert(ARRAY_LEN(texts) == IP_FAULT_N, "a text a fault");
	BUG_ON((size_t)fault >= ARRAY_LEN(texts));
	return texts[fault];
}

static void write_ipv4(struct wr *w, const struct ip *ip, size_t payload_len)
{
	size_t start = w->len;
	unsigned fragment =
		(ip->df ? IPV4_DF : 0U) | (ip->more_fragments ? IPV4_MF : 0U);
	uint64_t sum;

	if (payload_len > UINT16_MAX - IPV4_HEADER_MIN) {
		w->bad = true;
		return;
	}
	wr_u8(w, 4 << 4 | IPV4_HEADER_MIN / 4);
	wr_u8(w, ip->tos);
	wr_u16(w, (uint16_t)(IPV4_HEADER_MIN + payload_len));
	wr_u16(w, ip->id);
	wr_u16(w, (uint16_t)fragment);
	wr_u8(w, ip->ttl);
	wr_u8(w, ip->protocol);
	wr_u16(w, 0);
	wr_bytes(w, ip->src.bytes, 4);
	wr_bytes(w, ip->dst.bytes, 4);
	if (w->bad)
		return;
	sum = checksum_add(0, w->start + start, IPV4_HEADER_MIN);
	wr_patch_u16(w, start + 10, checksum_finish(sum));
}

static void write_ipv6(struct wr *w, const struct ip *ip, size_t payload_len)
{
	if (payload_len > UINT16_MAX) {
		w->bad = true;
		return;
	}
	wr_u32(w, UINT32_C(6) << 28 | (uint32_t)ip->tos << 20 |
			  (ip->flow_label & 0xfffff));
	wr_u16(w, (uint16_t)payload_len);
	wr_u8(w, ip->protocol);
	wr_u8(w, ip->ttl);
	wr_bytes(w, ip->src.bytes, 16);
	wr_bytes(w, ip->dst.bytes, 16);
}

void ip_write_header(struct wr *w, const struct ip *ip, size_t payload_len)
{
	if (ip->src.family != ip->dst.family)
		w->bad = true;
	else if (ip->src.family == FAMILY_IPV4)
		write_ipv4(w, ip, payload_len);
	else if (ip->src.family == FAMILY_IPV6)
		write_ipv6(w, ip, payload_len);
	else
		w->bad = true;
}
