/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The healthy model as a stock Linux answers, catalogue row by row: receiving,
 * sending, closing, TIME-WAIT, keepalive; and what it keeps.
 */
#include "tests/model/bench.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"
#include "wire/seq.h"

static const struct bench_row receive_rows[] = {
	{ "rcv-reorder-queue", BENCH_ECHO, "open PA:11:1:10 PA:1:1:10",
	  "A:1:1 | A:1:21 PA:1:21:20" },
	{ "rcv-sack-blocks, newest first, four", BENCH_SINK,
	  "S{04020101} A:1:1 A:11:1:5 A:21:1:5 A:31:1:5 A:41:1:5 A:51:1:5",
	  "SA:0:1 | - | A:1:1<11-16> | A:1:1<21-26,11-16> | "
	  "A:1:1<31-36,21-26,11-16> | A:1:1<41-46,31-36,21-26,11-16> | "
	  "A:1:1<51-56,41-46,31-36,21-26>" },
	{ "rcv-sack-blocks: never without SACK-permitted", BENCH_SINK,
	  "open A:11:1:5 A:11:1:5", "A:1:1 | A:1:1" },
	{ "rcv-sack-blocks with timestamps: three", BENCH_SINK,
	  "open+ A:11:1:5 A:21:1:5 A:31:1:5 A:41:1:5 A:16:1:5",
	  "A:1:1<11-16> | A:1:1<21-26,11-16> | A:1:1<31-36,21-26,11-16> | "
	  "A:1:1<41-46,31-36,21-26> | A:1:1<11-26,41-46,31-36>" },
	{ "rcv-sack-blocks: gone when filled", BENCH_SINK,
	  "open+ A:11:1:5 A:1:1:10 A:16:1:1",
	  "A:1:1<11-16> | A:1:16 | A:1:17" },
	{ "rcv-dsack: above the gap, again", BENCH_SINK,
	  "open+ A:11:1:5 A:11:1:5", "A:1:1<11-16> | A:1:1<11-16,11-16>" },
	{ "rcv-dsack: partly old", BENCH_SINK,
	  "open+ A:1:1:10 A:6:1:10", "A:1:11 | A:1:16<6-11>" },
	{ "rcv-right-edge: over the edge while nothing is unread", BENCH_SINK,
	  "open PA:65156:1:10 PA:1:1:5", "A:1:1 | A:1:6" },
	{ "rcv-right-edge: the same in order, before and after reading",
	  BENCH_DEAF,
	  "open PA:1:1:2048 PA:2049:1:800 PA:2849:1:1500 read "
	  "PA:2849:1:1500",
	  "A:1:2049 | A:1:2849 | A:1:2849 | - | A:1:4349" },
	{ "rcv-right-edge: dropped while something is unread", BENCH_DEAF,
	  "open PA:1:1:5 PA:6:1:2000 PA:2006:1:2000 PA:4006:1:200",
	  "A:1:6 | A:1:2006 | A:1:4006 | A:1:4006" },
	{ "rcv-zero-window: probes, RST, FIN", BENCH_DEAF,
	  "open PA:1:1:2000 PA:2001:1:2000 PA:4001:1:96 PA:4097:1:1 A:4096:1 "
	  "FA:4097:1 A:0:1:1",
	  "A:1:2001 | A:1:4001 | A:1:4097 | A:1:4097 | A:1:4097 | A:1:4098 | "
	  "A:1:4098" },
	{ "rcv-window-reopen", BENCH_DEAF,
	  "open PA:1:1:2000 PA:2001:1:2000 PA:4001:1:96 read",
	  "A:1:2001 | A:1:4001 | A:1:4097 | A:1:4097" },
	{ "rcv-ts-missing", BENCH_SINK, "open+ PA:1:1:3.", "A:1:4" },
	{ "rcv-ts-unnegotiated", BENCH_SINK,
	  "open PA:1:1:3{0101080a0000000100000000}", "A:1:4" },
	{ "rcv-paws", BENCH_ECHO,
	  "open+ ~5000 PA:1:1:3 PA:4:1:3^-101 A:0:1:1",
	  "- | A:1:4 PA:1:4:3 | A:4:4 | A:4:4<0-1>" },
	{ "rcv-paws: a pure duplicate a little older", BENCH_SINK,
	  "open+ ~5000 PA:1:1:3 A:4:1^-101 A:4:1^-1000",
	  "- | A:1:4 | - | A:1:4" },
	{ "rcv-paws: a jump ahead blocks what comes after", BENCH_SINK,
	  "open+ PA:1:1:1^2147483638 PA:2:1:1", "A:1:2 | A:1:2" },
};

static const struct bench_row close_rows[] = {
	{ "close-fin-acked", BENCH_HOLD, "open+ FPA:1:1:3 FPA:1:1:3",
	  "A:1:5 | A:1:5<1-5>" },
	{ "close-fin-ooo", BENCH_SINK, "open FA:4:1 PA:1:1:3",
	  "A:1:1 | A:1:5 FA:1:5" },
	{ "close-half", BENCH_SLOW, "open FPA:1:1:3 ~60",
	  "A:1:5 | @50 PA:1:5:3 @50 FA:4:5" },
	{ "close-data-after-fin", BENCH_HOLD, "open FA:1:1 PA:2:1:2 A:0:1:1",
	  "A:1:2 | - | A:1:2" },
	{ "close-rst-after-data in FIN-WAIT-1", BENCH_HTTP,
	  "open PA:1:1:'G$$' PA:4:1:4 A:4:70",
	  "A:1:4 PA:1:4:63 FA:64:4 | R:1 | R:70" },
	{ "close-rst-after-data in FIN-WAIT-2", BENCH_HTTP,
	  "open PA:1:1:'G$$' A:4:65 PA:4:65:4 A:4:65",
	  "A:1:4 PA:1:4:63 FA:64:4 | - | R:65 | R:65" },
	{ "close-unread-rst", BENCH_HTTP, "open PA:1:1:'G$$G$$' A:7:64",
	  "A:1:7 PA:1:7:63 RA:64:7 | R:64" },
	{ "close-linger-rst", BENCH_LINGER, "open ~200", "@100 RA:1:1" },
	{ "close-finwait1-rtx", BENCH_CLOSER, "open ~150000 FA:1:2",
	  "@100 FA:1:1 @300 FA:1:1 @700 FA:1:1 @1500 FA:1:1 @3100 FA:1:1 "
	  "@6300 FA:1:1 @12700 FA:1:1 @25500 FA:1:1 @51100 FA:1:1 | R:2" },
	{ "close-simultaneous", BENCH_CLOSER,
	  "open ~100 FA:1:1 A:2:2 FA:1:2", "@100 FA:1:1 | A:2:2 | - | A:2:2" },
	{ "close: active, four segments", BENCH_CLOSER,
	  "open ~100 A:1:2 FA:1:2", "@100 FA:1:1 | - | A:2:2" },
	{ "close: active, three segments", BENCH_CLOSER,
	  "open ~100 FA:1:2", "@100 FA:1:1 | A:2:2" },
	{ "close-finwait2-timeout", BENCH_CLOSER,
	  "open ~100 A:1:2 ~59000 A:0:2 ~2000 FA:1:2",
	  "@100 FA:1:1 | - | - | A:2:1 | - | R:2" },
	{ "close-finwait2-timeout: an application stays", BENCH_HALF,
	  "open PA:1:1:'G$$' A:4:65 ~200000 PA:4:65:2 FA:6:65",
	  "A:1:4 PA:1:4:63 FA:64:4 | - | - | A:65:6 | A:65:7" },
	{ "close-finwait2-rst: in-window RST kills", BENCH_CLOSER,
	  "open ~100 A:1:2 R:101 A:1:2", "@100 FA:1:1 | - | - | R:2" },
	{ "close-finwait2-rst: SYN in the window", BENCH_CLOSER,
	  "open ~100 A:1:2 S:101 A:1:2",
	  "@100 FA:1:1 | - | RA:z:102 | R:2" },
	{ "close-finwait2-rst: RST outside is answered", BENCH_CLOSER,
	  "open ~100 A:1:2 R:300000 A:1:1000000",
	  "@100 FA:1:1 | - | A:2:1 | -" },
	{ "close-wait-hold", BENCH_HOLD, "open FA:1:1 ~200000 A:1:1:1",
	  "A:1:2 | - | A:1:2" },
	{ "close-lastack-rtx", BENCH_SINK, "open FA:1:1 ~2000 R:102 R:1 A:2:2",
	  "A:1:2 FA:1:2 | @200 FA:1:2 @600 FA:1:2 @1400 FA:1:2 | A:2:2 | - | "
	  "R:2" },
	{ "close-lastack-done", BENCH_SINK, "open FA:1:1 A:2:2 A:2:2",
	  "A:1:2 FA:1:2 | - | R:2" },
	{ "the application is killed", BENCH_HOLD, "open close FA:1:2",
	  "FA:1:1 | A:2:2" },
	{ "the application is killed with something unread", BENCH_DEAF,
	  "open PA:1:1:5 close A:6:1", "A:1:6 | RA:1:6 | R:1" },
	{ "the banner comes first", BENCH_BANNER, "S A:1:1 A:1:4 FA:1:4",
	  "SA:0:1 | PA:1:1:3 | - | A:4:2 FA:4:2" },
};

#define TW "open ~100 FA:1:2 ~1000 "
#define TW_PLUS "open+ ~100 FA:1:2 ~1000 "
#define TW_WANT "@100 FA:1:1 | A:2:2 | - | "
static const struct bench_row timewait_rows[] = {
	{ "tw-fin-rtx", BENCH_CLOSER, TW "FA:1:2 FA:1:2 FA:1:2",
	  TW_WANT "A:2:2 | A:2:2 | A:2:2" },
	{ "tw-length", BENCH_CLOSER, TW "S:-1000 ~58000 S:-1000 ~1100 S:-1000",
	  TW_WANT "A:2:2 | - | A:2:2 | - | SA:940625000:-999" },
	{ "tw-restart by FIN", BENCH_CLOSER,
	  TW "~50000 FA:1:2 ~50000 S:-1000",
	  TW_WANT "- | A:2:2 | - | A:2:2" },
	{ "tw-restart by an exact ACK, silently", BENCH_CLOSER,
	  TW "~50000 A:2:2 ~50000 S:-1000", TW_WANT "- | - | - | A:2:2" },
	{ "tw-syn-new", BENCH_CLOSER, TW "S:1002",
	  TW_WANT "SA:65539:1003" },
	{ "tw-syn-old", BENCH_CLOSER, TW "S:-1000 ~600 S:2",
	  TW_WANT "A:2:2 | - | A:2:2" },
	{ "tw-syn-old, once in 500 ms", BENCH_CLOSER, TW "S:-1000 S:-1000",
	  TW_WANT "A:2:2 | -" },
	{ "tw-syn-ts: older number, newer timestamp", BENCH_CLOSER,
	  TW_PLUS "S:-1000", TW_WANT "SA:65539:-999" },
	{ "tw-syn-ts: newer number, older timestamp", BENCH_CLOSER,
	  TW_PLUS "S:1002^-5000", TW_WANT "A:2:2" },
	{ "tw-syn-ts: equal timestamps", BENCH_CLOSER,
	  TW_PLUS "S:-1000^-1000 S:1002^-1000",
	  TW_WANT "A:2:2 | SA:65539:1003" },
	{ "tw-syn-ts: none", BENCH_CLOSER, TW_PLUS "S:-1000. S:1002.",
	  TW_WANT "A:2:2 | SA:65539:1003" },
	{ "tw-syn-ts-from-nots", BENCH_CLOSER,
	  TW "S:-5000{0101080a7fffffff00000000}", TW_WANT "A:2:2" },
	{ "tw-syn-return", BENCH_CLOSER, TW "S:1002 R:1003 FA:1:2",
	  TW_WANT "SA:65539:1003 | - | R:2" },
	{ "tw-rst", BENCH_CLOSER, TW "R:102 S:-1000 R:2 S:-1000",
	  TW_WANT "- | A:2:2 | - | SA:17187500:-999" },
	{ "tw-data", BENCH_CLOSER,
	  TW "PA:2:2:1 PA:300000:2:1 ~600 SA:2:2",
	  TW_WANT "A:2:2 | A:2:2 | - | A:2:2" },
	{ "tw-end", BENCH_CLOSER, TW "~59001 A:2:2", TW_WANT "- | R:2" },
};

static const struct bench_row send_rows[] = {
	{ "snd-rto-backoff", BENCH_ECHO, "open PA:1:1:1 ~13000",
	  "A:1:2 PA:1:2:1 | @200 PA:1:2:1 @600 PA:1:2:1 @1400 PA:1:2:1 "
	  "@3000 PA:1:2:1 @6200 PA:1:2:1 @12600 PA:1:2:1" },
	{ "snd-rto-initial after a slow handshake", BENCH_ECHO,
	  "S ~300 PA:1:1:1 ~1500",
	  "SA:0:1 | - | A:1:2 PA:1:2:1 | @900 PA:1:2:1" },
	{ "snd-rto-after-syn-loss", BENCH_ECHO, "S ~1000 PA:1:1:1 ~3100",
	  "SA:0:1 | @1000 SA:0:1 | A:1:2 PA:1:2:1 | @3000 PA:1:2:1" },
	{ "snd-rto-after-syn-loss: the SYN is repeated", BENCH_ECHO,
	  "S ~300 S PA:1:1:1 ~3100",
	  "SA:0:1 | - | SA:0:1 | A:1:2 PA:1:2:1 | @3000 PA:1:2:1" },
	{ "snd-initial-window and opt-mss-absent", BENCH_STREAM,
	  "open PA:1:1:1",
	  "A:1:2 A:1:2:536 A:537:2:536 A:1073:2:536 A:1609:2:536 "
	  "A:2145:2:536 A:2681:2:536 A:3217:2:536 A:3753:2:536 A:4289:2:536 "
	  "A:4825:2:536" },
	{ "snd-rwnd-obeyed", BENCH_STREAM, "open PA:1:1:1w=1000",
	  "A:1:2 A:1:2:536" },
	{ "snd-zwp", BENCH_STREAM,
	  "open PA:1:1:1w=0 ~250 A:2:1w=0 ~500 A:2:1w=0 ~1000 A:2:1w=536 ~250",
	  "A:1:2 | @200 A:0:2 | - | @350 A:0:2 | - | @650 A:0:2 | "
	  "A:1:2:536 | @200 A:1:2:536" },
	{ "snd-fast-rtx", BENCH_STREAM,
	  "open PA:1:1:1w=2000 A:2:1w=2000 A:2:1w=2000 A:2:1w=2000",
	  "A:1:2 A:1:2:536 A:537:2:536 A:1073:2:536 | - | - | A:1:2:536" },
	{ "go back after the timeout", BENCH_STREAM,
	  "open PA:1:1:1w=2000 ~250 A:2:537w=2000",
	  "A:1:2 A:1:2:536 A:537:2:536 A:1073:2:536 | @200 A:1:2:536 | "
	  "A:537:2:536 A:1073:2:536" },
	{ "ka-default: none unless it is asked for", BENCH_HOLD,
	  "open ~8000000", "-" },
	{ "ka-silent", BENCH_ALIVE, "open ~10000 A:1:1",
	  "@2000 A:0:1 @3000 A:0:1 @4000 A:0:1 @5000 RA:1:1 | R:1" },
	{ "ka-answered", BENCH_ALIVE, "open ~2000 A:1:1 ~1900 ~200",
	  "@2000 A:0:1 | - | - | @100 A:0:1" },
	{ "ka-lossy", BENCH_ALIVE,
	  "open ~3000 ~1500 A:1:1 ~1900 ~200",
	  "@2000 A:0:1 @3000 A:0:1 | @1000 A:0:1 | - | - | @100 A:0:1" },
	{ "ka-rst: in-window is no sign of life", BENCH_ALIVE,
	  "open ~2000 R:50 ~5000",
	  "@2000 A:0:1 | A:1:1 | @1000 A:0:1 @2000 A:0:1 @3000 RA:1:1" },
	{ "ka-rst: exact", BENCH_ALIVE, "open ~2000 R:1 ~9000",
	  "@2000 A:0:1 | - | -" },
};

/* rcv-overlap-ooo: which copy of an octet is delivered. */
static void test_overlap(void)
{
	static const struct {
		const char *script;
		const char *heard;
	} rows[] = {
		{ "open A:3:1:'AB' A:3:1:'XY' A:1:1:'..'", "..AB" },
		{ "open A:3:1:'ABCD' A:4:1:'xy' A:1:1:'..'", "..ABCD" },
		{ "open A:4:1:'AB' A:3:1:'wxyz' A:1:1:'..'", "..wxyz" },
		{ "open A:3:1:'AB' A:3:1:'wxyz' A:1:1:'..'", "..wxyz" },
		{ "open A:3:1:'ABC' A:5:1:'xyz' A:1:1:'..'", "..ABCyz" },
		{ "open A:3:1:'AB' A:1:1:'wxyz'", "wxyz" },
		{ "open A:3:1:'ABC' FA:6:1 A:1:1:'..'", "..ABC" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct model_config config = { .seed = 1 };
		const uint8_t *heard;
		char text[32] = "";
		struct bench b;
		size_t len;

		bench_init(&b, &config, FAMILY_IPV4);
		bench_run(&b, BENCH_SINK, rows[i].script);
		heard = model_heard(b.m, BENCH_SINK, &len);
		if (len && len < sizeof(text))
			memcpy(text, heard, len);
		tap_text(text, rows[i].heard, __FILE__, __LINE__,
			 rows[i].script);
		bench_fini(&b);
	}
}

/* rcv-no-shrink: whatever arrives, the right edge stays or grows. */
static void test_no_shrink(void)
{
	static const uint16_t ports[] = { BENCH_SINK, BENCH_DEAF };

	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		const struct model_config config = { .seed = 1 };
		uint32_t edge = 0, seq = 1;
		bool shrank = false;
		struct bench b;

		bench_init(&b, &config, FAMILY_IPV4);
		bench_run(&b, ports[i], "open+");
		for (unsigned n = 1; n < 60; n++) {
			char script[48];
			uint32_t now;

			snprintf(script, sizeof(script), "A:%u:1:%u", seq, n);
			bench_run(&b, ports[i], script);
			now = b.reply.ack + ((uint32_t)b.reply.window << 7);
			shrank |= edge && seq_lt(now, edge);
			edge = now;
			seq = b.reply.ack - bench_pair(&b)->x;
		}
		CHECK(!shrank && seq > 1000);
		bench_fini(&b);
	}
}

/* A stream arrives whole through loss: each third segment is lost once. */
static void test_lossy_stream(void)
{
	const struct model_config config = { .seed = 1 };
	unsigned lost = 0, rounds = 0;
	uint32_t got = 1;
	struct bench b;

	bench_init(&b, &config, FAMILY_IPV4);
	bench_run(&b, BENCH_STREAM, "open PA:1:1:1w=536");
	while (got < 40001 && rounds++ < 1000) {
		uint32_t seq = b.reply.seq - bench_pair(&b)->iss;
		char script[48];

		if (seq == got && ++lost % 3)
			got += (uint32_t)b.reply.payload_len;
		snprintf(script, sizeof(script), "A:2:%uw=536 ~150", got);
		bench_run(&b, BENCH_STREAM, script);
		if (lost % 3 == 0)
			bench_run(&b, BENCH_STREAM, "~250");
	}
	CHECK_INT(got, 40001);
	bench_fini(&b);
}

/* snd-rto-count and close-finwait1-rtx: how long until it is forgotten. */
static void test_giving_up(void)
{
	const struct model_config config = { .seed = 1 };
	struct bench b;

	bench_init(&b, &config, FAMILY_IPV4);
	bench_run(&b, BENCH_ECHO, "open PA:1:1:1 ~924000");
	CHECK_INT(model_connections(b.m, MODEL_ESTABLISHED), 1);
	bench_run(&b, BENCH_ECHO, "~1000");
	CHECK_INT(model_open_connections(b.m), 0);
	CHECK_INT(b.replies, 1 + 2 + 15); /* and no RST */
	bench_run(&b, BENCH_CLOSER, "new open ~102000");
	CHECK_INT(model_connections(b.m, MODEL_FIN_WAIT_1), 1);
	bench_run(&b, BENCH_CLOSER, "~1000");
	CHECK_INT(model_open_connections(b.m), 0);
	bench_fini(&b);
}

/* What a test may look at. */
static void test_views(void)
{
	const struct model_config config = { .seed = 1 };
	struct endpoint remote;
	struct model_view view;
	struct bench b;

	bench_init(&b, &config, FAMILY_IPV4);
	remote = bench_remote(&b);
	CHECK(!model_look(b.m, BENCH_SINK, &remote, &view));
	bench_run(&b, BENCH_SINK, "S");
	CHECK_INT(model_connections(b.m, MODEL_SYN_RECEIVED), 1);
	CHECK(model_look(b.m, BENCH_SINK, &remote, &view));
	CHECK_INT(view.irs, bench_pair(&b)->x);
	CHECK_INT(view.iss, bench_pair(&b)->iss);
	bench_run(&b, BENCH_SINK, "A:1:1 PA:1:1:7");
	CHECK(model_look(b.m, BENCH_SINK, &remote, &view));
	CHECK_TEXT(model_state_name(view.state), "ESTABLISHED");
	CHECK_INT(view.rcv_nxt - view.irs, 8);
	CHECK_INT(model_open_connections(b.m), 1);
	bench_run(&b, BENCH_SINK, "R:8");
	CHECK_INT(model_open_connections(b.m), 0);
	bench_run(&b, BENCH_CLOSER, "new open ~200 FA:1:2");
	CHECK_INT(model_open_connections(b.m), 0);
	CHECK_INT(model_connections(b.m, MODEL_TIME_WAIT), 1);
	CHECK(model_deadline(b.m) == b.now_ns + 60 * TIME_S);
	model_reboot(b.m);
	CHECK_INT(model_connections(b.m, MODEL_TIME_WAIT), 0);
	CHECK(model_deadline(b.m) == TIME_NEVER);
	CHECK_TEXT(bench_run(&b, BENCH_CLOSER, "FA:1:2"), "R:2");
	bench_fini(&b);
}

/* What the RFCs wish of TIME-WAIT and Linux does not do. */
static void test_timewait_variants(void)
{
	const struct model_config config = {
		.seed = 1,
		.tw_first_stamp = true,
		.tw_returns = true,
	};
	struct bench b;

	bench_init(&b, &config, FAMILY_IPV4);
	CHECK_TEXT(bench_run(&b, BENCH_CLOSER,
			     TW "S:-5000{0101080a7fffffff00000000}"),
		   TW_WANT "SA:65539:-4999");
	bench_fini(&b);
	bench_init(&b, &config, FAMILY_IPV4);
	CHECK_TEXT(bench_run(&b, BENCH_CLOSER, TW "S:1002 R:1003 FA:1:2"),
		   TW_WANT "SA:65539:1003 | - | A:2:2");
	CHECK_INT(model_connections(b.m, MODEL_TIME_WAIT), 1);
	bench_fini(&b);
}

/* A small table: the pair that has been there longest has to go. */
static void test_few_time_waits(void)
{
	const struct model_config config = { .seed = 1, .time_waits = 2 };
	struct bench b;

	bench_init(&b, &config, FAMILY_IPV4);
	bench_run(&b, BENCH_CLOSER, "open ~100 FA:1:2 new open ~100 FA:1:2");
	CHECK_INT(model_connections(b.m, MODEL_TIME_WAIT), 2);
	bench_run(&b, BENCH_CLOSER, "new open ~100 FA:1:2");
	CHECK_INT(model_connections(b.m, MODEL_TIME_WAIT), 2);
	CHECK_TEXT(bench_run(&b, BENCH_CLOSER, "FA:1:2 pair=1 FA:1:2"),
		   "A:2:2 | A:2:2");
	CHECK_TEXT(bench_run(&b, BENCH_CLOSER, "pair=0 FA:1:2"), "R:2");
	bench_fini(&b);
}

int main(void)
{
	for (unsigned i = 0; i < 2; i++) {
		enum family family = i ? FAMILY_IPV6 : FAMILY_IPV4;

		bench_check(receive_rows, ARRAY_LEN(receive_rows), family);
		bench_check(close_rows, ARRAY_LEN(close_rows), family);
		bench_check(timewait_rows, ARRAY_LEN(timewait_rows), family);
	}
	/* The default MSS is another over IPv6. */
	bench_check(send_rows, ARRAY_LEN(send_rows), FAMILY_IPV4);
	test_overlap();
	test_no_shrink();
	test_lossy_stream();
	test_giving_up();
	test_timewait_variants();
	test_few_time_waits();
	test_views();
	return tap_done();
}
