/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP and ICMPv6: errors with the segment they quote, and echo. */
#include "wire/icmp.h"

#include "wire/checksum.h"

enum {
	ICMP4_ECHO_REPLY = 0,
	ICMP4_UNREACHABLE = 3,
	ICMP4_QUENCH = 4,
	ICMP4_REDIRECT = 5,
	ICMP4_ECHO = 8,
	ICMP4_TIME_EXCEEDED = 11,
	ICMP4_PARAMETER = 12,
	ICMP4_FRAGMENTATION_NEEDED = 4, /* code of ICMP4_UNREACHABLE */

	ICMP6_UNREACHABLE = 1,
	ICMP6_TOO_BIG = 2,
	ICMP6_TIME_EXCEEDED = 3,
	ICMP6_PARAMETER = 4,
	ICMP6_ECHO = 128,
	ICMP6_ECHO_REPLY = 129,

	HEADER = 8,
	SUM_AT = 2,
	DEFAULT_TTL = 64,
	/* An error is no longer than what every link can carry (RFC 1812
	 * 4.3.2.3, RFC 4443 2.4). */
	ERROR_MAX4 = 576,
	ERROR_MAX6 = 1280,
};

static uint8_t protocol_of(uint8_t family)
{
	return family == FAMILY_IPV6 ? IP_PROTO_ICMPV6 : IP_PROTO_ICMP;
}

/* Only ICMPv6 covers the addresses (RFC 4443 2.3). */
static uint64_t sum_start(const struct addr *src, const struct addr *dst,
			  size_t len)
{
	if (src->family != FAMILY_IPV6)
		return 0;
	return checksum_pseudo(src, dst, IP_PROTO_ICMPV6, (uint32_t)len);
}

static bool is_sum_good(const struct ip *ip)
{
	uint64_t sum = sum_start(&ip->src, &ip->dst, ip->payload_len);

	if (ip->truncated || ip->more_fragments || ip->offloaded)
		return true; /* what it covers is not all there */
	sum = checksum_add(sum, ip->payload, ip->payload_len);
	return checksum_finish(sum) == 0;
}

static enum icmp_what classify4(uint8_t type)
{
	switch (type) {
	case ICMP4_UNREACHABLE:
	case ICMP4_QUENCH:
	case ICMP4_TIME_EXCEEDED:
	case ICMP4_PARAMETER:
		return ICMP_ERROR;
	case ICMP4_ECHO:
		return ICMP_ECHO_REQUEST;
	case ICMP4_ECHO_REPLY:
		return ICMP_ECHO_REPLY;
	}
	return ICMP_OTHER;
}

static enum icmp_what classify6(uint8_t type)
{
	switch (type) {
	case ICMP6_UNREACHABLE:
	case ICMP6_TOO_BIG:
	case ICMP6_TIME_EXCEEDED:
	case ICMP6_PARAMETER:
		return ICMP_ERROR;
	case ICMP6_ECHO:
		return ICMP_ECHO_REQUEST;
	case ICMP6_ECHO_REPLY:
		return ICMP_ECHO_REPLY;
	}
	return ICMP_OTHER;
}

/* Where a message of this type and code carries an MTU, and how wide it is. */
static bool has_mtu4(const struct icmp *icmp)
{
	return icmp->src.family == FAMILY_IPV4 &&
	       icmp->type == ICMP4_UNREACHABLE &&
	       icmp->code == ICMP4_FRAGMENTATION_NEEDED;
}

static bool has_mtu6(const struct icmp *icmp)
{
	return icmp->src.family == FAMILY_IPV6 && icmp->type == ICMP6_TOO_BIG;
}

/*
 * The start of a datagram of ours. It ends where the message does: some stacks
 * garble the length in the header that they quote, so it is not believed.
 */
static void parse_quote(struct rd r, struct icmp *out)
{
	const uint8_t *end = r.at + r.left;
	struct ip ip;

	if (ip_parse(r.at, r.left, &ip) != IP_OK ||
	    ip.src.family != out->src.family || ip.protocol != IP_PROTO_TCP)
		return;
	r = rd_init(ip.payload, (size_t)(end - ip.payload));
	out->quote.sport = rd_u16(&r);
	out->quote.dport = rd_u16(&r);
	out->quote.seq = rd_u32(&r);
	out->quote.src = ip.src;
	out->quote.dst = ip.dst;
	out->quote.ttl = ip.ttl;
	out->quote.tcp = !r.bad;
}

int icmp_parse(const struct ip *ip, struct icmp *out)
{
	struct rd r = rd_init(ip->payload, ip->payload_len);
	uint32_t rest;

	*out = (struct icmp){ .src = ip->src, .dst = ip->dst, .ttl = ip->ttl };
	if (!ip->payload || ip->protocol != protocol_of(ip->src.family))
		return -1;
	out->type = rd_u8(&r);
	out->code = rd_u8(&r);
	rd_u16(&r);
	rest = rd_u32(&r);
	if (r.bad || !is_sum_good(ip))
		return -1;
	out->what = ip->src.family == FAMILY_IPV6 ? classify6(out->type)
						  : classify4(out->type);
	if (out->what == ICMP_ECHO_REQUEST || out->what == ICMP_ECHO_REPLY) {
		out->id = (uint16_t)(rest >> 16);
		out->seq = (uint16_t)rest;
	}
	if (has_mtu4(out))
		out->mtu = rest & 0xffff;
	else if (has_mtu6(out))
		out->mtu = rest;
	if (out->what == ICMP_ERROR)
		parse_quote(r, out);
	return 0;
}

struct phrase {
	uint8_t type;
	int16_t code; /* -1: any */
	const char *text;
};

static const struct phrase phrases4[] = {
	{ ICMP4_UNREACHABLE, 0, "network unreachable" },
	{ ICMP4_UNREACHABLE, 1, "host unreachable" },
	{ ICMP4_UNREACHABLE, 2, "protocol unreachable" },
	{ ICMP4_UNREACHABLE, 3, "port unreachable" },
	{ ICMP4_UNREACHABLE, 4, "fragmentation needed" },
	{ ICMP4_UNREACHABLE, 5, "source route failed" },
	{ ICMP4_UNREACHABLE, 6, "network unknown" },
	{ ICMP4_UNREACHABLE, 7, "host unknown" },
	{ ICMP4_UNREACHABLE, 8, "source host isolated" },
	{ ICMP4_UNREACHABLE, 9, "network administratively prohibited" },
	{ ICMP4_UNREACHABLE, 10, "host administratively prohibited" },
	{ ICMP4_UNREACHABLE, 11, "network unreachable for this service" },
	{ ICMP4_UNREACHABLE, 12, "host unreachable for this service" },
	{ ICMP4_UNREACHABLE, 13, "administratively prohibited" },
	{ ICMP4_UNREACHABLE, 14, "host precedence violation" },
	{ ICMP4_UNREACHABLE, 15, "precedence cutoff" },
	{ ICMP4_UNREACHABLE, -1, "destination unreachable" },
	{ ICMP4_QUENCH, -1, "source quench" },
	{ ICMP4_REDIRECT, -1, "redirect" },
	{ ICMP4_ECHO, -1, "echo request" },
	{ ICMP4_ECHO_REPLY, -1, "echo reply" },
	{ ICMP4_TIME_EXCEEDED, 1, "fragment reassembly time exceeded" },
	{ ICMP4_TIME_EXCEEDED, -1, "time to live exceeded" },
	{ ICMP4_PARAMETER, -1, "parameter problem" },
	{ 0, -1, NULL },
};

static const struct phrase phrases6[] = {
	{ ICMP6_UNREACHABLE, 0, "no route to destination" },
	{ ICMP6_UNREACHABLE, 1, "administratively prohibited" },
	{ ICMP6_UNREACHABLE, 2, "beyond the scope of the source address" },
	{ ICMP6_UNREACHABLE, 3, "address unreachable" },
	{ ICMP6_UNREACHABLE, 4, "port unreachable" },
	{ ICMP6_UNREACHABLE, 5, "rejected by policy" },
	{ ICMP6_UNREACHABLE, 6, "route rejected" },
	{ ICMP6_UNREACHABLE, 7, "source routing error" },
	{ ICMP6_UNREACHABLE, 8, "headers too long" },
	{ ICMP6_UNREACHABLE, -1, "destination unreachable" },
	{ ICMP6_TOO_BIG, -1, "packet too big" },
	{ ICMP6_TIME_EXCEEDED, 1, "fragment reassembly time exceeded" },
	{ ICMP6_TIME_EXCEEDED, -1, "time to live exceeded" },
	{ ICMP6_PARAMETER, -1, "parameter problem" },
	{ ICMP6_ECHO, -1, "echo request" },
	{ ICMP6_ECHO_REPLY, -1, "echo reply" },
	{ 0, -1, NULL },
};

bool icmp_is_hop_limit(const struct icmp *icmp)
{
	uint8_t type = icmp->src.family == FAMILY_IPV6 ? ICMP6_TIME_EXCEEDED
						       : ICMP4_TIME_EXCEEDED;

	return icmp->what == ICMP_ERROR && icmp->type == type &&
	       icmp->code == 0;
}

const char *icmp_text(enum family family, uint8_t type, uint8_t code)
{
	const struct phrase *p = family == FAMILY_IPV6 ? phrases6 : phrases4;

	for (; p->text; p++) {
		if (p->type == type && (p->code < 0 || p->code == code))
			return p->text;
	}
	return "unknown ICMP message";
}

/* The IP header, the eight bytes of ICMP and the body. */
static size_t build(const struct icmp *icmp, uint32_t rest, const uint8_t *body,
		    size_t body_len, struct wr *w)
{
	struct ip ip = {
		.src = icmp->src,
		.dst = icmp->dst,
		.protocol = protocol_of(icmp->src.family),
		.ttl = icmp->ttl ? icmp->ttl : DEFAULT_TTL,
	};
	uint64_t sum;
	size_t start;

	ip_write_header(w, &ip, HEADER + body_len);
	start = w->len;
	wr_u8(w, icmp->type);
	wr_u8(w, icmp->code);
	wr_u16(w, 0);
	wr_u32(w, rest);
	wr_bytes(w, body, body_len);
	if (w->bad)
		return 0;
	sum = sum_start(&icmp->src, &icmp->dst, w->len - start);
	sum = checksum_add(sum, w->start + start, w->len - start);
	wr_patch_u16(w, start + SUM_AT, checksum_finish(sum));
	return w->len;
}

size_t icmp_build_echo(const struct icmp *echo, const uint8_t *payload,
		       size_t payload_len, uint8_t *out, size_t size)
{
	bool request = echo->what == ICMP_ECHO_REQUEST;
	struct wr w = wr_init(out, size);
	struct icmp icmp = *echo;

	if ((!request && echo->what != ICMP_ECHO_REPLY) ||
	    payload_len > UINT16_MAX)
		return 0;
	if (echo->src.family == FAMILY_IPV6)
		icmp.type = request ? ICMP6_ECHO : ICMP6_ECHO_REPLY;
	else
		icmp.type = request ? ICMP4_ECHO : ICMP4_ECHO_REPLY;
	icmp.code = 0;
	return build(&icmp, (uint32_t)echo->id << 16 | echo->seq, payload,
		     payload_len, &w);
}

size_t icmp_build_error(const struct icmp *error, const uint8_t *quoted,
			size_t quoted_len, uint8_t *out, size_t size)
{
	size_t room = error->src.family == FAMILY_IPV6
			      ? ERROR_MAX6 - 40 - HEADER
			      : ERROR_MAX4 - 20 - HEADER;
	struct wr w = wr_init(out, size);
	uint32_t rest = 0;

	if (has_mtu4(error))
		rest = error->mtu & 0xffff;
	else if (has_mtu6(error))
		rest = error->mtu;
	return build(error, rest, quoted, quoted_len < room ? quoted_len : room,
		     &w);
}
