/* SPDX-License-Identifier: BSD-2-Clause */
/* JUnit's XML to the letter; whether it is XML at all is asked in tests/cli. */
#include <stdio.h>
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/reported.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
#define TAIL "</testsuites>\n"
#define SUITE(target, sums)                                      \
	"<testsuite name=\"nolisten " target "\" " sums          \
	" time=\"0.001900\" timestamp=\"2026-11-20T22:20:46Z\">\n"
#define CASE(name) "<testcase classname=\"tcpprobe.nolisten\" name=\"" name "\""
#define VERDICT(target) CASE(target " verdict") " time=\"0.001900\">\n"

static void check(const struct finding *f, size_t n,
		  struct report_config config, const char *want)
{
	char *text;

	config.format = REPORT_JUNIT;
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
	check(&f, 1, (struct report_config){ .quiet = false },
	      HEAD SUITE("10.9.0.2:80 (web)",
			 "tests=\"2\" failures=\"0\" errors=\"0\" "
			 "skipped=\"0\"")
	      VERDICT("10.9.0.2:80 (web)")
	      "<system-out>listening: SYN-ACK\n</system-out>\n"
	      "</testcase>\n"
	      CASE("10.9.0.2:80 (web) closed-syn: SYN to a closed port is "
		   "refused") "/>\n"
	      "</testsuite>\n" TAIL);
	finding_fini(&f);
}

/* A violated MUST fails; all else that is not well is skipped. */
static void test_counts(void)
{
	struct finding f;

	reported_begin(&f, "10.9.0.2", "10.9.0.2", 80);
	finding_check(&f, rule_get(RULE_CLOSED_SYN), OUTCOME_FAIL, "got <&>");
	finding_check(&f, rule_get(RULE_CLOSED_RST_TS), OUTCOME_FAIL,
		      "0 of 2");
	finding_check_undecided(&f, rule_get(RULE_CLOSED_SYN_LEN),
				OUTCOME_INCONCLUSIVE, "flaky");
	finding_check_undecided(&f, rule_get(RULE_CLOSED_BAD_CHECKSUM),
				OUTCOME_SKIP, "not here");
	finding_conclude(&f, "refused", OUTCOME_FAIL, "RST");
	check(&f, 1, (struct report_config){ .quiet = false },
	      HEAD SUITE("10.9.0.2:80", "tests=\"5\" failures=\"2\" "
					"errors=\"0\" skipped=\"3\"")
	      VERDICT("10.9.0.2:80")
	      "<failure type=\"must\" message=\"violates closed-syn\">"
	      "violates closed-syn\nRST</failure>\n"
	      "<system-out>refused: RST\n</system-out>\n</testcase>\n"
	      CASE("10.9.0.2:80 closed-syn: SYN to a closed port is refused")
	      ">\n<failure type=\"must\" message=\"must: got &lt;&amp;&gt;\">"
	      "must: got &lt;&amp;&gt;\nRFC 9293 3.10.7.1</failure>\n"
	      "</testcase>\n"
	      CASE("10.9.0.2:80 closed-rst-ts: RST echoes the Timestamps "
		   "option")
	      ">\n<skipped type=\"should\" message=\"should: 0 of 2\">"
	      "should: 0 of 2\nRFC 7323 5.2</skipped>\n</testcase>\n"
	      CASE("10.9.0.2:80 closed-syn-len: RST acks SYN, FIN and payload "
		   "length")
	      ">\n<skipped type=\"inconclusive\" message=\"inconclusive: "
	      "flaky\">inconclusive: flaky\nRFC 9293 3.10.7.1</skipped>\n"
	      "</testcase>\n"
	      CASE("10.9.0.2:80 closed-bad-checksum: Checksum is verified "
		   "before replying")
	      ">\n<skipped type=\"skip\" message=\"not here\">"
	      "not here\nRFC 9293 3.1 MUST-3</skipped>\n</testcase>\n"
	      "</testsuite>\n" TAIL);
	finding_fini(&f);
}

/* An expectation, an answer that is none, an error that tells no checks. */
static void test_targets(void)
{
	struct finding f[3];
	struct err e = { 0 };

	reported_begin(&f[0], "10.9.0.2", "10.9.0.2", 80);
	f[0].unexpected = true;
	finding_conclude(&f[0], "refused", OUTCOME_FAIL, "RST");
	reported_begin(&f[1], "fd00::2", "fd00::2", 22);
	finding_conclude(&f[1], "filtered", OUTCOME_INCONCLUSIVE, "silence");
	reported_begin(&f[2], "a\"b<&>'\x01\t\n\x7f\xff", "10.9.0.2", 80);
	f[2].target.addr.family = FAMILY_ANY;
	f[2].started_ns = f[2].duration_ns = 0;
	finding_check(&f[2], rule_get(RULE_CLOSED_SYN), OUTCOME_FAIL, "x");
	(void)err_set(&e, ERR_HOST, "look up: \033]]>");
	finding_fail(&f[2], &e);
	check(f, 3, (struct report_config){ .expect = "listening" },
	      HEAD SUITE("10.9.0.2:80", "tests=\"1\" failures=\"1\" "
					"errors=\"0\" skipped=\"0\"")
	      VERDICT("10.9.0.2:80")
	      "<failure type=\"unexpected\" message=\"refused, expected "
	      "listening\">refused, expected listening\nRST</failure>\n"
	      "<system-out>refused: RST\n</system-out>\n</testcase>\n"
	      "</testsuite>\n"
	      SUITE("[fd00::2]:22", "tests=\"1\" failures=\"0\" "
				    "errors=\"1\" skipped=\"0\"")
	      VERDICT("[fd00::2]:22")
	      "<error type=\"inconclusive\" message=\"silence\">"
	      "silence</error>\n"
	      "<system-out>filtered: silence\n</system-out>\n</testcase>\n"
	      "</testsuite>\n"
	      "<testsuite name=\"nolisten a&quot;b&lt;&amp;&gt;'\\x01\\t\\n"
	      "\\x7f\\xff:80\" tests=\"1\" failures=\"0\" errors=\"1\" "
	      "skipped=\"0\" time=\"0.000000\">\n"
	      CASE("a&quot;b&lt;&amp;&gt;'\\x01\\t\\n\\x7f\\xff:80 verdict")
	      " time=\"0.000000\">\n"
	      "<error type=\"host\" message=\"look up: \\x1b]]&gt;\">"
	      "look up: \\x1b]]&gt;</error>\n"
	      "<system-out>error: look up: \\x1b]]&gt;\n</system-out>\n"
	      "</testcase>\n"
	      "</testsuite>\n" TAIL);
	for (size_t i = 0; i < ARRAY_LEN(f); i++)
		finding_fini(&f[i]);
}

/* A run that was cut short is a whole document with an error of its own. */
static void test_cut(void)
{
	struct report_config config = { .format = REPORT_JUNIT,
					.expected = 2 };
	char *text = reported_text(NULL, 0, config, "interrupted: 0 of 2");

	CHECK_TEXT(text, HEAD
		   "<testsuite name=\"nolisten\" tests=\"1\" failures=\"0\" "
		   "errors=\"1\" skipped=\"0\">\n" CASE("the run")
		   ">\n<error type=\"cut-short\" message=\"interrupted: 0 of "
		   "2\">interrupted: 0 of 2</error>\n</testcase>\n"
		   "</testsuite>\n" TAIL);
	free(text);
	text = reported_text(NULL, 0, config, NULL);
	CHECK(strstr(text, "message=\"not all targets were probed\""));
	free(text);
	config.expected = 0;
	text = reported_text(NULL, 0, config, NULL);
	CHECK_TEXT(text, HEAD TAIL);
	free(text);
	config.quiet = true;
	text = reported_text(NULL, 0, config, NULL);
	CHECK_TEXT(text, "");
	free(text);
}

/* With -v the conversation is drawn: plain, and escaped. */
static void test_ladder(void)
{
	const uint8_t junk[] = { 0x45, 0, 0 };
	struct finding f;

	reported_begin(&f, "10.9.0.2", "10.9.0.2", 80);
	trace_add(&f.trace, TRACE_IN, 5, junk, sizeof(junk), "<&>");
	finding_conclude(&f, "filtered", OUTCOME_PASS, "silence");
	check(&f, 1,
	      (struct report_config){ .verbose = true,
				      .unicode = true,
				      .color = true },
	      HEAD SUITE("10.9.0.2:80", "tests=\"1\" failures=\"0\" "
					"errors=\"0\" skipped=\"0\"")
	      VERDICT("10.9.0.2:80")
	      "<system-out>filtered: silence\n\n"
	      "          0 s | &lt;------------------------ malformed: ends "
	      "inside the IP header |\n"
	      "              |                                               "
	      "           &lt;&amp;&gt;   |\n"
	      "</system-out>\n</testcase>\n</testsuite>\n" TAIL);
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
