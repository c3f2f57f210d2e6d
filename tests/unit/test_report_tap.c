/* SPDX-License-Identifier: BSD-2-Clause */
/* TAP to the letter: points that agree with the exit status, and no others. */
#include <stdio.h>
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/reported.h"

static const struct report_config plain = { .format = REPORT_TAP,
					    .expected = 1 };

static void check(const struct finding *f, size_t n,
		  struct report_config config, const char *want)
{
	char *text;

	config.expected = n;
	text = reported_text(f, n, config, NULL);
	CHECK_TEXT(text, want);
	free(text);
}

static void test_pass(void)
{
	struct finding f;

	reported_begin(&f, "web", "10.9.0.2", 80);
	finding_check(&f, rule_get(RULE_CLOSED_SYN), OUTCOME_PASS, "RST-ACK");
	finding_conclude(&f, "listening", OUTCOME_PASS, "SYN-ACK");
	check(&f, 1, plain,
	      "TAP version 13\n"
	      "ok 1 - nolisten 10.9.0.2:80 (web): listening\n"
	      "ok 2 - 10.9.0.2:80 (web) closed-syn: SYN to a closed port is "
	      "refused\n"
	      "# 1 target: 1 listening\n"
	      "1..2\n");
	finding_fini(&f);
}

/* A violated MUST fails, what breaks another rule is excused, and what nobody
 * knows is skipped. */
static void test_counts(void)
{
	struct finding f;

	reported_begin(&f, "10.9.0.2", "10.9.0.2", 80);
	finding_check(&f, rule_get(RULE_CLOSED_SYN), OUTCOME_FAIL,
		      "got [S.] \"\\o/\" # TODO");
	finding_check(&f, rule_get(RULE_CLOSED_RST_TS), OUTCOME_FAIL, "0 of 2");
	finding_check(&f, rule_get(RULE_CLOSED_BAD_OPTIONS), OUTCOME_FAIL,
		      "dead after");
	finding_check_undecided(&f, rule_get(RULE_CLOSED_SYN_LEN),
				OUTCOME_INCONCLUSIVE, "flaky # 1");
	finding_check_undecided(&f, rule_get(RULE_CLOSED_BAD_CHECKSUM),
				OUTCOME_SKIP, "not on this interface");
	finding_conclude(&f, "refused", OUTCOME_FAIL, "RST");
	check(&f, 1, plain,
	      "TAP version 13\n"
	      "not ok 1 - nolisten 10.9.0.2:80: refused\n"
	      "  ---\n"
	      "  message: \"violates closed-syn\"\n"
	      "  severity: \"fail\"\n"
	      "  summary: \"RST\"\n"
	      "  ...\n"
	      "not ok 2 - 10.9.0.2:80 closed-syn: SYN to a closed port is "
	      "refused\n"
	      "  ---\n"
	      "  observed: \"got [S.] \\\"\\\\o/\\\" # TODO\"\n"
	      "  ref: \"RFC 9293 3.10.7.1\"\n"
	      "  level: \"must\"\n"
	      "  ...\n"
	      "not ok 3 - 10.9.0.2:80 closed-rst-ts: RST echoes the Timestamps "
	      "option # TODO should: 0 of 2\n"
	      "  ---\n"
	      "  observed: \"0 of 2\"\n"
	      "  ref: \"RFC 7323 5.2\"\n"
	      "  level: \"should\"\n"
	      "  ...\n"
	      "not ok 4 - 10.9.0.2:80 closed-bad-options: Illegal option "
	      "length does not upset CLOSED # TODO info: dead after\n"
	      "  ---\n"
	      "  observed: \"dead after\"\n"
	      "  ref: \"RFC 9293 3.1 MUST-7\"\n"
	      "  level: \"info\"\n"
	      "  ...\n"
	      "ok 5 - 10.9.0.2:80 closed-syn-len: RST acks SYN, FIN and "
	      "payload length # SKIP inconclusive: flaky \\# 1\n"
	      "ok 6 - 10.9.0.2:80 closed-bad-checksum: Checksum is verified "
	      "before replying # SKIP not on this interface\n"
	      "# 1 target: 1 refused\n"
	      "1..6\n");
	finding_fini(&f);
}

/* An expectation, an answer that is none, an error that tells no checks. */
static void test_targets(void)
{
	struct finding f[3];
	struct err e = { 0 };

	reported_begin(&f[0], "10.9.0.2", "10.9.0.2", 80);
	f[0].unexpected = true;
	finding_check(&f[0], rule_get(RULE_CLOSED_SYN), OUTCOME_FAIL, "seq 7");
	finding_conclude(&f[0], "refused", OUTCOME_FAIL, "RST");
	reported_begin(&f[1], "fd00::2", "fd00::2", 22);
	finding_conclude(&f[1], "filtered", OUTCOME_INCONCLUSIVE, "silence");
	reported_begin(&f[2], "no#such\\\n\xff", "10.9.0.2", 80);
	f[2].target.addr.family = FAMILY_ANY;
	finding_check(&f[2], rule_get(RULE_CLOSED_SYN), OUTCOME_FAIL, "x");
	(void)err_set(&e, ERR_HOST, "look up \"no#such\": \033[31m");
	finding_fail(&f[2], &e);
	check(f, 3,
	      (struct report_config){ .format = REPORT_TAP,
				      .expect = "listening,filtered" },
	      "TAP version 13\n"
	      "not ok 1 - nolisten 10.9.0.2:80: refused\n"
	      "  ---\n"
	      "  message: \"refused, expected listening,filtered; violates "
	      "closed-syn\"\n"
	      "  severity: \"fail\"\n"
	      "  summary: \"RST\"\n"
	      "  ...\n"
	      "not ok 2 - 10.9.0.2:80 closed-syn: SYN to a closed port is "
	      "refused\n"
	      "  ---\n"
	      "  observed: \"seq 7\"\n"
	      "  ref: \"RFC 9293 3.10.7.1\"\n"
	      "  level: \"must\"\n"
	      "  ...\n"
	      "not ok 3 - nolisten [fd00::2]:22: filtered\n"
	      "  ---\n"
	      "  message: \"silence\"\n"
	      "  severity: \"inconclusive\"\n"
	      "  ...\n"
	      "not ok 4 - nolisten no\\#such\\\\\\\\\\\\n\\\\xff:80: error\n"
	      "  ---\n"
	      "  message: \"look up \\\"no#such\\\": \\\\x1b[31m\"\n"
	      "  severity: \"error\"\n"
	      "  code: \"host\"\n"
	      "  ...\n"
	      "# 3 targets: 1 refused, 1 filtered, 1 error\n"
	      "1..4\n");
	for (size_t i = 0; i < ARRAY_LEN(f); i++)
		finding_fini(&f[i]);
}

/* What is not whole has no plan. */
static void test_cut(void)
{
	struct report_config config = { .format = REPORT_TAP, .expected = 2 };
	struct finding f;
	char *text;

	reported_begin(&f, "10.9.0.2", "10.9.0.2", 80);
	finding_conclude(&f, "listening", OUTCOME_PASS, "SYN-ACK");
	text = reported_text(&f, 1, config, "interrupted: 1 of 2");
	CHECK_TEXT(text, "TAP version 13\n"
			 "ok 1 - nolisten 10.9.0.2:80: listening\n"
			 "# 1 of 2 targets: 1 listening\n"
			 "Bail out! interrupted: 1 of 2\n");
	free(text);
	text = reported_text(&f, 1, config, NULL);
	CHECK(strstr(text, "\nBail out! not all targets were probed\n"));
	free(text);
	/* All were probed, and yet something went wrong. */
	config.expected = 1;
	text = reported_text(&f, 1, config, "write evidence: disk full");
	CHECK(strstr(text, "\nBail out! write evidence: disk full\n"));
	CHECK(!strstr(text, "1..1"));
	free(text);
	config.quiet = true;
	text = reported_text(&f, 1, config, "write evidence: disk full");
	CHECK_TEXT(text, "");
	free(text);
	text = reported_text(
		NULL, 0, (struct report_config){ .format = REPORT_TAP }, NULL);
	CHECK_TEXT(text, "TAP version 13\n# 0 targets\n1..0\n");
	free(text);
	finding_fini(&f);
}

/* With -v the conversation is drawn in comments. */
static void test_ladder(void)
{
	const uint8_t junk[] = { 0x45, 0, 0 };
	struct finding f;

	reported_begin(&f, "10.9.0.2", "10.9.0.2", 80);
	trace_add(&f.trace, TRACE_IN, 5, junk, sizeof(junk), "junk");
	finding_conclude(&f, "filtered", OUTCOME_PASS, "silence");
	check(&f, 1,
	      (struct report_config){ .format = REPORT_TAP,
				      .verbose = true,
				      .unicode = true,
				      .color = true },
	      "TAP version 13\n"
	      "ok 1 - nolisten 10.9.0.2:80: filtered\n"
	      "#           0 s | <------------------------ malformed: ends "
	      "inside the IP header |\n"
	      "#               |                                               "
	      "          junk   |\n"
	      "# 1 target: 1 filtered\n"
	      "1..1\n");
	check(&f, 1, plain,
	      "TAP version 13\n"
	      "ok 1 - nolisten 10.9.0.2:80: filtered\n"
	      "# 1 target: 1 filtered\n"
	      "1..1\n");
	finding_fini(&f);
}

int main(void)
{
	test_pass();
	test_counts();
	test_targets();
	test_cut();
	test_ladder();
	return tap_done();
}
