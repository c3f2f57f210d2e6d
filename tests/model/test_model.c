/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The healthy model as a stock Linux answers, catalogue row by row: CLOSED,
 * LISTEN, SYN-RECEIVED, ESTABLISHED; options, numbers, robustness.
 */
#include "tests/model/bench.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "tests/tap.h"
#include "wire/icmp.h"
#include "wire/seq.h"

static const struct bench_row closed_rows[] = {
	{ "closed-syn", BENCH_CLOSED, "S", "RA:z:1" },
	{ "closed-syn at the wrap", BENCH_CLOSED, "S:-536870913",
	  "RA:z:-536870912" },
	{ "closed-bound", BENCH_BOUND, "S", "RA:z:1" },
	{ "filtered", BENCH_FILTERED, "S A:1:1 R", "- | - | -" },
	{ "closed-syn-len", BENCH_CLOSED, "S:0:0:5 SF N:0:0:5 SFP:0:0:5",
	  "RA:z:6 | RA:z:2 | RA:z:5 | RA:z:7" },
	{ "closed-noack-flags", BENCH_CLOSED, "F N FPU P",
	  "RA:z:1 | RA:z:0 | RA:z:1 | RA:z:0" },
	{ "closed-ack-flags", BENCH_CLOSED,
	  "A:0:77 FA:0:78 SA:0:79 PA:0:80:5 SFA:0:81",
	  "R:77 | R:78 | R:79 | R:80 | R:81" },
	{ "closed-rst-silent", BENCH_CLOSED, "R RA:0:5 SR SFRPAU:0:5",
	  "- | - | - | -" },
	{ "closed-bad-checksum", BENCH_CLOSED, "S! A:0:5! S",
	  "- | - | RA:z:1" },
	{ "closed-bad-doff", BENCH_CLOSED, "Sd=4 Sd=15 S", "- | - | RA:z:1" },
	{ "closed-bad-options", BENCH_CLOSED,
	  "S{63000000} S{0300010101010101010101010101010101010101} S",
	  "RA:z:1 | - | RA:z:1" },
	{ "closed-md5", BENCH_CLOSED,
	  "S{131200000000000000000000000000000000} S", "- | RA:z:1" },
};

static const struct bench_row listen_rows[] = {
	{ "listen-ack", BENCH_SINK, "A:0:5 SA:0:6 FA:0:7 PA:0:8:3 SFA:0:9",
	  "R:5 | R:6 | R:7 | R:8 | R:9" },
	{ "listen-rst", BENCH_SINK, "R RA:0:5 SR S", "- | - | - | SA:0:1" },
	{ "listen-no-syn-no-ack", BENCH_SINK, "F N FPU U P N:0:0:5",
	  "- | - | - | - | - | -" },
	{ "listen-syn-fin", BENCH_SINK, "SF S", "- | SA:0:1" },
	{ "listen-syn-data", BENCH_ECHO, "S:0:0:5 A:1:1 PA:1:1:5",
	  "SA:0:1 | - | A:1:6 PA:1:6:5" },
	{ "listen-syn-psh-urg", BENCH_SINK, "SP new SU", "SA:0:1 | SA:0:1" },
	{ "listen-reserved-bits", BENCH_SINK, "S%1 new S%2 new S%4 new S%7",
	  "SA:0:1 | SA:0:1 | SA:0:1 | SA:0:1" },
	{ "listen-bad-checksum", BENCH_SINK, "S! S", "- | SA:0:1" },
	{ "listen-backlog: one more than the backlog", BENCH_LISTEN,
	  "open new open new S ~1000", "- | -" },
	{ "opt-zero-length, short area", BENCH_SINK, "S{03000101} S",
	  "SA:0:1 | SA:0:1" },
	{ "opt-zero-length, long area", BENCH_SINK,
	  "S{0300010101010101010101010101010101010101} S", "- | SA:0:1" },
	{ "opt-zero-length behind the shortest area", BENCH_SINK,
	  "S{0101010103000101010101010101010101010101}", "SA:0:1" },
	{ "opt-overrun", BENCH_SINK, "S{02280101} new S{02030505}",
	  "SA:0:1 | SA:0:1" },
	{ "opt-md5-unexpected", BENCH_SINK,
	  "S{131200000000000000000000000000000000} S", "- | SA:0:1" },
};

static const struct bench_row synrcvd_rows[] = {
	{ "synrcvd-defer-accept", BENCH_DEFER, "S A:1:1 S A:1:2 PA:1:1:3 S",
	  "SA:0:1 | - | SA:0:1 | R:2 | A:1:4 PA:1:4:3 | A:4:4" },
	{ "synrcvd-bad-ack", BENCH_ECHO,
	  "S A:1:0 A:1:2 A:1:-100000 A:1:2147483648 A:1:1 PA:1:1:1",
	  "SA:0:1 | R:0 | R:2 | R:-100000 | R:-2147483648 | - | "
	  "A:1:2 PA:1:2:1" },
	{ "synrcvd-dup-syn", BENCH_SINK, "S S ~100 S ~600 S",
	  "SA:0:1 | SA:0:1 | - | - | - | SA:0:1" },
	{ "synrcvd-dup-syn starts the timer again", BENCH_SINK,
	  "S ~600 S ~900 ~200",
	  "SA:0:1 | - | SA:0:1 | - | @100 SA:0:1" },
	{ "synrcvd-syn-out", BENCH_SINK, "S S:100000 ~600 S:-5000 A:1:1 A:0:1",
	  "SA:0:1 | A:1:1 | - | A:1:1 | - | A:1:1" },
	{ "synrcvd-syn-in", BENCH_SINK, "S S:500 A:1:1",
	  "SA:0:1 | RA:z:501 | R:1" },
	{ "synrcvd-rst-exact", BENCH_SINK, "S R:1 A:1:1 S",
	  "SA:0:1 | - | R:1 | SA:0:1" },
	{ "synrcvd-rst-inwindow", BENCH_SINK, "S R:500 A:1:1 A:0:1",
	  "SA:0:1 | A:1:1 | - | A:1:1" },
	{ "synrcvd-rst-out", BENCH_SINK, "S R:200000 R:0 A:1:1 A:0:1",
	  "SA:0:1 | - | - | - | A:1:1" },
	{ "synrcvd-data-on-ack", BENCH_ECHO, "S PA:1:1:5",
	  "SA:0:1 | A:1:6 PA:1:6:5" },
	{ "synrcvd-fin-on-ack", BENCH_SINK, "S FA:1:1 new S FPA:1:1:3",
	  "SA:0:1 | A:1:2 FA:1:2 | SA:0:1 | A:1:5 FA:1:5" },
	{ "synrcvd-noack-segment", BENCH_SINK, "S F:1 P:1:0:3 A:1:1 A:0:1",
	  "SA:0:1 | - | - | - | A:1:1" },
	{ "synrcvd-seq-off", BENCH_SINK,
	  "S A:100000:1 ~600 A:0:1 ~300 A:501:1 A:0:1 ~3000",
	  "SA:0:1 | A:1:1 | - | A:1:1 | - | - | A:1:1 | -" },
	{ "synrcvd-rtx-schedule", BENCH_SINK, "S ~70000 A:1:1",
	  "SA:0:1 | @1000 SA:0:1 @3000 SA:0:1 @7000 SA:0:1 @15000 SA:0:1 "
	  "@31000 SA:0:1 | R:1" },
	{ "synrcvd-bad-checksum", BENCH_SINK, "S A:1:1! ~1500",
	  "SA:0:1 | - | @1000 SA:0:1" },
	{ "queue-accept-overflow: the ACK is forgotten", BENCH_LISTEN,
	  "S new open new open new S pair=0 A:1:1 ~1500 A:1:1:1 ~1700",
	  "SA:0:1 | - | - | @1000 SA:0:1 | - | @1500 SA:0:1" },
};

static const struct bench_row estab_rows[] = {
	{ "estab-rst-exact", BENCH_SINK, "open R:1 A:0:1:1", "- | R:1" },
	{ "estab-rst-exact with data and ACK", BENCH_SINK,
	  "open RA:1:999:5 A:0:1:1", "- | R:1" },
	{ "estab-rst-inwindow", BENCH_SINK,
	  "open R:2 ~600 R:101 ~600 R:65160 ~600 A:0:1:1",
	  "A:1:1 | - | A:1:1 | - | A:1:1 | - | A:1:1" },
	{ "estab-rst-inwindow, once in 500 ms", BENCH_SINK,
	  "open R:2 R:3 ~499 R:4 ~1 R:5", "A:1:1 | - | - | - | - | A:1:1" },
	{ "estab-rst-out", BENCH_SINK,
	  "open R:0 R:65162 R:300000 R:-300000 A:0:1:1",
	  "- | - | - | - | A:1:1" },
	{ "estab-rst-inwindow at the right edge: challenged", BENCH_SINK,
	  "open R:65161", "A:1:1" },
	{ "a RST at the right edge of the highest SACK block is exact",
	  BENCH_SINK, "open+ A:11:1:5 R:16 A:0:1:1",
	  "A:1:1<11-16> | - | R:1" },
	{ "estab-rst-paws", BENCH_SINK, "open+ R:1^-100000 A:0:1:1",
	  "- | R:1" },
	{ "estab-syn-challenge", BENCH_SINK,
	  "open S:1 new open S:101 new open S:-10000 new open S:200001 new "
	  "open S:0 A:0:1:1",
	  "A:1:1 | A:1:1 | A:1:1 | A:1:1 | A:1:1 | A:1:1" },
	{ "estab-synack-dup", BENCH_SINK, "open SA:0:1 new open SF:1",
	  "A:1:1 | A:1:1" },
	{ "estab-half-open", BENCH_SINK, "open S:500000 R:1 S:500000",
	  "A:1:1 | - | SA:0:500001" },
	{ "estab-ack-above", BENCH_ECHO,
	  "open A:1:2 new open A:1:1000001 new open PA:1:1000001:5 A:0:1:1",
	  "A:1:1 | A:1:1 | A:1:1 | A:1:1" },
	{ "estab-ack-old", BENCH_ECHO,
	  "open PA:1:1:500 A:501:501 PA:501:401:4",
	  "A:1:501 PA:1:501:500 | - | A:501:505 PA:501:505:4" },
	{ "estab-ack-too-old", BENCH_ECHO,
	  "open PA:1:1:500 A:501:501 PA:501:-200000:4 new open PA:1:-100:4",
	  "A:1:501 PA:1:501:500 | - | A:501:501 | A:1:1" },
	{ "estab-noack-drop", BENCH_ECHO,
	  "open P:1:0:5 F:1 N:1 U:1 A:0:1:1", "- | - | - | - | A:1:1" },
	{ "estab-seq-above", BENCH_ECHO,
	  "open PA:165161:1:5 PA:165161:1:5 FA:165161:1 A:165161:1 A:165161:1",
	  "A:1:1 | A:1:1 | A:1:1 | A:1:1 | -" },
	{ "estab-seq-old", BENCH_SINK,
	  "open+ PA:1:1:20 A:11:1:10", "A:1:21 | A:1:21<11-21>" },
	{ "estab-seq-old, below the left edge", BENCH_SINK,
	  "open+ PA:1:1:20 A:1:1:10 A:1:1:10",
	  "A:1:21 | A:1:21<1-11> | A:1:21<1-11>" },
	{ "estab-keepalive-0", BENCH_SINK, "open A:0:1 A:0:1 ~600 A:0:1",
	  "A:1:1 | - | - | A:1:1" },
	{ "estab-keepalive-1", BENCH_ECHO,
	  "open+ A:0:1:1 A:0:1:1 A:0:1:1 A:0:1:1 A:0:1:1 PA:1:1:3",
	  "A:1:1<0-1> | A:1:1<0-1> | A:1:1<0-1> | A:1:1<0-1> | A:1:1<0-1> | "
	  "A:1:4 PA:1:4:3" },
	{ "a challenge makes the empty keepalive look dead, not the other",
	  BENCH_SINK, "open S:1 A:0:1 A:0:1:1", "A:1:1 | - | A:1:1" },
	{ "estab-bad-checksum", BENCH_SINK, "open PA:1:1:1! PA:1:1:1",
	  "- | A:1:2" },
	{ "estab-reserved-opts", BENCH_SINK,
	  "open PA:1:1:1%7 PA:2:1:1{63060000000000000101010101010101} "
	  "PA:3:1:1{63000000} "
	  "PA:4:1:1{630001010101010101010101010101010101010101010101} "
	  "PA:4:1:1",
	  "A:1:2 | A:1:3 | A:1:4 | - | A:1:5" },
	{ "estab-doff", BENCH_SINK,
	  "open PA:1:1:1d=4 PA:1:1:3d=15 A:0:1:1", "- | - | A:1:1" },
};

/* Options, as bytes: what a SYN offers decides what the SYN-ACK may say. */

static void synack_of(struct bench *b, const char *syn)
{
	struct model_config config = { .seed = 1 };

	bench_init(b, &config, FAMILY_IPV4);
	bench_run(b, BENCH_SINK, syn);
	bench_fini(b);
}

static const char *options_of(const struct bench *b, char text[static 256])
{
	return options_text(b->reply.options, b->reply.options_len, text, 256);
}

static void test_unsolicited(void)
{
	static const struct {
		const char *offer;
		bool sack, ts, wscale;
	} offers[] = {
		{ "S", false, false, false },
		{ "S{020405b4}", false, false, false },
		{ "S{04020101}", true, false, false },
		{ "S{0101080a0000000500000000}", false, true, false },
		{ "S{03030701}", false, false, true },
		{ "S{0402080a0000000500000000}", true, true, false },
		{ "S{0402010103030701}", true, false, true },
		{ "S{01030307080a000000050000000001}", false, true, true },
		{ "S{0402080a000000050000000001030307}", true, true, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(offers); i++) {
		struct bench b;
		const struct options *o = &b.options;

		synack_of(&b, offers[i].offer);
		CHECK_MSG(o->has_mss && o->mss == 1460 && !o->malformed &&
				  o->sack_permitted == offers[i].sack &&
				  o->has_timestamps == offers[i].ts &&
				  o->has_wscale == offers[i].wscale &&
				  (!o->has_timestamps || o->tsecr == 5),
			  "opt-no-unsolicited: %s", offers[i].offer);
	}
}

static void test_synack_shape(void)
{
	struct bench b;
	char text[256];

	synack_of(&b, "S{020405b40402080a000000050000000001030307}%7");
	CHECK_INT(b.reply.flags, TCP_SYN | TCP_ACK);
	CHECK_INT(b.reply.payload_len, 0);
	CHECK_INT(b.reply.ttl, 64);
	CHECK_INT(b.reply.id, 0);
	CHECK(b.reply.df && b.reply.sum_good && !b.options.padded);
	CHECK_INT(b.reply.window, 65160);
	CHECK_INT(b.options.wscale, 7);
	CHECK_INT(b.reply.options[0], OPTION_MSS);
	CHECK_INT(b.reply.options[4], OPTION_SACK_PERMITTED);
	CHECK_INT(b.reply.options[6], OPTION_TIMESTAMPS);
	CHECK_INT(b.reply.options[16], OPTION_NOP);
	CHECK_INT(b.reply.options[17], OPTION_WSCALE);
	CHECK(strstr(options_of(&b, text), "mss 1460") == text);
}

static void test_options_kept(void)
{
	struct bench b;

	synack_of(&b, "S{4d06aabbccdd020405b4"
		      "0402080a000000050000000001030307}");
	CHECK(b.options.sack_permitted && b.options.has_timestamps &&
	      b.options.has_wscale);
	synack_of(&b, "S{01020405b4010103030704020101080a0000000500000000}");
	CHECK(b.options.sack_permitted && b.options.has_timestamps &&
	      b.options.has_wscale); /* opt-unaligned */
	synack_of(&b, "S{03040707040301010101080a0000000500000000}");
	CHECK(!b.options.sack_permitted && !b.options.has_wscale &&
	      b.options.has_timestamps); /* opt-bad-len-known */
	synack_of(&b, "S{00000000030307010402080a0000000500000000}");
	CHECK(!b.options.sack_permitted && !b.options.has_wscale);
}

/* The largest payload after a SYN with these options. */
static size_t payload_of(const char *syn_options, enum family family)
{
	struct model_config config = { .seed = 1 };
	struct bench b;
	char script[128];
	size_t len;

	bench_init(&b, &config, family);
	snprintf(script, sizeof(script), "S%s A:1:1 PA:1:1:1", syn_options);
	bench_run(&b, BENCH_STREAM, script);
	len = b.reply.payload_len;
	bench_fini(&b);
	return len;
}

static void test_mss(void)
{
	CHECK_INT(payload_of("", FAMILY_IPV4), 536);
	CHECK_INT(payload_of("", FAMILY_IPV6), 1220);
	CHECK_INT(payload_of("{02040218}", FAMILY_IPV4), 536);
	CHECK_INT(payload_of("{020402180101080a0000000500000000}",
			     FAMILY_IPV4), 524);
	CHECK_INT(payload_of("{020403e8}", FAMILY_IPV4), 1000);
	CHECK_INT(payload_of("{02042328}", FAMILY_IPV4), 1460);
	CHECK_INT(payload_of("{02040000}", FAMILY_IPV4), 536);
	CHECK_INT(payload_of("{02040001}", FAMILY_IPV4), 48);
	CHECK_INT(payload_of("{02040040}", FAMILY_IPV4), 64);
	CHECK_INT(payload_of("{00000000020403e8}", FAMILY_IPV4), 536);
	CHECK_INT(payload_of("{020401f4020403e8}", FAMILY_IPV4), 1000);
}

/* The window is scaled except on a SYN; 14 is the most (7323 2.3). */
static void test_wscale(void)
{
	static const struct {
		const char *script;
		const char *want;
	} rows[] = {
		{ "S{03030701020403e8} A:1:1 PA:1:1:1w=15",
		  "SA:0:1 | - | A:1:2 A:1:2:1000" },
		{ "S{03030f01020403e8} A:1:1 PA:1:1:1w=1",
		  "SA:0:1 | - | A:1:2 A:1:2:1000 A:1001:2:1000 A:2001:2:1000 "
		  "A:3001:2:1000 A:4001:2:1000 A:5001:2:1000 A:6001:2:1000 "
		  "A:7001:2:1000 A:8001:2:1000 A:9001:2:1000" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[BENCH_TEXT_MAX];

		CHECK_TEXT(bench_once(MODEL_FAULT_N, BENCH_STREAM,
				      rows[i].script, text),
			   rows[i].want);
	}
}

static void test_timestamps(void)
{
	struct model_config config = { .seed = 1 };
	struct bench b;
	uint32_t first;

	bench_init(&b, &config, FAMILY_IPV4);
	bench_run(&b, BENCH_SINK, "open+ PA:1:1:1");
	first = b.options.tsval;
	CHECK(b.options.has_timestamps);
	bench_run(&b, BENCH_SINK, "~3000 PA:2:1:1");
	CHECK_INT(b.options.tsval - first, 3000);
	/* rcv-ts-echo: above a gap the echo stays that of the left edge. */
	bench_run(&b, BENCH_SINK, "PA:4:1:1^10");
	CHECK_INT(b.options.tsecr, 1000 + b.now_ns / TIME_MS);
	bench_run(&b, BENCH_SINK, "PA:3:1:1^20");
	CHECK_INT(b.options.tsecr, 1000 + b.now_ns / TIME_MS + 20);
	bench_run(&b, BENCH_SINK, "PA:1:1:1^30");
	CHECK_INT(b.options.tsecr, 1000 + b.now_ns / TIME_MS + 20);
	/* closed-rst-ts: none, and with the variant the echo. */
	bench_run(&b, BENCH_SINK, "R:5 A:5:1");
	CHECK(b.reply.flags & TCP_RST && !b.options.has_timestamps);
	bench_fini(&b);
	config.rst_timestamps = true;
	bench_init(&b, &config, FAMILY_IPV4);
	bench_run(&b, BENCH_CLOSED, "S{0101080a0000000500000000}");
	CHECK(b.options.has_timestamps && b.options.tsecr == 5);
	bench_run(&b, BENCH_CLOSED, "S");
	CHECK(!b.options.has_timestamps);
	bench_fini(&b);
}

static void test_synrcvd_timestamps(void)
{
	static const struct bench_row rows[] = {
		{ "synrcvd-paws-tsecr: an old TSval", BENCH_SINK,
		  "S{0101080a0000000500000000} "
		  "A:1:1{0101080a0000000400000000} ~600 "
		  "A:1:1{0101080a0000000500000000} A:0:1:1",
		  "SA:0:1 | A:1:1 | - | - | A:1:1" },
		{ "synrcvd-rst-exact: with an old TSval, and without",
		  BENCH_SINK,
		  "S{0101080a0000000500000000} "
		  "R:1{0101080a0000000400000000} A:0:1 R:1. A:0:1",
		  "SA:0:1 | - | A:1:1 | - | R:1" },
		{ "synrcvd-paws-tsecr: an echo of what was never sent",
		  BENCH_SINK,
		  "S{0101080a0000000500000000} "
		  "A:1:1{0101080a0000000512345678} A:1:1. A:0:1:1",
		  "SA:0:1 | A:1:1 | - | A:1:1" },
	};

	bench_check(rows, ARRAY_LEN(rows), FAMILY_IPV4);
}

/* isn-monotonic, isn-per-tuple: the ISNs of `n` SYNs, 250 ms apart. */
static void isns(enum model_fault fault, bool new_pairs, uint32_t *out,
		 unsigned n)
{
	struct model_config config = { .seed = 7 };
	struct bench b;

	bench_init(&b, &config, FAMILY_IPV4);
	if (fault != MODEL_FAULT_N)
		model_break(b.m, fault);
	for (unsigned i = 0; i < n; i++) {
		bench_run(&b, BENCH_SINK, "S R:1 ~250");
		out[i] = b.reply.seq;
		if (new_pairs)
			bench_run(&b, BENCH_SINK, "new");
	}
	bench_fini(&b);
}

/* 250 ms at 64 ns a tick */
#define ISN_STEP 3906250

static bool steady(const uint32_t *isn, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		if (isn[i] - isn[i - 1] != ISN_STEP)
			return false;
	}
	return true;
}

static void test_isn(void)
{
	uint32_t isn[16];

	isns(MODEL_FAULT_N, false, isn, 16);
	CHECK(steady(isn, 16));
	isns(MODEL_FAULT_N, true, isn, 16);
	CHECK(!steady(isn, 16));
	isns(MODEL_ISN_CLOCK_ONLY, true, isn, 16);
	CHECK(steady(isn, 16));
	isns(MODEL_ISN_CONSTANT, true, isn, 16);
	CHECK(isn[0] == isn[15]);
	isns(MODEL_ISN_RANDOM, false, isn, 16);
	CHECK(!steady(isn, 16) && isn[0] != isn[1]);
}

/* SYN cookies: when the SYN queue is full, and as a variant always. */
static void test_cookies(void)
{
	struct model_config config = { .seed = 1 };
	struct bench b;
	uint32_t isn;

	bench_init(&b, &config, FAMILY_IPV4);
	model_break(b.m, MODEL_COOKIES);
	CHECK_TEXT(bench_run(&b, BENCH_ECHO, "S ~5000 A:1:1 PA:1:1:3"),
		   "SA:0:1 | - | - | A:1:4 PA:1:4:3");
	bench_run(&b, BENCH_ECHO, "new S");
	isn = b.reply.seq;
	bench_run(&b, BENCH_ECHO, "R:1 ~50 S:1000");
	CHECK_INT(b.reply.seq - isn, 1000);
	CHECK_INT(model_connections(b.m, MODEL_SYN_RECEIVED), 0);
	CHECK_TEXT(bench_run(&b, BENCH_ECHO, "new S A:1:50"),
		   "SA:0:1 | R:50");
	/* With timestamps the other options survive. */
	CHECK_TEXT(bench_run(&b, BENCH_ECHO, "new open+ PA:11:1:5"),
		   "A:1:1<11-16>");
	bench_fini(&b);
}

static void test_syn_queue(void)
{
	struct model_config config = { .seed = 1 };
	struct bench b;

	bench_init(&b, &config, FAMILY_IPV4);
	/* Two half-open ones, the third gets a cookie: no repeat of it. */
	CHECK_TEXT(bench_run(&b, BENCH_LISTEN,
			     "S new S new S pair=0 R:1 pair=1 R:1 ~1500 "
			     "pair=2 A:1:1"),
		   "SA:0:1 | SA:0:1 | SA:0:1 | - | - | - | -");
	CHECK_INT(model_connections(b.m, MODEL_ESTABLISHED), 1);
	bench_fini(&b);
	config.no_cookies = true;
	bench_init(&b, &config, FAMILY_IPV4);
	CHECK_TEXT(bench_run(&b, BENCH_LISTEN, "S new S new S"),
		   "SA:0:1 | SA:0:1 | -");
	bench_fini(&b);
	config.abort_on_overflow = true;
	bench_init(&b, &config, FAMILY_IPV4);
	CHECK_TEXT(bench_run(&b, BENCH_LISTEN,
			     "S new open new open pair=0 A:1:1 S"),
		   "SA:0:1 | R:1 | -");
	bench_fini(&b);
}

/* rcv-delayed-ack: sixteen at once, then after 40 ms or two segments. */
static void test_delayed_ack(void)
{
	struct model_config config = { .seed = 1, .delayed_ack = true };
	struct bench b;

	bench_init(&b, &config, FAMILY_IPV4);
	bench_run(&b, BENCH_SINK, "open");
	CHECK_TEXT(bench_run(&b, BENCH_SINK, "PA:1:1:1 PA:2:1:1 PA:3:1:1"),
		   "A:1:2 | A:1:3 | A:1:4");
	for (unsigned i = 4; i < 17; i++) {
		char script[32];

		snprintf(script, sizeof(script), "PA:%u:1:1", i);
		bench_run(&b, BENCH_SINK, script);
	}
	CHECK_TEXT(bench_run(&b, BENCH_SINK, "PA:17:1:9 ~100"),
		   "- | @40 A:1:26");
	CHECK_TEXT(bench_run(&b, BENCH_SINK, "A:26:1:536 A:562:1:536 ~100"),
		   "- | A:1:1098 | -");
	bench_fini(&b);
}

/* Challenge ACKs: by connection, by host with the fault. */
static unsigned challenges(enum model_fault fault, unsigned connections,
			   unsigned each)
{
	struct model_config config = { .seed = 1 };
	struct bench b;
	unsigned before;

	bench_init(&b, &config, FAMILY_IPV4);
	if (fault != MODEL_FAULT_N)
		model_break(b.m, fault);
	bench_run(&b, BENCH_SINK, "open");
	for (unsigned i = 1; i < connections; i++)
		bench_run(&b, BENCH_SINK, "new open");
	before = b.replies;
	for (unsigned i = 0; i < connections; i++) {
		b.pair = i;
		for (unsigned k = 0; k < each; k++)
			bench_run(&b, BENCH_SINK, "R:50");
	}
	bench_fini(&b);
	return b.replies - before;
}

static void test_challenge_rate(void)
{
	CHECK_INT(challenges(MODEL_FAULT_N, 1, 20), 1);
	CHECK_INT(challenges(MODEL_FAULT_N, 150, 1), 150);
	CHECK_INT(challenges(MODEL_CHALLENGE_HOST_LIMIT, 150, 1), 100);
	CHECK_INT(challenges(MODEL_CHALLENGE_HOST_LIMIT, 1, 20), 20);
	CHECK_INT(challenges(MODEL_CHALLENGE_UNLIMITED, 1, 200), 200);
}

/* What a host says to a ping, and what it drops. */
static bool pinged;

static void ping_output(void *arg, const uint8_t *bytes, size_t len)
{
	struct icmp icmp;
	struct ip ip;

	(void)arg;
	pinged = ip_parse(bytes, len, &ip) == IP_OK &&
		 icmp_parse(&ip, &icmp) == 0 &&
		 icmp.what == ICMP_ECHO_REPLY && icmp.id == 7 && icmp.seq == 3;
}

static bool ping(bool no_ping, const char *us, const char *them)
{
	struct model_config config = { .output = ping_output,
				       .no_ping = no_ping };
	struct icmp echo = { .what = ICMP_ECHO_REQUEST,
			     .ttl = 64, .id = 7, .seq = 3 };
	struct model *m = model_new(&config);
	uint8_t bytes[128];
	size_t len;

	if (addr_parse(us, &echo.src) || addr_parse(them, &echo.dst))
		abort();
	len = icmp_build_echo(&echo, (const uint8_t *)"hello", 5, bytes,
			      sizeof(bytes));
	pinged = false;
	model_input(m, TIME_S, bytes, len);
	model_free(m);
	return pinged;
}

static void test_ping(void)
{
	CHECK(ping(false, "10.9.0.1", "10.9.0.2"));
	CHECK(ping(false, "fd00:9::1", "fd00:9::2"));
	CHECK(!ping(true, "10.9.0.1", "10.9.0.2"));
}

static unsigned answers;

static void count_output(void *arg, const uint8_t *bytes, size_t len)
{
	(void)arg;
	(void)bytes;
	(void)len;
	answers++;
}

/* A good SYN, truncated and bent everywhere: nothing breaks, nothing but the
 * whole one is answered. */
static void test_hostile(void)
{
	struct model_config config = { .output = count_output };
	struct segment s = { .sport = 1000, .dport = 80, .flags = TCP_SYN,
			     .ttl = 64 };
	struct model *m = model_new(&config);
	struct random random;
	uint8_t bytes[64], bent[64];
	size_t len;

	if (addr_parse("10.9.0.1", &s.src) || addr_parse("10.9.0.2", &s.dst))
		abort();
	len = segment_build(&s, bytes, sizeof(bytes));
	for (size_t n = 0; n < len; n++)
		model_input(m, TIME_S, bytes, n);
	CHECK_INT(answers, 0);
	model_input(m, TIME_S, bytes, len);
	CHECK_INT(answers, 1);
	random_seed(&random, 5);
	for (unsigned i = 0; i < 20000; i++) {
		memcpy(bent, bytes, len);
		for (unsigned k = 0; k < 4; k++)
			bent[random_below(&random, (uint32_t)len)] =
				(uint8_t)random_u32(&random);
		model_input(m, TIME_S, bent, len);
	}
	CHECK(model_open_connections(m) == 0);
	model_free(m);
}

/* MUST-57, MUST-63: from nowhere and to everybody. */
static void test_addresses(void)
{
	static const char *const pairs[][2] = {
		{ "255.255.255.255", "10.9.0.2" }, { "224.0.0.1", "10.9.0.2" },
		{ "0.0.0.0", "10.9.0.2" },	   { "127.0.0.1", "10.9.0.2" },
		{ "10.9.0.1", "224.0.0.1" },	   { "::", "fd00:9::2" },
		{ "10.9.0.1", "255.255.255.255" }, { "ff02::1", "fd00:9::2" },
		{ "10.9.0.2", "10.9.0.2" },
	};
	struct model_config config = { .output = count_output };
	struct model *m = model_new(&config);

	answers = 0;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct segment s = { .sport = 80, .dport = 80,
				     .flags = TCP_SYN, .ttl = 64 };
		uint8_t bytes[64];

		if (addr_parse(pairs[i][0], &s.src) ||
		    addr_parse(pairs[i][1], &s.dst))
			abort();
		model_input(m, TIME_S, bytes,
			    segment_build(&s, bytes, sizeof(bytes)));
	}
	CHECK_INT(answers, 0);
	model_free(m);
}

int main(void)
{
	for (unsigned i = 0; i < 2; i++) {
		enum family family = i ? FAMILY_IPV6 : FAMILY_IPV4;

		bench_check(closed_rows, ARRAY_LEN(closed_rows), family);
		bench_check(listen_rows, ARRAY_LEN(listen_rows), family);
		bench_check(synrcvd_rows, ARRAY_LEN(synrcvd_rows), family);
		bench_check(estab_rows, ARRAY_LEN(estab_rows), family);
	}
	test_unsolicited();
	test_synack_shape();
	test_options_kept();
	test_mss();
	test_wscale();
	test_timestamps();
	test_synrcvd_timestamps();
	test_isn();
	test_cookies();
	test_syn_queue();
	test_delayed_ack();
	test_challenge_rate();
	test_ping();
	test_hostile();
	test_addresses();
	return tap_done();
}
