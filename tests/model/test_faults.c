/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each fault of the model is visible: one script, what the healthy model says
 * and what the faulty one says. A fault without a row here fails the test.
 */
#include "tests/model/bench.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

struct fault_row {
	enum model_fault fault;
	uint16_t port;
	const char *script;
	const char *healthy;
	const char *faulty;
};

static const struct fault_row closed_rows[] = {
	{ MODEL_RST_WRONG_ACK, BENCH_CLOSED, "S", "RA:z:1", "RA:z:2" },
	{ MODEL_RST_ACK_NO_LENGTH, BENCH_CLOSED, "S S:0:0:5",
	  "RA:z:1 | RA:z:6", "RA:z:1 | RA:z:1" },
	{ MODEL_RST_ACK_NO_FIN, BENCH_CLOSED, "S SF F:0:0:3",
	  "RA:z:1 | RA:z:2 | RA:z:4", "RA:z:1 | RA:z:1 | RA:z:3" },
	{ MODEL_RST_SEQ_NONZERO, BENCH_CLOSED, "S", "RA:z:1",
	  "RA:16909060:1" },
	{ MODEL_RST_NO_ACK_BIT, BENCH_CLOSED, "S A:0:5", "RA:z:1 | R:5",
	  "R:z | R:5" },
	{ MODEL_RST_WRONG_SEQ, BENCH_CLOSED, "S A:0:5", "RA:z:1 | R:5",
	  "RA:z:1 | R:6" },
	{ MODEL_RST_WITH_ACK, BENCH_CLOSED, "A:0:5", "R:5", "RA:5:0" },
	{ MODEL_RST_TO_RST, BENCH_CLOSED, "R RA:0:5", "- | -",
	  "RA:z:0 | R:5" },
	{ MODEL_RST_TO_RST, BENCH_SINK, "R S", "- | SA:0:1",
	  "RA:z:0 | SA:0:1" },
	{ MODEL_CLOSED_MUTE_NO_ACK, BENCH_CLOSED, "S F N FPU A:0:5",
	  "RA:z:1 | RA:z:1 | RA:z:0 | RA:z:1 | R:5",
	  "RA:z:1 | - | - | - | R:5" },
	{ MODEL_CLOSED_BAD_SUM, BENCH_CLOSED, "S! to=9 S!", "- | -",
	  "RA:z:1 | -" },
	{ MODEL_LISTEN_BAD_SUM, BENCH_SINK, "S! to=3 S!", "- | -",
	  "SA:0:1 | -" },
	{ MODEL_ESTAB_BAD_SUM, BENCH_SINK, "S! open PA:1:1:5!", "- | -",
	  "- | A:1:6" },
	{ MODEL_BAD_OPTION_KILLS, BENCH_SINK, "S{03000101} R:1 S to=3 S",
	  "SA:0:1 | - | SA:0:1 | RA:z:1", "- | - | - | -" },
	{ MODEL_LISTEN_ACK_MUTE, BENCH_SINK, "A:0:5 S", "R:5 | SA:0:1",
	  "- | SA:0:1" },
	{ MODEL_LISTEN_NO_ACK_RST, BENCH_SINK, "F N FPU S",
	  "- | - | - | SA:0:1", "RA:z:1 | RA:z:0 | RA:z:1 | SA:0:1" },
	{ MODEL_LISTEN_RST_KILLS, BENCH_SINK, "R S", "- | SA:0:1",
	  "- | RA:z:1" },
	{ MODEL_SYN_DATA_FATAL, BENCH_SINK, "S:0:0:5", "SA:0:1", "RA:z:6" },
	{ MODEL_RESERVED_REFLECTED, BENCH_SINK, "S%5", "SA:0:1", "SA%5:0:1" },
	{ MODEL_RESERVED_FATAL, BENCH_SINK, "S%5 S", "SA:0:1 | SA:0:1",
	  "- | SA:0:1" },
	{ MODEL_SYNACK_WRONG_ACK, BENCH_SINK, "S", "SA:0:1", "SA:0:0" },
	{ MODEL_SYNACK_EXTRA_FLAGS, BENCH_SINK, "S", "SA:0:1", "SPUA:0:1" },
	{ MODEL_SYNACK_PAYLOAD, BENCH_SINK, "S", "SA:0:1", "SA:0:1:5" },
	{ MODEL_MSS_IGNORED, BENCH_STREAM, "open PA:1:1:1w=2000",
	  "A:1:2 A:1:2:536 A:537:2:536 A:1073:2:536", "A:1:2 A:1:2:1460" },
};

static const struct fault_row synrcvd_rows[] = {
	{ MODEL_COOKIES, BENCH_SINK, "S ~1500 A:1:1",
	  "SA:0:1 | @1000 SA:0:1 | -", "SA:0:1 | - | -" },
	{ MODEL_DUP_SYN_NEW_ISN, BENCH_SINK, "S S", "SA:0:1 | SA:0:1",
	  "SA:0:1 | SA:64000:1" },
	{ MODEL_SYNACK_NEVER_REPEATED, BENCH_SINK, "S ~40000 A:1:1 A:0:1",
	  "SA:0:1 | @1000 SA:0:1 @3000 SA:0:1 @7000 SA:0:1 @15000 SA:0:1 "
	  "@31000 SA:0:1 | - | A:1:1",
	  "SA:0:1 | - | - | A:1:1" },
	{ MODEL_SYNACK_NO_BACKOFF, BENCH_SINK, "S ~5500",
	  "SA:0:1 | @1000 SA:0:1 @3000 SA:0:1",
	  "SA:0:1 | @1000 SA:0:1 @2000 SA:0:1 @3000 SA:0:1 @4000 SA:0:1 "
	  "@5000 SA:0:1" },
	{ MODEL_SYNRCVD_BAD_ACK_MUTE, BENCH_SINK, "S A:1:2 A:1:1 A:0:1",
	  "SA:0:1 | R:2 | - | A:1:1", "SA:0:1 | - | - | A:1:1" },
	{ MODEL_SYNRCVD_BAD_ACK_KILLS, BENCH_SINK, "S A:1:2 A:1:1",
	  "SA:0:1 | R:2 | -", "SA:0:1 | R:2 | R:1" },
	{ MODEL_SYNRCVD_BAD_ACK_OPENS, BENCH_SINK, "S A:1:2 A:0:1:1",
	  "SA:0:1 | R:2 | A:1:1", "SA:0:1 | - | A:1:1" },
	{ MODEL_SYNRCVD_RST_IGNORED, BENCH_SINK, "S R:1 A:1:1",
	  "SA:0:1 | - | R:1", "SA:0:1 | - | -" },
	{ MODEL_SYNRCVD_RST_OUT_KILLS, BENCH_SINK, "S R:200000 A:1:1",
	  "SA:0:1 | - | -", "SA:0:1 | - | R:1" },
	{ MODEL_SYNRCVD_RST_IN_KILLS, BENCH_SINK, "S R:500 A:1:1",
	  "SA:0:1 | A:1:1 | -", "SA:0:1 | - | R:1" },
	{ MODEL_SYNRCVD_SYN_OUT_KILLS, BENCH_SINK, "S S:100000 A:1:1",
	  "SA:0:1 | A:1:1 | -", "SA:0:1 | RA:z:100001 | R:1" },
	{ MODEL_SYNRCVD_SYN_IN_ACKED, BENCH_SINK, "S S:500 A:1:1",
	  "SA:0:1 | RA:z:501 | R:1", "SA:0:1 | A:1:1 | -" },
	{ MODEL_SYNRCVD_NO_ACK_KILLS, BENCH_SINK, "S F:1 A:1:1",
	  "SA:0:1 | - | -", "SA:0:1 | RA:z:2 | R:1" },
};

static const struct fault_row estab_rows[] = {
	{ MODEL_RST_IN_KILLS, BENCH_SINK, "open R:100 A:0:1:1",
	  "A:1:1 | A:1:1", "- | R:1" },
	{ MODEL_RST_OUT_KILLS, BENCH_SINK, "open R:300000 A:0:1:1",
	  "- | A:1:1", "- | R:1" },
	{ MODEL_RST_EXACT_IGNORED, BENCH_SINK, "open R:1 A:0:1:1",
	  "- | R:1", "- | A:1:1" },
	{ MODEL_RST_PAWS, BENCH_SINK, "open+ R:1^-9999 A:0:1:1",
	  "- | R:1", "- | A:1:1<0-1>" },
	{ MODEL_SYN_IN_KILLS, BENCH_SINK, "open S:100 A:0:1:1",
	  "A:1:1 | A:1:1", "RA:z:101 | R:1" },
	{ MODEL_SYN_OUT_KILLS, BENCH_SINK, "open S:-10000 A:0:1:1",
	  "A:1:1 | A:1:1", "RA:z:-9999 | R:1" },
	{ MODEL_SYN_SYNACK, BENCH_SINK, "open S:100 A:0:1:1",
	  "A:1:1 | A:1:1", "SA:0:101 | A:1:1" },
	{ MODEL_NO_CHALLENGE_ACK, BENCH_SINK,
	  "open R:100 new open S:100 A:0:1:1", "A:1:1 | A:1:1 | A:1:1",
	  "- | - | A:1:1" },
	{ MODEL_ACK_NEW_ACCEPTED, BENCH_ECHO, "open PA:1:1000001:3",
	  "A:1:1", "A:1:4 PA:1:4:3" },
	{ MODEL_ACK_NEW_RST, BENCH_SINK, "open A:1:1000001", "A:1:1",
	  "R:1000001" },
	{ MODEL_ACK_NEW_MUTE, BENCH_SINK, "open A:1:1000001 A:0:1:1",
	  "A:1:1 | A:1:1", "- | A:1:1" },
	{ MODEL_ACK_OLD_ACCEPTED, BENCH_ECHO, "open PA:1:-200000:3",
	  "A:1:1", "A:1:4 PA:1:4:3" },
	{ MODEL_ACK_OLD_REFUSED, BENCH_ECHO,
	  "open PA:1:1:3 A:4:4 PA:4:2:3", "A:1:4 PA:1:4:3 | - | A:4:7 PA:4:7:3",
	  "A:1:4 PA:1:4:3 | - | A:4:4" },
	{ MODEL_NO_ACK_ACCEPTED, BENCH_ECHO, "open P:1:0:3", "-",
	  "A:1:4 PA:1:4:3" },
	{ MODEL_SEQ_ABOVE_ACCEPTED, BENCH_ECHO, "open PA:165161:1:3",
	  "A:1:1", "A:1:4 PA:1:4:3" },
	{ MODEL_SEQ_ABOVE_MUTE, BENCH_ECHO, "open PA:165161:1:3 A:0:1:1",
	  "A:1:1 | A:1:1", "- | A:1:1" },
	{ MODEL_SEQ_OLD_MUTE, BENCH_SINK,
	  "open PA:1:1:9 PA:1:1:9 PA:1:1:5 A:9:1:1",
	  "A:1:10 | A:1:10 | A:1:10 | A:1:10", "A:1:10 | - | - | A:1:10" },
	{ MODEL_KEEPALIVE_0_MUTE, BENCH_SINK, "open A:0:1 A:0:1:1",
	  "A:1:1 | A:1:1", "- | A:1:1" },
	{ MODEL_KEEPALIVE_1_MUTE, BENCH_SINK, "open A:0:1:1 A:0:1",
	  "A:1:1 | A:1:1", "- | A:1:1" },
	{ MODEL_KEEPALIVE_RESET, BENCH_SINK, "open A:0:1 new open A:0:1:1",
	  "A:1:1 | A:1:1", "R:1 | R:1" },
	{ MODEL_CHALLENGE_HOST_LIMIT, BENCH_SINK, "open R:9 R:9",
	  "A:1:1 | -", "A:1:1 | A:1:1" },
	{ MODEL_CHALLENGE_UNLIMITED, BENCH_SINK, "open R:9 R:9 A:0:1",
	  "A:1:1 | - | -", "A:1:1 | A:1:1 | A:1:1" },
	{ MODEL_ESTAB_RESERVED_FATAL, BENCH_SINK, "open PA:1:1:3%7",
	  "A:1:4", "-" },
	{ MODEL_NO_PAWS, BENCH_ECHO,
	  "open+ ~5000 PA:1:1:3^-4900 PA:4:1:3^-5000",
	  "- | A:1:4 PA:1:4:3 | A:4:4",
	  "- | A:1:4 PA:1:4:3 | A:4:7 PA:4:7:3" },
	{ MODEL_REORDER_DROPPED, BENCH_ECHO, "open PA:4:1:3 PA:1:1:3",
	  "A:1:1 | A:1:7 PA:1:7:6", "A:1:1 | A:1:4 PA:1:4:3" },
	{ MODEL_NO_DUPLICATE_ACK, BENCH_SINK, "open PA:4:1:3 PA:1:1:3",
	  "A:1:1 | A:1:7", "- | A:1:7" },
	{ MODEL_NO_SACK_BLOCKS, BENCH_SINK, "open+ PA:4:1:3",
	  "A:1:1<4-7>", "A:1:1" },
	{ MODEL_ACK_LATE, BENCH_SINK, "open PA:1:1:3 ~800", "A:1:4 | -",
	  "- | @700 A:1:4" },
	{ MODEL_RTO_NO_BACKOFF, BENCH_ECHO, "open PA:1:1:1 ~900",
	  "A:1:2 PA:1:2:1 | @200 PA:1:2:1 @600 PA:1:2:1",
	  "A:1:2 PA:1:2:1 | @200 PA:1:2:1 @400 PA:1:2:1 @600 PA:1:2:1 "
	  "@800 PA:1:2:1" },
};

#define TW "open ~100 FA:1:2 ~1000 "
#define TW_WANT "@100 FA:1:1 | A:2:2 | - | "
#define TW_PLUS "open+ ~100 FA:1:2 ~1000 "
static const struct fault_row close_rows[] = {
	{ MODEL_FIN_MUTE, BENCH_HOLD, "open FPA:1:1:3 FA:4:1 A:0:1:1",
	  "A:1:5 | A:1:5 | A:1:5", "A:1:4 | - | A:1:4" },
	{ MODEL_FIN_MUTE, BENCH_CLOSER, "open ~100 A:1:2 FA:1:2",
	  "@100 FA:1:1 | - | A:2:2", "@100 FA:1:1 | - | -" },
	{ MODEL_HALF_CLOSE_BROKEN, BENCH_SLOW, "open FPA:1:1:3 ~60 A:5:1",
	  "A:1:5 | @50 PA:1:5:3 @50 FA:4:5 | -", "A:1:5 RA:1:5 | - | R:1" },
	{ MODEL_FIN_NEVER_REPEATED, BENCH_CLOSER, "open ~900",
	  "@100 FA:1:1 @300 FA:1:1 @700 FA:1:1", "@100 FA:1:1" },
	{ MODEL_CLOSED_DATA_SWALLOWED, BENCH_CLOSER,
	  "open ~100 PA:1:1:3 A:1:2 PA:1:2:3 A:1:2",
	  "@100 FA:1:1 | R:1 | R:2 | R:2 | R:2",
	  "@100 FA:1:1 | - | - | - | -" },
	{ MODEL_TW_NONE, BENCH_CLOSER, TW "FA:1:2", TW_WANT "A:2:2",
	  TW_WANT "R:2" },
	{ MODEL_TW_SHORT, BENCH_CLOSER, TW "FA:1:2 ~4900 FA:1:2 ~5100 A:2:2",
	  TW_WANT "A:2:2 | - | A:2:2 | - | -",
	  TW_WANT "A:2:2 | - | A:2:2 | - | R:2" },
	{ MODEL_TW_SYN_OLD_ACCEPTED, BENCH_CLOSER, TW "S:-1000",
	  TW_WANT "A:2:2", TW_WANT "SA:65539:-999" },
	{ MODEL_TW_SYN_NEW_REFUSED, BENCH_CLOSER, TW "S:1002",
	  TW_WANT "SA:65539:1003", TW_WANT "A:2:2" },
	{ MODEL_TW_ISN_BELOW, BENCH_CLOSER, TW "S:1002",
	  TW_WANT "SA:65539:1003", TW_WANT "SA:-65535:1003" },
	{ MODEL_TW_DATA_RESET, BENCH_CLOSER, TW "PA:1:2:1 PA:2:2:1 FA:1:2",
	  TW_WANT "A:2:2 | A:2:2 | A:2:2", TW_WANT "A:2:2 | R:2 | R:2" },
	{ MODEL_TW_DATA_MUTE, BENCH_CLOSER, TW "PA:1:2:1 PA:2:2:1 FA:1:2",
	  TW_WANT "A:2:2 | A:2:2 | A:2:2", TW_WANT "- | - | A:2:2" },
	{ MODEL_TW_SYN_TS_IGNORED, BENCH_CLOSER, TW_PLUS "S:-1000^10",
	  TW_WANT "SA:65539:-999", TW_WANT "A:2:2" },
	{ MODEL_TW_SYN_TS_IGNORED, BENCH_CLOSER, TW_PLUS "S:1002^-2000",
	  TW_WANT "A:2:2", TW_WANT "SA:65539:1003" },
	{ MODEL_TW_RST_IGNORED, BENCH_CLOSER, TW "R:2 FA:1:2",
	  TW_WANT "- | R:2", TW_WANT "- | A:2:2" },
	{ MODEL_TW_RST_IN_KILLS, BENCH_CLOSER, TW "R:102 FA:1:2",
	  TW_WANT "- | A:2:2", TW_WANT "- | R:2" },
	{ MODEL_TW_FIN_MUTE, BENCH_CLOSER, TW "FA:1:2 S:-1000",
	  TW_WANT "A:2:2 | A:2:2", TW_WANT "- | A:2:2" },
	{ MODEL_KEEPALIVE_ENDLESS, BENCH_ALIVE, "open ~6500",
	  "@2000 A:0:1 @3000 A:0:1 @4000 A:0:1 @5000 RA:1:1",
	  "@2000 A:0:1 @3000 A:0:1 @4000 A:0:1 @5000 A:0:1 @6000 A:0:1" },
	{ MODEL_KEEPALIVE_ONE_LOSS, BENCH_ALIVE, "open ~3500",
	  "@2000 A:0:1 @3000 A:0:1", "@2000 A:0:1 @3000 RA:1:1" },
	{ MODEL_KEEPALIVE_LATE, BENCH_ALIVE, "open ~7200500",
	  "@2000 A:0:1 @3000 A:0:1 @4000 A:0:1 @5000 RA:1:1",
	  "@7200000 A:0:1" },
	{ MODEL_KEEPALIVE_WITH_BYTE, BENCH_ALIVE, "open ~2500",
	  "@2000 A:0:1", "@2000 A:0:1:1" },
	{ MODEL_KEEPALIVE_SEQ_NEXT, BENCH_ALIVE, "open ~2500",
	  "@2000 A:0:1", "@2000 A:1:1" },
	{ MODEL_KEEPALIVE_DEAF, BENCH_ALIVE,
	  "open ~2500 A:1:1 ~2500 A:1:1 ~2500 A:1:1 ~2500",
	  "@2000 A:0:1 | - | @2000 A:0:1 | - | @2000 A:0:1 | - | "
	  "@2000 A:0:1",
	  "@2000 A:0:1 | - | @2000 A:0:1 | - | @2000 A:0:1 | - | "
	  "@2000 RA:1:1" },
	{ MODEL_IDLE_CLOSES, BENCH_SINK, "open ~3000 PA:1:1:3 ~5100",
	  "- | A:1:4 | -", "- | A:1:4 | @5000 FA:1:4" },
};

/* Not seen in the answers' numbers, but in what the application read. */
static const struct fault_row heard_rows[] = {
	{ MODEL_SYN_DATA_TWICE, BENCH_SINK, "S:0:0:'ab' A:1:1 PA:1:1:'ab'",
	  "ab", "abab" },
	{ MODEL_KEEPALIVE_DELIVERED, BENCH_SINK,
	  "open PA:1:1:'ab' A:2:1:'x' PA:3:1:'c'", "abc", "abxc" },
	{ MODEL_FIN_DATA_DELIVERED, BENCH_HOLD,
	  "open FPA:1:1:'ab' PA:4:1:'cd'", "ab", "abcd" },
};

/* Seen in the options of the answer to this SYN. */
static const struct fault_row option_rows[] = {
	{ MODEL_OPTIONS_UNPARSED, BENCH_SINK, "S{0402080a0000000500000000}",
	  "mss sack ts", "mss" },
	{ MODEL_UNKNOWN_OPTION_STOPS, BENCH_SINK,
	  "S{0402630401010101080a0000000500000000}", "mss sack ts",
	  "mss sack" },
	{ MODEL_SYNACK_BAD_OPTION, BENCH_SINK, "S", "mss", "mss malformed" },
	{ MODEL_SYNACK_DIRTY_PADDING, BENCH_SINK, "S", "mss", "mss padded" },
	{ MODEL_SYNACK_UNOFFERED, BENCH_SINK, "S", "mss", "mss sack wscale" },
	{ MODEL_SYNACK_NO_MSS, BENCH_SINK, "S", "mss", "" },
};

/* By their own tests, in test_model.c: a row cannot say a rate of ISNs. */
static const enum model_fault elsewhere[] = {
	MODEL_ISN_CONSTANT, MODEL_ISN_CLOCK_ONLY, MODEL_ISN_RANDOM,
};

static bool seen[MODEL_FAULT_N];

static void check_text(const struct fault_row *row, const char *got,
		       bool faulty)
{
	char name[128];

	snprintf(name, sizeof(name), "%s: %s", faulty ? "faulty" : "healthy",
		 model_fault_name(row->fault));
	tap_text(got, faulty ? row->faulty : row->healthy, __FILE__, __LINE__,
		 name);
	seen[row->fault] = true;
}

static void check_answers(const struct fault_row *rows, size_t n)
{
	char text[BENCH_TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		const struct fault_row *row = &rows[i];

		check_text(row, bench_once(MODEL_FAULT_N, row->port,
					   row->script, text), false);
		check_text(row, bench_once(row->fault, row->port, row->script,
					   text), true);
	}
}

static void run_with(struct bench *b, const struct fault_row *row, bool faulty)
{
	const struct model_config config = { .seed = 1 };

	bench_init(b, &config, FAMILY_IPV4);
	if (faulty)
		model_break(b->m, row->fault);
	bench_run(b, row->port, row->script);
}

static void check_heard(const struct fault_row *row, bool faulty)
{
	char text[64] = "";
	const uint8_t *heard;
	struct bench b;
	size_t len;

	run_with(&b, row, faulty);
	heard = model_heard(b.m, row->port, &len);
	if (len && len < sizeof(text))
		memcpy(text, heard, len);
	bench_fini(&b);
	check_text(row, text, faulty);
}

static void check_options(const struct fault_row *row, bool faulty)
{
	const struct options *o;
	char text[128];
	struct bench b;

	run_with(&b, row, faulty);
	o = &b.options;
	snprintf(text, sizeof(text), "%s%s%s%s%s%s", o->has_mss ? " mss" : "",
		 o->sack_permitted ? " sack" : "",
		 o->has_timestamps ? " ts" : "", o->has_wscale ? " wscale" : "",
		 o->malformed ? " malformed" : "", o->padded ? " padded" : "");
	bench_fini(&b);
	check_text(row, *text ? text + 1 : text, faulty);
}

static void check_all_seen(void)
{
	for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
		seen[elsewhere[i]] = true;
	for (unsigned i = 0; i < MODEL_FAULT_N; i++) {
		enum model_fault fault = (enum model_fault)i;

		CHECK_MSG(seen[i], "%s has a row", model_fault_name(fault));
		CHECK_MSG(model_fault_find(model_fault_name(fault)) == fault,
			  "%s is found by its name: %s",
			  model_fault_name(fault), model_fault_rule(fault));
	}
	CHECK(model_fault_find("no such fault") == MODEL_FAULT_N);
}

static void check_differ(const struct fault_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK_MSG(strcmp(rows[i].healthy, rows[i].faulty) != 0,
			  "%s differs", model_fault_name(rows[i].fault));
}

int main(void)
{
	check_answers(closed_rows, ARRAY_LEN(closed_rows));
	check_answers(synrcvd_rows, ARRAY_LEN(synrcvd_rows));
	check_answers(estab_rows, ARRAY_LEN(estab_rows));
	check_answers(close_rows, ARRAY_LEN(close_rows));
	check_differ(closed_rows, ARRAY_LEN(closed_rows));
	check_differ(synrcvd_rows, ARRAY_LEN(synrcvd_rows));
	check_differ(estab_rows, ARRAY_LEN(estab_rows));
	check_differ(close_rows, ARRAY_LEN(close_rows));
	for (size_t i = 0; i < 2 * ARRAY_LEN(heard_rows); i++)
		check_heard(&heard_rows[i / 2], i % 2);
	check_differ(heard_rows, ARRAY_LEN(heard_rows));
	for (size_t i = 0; i < 2 * ARRAY_LEN(option_rows); i++)
		check_options(&option_rows[i / 2], i % 2);
	check_differ(option_rows, ARRAY_LEN(option_rows));
	check_all_seen();
	return tap_done();
}
