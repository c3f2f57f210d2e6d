/* SPDX-License-Identifier: BSD-2-Clause */
/* What several forms of a report say alike. */
#include "report/form.h"

#include <string.h>
#include <time.h>

#include "base/escape.h"
#include "base/line.h"
#include "base/num.h"
#include "report/ladder.h"

const char *form_target(const struct finding *f,
			char out[static FORM_TARGET_MAX])
{
	struct line l = line_init(out, FORM_TARGET_MAX);
	char at[ENDPOINT_TEXT_MAX], host[FORM_TARGET_MAX - 80];
	struct addr same;

	escape_text(f->host, host, sizeof(host));
	if (f->target.addr.family == FAMILY_ANY) {
		line_add(&l, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host,
			 f->target.port);
		return line_text(&l);
	}
	line_add(&l, "%s", endpoint_format(&f->target, at));
	if (host[0] && addr_parse(f->host, &same))
		line_add(&l, " (%s)", host);
	return line_text(&l);
}

const char *form_verdict(const struct finding *f)
{
	return f->verdict ? f->verdict : outcome_name(f->outcome);
}

const char *form_sentence(const struct finding *f)
{
	return f->outcome == OUTCOME_ERROR ? f->error.text : f->summary;
}

const char *form_time(int64_t ns, char out[static FORM_TIME_MAX])
{
	time_t seconds = (time_t)(ns / TIME_S);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) ||
	    !strftime(out, FORM_TIME_MAX, "%Y-%m-%dT%H:%M:%S", &tm))
		out[0] = '\0';
	return out;
}

static void add_count(FILE *out, const char **lead, uint64_t n,
		      const char *what)
{
	char count[NUM_COUNT_TEXT_MAX];

	if (!n)
		return;
	fprintf(out, "%s%s %s", *lead, num_format_count(n, count), what);
	*lead = ", ";
}

void form_sums(const struct report_state *s, FILE *out)
{
	const struct report_sums *sums = &s->sums;
	uint64_t expected = s->config.expected;
	const struct probe *p = s->config.probe;
	char count[NUM_COUNT_TEXT_MAX];
	const char *lead = ": ";

	fputs(num_format_count(sums->targets, count), out);
	if (sums->targets < expected)
		fprintf(out, " of %s", num_format_count(expected, count));
	fputs(sums->targets == 1 && expected <= 1 ? " target" : " targets",
	      out);
	for (size_t i = 0; i < p->verdicts_n; i++)
		add_count(out, &lead, sums->verdicts[i], p->verdicts[i].name);
	add_count(out, &lead, sums->others, "without a verdict");
	add_count(out, &lead, sums->errors,
		  sums->errors == 1 ? "error" : "errors");
	putc('\n', out);
}

enum form_count form_count(const struct check *c)
{
	switch (c->outcome) {
	case OUTCOME_PASS:
		return FORM_PASSED;
	case OUTCOME_FAIL:
		return c->rule->level == LEVEL_MUST ? FORM_FAILED
						    : FORM_EXCUSED;
	case OUTCOME_INCONCLUSIVE:
	case OUTCOME_ERROR:
	case OUTCOME_SKIP:
	case OUTCOME_N:
		break;
	}
	return FORM_SKIPPED;
}

const char *form_reason(const struct check *c, char out[static FORM_REASON_MAX])
{
	struct line l = line_init(out, FORM_REASON_MAX);

	if (c->outcome == OUTCOME_FAIL)
		line_add(&l, "%s: ", level_name(c->rule->level));
	else if (c->outcome != OUTCOME_SKIP)
		line_add(&l, "%s: ", outcome_name(c->outcome));
	line_add(&l, "%s", c->reason ? c->reason : "");
	line_add(&l, "%s", c->observed ? c->observed : "");
	return line_text(&l);
}

const char *form_blame(const struct report_state *s, const struct finding *f,
		       char out[static FORM_REASON_MAX])
{
	struct line l = line_init(out, FORM_REASON_MAX);
	const char *lead = "violates ";

	if (f->outcome == OUTCOME_FAIL && f->unexpected) {
		line_add(&l, "%s, expected %s", form_verdict(f),
			 s->config.expect);
		lead = "; violates ";
	}
	for (size_t i = 0; f->outcome == OUTCOME_FAIL && i < f->checks_n; i++) {
		if (form_count(&f->checks[i]) != FORM_FAILED)
			continue;
		line_add(&l, "%s%s", lead, f->checks[i].rule->id);
		lead = ", ";
	}
	return l.len ? line_text(&l) : form_sentence(f);
}

char *form_ladder(const struct report_state *s, const struct finding *f)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	if (f->trace.n && (s->config.verbose || s->config.probe->shows_packets))
		ladder_draw(out, &f->trace,
			    &(struct ladder_look){ .color = false });
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
