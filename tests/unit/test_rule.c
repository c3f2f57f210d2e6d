/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of rules: whole, unique, and what reports print of it. */
#include <string.h>

#include "probe/rule.h"
#include "tests/tap.h"

static void test_rows(void)
{
	for (int i = 0; i < RULE_N; i++) {
		const struct rule *r = rule_get((enum rule_id)i);
		size_t title = strlen(r->title);

		CHECK_MSG(rule_find(r->id) == r, "%s is found, and once",
			  r->id);
		CHECK_MSG(strncmp(r->ref, "RFC ", 4) == 0, "%s names an RFC",
			  r->id);
		CHECK_MSG(title > 10 && title < 60 &&
				  r->title[title - 1] != '.',
			  "%s has a title of one line", r->id);
	}
}

/* The catalogue's rows, level by level. */
static void test_levels(void)
{
	static const struct {
		const char *id, *level, *ref;
	} want[] = {
		{ "closed-syn", "must", "RFC 9293 3.10.7.1" },
		{ "closed-syn-len", "must", "RFC 9293 3.10.7.1" },
		{ "closed-noack-flags", "must", "RFC 9293 3.10.7.1" },
		{ "closed-ack-flags", "must", "RFC 9293 3.10.7.1" },
		{ "closed-rst-silent", "must", "RFC 9293 3.10.7.1" },
		{ "closed-bad-checksum", "must", "RFC 9293 3.1 MUST-3" },
		{ "closed-bad-options", "info", "RFC 9293 3.1 MUST-7" },
		{ "closed-rst-ts", "should", "RFC 7323 5.2" },
		{ "listen-bad-checksum", "must", "RFC 9293 3.1 MUST-3" },
		{ "listen-synack-shape", "must", "RFC 9293 3.10.7.2" },
	};

	static_assert(ARRAY_LEN(want) == RULE_N, "every rule is tested");
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct rule *r = rule_find(want[i].id);

		CHECK_MSG(r != NULL, "%s is there", want[i].id);
		if (!r)
			continue;
		CHECK_TEXT(level_name(r->level), want[i].level);
		CHECK_TEXT(r->ref, want[i].ref);
	}
	CHECK_TEXT(rule_get(RULE_CLOSED_SYN)->title,
		   "SYN to a closed port is refused");
	CHECK_TEXT(level_name(LEVEL_MAY), "may");
}

static void test_unknown(void)
{
	CHECK(rule_find("closed") == NULL);
	CHECK(rule_find("") == NULL);
	CHECK(rule_find("closed-syn-") == NULL);
}

int main(void)
{
	test_rows();
	test_levels();
	test_unknown();
	return tap_done();
}
