/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports to the letter: text for one and for many, JSON. */
#include "config.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "report/report.h"
#include "tests/tap.h"
#include "tests/unit/reported.h"
#include "wire/options.h"

static char *text;
static size_t text_len;
static FILE *out;

/* How the reports of one test look; config.out is filled in here. */
static struct report *start(struct report_config config)
{
	struct report *r = NULL;

	out = open_memstream(&text, &text_len);
	BUG_ON(!out);
	config.out = out;
	config.probe = &reported_probe;
	BUG_ON(report_open(&config, &r, NULL));
	return r;
}

static void finish(struct report *r)
{
	CHECK_INT(report_close(r, NULL), 0);
	fclose(out);
}

static void drop_text(void)
{
	free(text);
	text = NULL;
}

/* A report on one finding, as text that the caller drops. */
static void report_one(const struct finding *f, struct report_config config)
{
	config.expected = 1;
	text = reported_text(f, 1, config, NULL);
}

static void check_one(const struct finding *f, struct report_config config,
		      const char *want)
{
	report_one(f, config);
	CHECK_TEXT(text, want);
	drop_text();
}

static void test_one(void)
{
	struct finding f;

	reported_begin(&f, "web", "10.9.0.2", 8888);
	finding_check(&f, rule_get(RULE_CLOSED_SYN), OUTCOME_PASS, "RST-ACK");
	finding_check(&f, rule_get(RULE_CLOSED_RST_TS), OUTCOME_FAIL,
		      "the RST has no options");
	finding_check_undecided(&f, rule_get(RULE_CLOSED_BAD_CHECKSUM),
				OUTCOME_SKIP, "veth verifies no checksums");
	finding_conclude(&f, "refused", OUTCOME_PASS,
			 "RST after 24 us: nobody listens; a closed port and "
			 "one that is bound without listening look alike");
	check_one(&f, (struct report_config){ .quiet = false },
		  "10.9.0.2:8888 (web)  refused\n"
		  "  RST after 24 us: nobody listens; a closed port and one "
		  "that is bound without\n"
		  "  listening look alike\n"
		  "\n"
		  "  pass  closed-syn           SYN to a closed port is "
		  "refused (RFC 9293 3.10.7.1)\n"
		  "  fail  closed-rst-ts        RST echoes the Timestamps "
		  "option\n"
		  "                             (RFC 7323 5.2, should)\n"
		  "                             the RST has no options\n"
		  "  skip  closed-bad-checksum  Checksum is verified before "
		  "replying\n"
		  "                             (RFC 9293 3.1 MUST-3)\n"
		  "                             veth verifies no checksums\n");
	report_one(&f, (struct report_config){ .verbose = true });
	CHECK_MSG(strstr(text, "\n                             RST-ACK\n"),
		  "-v shows what was observed on a pass");
	reported_check_width(text);
	drop_text();
	check_one(&f, (struct report_config){ .quiet = true }, "");
	finding_fini(&f);
}

/* What more there is to say: lines as they are, and long ones wrapped. */
static void test_remarks(void)
{
	struct finding f;

	reported_begin(&f, "web", "10.9.0.2", 80);
	finding_conclude(&f, "refused", OUTCOME_PASS, "RST");
	finding_remark(&f, "  %d   a table", 1);
	finding_remark(&f, "answer 1 after 13 us: SYN-ACK, seq 2304945890, "
			   "ack 1938475612, win 65160, ttl 64, tos 0x00");
	check_one(&f, (struct report_config){ .quiet = false },
		  "10.9.0.2:80 (web)  refused\n"
		  "  RST\n"
		  "\n"
		  "    1   a table\n"
		  "  answer 1 after 13 us: SYN-ACK, seq 2304945890, ack "
		  "1938475612, win 65160, ttl\n"
		  "      64, tos 0x00\n");
	report_one(&f, (struct report_config){ .format = REPORT_JSON });
	CHECK(strstr(text, "a table") == NULL);
	drop_text();
	finding_fini(&f);
}

/* What it means stands by itself, between the sentence and the checks. */
static void test_explanation(void)
{
	static const char meaning[] =
		"\"summary\":\"SYN-ACK\",\"explanation\":\"A client that "
		"connects again from the port of its last connection is let "
		"in.\\nIts kernel may be told so.\",\"facts\":{}";
	struct finding f;

	reported_begin(&f, "10.9.0.2", "10.9.0.2", 80);
	finding_check(&f, rule_get(RULE_CLOSED_SYN), OUTCOME_PASS, "RST");
	finding_conclude(&f, "listening", OUTCOME_PASS, "SYN-ACK");
	finding_explain(&f, "A client that connects again from the port of its "
			    "last connection is let in.");
	finding_explain(&f, "Its kernel may be told so.");
	check_one(&f, (struct report_config){ .quiet = false },
		  "10.9.0.2:80  listening\n"
		  "  SYN-ACK\n"
		  "\n"
		  "  A client that connects again from the port of its last "
		  "connection is let in.\n"
		  "  Its kernel may be told so.\n"
		  "\n"
		  "  pass  closed-syn  SYN to a closed port is refused (RFC "
		  "9293 3.10.7.1)\n");
	report_one(&f, (struct report_config){ .format = REPORT_JSON });
	CHECK_MSG(strstr(text, meaning), "JSON has it too: %s", text);
	drop_text();
	finding_fini(&f);
}

static void test_one_plain(void)
{
	struct finding f;
	struct err e = { 0 };

	/* No name: none is shown. Another spelling of the address is none. */
	reported_begin(&f, "FD00:0::2", "fd00::2", 22);
	finding_conclude(&f, "filtered", OUTCOME_INCONCLUSIVE, "silence");
	check_one(&f, (struct report_config){ .quiet = false },
		  "[fd00::2]:22  filtered\n  silence\n");
	check_one(&f, (struct report_config){ .color = true },
		  "[fd00::2]:22  \033[1;33mfiltered\033[0m\n  silence\n");
	finding_fini(&f);

	reported_begin(&f, "no\033such\xff", "10.9.0.2", 80);
	f.target.addr.family = FAMILY_ANY;
	(void)err_set(&e, ERR_HOST, "look up nosuch: no such host");
	finding_fail(&f, &e);
	check_one(&f, (struct report_config){ .quiet = false },
		  "no\\x1bsuch\\xff:80  error\n"
		  "  look up nosuch: no such host\n");
	finding_fini(&f);
}

static void send_one(struct report *r, const char *addr, uint16_t port,
		     const char *verdict)
{
	struct finding f;

	reported_begin(&f, addr, addr, port);
	finding_conclude(&f, verdict, OUTCOME_PASS, "the %s sentence", verdict);
	CHECK_INT(report_finding(r, &f), 0);
	finding_fini(&f);
}

static void test_many(void)
{
	struct report *r = start((struct report_config){ .expected = 700 });
	struct err e = { 0 };
	struct finding f;

	send_one(r, "10.9.0.2", 22, "listening");
	send_one(r, "10.9.0.2", 23, "refused");
	send_one(r, "fd00:1111:2222::3", 443, "listening");
	send_one(r, "10.9.0.2", 24, "contradictory");

	/* A dull verdict is listed after all when something is wrong. */
	reported_begin(&f, "web", "10.9.0.2", 25);
	finding_check(&f, rule_get(RULE_CLOSED_SYN), OUTCOME_FAIL, "seq 7");
	finding_check(&f, rule_get(RULE_CLOSED_SYN_LEN), OUTCOME_FAIL, "x+1");
	finding_conclude(&f, "refused", OUTCOME_FAIL, "RST");
	CHECK_INT(report_finding(r, &f), 0);
	(void)err_set(&e, ERR_ROUTE, "no route");
	finding_fail(&f, &e);
	CHECK_INT(report_finding(r, &f), 0);
	finding_fini(&f);
	finish(r);
	CHECK_TEXT(text,
		   "10.9.0.2:22            listening      the listening "
		   "sentence\n"
		   "[fd00:1111:2222::3]:443  listening      the listening "
		   "sentence\n"
		   "10.9.0.2:24              contradictory  the contradictory "
		   "sentence\n"
		   "10.9.0.2:25 (web)        refused        RST (fails "
		   "closed-syn, closed-syn-len)\n"
		   "10.9.0.2:25 (web)        error          no route (fails "
		   "closed-syn, closed-syn-len)\n"
		   "6 of 700 targets: 2 listening, 2 refused, 1 contradictory, "
		   "1 error\n");
	drop_text();
}

/* A few targets are all listed. */
static void test_few(void)
{
	struct report *r = start((struct report_config){ .expected = 2 });

	send_one(r, "10.9.0.2", 22, "listening");
	send_one(r, "10.9.0.2", 23, "refused");
	finish(r);
	CHECK_TEXT(text, "10.9.0.2:22            listening      the listening "
			 "sentence\n"
			 "10.9.0.2:23            refused        the refused "
			 "sentence\n"
			 "2 targets: 1 listening, 1 refused\n");
	drop_text();
}

static void test_sweep(void)
{
	struct report *r = start((struct report_config){ .expected = 65535 });
	struct finding f;
	struct err e = { 0 };
	int failed = 0;

	reported_begin(&f, "10.9.0.2", "10.9.0.2", 1);
	finding_conclude(&f, "refused", OUTCOME_PASS, "RST");
	for (int i = 0; i < 65533; i++)
		failed += report_finding(r, &f) != 0;
	CHECK_INT(failed, 0);
	(void)err_set(&e, ERR_ROUTE, "no route");
	finding_fail(&f, &e);
	CHECK_INT(report_finding(r, &f), 0);
	CHECK_INT(report_finding(r, &f), 0);
	finding_fini(&f);
	finish(r);
	CHECK_TEXT(text, "10.9.0.2:1             error          no route\n"
			 "10.9.0.2:1             error          no route\n"
			 "65,535 targets: 65,533 refused, 2 errors\n");
	drop_text();
}

/* Nobody is there: counted, and told only to those who ask for all. */
static void test_routine(void)
{
	struct report *r = start((struct report_config){ .expected = 25 });
	struct finding f;

	reported_begin(&f, "10.9.0.2", "10.9.0.2", 1);
	finding_conclude(&f, "filtered", OUTCOME_INCONCLUSIVE, "silence");
	f.routine = true;
	CHECK_INT(report_finding(r, &f), 0);
	CHECK_INT(report_finding(r, &f), 0);
	finish(r);
	CHECK_TEXT(text, "2 of 25 targets: 2 filtered\n");
	drop_text();
	report_one(&f, (struct report_config){ .quiet = false });
	CHECK_TEXT(text, "10.9.0.2:1  filtered\n  silence\n");
	drop_text();
	finding_fini(&f);
}

static void test_none(void)
{
	struct report *r = start((struct report_config){ .expected = 3 });

	finish(r);
	CHECK_TEXT(text, "0 of 3 targets\n");
	drop_text();
	r = start(
		(struct report_config){ .expected = 3, .format = REPORT_JSON });
	finish(r);
	CHECK_TEXT(text, "");
	drop_text();
}

static void fill_facts(struct finding *f)
{
	static const uint8_t options[] = { OPTION_MSS, 4, 5, 0xb4 };

	fact_int(f, "rtt_us", 24);
	fact_object(f, "rst");
	fact_int(f, "seq", 4294967295);
	fact_text(f, "flags", "R.");
	fact_end(f);
	fact_array(f, "stimuli");
	fact_object(f, NULL);
	fact_text(f, "id", "rst-\"exact\"\n\xff");
	fact_bool(f, "alive_after", false);
	fact_end(f);
	fact_int(f, NULL, -3);
	fact_options(f, NULL, options, sizeof(options));
	fact_end(f);
	fact_real(f, "clock_hz", 249.9);
	fact_null(f, "icmp");
}

#define HEAD                                                               \
	"{\"schema\":1,\"version\":\"" PACKAGE_VERSION                     \
	"\",\"probe\":\"nolisten\",\"target\":{\"host\":\"web\","          \
	"\"address\":\"10.9.0.2\",\"port\":80},\"source\":{\"address\":"   \
	"\"10.9.0.1\",\"port\":41234,\"interface\":\"eth0\"},\"started\":" \
	"\"2026-11-20T22:20:46.001804Z\",\"duration_ms\":1.9,\"verdict\":"

static const char json_line[] = HEAD
	"\"refused\",\"outcome\":\"pass\",\"summary\":\"RST\",\"facts\":{"
	"\"rtt_us\":24,\"rst\":{\"seq\":4294967295,\"flags\":\"R.\"},"
	"\"stimuli\":[{\"id\":\"rst-\\\"exact\\\"\\\\n\\\\xff\","
	"\"alive_after\":false},-3,{\"mss\":1460}],\"clock_hz\":249.9,"
	"\"icmp\":null},"
	"\"checks\":[{\"id\":\"closed-syn\",\"title\":\"SYN to a closed port "
	"is refused\",\"ref\":\"RFC 9293 3.10.7.1\",\"level\":\"must\","
	"\"outcome\":\"pass\",\"observed\":\"RST-ACK\"},{\"id\":"
	"\"closed-rst-ts\",\"title\":\"RST echoes the Timestamps option\","
	"\"ref\":\"RFC 7323 5.2\",\"level\":\"should\",\"outcome\":\"skip\","
	"\"reason\":\"not asked\"}]}\n";

static void test_json(void)
{
	struct finding f;

	reported_begin(&f, "web", "10.9.0.2", 80);
	fill_facts(&f);
	finding_check(&f, rule_get(RULE_CLOSED_SYN), OUTCOME_PASS, "RST-ACK");
	finding_check_undecided(&f, rule_get(RULE_CLOSED_RST_TS), OUTCOME_SKIP,
				"not asked");
	finding_conclude(&f, "refused", OUTCOME_PASS, "RST");
	check_one(&f, (struct report_config){ .format = REPORT_JSON },
		  json_line);
	check_one(
		&f,
		(struct report_config){ .format = REPORT_JSON, .quiet = true },
		"");
	finding_fini(&f);
}

static void test_json_segments(void)
{
	static const char want[] = HEAD
		"\"listening\",\"outcome\":\"pass\",\"summary\":\"x\","
		"\"facts\":{},\"checks\":[],\"segments\":["
		"{\"t_us\":0,\"dir\":\"out\",\"flags\":\"S\",\"seq\":"
		"1234567890,\"ack\":0,\"len\":0,\"window\":64240,\"ttl\":64,"
		"\"options\":{\"mss\":1460,\"wscale\":10,\"sack\":true,\"ts\":"
		"{\"val\":7,\"ecr\":0}},\"note\":\"to the port: closed-syn\"},"
		"{\"t_us\":1000,\"dir\":\"out\",\"flags\":\"S\",\"seq\":5,"
		"\"ack\":0,\"len\":0,\"window\":64240,\"ttl\":64,\"options\":{}"
		"},"
		"{\"t_us\":24,\"dir\":\"in\",\"flags\":\"S.\",\"seq\":"
		"4294967295,\"ack\":1234567891,\"len\":0,\"window\":64240,"
		"\"ttl\":63,\"options\":{\"mss\":1460,\"wscale\":10,\"sack\":"
		"true,\"ts\":{\"val\":7,\"ecr\":5}},\"note\":\"a listener\"},"
		"{\"t_us\":30,\"dir\":\"out\",\"flags\":\"P.\",\"seq\":"
		"1234567891,\"ack\":0,\"len\":5,\"window\":64240,\"ttl\":64,"
		"\"options\":{}},"
		"{\"t_us\":50,\"dir\":\"in\",\"flags\":\".\",\"seq\":0,\"ack\":"
		"1234567896,\"len\":0,\"window\":64240,\"ttl\":63,\"options\":"
		"{}},"
		"{\"t_us\":60,\"dir\":\"out\",\"flags\":\"R\",\"seq\":"
		"1234567800,\"ack\":0,\"len\":0,\"window\":64240,\"ttl\":64,"
		"\"options\":{},\"foreign\":true},"
		"{\"t_us\":null,\"dir\":\"out\",\"flags\":\"F.\",\"seq\":"
		"1234567896,\"ack\":0,\"len\":0,\"window\":64240,\"ttl\":64,"
		"\"options\":{},\"note\":\"behind the window\",\"seen\":false}"
		","
		"{\"t_us\":1500000,\"dir\":\"out\",\"flags\":\"none\",\"seq\":"
		"9,\"ack\":0,\"len\":0,\"window\":64240,\"ttl\":64,\"options\":"
		"{}},"
		"{\"t_us\":1500300,\"dir\":\"in\",\"ttl\":63,\"icmp\":{\"type\""
		":3,\"code\":1,\"from\":\"10.9.0.254\"}},"
		"{\"t_us\":1500400,\"dir\":\"in\",\"malformed\":\"ends inside "
		"the IP header\"}],\"segments_omitted\":1234}\n";
	struct finding f;

	reported_begin(&f, "web", "10.9.0.2", 80);
	reported_converse(&f);
	finding_conclude(&f, "listening", OUTCOME_PASS, "x");
	check_one(&f,
		  (struct report_config){ .format = REPORT_JSON,
					  .verbose = true },
		  want);
	finding_fini(&f);
}

/* Whatever a finding holds, its line is JSON by itself. */
static void test_json_hostile(void)
{
	struct finding f;
	struct err e = { 0 };
	json_error_t why;
	json_t *line;

	reported_begin(&f, "\xff\033\"\\\n", "10.9.0.2", 80);
	f.target.addr.family = FAMILY_ANY;
	(void)err_set(&e, ERR_PERMISSION, "open: \xc3(");
	finding_fail(&f, &e);
	report_one(&f, (struct report_config){ .format = REPORT_JSON });
	CHECK_TEXT(text, "{\"schema\":1,\"version\":\"" PACKAGE_VERSION
			 "\",\"probe\":\"nolisten\",\"target\":{\"host\":"
			 "\"\\\\xff\\\\x1b\\\"\\\\\\\\\\\\n\",\"address\":null,"
			 "\"port\":80},\"outcome\":\"error\",\"error\":{"
			 "\"code\":\"permission\",\"message\":"
			 "\"open: \\\\xc3(\"}}\n");
	CHECK_MSG(strchr(text, '\n') == text + strlen(text) - 1,
		  "it is one line");
	line = json_loads(text, JSON_REJECT_DUPLICATES, &why);
	CHECK_TEXT(json_string_value(json_object_get(
			   json_object_get(line, "target"), "host")),
		   "\\xff\\x1b\"\\\\\\n");
	json_decref(line);
	drop_text();
	finding_fini(&f);
}

static void test_json_numbers(void)
{
	struct finding f;
	json_error_t why;
	json_t *line, *facts;

	finding_init(&f, "nolisten");
	snprintf(f.host, sizeof(f.host), "web");
	f.duration_ns = INT64_C(3661234567891);
	fact_real(&f, "nan", (double)NAN);
	fact_int(&f, "least", INT64_MIN);
	finding_conclude(&f, "filtered", OUTCOME_INCONCLUSIVE, "x");
	report_one(&f, (struct report_config){ .format = REPORT_JSON });
	CHECK(strstr(text, "\"duration_ms\":3661234.568,") != NULL);
	CHECK(strstr(text, "\"started\":\"1970-01-01T00:00:00.000000Z\","));
	CHECK(strstr(text, "\"source\":null,") != NULL);
	line = json_loads(text, 0, &why);
	facts = json_object_get(line, "facts");
	CHECK(json_is_null(json_object_get(facts, "nan")));
	CHECK(json_integer_value(json_object_get(facts, "least")) == INT64_MIN);
	json_decref(line);
	drop_text();
	finding_fini(&f);
}

/* A disk that is full: the failure comes at the flush, and its errno stays. */
static void test_full(void)
{
	struct report_config config = {
		.format = REPORT_JSON,
		.probe = &reported_probe,
		.expected = 2,
		.out = fopen("/dev/full", "w"),
	};
	struct report *r = NULL;
	struct err e = { 0 };
	struct finding f;
	int ret = 0;

	if (!config.out) {
		tap_skip("a full disk", "no /dev/full");
		return;
	}
	BUG_ON(report_open(&config, &r, &e));
	reported_begin(&f, "web", "10.9.0.2", 80);
	finding_conclude(&f, "refused", OUTCOME_PASS, "RST");
	for (int i = 0; !ret && i < 1000; i++)
		ret = report_finding(r, &f);
	CHECK_INT(ret, -ERR_IO);
	CHECK_INT(errno, ENOSPC);
	errno = 0;
	CHECK_INT(report_finding(r, &f), -ERR_IO);
	CHECK_INT(errno, ENOSPC);
	CHECK_INT(report_close(r, &e), -ERR_IO);
	CHECK_INT(errno, ENOSPC);
	CHECK_TEXT(e.text, "write the results: No space left on device");

	BUG_ON(report_open(&config, &r, &e));
	CHECK_INT(report_close(r, &e), -ERR_IO);
	fclose(config.out);
	config.out = fopen("/dev/full", "w");
	config.format = REPORT_TEXT;
	BUG_ON(!config.out || report_open(&config, &r, &e));
	errno = 0;
	CHECK_MSG(report_close(r, &e) == -ERR_IO && errno == ENOSPC,
		  "the last flush is checked");
	fclose(config.out);
	finding_fini(&f);
}

static void test_names(void)
{
	CHECK_TEXT(report_format_names[REPORT_TEXT], "text");
	CHECK_TEXT(report_format_names[REPORT_JSON], "json");
	CHECK(report_format_names[REPORT_FORMAT_N] == NULL);
}

int main(void)
{
	test_one();
	test_remarks();
	test_explanation();
	test_one_plain();
	test_many();
	test_few();
	test_sweep();
	test_routine();
	test_none();
	test_json();
	test_json_segments();
	test_json_hostile();
	test_json_numbers();
	test_full();
	test_names();
	return tap_done();
}
