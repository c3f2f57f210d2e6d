/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments: parsed, built, wrong on purpose, cut at each length. */
#include "wire/segment.h"

#include <string.h>

#include "base/random.h"
#include "tests/tap.h"
#include "wire/checksum.h"
#include "wire/options.h"
#include "wire/seq.h"

/* 10.9.0.1:41234 > 10.9.0.2:8888, id 0x1234, DF, ttl 64: SYN, seq 1000,
 * win 64240, mss 1460, sackOK, TS val 1 ecr 0, nop, wscale 7. */
static const char syn4[] = "4500003c 12344000 40061474 0a090001 0a090002"
			   "a11222b8 000003e8 00000000 a002faf0 71470000"
			   "020405b4 0402080a 00000001 00000000 01030307";
/* [fd00::2]:80 > [fd00::1]:41234, traffic class 0x28, label 0xbeef: SYN-ACK,
 * seq 7, ack 1001, win 65535, mss 1440. */
static const char synack6[] = "6280beef 00180640 fd000000 00000000 00000000"
			      "00000002 fd000000 00000000 00000000 00000001"
			      "0050a112 00000007 000003e9 6012ffff f8d30000"
			      "020405a0";
/* [fd00::2]:80 > [fd00::1]:41234: PSH, ACK, seq 8, ack 1001, win 512, two nops,
 * TS val 2 ecr 1, "hello". */
static const char data6[] = "60000000 00250640 fd000000 00000000 00000000"
			    "00000002 fd000000 00000000 00000000 00000001"
			    "0050a112 00000008 000003e9 80180200 91830000"
			    "0101080a 00000002 00000001 68656c6c 6f";
/* 10.9.0.2:8888 > 10.9.0.1:41234, DF, id 0: RST, ACK, seq 0, ack 1001. */
static const char rst4[] = "45000028 00004000 400626bc 0a090002 0a090001"
			   "22b8a112 00000000 000003e9 50140000 d4080000";
/* 10.9.0.1:41234 > 10.9.0.2:8888: SYN, its checksum not finished: 0x142f, the
 * sum of the pseudo header. */
static const char unfinished4[] =
	"45000028 12344000 40061488 0a090001 0a090002"
	"a11222b8 000003e8 00000000 5002faf0 142f0000";
/* The same with a total length of 0 and a checksum of 0xdead. */
static const char offload4[] = "45000000 12344000 400614b0 0a090001 0a090002"
			       "a11222b8 000003e8 00000000 5002faf0 dead0000";
/* 10.9.0.1:41234 > 10.9.0.2:8888: all twelve flags, seq 2^32 - 2, ack 5,
 * win 1, urg 3, "abcd". */
static const char flags4[] = "4500002c 12344000 40061484 0a090001 0a090002"
			     "a11222b8 fffffffe 00000005 5fff0001 03340003"
			     "61626364";
/* The same ports: ACK, seq 1, ack 2, win 3, a data offset of 15 words in 20
 * bytes. */
static const char doff4[] = "45000028 12344000 40061488 0a090001 0a090002"
			    "a11222b8 00000001 00000002 f0100003 37ef0000";
/* IPv4, the first fragment, more to follow: 20 bytes of TCP header, 4 more. */
static const char first4[] = "4500002c 12342000 40063484 0a090001 0a090002"
			     "00010002 00000003 00000004 50100005 cad40000"
			     "31323334";
/* 10.9.0.1:1 > 10.9.0.2:2 behind 4 bytes of IP options. */
static const char options4[] = "4600002c 12344000 40067f7f 0a090001 0a090002"
			       "94040000 00010002 00000003 00000004 50100005"
			       "9bb10000";
/* 10.9.0.1 > 10.9.0.2: UDP. */
static const char udp4[] = "4500001c 12344000 40111489 0a090001 0a090002"
			   "00350035 00080000";
/* fd00::1 > fd00::2, a fragment at offset 8. */
static const char later6[] = "60000000 00102c40 fd000000 00000000 00000000"
			     "00000001 fd000000 00000000 00000000 00000002"
			     "06000008 00000009 78787878 78787878";

static uint8_t bytes[256];
static struct segment s;

static enum segment_fault parse(const char *hex)
{
	return segment_parse(bytes, tap_hex(hex, bytes, sizeof(bytes)), &s);
}

static void check_ends(const char *src, const char *dst)
{
	char text[ENDPOINT_TEXT_MAX];

	CHECK_TEXT(endpoint_format(&(struct endpoint){ s.src, s.sport }, text),
		   src);
	CHECK_TEXT(endpoint_format(&(struct endpoint){ s.dst, s.dport }, text),
		   dst);
}

static void test_syn(void)
{
	CHECK_INT(parse(syn4), SEGMENT_OK);
	check_ends("10.9.0.1:41234", "10.9.0.2:8888");
	CHECK_INT(s.seq, 1000);
	CHECK_INT(s.ack, 0);
	CHECK_INT(s.flags, TCP_SYN);
	CHECK_INT(s.window, 64240);
	CHECK_INT(s.urgent, 0);
	CHECK_INT(s.doff, 10);
	CHECK_INT(s.ttl, 64);
	CHECK_INT(s.id, 0x1234);
	CHECK(s.df && s.sum_good && !s.truncated);
	CHECK_INT(s.sum, 0x7147);
	CHECK(s.options == bytes + 40);
	CHECK_INT(s.options_len, 20);
	CHECK_INT(s.payload_len, 0);
	CHECK_INT(segment_len(&s), 1);
}

static void test_data(void)
{
	CHECK_INT(parse(synack6), SEGMENT_OK);
	check_ends("[fd00::2]:80", "[fd00::1]:41234");
	CHECK_INT(s.flags, TCP_SYN | TCP_ACK);
	CHECK_INT(s.tos, 0x28);
	CHECK_INT(s.flow_label, 0xbeef);
	CHECK_INT(s.ack, 1001);
	CHECK(s.sum_good && s.df);
	CHECK_INT(parse(data6), SEGMENT_OK);
	CHECK_INT(s.payload_len, 5);
	CHECK(memcmp(s.payload, "hello", 5) == 0);
	CHECK_INT(s.options_len, 12);
	CHECK(s.sum_good);
	CHECK_INT(segment_len(&s), 5);
	CHECK_INT(parse(options4), SEGMENT_OK);
	check_ends("10.9.0.1:1", "10.9.0.2:2");
	CHECK(s.sum_good);
}

static void test_flags(void)
{
	CHECK_INT(parse(flags4), SEGMENT_OK);
	CHECK_INT(s.flags, TCP_FLAGS_MASK);
	CHECK_INT(s.seq, 0xfffffffe);
	CHECK_INT(s.urgent, 3);
	CHECK(s.sum_good);
	CHECK_INT(segment_len(&s), 6);
	CHECK(seq_lt(s.seq, s.seq + segment_len(&s)));
}

static void test_checksum(void)
{
	size_t n = tap_hex(rst4, bytes, sizeof(bytes));
	bool bad = true;

	CHECK_INT(segment_parse(bytes, n, &s), SEGMENT_OK);
	CHECK(s.sum_good);
	/* Every flipped bit behind the IP header, but those that make the data
	 * offset wrong, is seen in the checksum. */
	for (size_t i = 160; i < n * 8; i++) {
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		segment_parse(bytes, n, &s);
		bad = bad && !s.sum_good;
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	CHECK(bad);
	/* So is another address. */
	bytes[15]++;
	segment_parse(bytes, n, &s);
	CHECK(!s.sum_good);
}

static void test_unfinished(void)
{
	size_t n = tap_hex(unfinished4, bytes, sizeof(bytes));

	CHECK_INT(segment_parse(bytes, n, &s), SEGMENT_OK);
	CHECK_INT(s.sum, 0x142f);
	CHECK(s.sum_good);
	bytes[36] ^= 1;
	segment_parse(bytes, n, &s);
	CHECK(!s.sum_good);
	/* Offload that has not even written the length. */
	CHECK_INT(parse(offload4), SEGMENT_OK);
	CHECK_INT(s.sum, 0xdead);
	CHECK(s.sum_good && !s.truncated);
	/* The rest of a first fragment is not there to be summed. */
	CHECK_INT(parse(first4), SEGMENT_OK);
	CHECK(s.sum_good && s.truncated);
	CHECK_INT(s.payload_len, 4);
}

static void test_faults(void)
{
	CHECK_INT(parse(udp4), SEGMENT_NOT_TCP);
	check_ends("10.9.0.1:0", "10.9.0.2:0");
	CHECK_INT(parse(later6), SEGMENT_NOT_TCP);
	check_ends("[fd00::1]:0", "[fd00::2]:0");
	CHECK_INT(segment_parse(NULL, 0, &s), SEGMENT_NOT_TCP);

	CHECK_INT(parse(doff4), SEGMENT_DOFF);
	check_ends("10.9.0.1:41234", "10.9.0.2:8888");
	CHECK_INT(s.doff, 15);
	CHECK_INT(s.window, 3);
	CHECK(s.sum_good);
	CHECK(!s.options && !s.options_len && !s.payload && !s.payload_len);
	bytes[32] = 0x40;
	CHECK_INT(segment_parse(bytes, 40, &s), SEGMENT_DOFF);
	CHECK_INT(s.doff, 4);
	/* A datagram that ends inside the header, not a capture that does. */
	bytes[3] = 39;
	CHECK_INT(segment_parse(bytes, 40, &s), SEGMENT_SHORT);
	CHECK(!s.sum_good && !s.truncated);
	CHECK_INT(s.dport, 8888);
	for (int i = 0; i < SEGMENT_FAULT_N; i++)
		CHECK(strlen(segment_fault_text((enum segment_fault)i)) > 0);
}

/* Each captured prefix: what is there is read, nothing is judged bad. */
static void test_truncated(const char *name, const char *hex, size_t tcp_at,
			   size_t header_len)
{
	size_t n = tap_hex(hex, bytes, sizeof(bytes));
	struct segment whole;
	bool good = segment_parse(bytes, n, &whole) == SEGMENT_OK;

	for (size_t len = 0; len < n; len++) {
		size_t tcp_len = len > tcp_at ? len - tcp_at : 0;
		uint8_t *copy = malloc(len ? len : 1);
		enum segment_fault fault;

		BUG_ON(!copy);
		memcpy(copy, bytes, len);
		fault = segment_parse(copy, len, &s);
		if (len < tcp_at)
			good = good && fault == SEGMENT_NOT_TCP;
		else if (tcp_len < header_len)
			good = good && fault == SEGMENT_SHORT && s.truncated &&
			       !s.options_len && !s.payload_len;
		else
			good = good && fault == SEGMENT_OK && s.truncated &&
			       s.payload_len == tcp_len - header_len;
		if (tcp_len >= 4)
			good = good && s.sport == whole.sport &&
			       s.dport == whole.dport && s.sum_good;
		if (tcp_len >= 8)
			good = good && s.seq == whole.seq;
		free(copy);
	}
	CHECK_MSG(good, "%s cut at each length", name);
}

/* What was parsed is built as it came. */
static void test_rebuild(const char *name, const char *hex)
{
	size_t n = tap_hex(hex, bytes, sizeof(bytes));
	uint8_t out[256];

	CHECK_INT(segment_parse(bytes, n, &s), SEGMENT_OK);
	CHECK_MSG(segment_build(&s, out, n) == n && !memcmp(out, bytes, n),
		  "%s is built as it came", name);
	s.sum_mode = SEGMENT_SUM_GOOD;
	CHECK_MSG(segment_build(&s, out, sizeof(out)) == n &&
			  !memcmp(out, bytes, n),
		  "%s, its checksum made", name);
	CHECK_INT(segment_build(&s, out, n - 1), 0);
}

/* A segment of random content to build from. */
static void make_random(struct random *r, struct segment *m, uint8_t *options,
			uint8_t *payload)
{
	static const struct segment empty;

	*m = empty;
	m->src.family = random_chance(r, 500000) ? FAMILY_IPV4 : FAMILY_IPV6;
	m->dst.family = m->src.family;
	for (size_t i = 0; i < addr_size(m->src.family); i++) {
		m->src.bytes[i] = (uint8_t)random_u32(r);
		m->dst.bytes[i] = (uint8_t)random_u32(r);
	}
	m->sport = (uint16_t)random_u32(r);
	m->dport = (uint16_t)random_u32(r);
	m->seq = random_u32(r);
	m->ack = random_u32(r);
	m->flags = random_u32(r) & TCP_FLAGS_MASK;
	m->window = (uint16_t)random_u32(r);
	m->urgent = (uint16_t)random_u32(r);
	m->ttl = (uint8_t)random_u32(r);
	m->tos = (uint8_t)random_u32(r);
	m->options = options;
	m->options_len = random_below(r, OPTIONS_MAX + 1);
	m->payload = payload;
	m->payload_len = random_below(r, 100);
	for (size_t i = 0; i < m->options_len; i++)
		options[i] = (uint8_t)random_u32(r);
	for (size_t i = 0; i < m->payload_len; i++)
		payload[i] = (uint8_t)random_u32(r);
}

static bool same_content(const struct segment *a, const struct segment *b)
{
	bool ends = addr_equal(&a->src, &b->src) &&
		    addr_equal(&a->dst, &b->dst) && a->sport == b->sport &&
		    a->dport == b->dport;
	bool header = a->seq == b->seq && a->ack == b->ack &&
		      a->flags == b->flags && a->window == b->window &&
		      a->urgent == b->urgent && a->ttl == b->ttl &&
		      a->tos == b->tos;
	size_t padded = (a->options_len + 3) / 4 * 4;

	return ends && header && b->options_len == padded &&
	       memcmp(a->options, b->options, a->options_len) == 0 &&
	       a->payload_len == b->payload_len &&
	       memcmp(a->payload, b->payload, a->payload_len) == 0;
}

static void test_random_segments(void)
{
	uint8_t options[OPTIONS_MAX], payload[100], out[256];
	bool same = true, padded = true;
	struct random r;

	random_seed(&r, 11);
	for (size_t n = 0; n < 2000; n++) {
		struct segment m;
		size_t len;

		make_random(&r, &m, options, payload);
		len = segment_build(&m, out, sizeof(out));
		same = same && segment_parse(out, len, &s) == SEGMENT_OK &&
		       s.sum_good && same_content(&m, &s);
		for (size_t i = m.options_len; i < s.options_len; i++)
			padded = padded && s.options[i] == 0;
	}
	CHECK(same);
	CHECK(padded);
}

static void start_from(struct segment *m, const char *hex)
{
	BUG_ON(parse(hex) != SEGMENT_OK);
	*m = s;
	m->sum_mode = SEGMENT_SUM_GOOD;
}

static void test_wrong_checksum(void)
{
	struct segment m;
	uint8_t out[128];
	size_t n;

	start_from(&m, rst4);
	m.sum_mode = SEGMENT_SUM_XOR;
	m.sum = 0x0100;
	n = segment_build(&m, out, sizeof(out));
	CHECK_INT(segment_parse(out, n, &s), SEGMENT_OK);
	CHECK_INT(s.sum, 0xd408 ^ 0x0100);
	CHECK(!s.sum_good);
	m.sum_mode = SEGMENT_SUM_VALUE;
	m.sum = 0x1234;
	n = segment_build(&m, out, sizeof(out));
	CHECK_INT(segment_parse(out, n, &s), SEGMENT_OK);
	CHECK_INT(s.sum, 0x1234);
	CHECK(!s.sum_good);
	/* The IP header is right all the same. */
	CHECK_INT(checksum_finish(checksum_add(0, out, 20)), 0);
}

/* The data offset may lie either way; the bytes are those that were given. */
static void test_wrong_offset(void)
{
	struct segment m;
	uint8_t out[128];
	size_t n;

	start_from(&m, data6);
	m.doff = 4;
	n = segment_build(&m, out, sizeof(out));
	CHECK_INT(n, 77);
	CHECK_INT(segment_parse(out, n, &s), SEGMENT_DOFF);
	CHECK_INT(s.doff, 4);
	CHECK(s.sum_good);
	m.doff = 15;
	n = segment_build(&m, out, sizeof(out));
	CHECK_INT(n, 77);
	CHECK_INT(segment_parse(out, n, &s), SEGMENT_DOFF);
	m.doff = 5;
	n = segment_build(&m, out, sizeof(out));
	CHECK_INT(segment_parse(out, n, &s), SEGMENT_OK);
	CHECK_INT(s.options_len, 0);
	CHECK_INT(s.payload_len, 17);
	CHECK(memcmp(s.payload + 12, "hello", 5) == 0);
	m.doff = SEGMENT_DOFF_ZERO;
	n = segment_build(&m, out, sizeof(out));
	CHECK_INT(n, 77);
	CHECK_INT(segment_parse(out, n, &s), SEGMENT_DOFF);
	CHECK_INT(s.doff, 0);
	CHECK_INT(s.flags, m.flags);
	m.doff = SEGMENT_DOFF_ZERO + 1;
	CHECK_INT(segment_build(&m, out, sizeof(out)), 0);
}

static void test_refused(void)
{
	static uint8_t out[SEGMENT_MAX + 100], payload[SEGMENT_MAX + 1];
	struct segment m;

	start_from(&m, rst4);
	m.payload = payload;
	m.payload_len = SEGMENT_MAX - 40;
	CHECK_INT(segment_build(&m, out, sizeof(out)), SEGMENT_MAX);
	CHECK_INT(segment_parse(out, SEGMENT_MAX, &s), SEGMENT_OK);
	CHECK(s.sum_good);
	m.payload_len++;
	CHECK_INT(segment_build(&m, out, sizeof(out)), 0);
	m.payload_len = SIZE_MAX;
	CHECK_INT(segment_build(&m, out, sizeof(out)), 0);
	m.payload_len = 0;
	m.options = payload;
	m.options_len = OPTIONS_MAX;
	m.doff = 0;
	CHECK_INT(segment_build(&m, out, sizeof(out)), 80);
	m.options_len = OPTIONS_MAX + 1;
	CHECK_INT(segment_build(&m, out, sizeof(out)), 0);
	start_from(&m, rst4);
	m.dst.family = FAMILY_IPV6;
	CHECK_INT(segment_build(&m, out, sizeof(out)), 0);
	m.src.family = m.dst.family = FAMILY_ANY;
	CHECK_INT(segment_build(&m, out, sizeof(out)), 0);
}

static void test_seq(void)
{
	CHECK(seq_lt(0xffffffff, 0) && !seq_lt(0, 0xffffffff));
	CHECK(seq_le(5, 5) && !seq_lt(5, 5));
	CHECK_INT(seq_diff(2, 0xfffffffe), 4);
	CHECK_INT(seq_diff(0xfffffffe, 2), -4);
	CHECK(seq_in(0xfffffffe, 0xfffffffe, 1));
	CHECK(seq_in(1, 0xfffffffe, 4) && !seq_in(2, 0xfffffffe, 4));
	CHECK(!seq_in(7, 7, 0));
}

int main(void)
{
	test_syn();
	test_data();
	test_flags();
	test_checksum();
	test_unfinished();
	test_faults();
	test_truncated("an IPv4 SYN", syn4, 20, 40);
	test_truncated("data on IPv6", data6, 40, 32);
	test_truncated("behind IP options", options4, 24, 20);
	test_rebuild("an IPv4 SYN", syn4);
	test_rebuild("an IPv4 RST", rst4);
	test_rebuild("a segment with all flags", flags4);
	test_rebuild("an IPv6 SYN-ACK", synack6);
	test_rebuild("data on IPv6", data6);
	test_random_segments();
	test_wrong_checksum();
	test_wrong_offset();
	test_refused();
	test_seq();
	return tap_done();
}
