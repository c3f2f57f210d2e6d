/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For prove: TAP 13, a point a target and a point a check. The plan stands at
 * the end, so what is cut off is found out. What is not ok is explained by a
 * block of YAML, whose scalars are all quoted.
 */
#include <inttypes.h>
#include <string.h>

#include "report/form.h"

/* Printable ASCII, with a backslash before what means something here. */
static void put_escaped(FILE *out, const char *text, const char *meaning)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			fprintf(out, "\\\\x%02x", (unsigned char)*text);
		else
			fprintf(out, "%s%c", strchr(meaning, *text) ? "\\" : "",
				*text);
	}
}

static void put_words(FILE *out, const char *text)
{
	put_escaped(out, text, "\\#");
}

/* "not ok 7 - ". */
static void put_point(struct report_state *s, FILE *out, bool ok)
{
	fprintf(out, "%sok %" PRIu64 " - ", ok ? "" : "not ", ++s->points);
}

static void put_key(FILE *out, const char *key, const char *value)
{
	fprintf(out, "  %s: \"", key);
	put_escaped(out, value, "\\\"");
	fputs("\"\n", out);
}

static void put_target(struct report_state *s, FILE *out,
		       const struct finding *f, const char *target)
{
	bool ok = f->outcome == OUTCOME_PASS;
	char buffer[FORM_REASON_MAX];
	const char *blame = form_blame(s, f, buffer);

	put_point(s, out, ok);
	put_words(out, f->probe);
	putc(' ', out);
	put_words(out, target);
	fputs(": ", out);
	put_words(out, form_verdict(f));
	putc('\n', out);
	if (ok)
		return;
	fputs("  ---\n", out);
	put_key(out, "message", blame);
	put_key(out, "severity", outcome_name(f->outcome));
	if (f->outcome == OUTCOME_ERROR)
		put_key(out, "code", err_name(f->error.code));
	else if (blame != f->summary)
		put_key(out, "summary", f->summary);
	fputs("  ...\n", out);
}

/* " # SKIP reason": why it does not count. */
static void put_directive(FILE *out, const char *directive,
			  const struct check *c)
{
	char reason[FORM_REASON_MAX];

	fprintf(out, " # %s ", directive);
	put_words(out, form_reason(c, reason));
}

static void put_check(struct report_state *s, FILE *out, const struct check *c,
		      const char *target)
{
	enum form_count count = form_count(c);

	put_point(s, out, count == FORM_PASSED || count == FORM_SKIPPED);
	put_words(out, target);
	putc(' ', out);
	put_words(out, c->rule->id);
	fputs(": ", out);
	put_words(out, c->rule->title);
	if (count == FORM_SKIPPED)
		put_directive(out, "SKIP", c);
	else if (count == FORM_EXCUSED)
		put_directive(out, "TODO", c);
	putc('\n', out);
	if (count == FORM_PASSED || count == FORM_SKIPPED)
		return;
	fputs("  ---\n", out);
	put_key(out, "observed", c->observed ? c->observed : "");
	put_key(out, "ref", c->rule->ref);
	put_key(out, "level", level_name(c->rule->level));
	fputs("  ...\n", out);
}

/* Every line as a comment. */
static void put_comment(FILE *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		fprintf(out, "#%s%.*s\n", len ? " " : "", (int)len, text);
		text += len;
		if (*text)
			text++;
	}
}

void tap_begin(FILE *out)
{
	fputs("TAP version 13\n", out);
}

int tap_finding(struct report_state *s, FILE *out, const struct finding *f)
{
	char *ladder = form_ladder(s, f);
	char target[FORM_TARGET_MAX];

	if (!ladder)
		return -ERR_MEMORY;
	form_target(f, target);
	put_target(s, out, f, target);
	put_comment(out, ladder);
	free(ladder);
	for (size_t i = 0; f->outcome != OUTCOME_ERROR && i < f->checks_n; i++)
		put_check(s, out, &f->checks[i], target);
	return 0;
}

void tap_end(const struct report_state *s, FILE *out)
{
	fputs("# ", out);
	form_sums(s, out);
	if (s->cut_short) {
		fputs("Bail out! ", out);
		put_words(out, s->cut_short);
		putc('\n', out);
	} else {
		fprintf(out, "1..%" PRIu64 "\n", s->points);
	}
}
