/* SPDX-License-Identifier: BSD-2-Clause */
/* --only: what is wanted, what is named, and what is refused. */
#include "probe/only.h"

#include <string.h>

#include "tests/tap.h"

static const enum rule_id rules[] = { RULE_TW_FIN_RTX, RULE_TW_RST,
				      RULE_TW_SYN_OLD };

static int prepare(struct only *o, const char *text, struct err *e)
{
	*o = (struct only){ .text = text };
	return only_prepare(o, "timewait", rules, ARRAY_LEN(rules), e);
}

static void test_nothing_given(void)
{
	struct only o;
	struct err e;

	CHECK_INT(prepare(&o, NULL, &e), 0);
	CHECK(only_wants(&o, RULE_TW_RST));
	CHECK(!only_names(&o, RULE_TW_RST));
}

static void test_named(void)
{
	struct only o;
	struct err e;

	CHECK_INT(prepare(&o, "tw-rst", &e), 0);
	CHECK(only_wants(&o, RULE_TW_RST) && only_names(&o, RULE_TW_RST));
	CHECK(!only_wants(&o, RULE_TW_SYN_OLD));
	CHECK(!only_names(&o, RULE_TW_SYN_OLD));

	CHECK_INT(prepare(&o, "tw-syn-old,tw-fin-rtx,tw-syn-old", &e), 0);
	CHECK(only_wants(&o, RULE_TW_SYN_OLD));
	CHECK(only_wants(&o, RULE_TW_FIN_RTX));
	CHECK(!only_wants(&o, RULE_TW_RST));
}

static void test_refused(void)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "tw-rsd", "--only: \"tw-rsd\" is no check of timewait (did "
			    "you mean tw-rst?)" },
		{ "tw-rst,tw-syn-odl",
		  "--only: \"tw-syn-odl\" is no check of timewait (did you "
		  "mean tw-syn-old?)" },
		/* A rule, but of another probe. */
		{ "closed-bad-checksum",
		  "--only: \"closed-bad-checksum\" is no check of timewait; "
		  "tcpprobe-timewait(1) lists them" },
		{ "", "--only: \"\" is no check of timewait; "
		      "tcpprobe-timewait(1) lists them" },
		{ "tw-rst,", "--only: \"\" is no check of timewait; "
			     "tcpprobe-timewait(1) lists them" },
		{ "\x1b[31m", "--only: \"\\x1b[31m\" is no check of timewait; "
			      "tcpprobe-timewait(1) lists them" },
	};
	char longest[1000];
	struct only o;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_INT(prepare(&o, cases[i].text, &e), -ERR_USAGE);
		CHECK_TEXT(e.text, cases[i].says);
	}
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	CHECK_INT(prepare(&o, longest, &e), -ERR_USAGE);
}

int main(void)
{
	test_nothing_given();
	test_named();
	test_refused();
	return tap_done();
}
