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
		{ "synrcvd-bad-ack", "must", "RFC 9293 3.10.7.4" },
		{ "synrcvd-dup-syn", "should", "RFC 9293 3.8.1" },
		{ "synrcvd-syn-out", "should", "RFC 9293 3.10.7.4" },
		{ "synrcvd-syn-in", "info", "RFC 9293 3.10.7.4" },
		{ "synrcvd-rst-exact", "must", "RFC 9293 3.10.7.4" },
		{ "synrcvd-rst-inwindow", "should", "RFC 5961 3.2" },
		{ "synrcvd-rst-out", "must", "RFC 9293 3.10.7.4" },
		{ "synrcvd-noack-segment", "must", "RFC 9293 3.10.7.4" },
		{ "estab-rst-exact", "must", "RFC 9293 3.10.7.4" },
		{ "estab-rst-inwindow", "should", "RFC 5961 3.2" },
		{ "estab-rst-out", "must", "RFC 9293 3.10.7.4" },
		{ "estab-rst-paws", "must", "RFC 7323 5.2" },
		{ "estab-syn-challenge", "should", "RFC 5961 4.2" },
		{ "estab-synack-dup", "must", "RFC 9293 3.10.7.4" },
		{ "estab-half-open", "must", "RFC 9293 3.5.1" },
		{ "estab-ack-above", "must", "RFC 9293 3.10.7.4" },
		{ "estab-ack-old", "must", "RFC 9293 3.10.7.4" },
		{ "estab-ack-too-old", "should", "RFC 5961 5.2" },
		{ "estab-noack-drop", "must", "RFC 9293 3.10.7.4" },
		{ "estab-seq-above", "must", "RFC 9293 3.10.7.4" },
		{ "estab-seq-old", "must", "RFC 9293 3.10.7.4" },
		{ "estab-keepalive-0", "must", "RFC 9293 3.8.4" },
		{ "estab-keepalive-1", "must", "RFC 9293 3.8.4 MAY-6" },
		{ "estab-challenge-rate", "should", "RFC 5961 7" },
		{ "estab-bad-checksum", "must", "RFC 9293 3.1 MUST-3" },
		{ "estab-reserved-opts", "must", "RFC 9293 3.1 MUST-6" },
		{ "tw-fin-rtx", "must", "RFC 9293 3.10.7.4" },
		{ "tw-length", "should", "RFC 9293 3.6.1 MUST-13" },
		{ "tw-syn-new", "info", "RFC 9293 3.6.1 MAY-2" },
		{ "tw-syn-old", "must", "RFC 9293 3.10.7.4" },
		{ "tw-syn-ts", "should", "RFC 6191 2" },
		{ "tw-syn-ts-from-nots", "should", "RFC 6191 2" },
		{ "tw-syn-return", "should", "RFC 9293 3.6.1 MAY-2" },
		{ "tw-rst", "info", "RFC 1337 3" },
		{ "tw-data", "must", "RFC 9293 3.10.7.4" },
		{ "ka-default", "info", "RFC 9293 3.8.4 MUST-26" },
		{ "ka-probe-format", "should", "RFC 9293 3.8.4 SHLD-12" },
		{ "ka-answered", "must", "RFC 9293 3.8.4" },
		{ "ka-lossy", "must", "RFC 9293 3.8.4 MUST-29" },
		{ "ka-silent", "info", "RFC 9293 3.8.4" },
		{ "ka-rst", "must", "RFC 9293 3.10.7.4" },
		{ "app-idle-timeout", "info", "RFC 9293 3.8.4" },
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
