/* SPDX-License-Identifier: BSD-2-Clause */
/* A TCP segment with its IP header, as values and as bytes. */
#include "wire/segment.h"

#include "base/bytes.h"
#include "wire/checksum.h"
#include "wire/options.h"

enum { TCP_SUM_AT = 16 };

static void take_ip(const struct ip *ip, struct segment *out)
{
	*out = (struct segment){
		.src = ip->src,
		.dst = ip->dst,
		.ttl = ip->ttl,
		.tos = ip->tos,
		.df = ip->df,
		.id = ip->id,
		.flow_label = ip->flow_label,
		/* The rest of a first fragment is as unseen as what the capture
		 * has cut off. */
		.truncated = ip->truncated || ip->more_fragments,
		.sum_mode = SEGMENT_SUM_VALUE,
	};
}

/*
 * Is the checksum as it should be, as far as that can be told?
 *
 * Linux leaves the folded sum of the pseudo header in the field when the card
 * is to finish the checksum, and a local receiver never asks for it: such a
 * segment is what its sender meant.
 */
static bool judge_sum(const struct ip *ip, const struct segment *s)
{
	uint16_t unfinished;
	uint64_t pseudo;

	if (s->truncated || ip->offloaded)
		return true;
	pseudo = checksum_pseudo(&ip->src, &ip->dst, IP_PROTO_TCP,
				 (uint32_t)ip->payload_len);
	unfinished = checksum_finish(pseudo) ^ 0xffff;
	if (s->sum == unfinished)
		return true;
	return checksum_finish(
		       checksum_add(pseudo, ip->payload, ip->payload_len)) == 0;
}

enum segment_fault segment_parse_ip(const struct ip *ip, struct segment *out)
{
	struct rd r = rd_init(ip->payload, ip->payload_len);
	uint16_t word;

	take_ip(ip, out);
	if (ip->protocol != IP_PROTO_TCP || !ip->payload)
		return SEGMENT_NOT_TCP;
	out->sport = rd_u16(&r);
	out->dport = rd_u16(&r);
	out->seq = rd_u32(&r);
	out->ack = rd_u32(&r);
	word = rd_u16(&r);
	out->doff = (uint8_t)(word >> 12);
	out->flags = word & TCP_FLAGS_MASK;
	out->window = rd_u16(&r);
	out->sum = rd_u16(&r);
	out->urgent = rd_u16(&r);
	if (r.bad) {
		out->sum_good = out->truncated;
		return SEGMENT_SHORT;
	}
	out->sum_good = judge_sum(ip, out);
	if (out->doff < TCP_HEADER_MIN / 4)
		return SEGMENT_DOFF;
	out->options_len = out->doff * (size_t)4 - TCP_HEADER_MIN;
	out->options = rd_bytes(&r, out->options_len);
	if (!out->options) {
		out->options_len = 0;
		return out->truncated ? SEGMENT_SHORT : SEGMENT_DOFF;
	}
	out->payload = r.at;
	out->payload_len = r.left;
	return SEGMENT_OK;
}

enum segment_fault segment_parse(const uint8_t *bytes, size_t len,
				 struct segment *out)
{
	struct ip ip;

	if (ip_parse(bytes, len, &ip) == IP_OK)
		return segment_parse_ip(&ip, out);
	take_ip(&ip, out);
	return SEGMENT_NOT_TCP;
}

const char *segment_fault_text(enum segment_fault fault)
{
	static const char *const texts[] = {
		[SEGMENT_OK] = "good",
		[SEGMENT_NOT_TCP] = "not TCP",
		[SEGMENT_SHORT] = "ends inside the TCP header",
		[SEGMENT_DOFF] = "bad TCP data offset",
	};

	static_assert(ARRAY_LEN(texts) == SEGMENT_FAULT_N, "a text a fault");
	BUG_ON((size_t)fault >= ARRAY_LEN(texts));
	return texts[fault];
}

/* The TCP header and what follows, with a checksum of zero. */
static void write_tcp(struct wr *w, const struct segment *s)
{
	size_t words = (s->options_len + 3) / 4;
	unsigned needed = TCP_HEADER_MIN / 4 + (unsigned)words;
	unsigned doff = s->doff ? s->doff : needed;

	wr_u16(w, s->sport);
	wr_u16(w, s->dport);
	wr_u32(w, s->seq);
	wr_u32(w, s->ack);
	/* SEGMENT_DOFF_ZERO has none of its bits in the field. */
	wr_u16(w, (uint16_t)(doff << 12 | (s->flags & TCP_FLAGS_MASK)));
	wr_u16(w, s->window);
	wr_u16(w, 0);
	wr_u16(w, s->urgent);
	wr_bytes(w, s->options, s->options_len);
	for (size_t n = s->options_len; n < words * 4; n++)
		wr_u8(w, OPTION_END);
	wr_bytes(w, s->payload, s->payload_len);
}

/* The checksum as the segment wants it, of the TCP bytes from `start` on. */
static uint16_t make_sum(const struct wr *w, size_t start,
			 const struct segment *s)
{
	size_t len = w->len - start;
	uint64_t sum =
		checksum_pseudo(&s->src, &s->dst, IP_PROTO_TCP, (uint32_t)len);
	uint16_t good =
		checksum_finish(checksum_add(sum, w->start + start, len));

	switch (s->sum_mode) {
	case SEGMENT_SUM_GOOD:
		return good;
	case SEGMENT_SUM_XOR:
		return good ^ s->sum;
	case SEGMENT_SUM_VALUE:
		return s->sum;
	}
	return good;
}

size_t segment_build(const struct segment *s, uint8_t *out, size_t size)
{
	struct wr w = wr_init(out, size);
	struct ip ip = {
		.src = s->src,
		.dst = s->dst,
		.protocol = IP_PROTO_TCP,
		.ttl = s->ttl,
		.tos = s->tos,
		.df = s->df,
		.id = s->id,
		.flow_label = s->flow_label,
	};
	size_t start, header_len;

	if (s->options_len > OPTIONS_MAX || s->payload_len > SEGMENT_MAX ||
	    s->doff > SEGMENT_DOFF_ZERO)
		return 0;
	header_len = TCP_HEADER_MIN + (s->options_len + 3) / 4 * 4;
	ip_write_header(&w, &ip, header_len + s->payload_len);
	start = w.len;
	write_tcp(&w, s);
	if (w.bad)
		return 0;
	wr_patch_u16(&w, start + TCP_SUM_AT, make_sum(&w, start, s));
	return w.len;
}

uint32_t segment_len(const struct segment *s)
{
	return (uint32_t)s->payload_len + !!(s->flags & TCP_SYN) +
	       !!(s->flags & TCP_FIN);
}
