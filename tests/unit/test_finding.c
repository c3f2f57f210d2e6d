/* SPDX-License-Identifier: BSD-2-Clause */
/* A finding keeps what it is told, and says so when it could not. */
#include <string.h>

#include "probe/finding.h"
#include "tests/tap.h"

/* Allocations of arrays that still succeed; the C library's own is shadowed. */
static size_t arrays_left = SIZE_MAX;

void *reallocarray(void *ptr, size_t nmemb, size_t size)
{
	if (!arrays_left)
		return NULL;
	arrays_left--;
	BUG_ON(size && nmemb > SIZE_MAX / size);
	return realloc(ptr, nmemb * size);
}

static void test_init(void)
{
	struct finding f;
	size_t before = arrays_left;

	memset(&f, 0xff, sizeof(f));
	finding_init(&f, "nolisten");
	CHECK_TEXT(f.probe, "nolisten");
	CHECK(f.verdict == NULL);
	CHECK_TEXT(outcome_name(f.outcome), "inconclusive");
	CHECK(f.facts == NULL && f.checks == NULL && f.trace.entries == NULL);
	CHECK(arrays_left == before);
	CHECK(!finding_violates(&f));
	finding_fini(&f);
	finding_fini(&f);
	CHECK(f.facts_n == 0 && f.checks_n == 0);
}

static void test_facts(void)
{
	struct finding f;
	char text[] = "R.";

	finding_init(&f, "nolisten");
	fact_int(&f, "rtt_us", 24);
	fact_object(&f, "rst");
	fact_text(&f, "flags", text);
	fact_bool(&f, "df", true);
	fact_end(&f);
	fact_real(&f, "clock_hz", 2.5);
	fact_array(&f, "schedule_ms");
	fact_null(&f, NULL);
	fact_end(&f);
	fact_escaped(&f, "data", (const uint8_t *)"a\n\0", 3);
	fact_hex(&f, "data_hex", (const uint8_t *)"a\n\0", 3);
	text[0] = 'X'; /* values are copied */

	CHECK_INT(f.facts_n, 11);
	CHECK_TEXT(f.facts[0].name, "rtt_us");
	CHECK_INT(f.facts[0].value.integer, 24);
	CHECK_INT(f.facts[1].type, FACT_OBJECT);
	CHECK_TEXT(f.facts[2].value.text, "R.");
	CHECK(f.facts[3].type == FACT_BOOL && f.facts[3].value.flag);
	CHECK_INT(f.facts[4].type, FACT_END);
	CHECK(f.facts[5].value.real > 2.4 && f.facts[5].value.real < 2.6);
	CHECK_INT(f.facts[6].type, FACT_ARRAY);
	CHECK_INT(f.facts[7].type, FACT_NULL);
	CHECK_TEXT(f.facts[9].value.text, "a\\n\\x00");
	CHECK_TEXT(f.facts[10].value.text, "610a00");
	finding_fini(&f);
	CHECK(f.facts == NULL);
	finding_fini(&f);
}

static void test_growth(void)
{
	struct finding f;
	bool same = true;

	finding_init(&f, "audit");
	for (int i = 0; i < 1000; i++) {
		fact_int(&f, "n", i);
		finding_check(&f, rule_get(RULE_CLOSED_SYN), OUTCOME_PASS,
			      "try %d", i);
	}
	CHECK_INT(f.facts_n, 1000);
	CHECK_INT(f.checks_n, 1000);
	for (int i = 0; i < 1000; i++)
		same = same && f.facts[i].value.integer == i;
	CHECK(same);
	CHECK_TEXT(f.checks[999].observed, "try 999");
	CHECK_MSG(f.facts_size < 2048, "growth is by doubling");
	CHECK(!f.short_of_memory);
	finding_fini(&f);
}

static void test_conclude(void)
{
	char longer[FINDING_SUMMARY_MAX * 2];
	struct finding f;

	finding_init(&f, "nolisten");
	finding_conclude(&f, "refused", OUTCOME_PASS, "RST after %d us", 24);
	CHECK_TEXT(f.verdict, "refused");
	CHECK_INT(f.outcome, OUTCOME_PASS);
	CHECK_TEXT(f.summary, "RST after 24 us");

	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	finding_conclude(&f, "refused", OUTCOME_PASS, "%s", longer);
	CHECK_INT(strlen(f.summary), FINDING_SUMMARY_MAX - 1);
	finding_fini(&f);
}

static void test_explain(void)
{
	struct finding f;

	finding_init(&f, "timewait");
	CHECK(f.explanation == NULL);
	finding_explain(&f, "for %d s", 60);
	CHECK_TEXT(f.explanation, "for 60 s");
	finding_explain(&f, "and then");
	CHECK_TEXT(f.explanation, "for 60 s\nand then");
	finding_fini(&f);
	CHECK(f.explanation == NULL);
}

static void test_fail(void)
{
	struct finding f;
	struct err e = { 0 };

	finding_init(&f, "nolisten");
	finding_conclude(&f, "refused", OUTCOME_PASS, "RST");
	(void)err_set(&e, ERR_ROUTE, "no way");
	finding_fail(&f, &e);
	CHECK_INT(f.outcome, OUTCOME_ERROR);
	CHECK(f.verdict == NULL);
	CHECK_INT(f.error.code, ERR_ROUTE);
	CHECK_TEXT(f.error.text, "no way");
	finding_fini(&f);
}

static void test_checks(void)
{
	struct finding f;

	finding_init(&f, "nolisten");
	finding_check(&f, rule_get(RULE_CLOSED_RST_TS), OUTCOME_FAIL, "none");
	CHECK_MSG(!finding_violates(&f), "a failed SHOULD violates nothing");
	finding_check_undecided(&f, rule_get(RULE_CLOSED_BAD_CHECKSUM),
				OUTCOME_SKIP, "offload on %s", "veth0");
	CHECK_TEXT(f.checks[1].reason, "offload on veth0");
	CHECK(f.checks[1].observed == NULL && f.checks[0].reason == NULL);
	finding_check(&f, rule_get(RULE_CLOSED_SYN), OUTCOME_PASS, "RST");
	CHECK(!finding_violates(&f));
	finding_check(&f, rule_get(RULE_CLOSED_SYN_LEN), OUTCOME_FAIL, "x+1");
	CHECK(finding_violates(&f));
	finding_fini(&f);
}

/* The n-th array fails: whatever follows, the finding stays an error. */
static void check_short(size_t n)
{
	struct finding f;

	arrays_left = n;
	finding_init(&f, "nolisten");
	for (int i = 0; i < 40; i++) {
		fact_text(&f, "t", "v");
		fact_options(&f, "o", NULL, 0);
		fact_hex(&f, "h", (const uint8_t *)"", 0);
		finding_remark(&f, "line %d", i);
		finding_check(&f, rule_get(RULE_CLOSED_SYN), OUTCOME_PASS,
			      "RST");
	}
	CHECK_MSG(f.short_of_memory, "array %zu fails: remembered", n);
	arrays_left = SIZE_MAX;
	fact_int(&f, "more", 1);
	finding_conclude(&f, "refused", OUTCOME_PASS, "RST");
	CHECK(f.short_of_memory && f.verdict == NULL);
	CHECK_INT(f.outcome, OUTCOME_ERROR);
	CHECK_INT(f.error.code, ERR_MEMORY);
	finding_fini(&f);
}

/* Memory that ends behind the conclusion undoes it. */
static void test_short_late(void)
{
	struct finding f;

	finding_init(&f, "nolisten");
	finding_conclude(&f, "refused", OUTCOME_PASS, "RST");
	arrays_left = 0;
	fact_int(&f, "ttl", 64);
	arrays_left = SIZE_MAX;
	CHECK(f.verdict == NULL);
	CHECK_INT(f.outcome, OUTCOME_ERROR);
	CHECK_INT(f.error.code, ERR_MEMORY);
	finding_fini(&f);
}

int main(void)
{
	test_init();
	test_facts();
	test_growth();
	test_conclude();
	test_explain();
	test_fail();
	test_checks();
	for (size_t n = 0; n < 9; n++)
		check_short(n);
	test_short_late();
	return tap_done();
}
