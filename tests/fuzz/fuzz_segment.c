/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a segment: what was parsed is built, and parsed to the same
 * again; with a checksum of our own it is good.
 */
#include <string.h>

#include "wire/options.h"
#include "wire/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Sums of bytes that are not there are judged good. */
static bool is_judged(const struct segment *s, const struct ip *ip)
{
	return !s->truncated && !ip->offloaded;
}

static bool same_bytes(const uint8_t *a, size_t a_len, const uint8_t *b,
		       size_t b_len)
{
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static void check_same(const struct segment *a, const struct segment *b)
{
	BUG_ON(!addr_equal(&a->src, &b->src) || !addr_equal(&a->dst, &b->dst));
	BUG_ON(a->sport != b->sport || a->dport != b->dport);
	BUG_ON(a->seq != b->seq || a->ack != b->ack || a->flags != b->flags);
	BUG_ON(a->window != b->window || a->urgent != b->urgent);
	BUG_ON(a->doff != b->doff || a->ttl != b->ttl || a->tos != b->tos);
	BUG_ON(a->df != b->df || a->id != b->id);
	BUG_ON(a->flow_label != b->flow_label);
	BUG_ON(!same_bytes(a->options, a->options_len, b->options,
			   b->options_len));
	BUG_ON(!same_bytes(a->payload, a->payload_len, b->payload,
			   b->payload_len));
}

static void check_rebuilt(struct segment *s, bool judged)
{
	static uint8_t out[SEGMENT_MAX + 40];
	struct segment again;
	size_t n;

	n = segment_build(s, out, sizeof(out));
	BUG_ON(!n || segment_parse(out, n, &again) != SEGMENT_OK);
	check_same(s, &again);
	BUG_ON(again.sum != s->sum || again.truncated);
	BUG_ON(judged && again.sum_good != s->sum_good);

	BUG_ON(segment_build(s, out, n - 1) != 0);
	s->sum_mode = SEGMENT_SUM_GOOD;
	BUG_ON(segment_build(s, out, n) != n);
	BUG_ON(segment_parse(out, n, &again) != SEGMENT_OK);
	check_same(s, &again);
	BUG_ON(!again.sum_good);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	enum segment_fault fault;
	struct segment s;
	struct ip ip;

	fault = segment_parse(bytes, len, &s);
	BUG_ON(fault >= SEGMENT_FAULT_N || !segment_fault_text(fault)[0]);
	if (fault != SEGMENT_OK) {
		BUG_ON(s.options || s.options_len);
		BUG_ON(s.payload || s.payload_len);
		return 0;
	}
	BUG_ON(ip_parse(bytes, len, &ip) != IP_OK);
	BUG_ON(s.options_len > OPTIONS_MAX || s.options_len % 4);
	BUG_ON(s.options < bytes || s.payload != s.options + s.options_len);
	BUG_ON(s.payload + s.payload_len != ip.payload + ip.payload_len);
	if (s.payload_len < SEGMENT_MAX - 100)
		check_rebuilt(&s, is_judged(&s, &ip));
	return 0;
}
