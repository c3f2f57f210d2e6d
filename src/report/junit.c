/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For CI: JUnit's XML, as Jenkins, GitLab and GitHub's actions read it. There
 * is no standard; this is what they have in common.
 *
 * A suite a target, so that its sums, which stand before its cases, are known
 * when it is written, and any number of targets takes no memory. Jenkins cuts
 * a class name at its last dot and GitLab tells cases apart by class and name,
 * so the class is the probe and the name begins with the target. Names do not
 * tell results: they stay the same from run to run.
 */
#include <inttypes.h>
#include <string.h>

#include "report/form.h"

/* XML 1.0 holds no control characters, not even as references. */
static void put_xml(FILE *out, const char *text)
{
	static const char *const entities[128] = {
		['&'] = "&amp;",
		['<'] = "&lt;",
		['>'] = "&gt;",
		['"'] = "&quot;",
	};

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c != '\n' && (c < ' ' || c > '~'))
			fprintf(out, "\\x%02x", c);
		else if (entities[c])
			fputs(entities[c], out);
		else
			putc(c, out);
	}
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	put_xml(out, value);
	putc('"', out);
}

/* Seconds, to the microsecond. */
static void put_time(FILE *out, int64_t ns)
{
	fprintf(out, " time=\"%" PRId64 ".%06d\"", ns / TIME_S,
		(int)(ns % TIME_S / TIME_US));
}

/* The suite of one target, and what its cases come to. */
struct suite {
	const struct report_state *state;
	const struct finding *finding;
	char target[FORM_TARGET_MAX];
	size_t cases, failures, errors, skipped;
};

static size_t checks_of(const struct finding *f)
{
	return f->outcome == OUTCOME_ERROR ? 0 : f->checks_n;
}

static void count_cases(struct suite *s)
{
	const struct finding *f = s->finding;

	s->cases = 1 + checks_of(f);
	s->failures = f->outcome == OUTCOME_FAIL;
	s->errors = !s->failures && f->outcome != OUTCOME_PASS;
	for (size_t i = 0; i < checks_of(f); i++) {
		enum form_count count = form_count(&f->checks[i]);

		s->failures += count == FORM_FAILED;
		s->skipped += count == FORM_EXCUSED || count == FORM_SKIPPED;
	}
}

static void put_suite(FILE *out, const struct suite *s)
{
	const struct finding *f = s->finding;
	char date[FORM_TIME_MAX];

	fputs("<testsuite name=\"", out);
	put_xml(out, f->probe);
	putc(' ', out);
	put_xml(out, s->target);
	fprintf(out,
		"\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
		"skipped=\"%zu\"",
		s->cases, s->failures, s->errors, s->skipped);
	put_time(out, f->duration_ns);
	if (f->started_ns && *form_time(f->started_ns, date))
		fprintf(out, " timestamp=\"%sZ\"", date);
	fputs(">\n", out);
}

/* <testcase classname="tcpprobe.nolisten" name="10.9.0.2:80 what", open. */
static void put_case(FILE *out, const struct suite *s, const char *what)
{
	fputs("<testcase classname=\"tcpprobe.", out);
	put_xml(out, s->finding->probe);
	fputs("\" name=\"", out);
	put_xml(out, s->target);
	putc(' ', out);
	put_xml(out, what);
	putc('"', out);
}

/* The reason twice: Jenkins shows the attribute first, GitLab the text only. */
static void put_result(FILE *out, const char *element, const char *type,
		       const char *message, const char *text)
{
	fprintf(out, "<%s", element);
	put_attribute(out, "type", type);
	put_attribute(out, "message", message);
	putc('>', out);
	put_xml(out, message);
	if (text) {
		putc('\n', out);
		put_xml(out, text);
	}
	fprintf(out, "</%s>\n", element);
}

static const char *failure_type(const struct finding *f)
{
	if (f->unexpected)
		return "unexpected";
	return finding_violates(f) ? "must" : outcome_name(f->outcome);
}

static void put_outcome(FILE *out, const struct suite *s)
{
	const struct finding *f = s->finding;
	char blame[FORM_REASON_MAX];
	const char *message = form_blame(s->state, f, blame);
	const char *sentence = form_sentence(f);

	if (f->outcome == OUTCOME_FAIL)
		put_result(out, "failure", failure_type(f), message,
			   message == sentence ? NULL : sentence);
	else if (f->outcome == OUTCOME_ERROR)
		put_result(out, "error", err_name(f->error.code), message,
			   NULL);
	else if (f->outcome != OUTCOME_PASS)
		put_result(out, "error", outcome_name(f->outcome), message,
			   NULL);
}

static void put_verdict(FILE *out, const struct suite *s, const char *ladder)
{
	const struct finding *f = s->finding;

	put_case(out, s, "verdict");
	put_time(out, f->duration_ns);
	fputs(">\n", out);
	put_outcome(out, s);
	fputs("<system-out>", out);
	put_xml(out, form_verdict(f));
	fputs(": ", out);
	put_xml(out, form_sentence(f));
	putc('\n', out);
	if (*ladder)
		putc('\n', out);
	put_xml(out, ladder);
	fputs("</system-out>\n</testcase>\n", out);
}

static void put_check(FILE *out, const struct suite *s, const struct check *c)
{
	char what[FORM_REASON_MAX], reason[FORM_REASON_MAX];

	snprintf(what, sizeof(what), "%s: %s", c->rule->id, c->rule->title);
	put_case(out, s, what);
	if (form_count(c) == FORM_PASSED) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n", out);
	put_result(out, form_count(c) == FORM_FAILED ? "failure" : "skipped",
		   c->outcome == OUTCOME_FAIL ? level_name(c->rule->level)
					      : outcome_name(c->outcome),
		   form_reason(c, reason), c->rule->ref);
	fputs("</testcase>\n", out);
}

void junit_begin(FILE *out)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n",
	      out);
}

int junit_finding(const struct report_state *s, FILE *out,
		  const struct finding *f)
{
	struct suite suite = { .state = s, .finding = f };
	char *ladder = form_ladder(s, f);

	if (!ladder)
		return -ERR_MEMORY;
	form_target(f, suite.target);
	count_cases(&suite);
	put_suite(out, &suite);
	put_verdict(out, &suite, ladder);
	free(ladder);
	for (size_t i = 0; i < checks_of(f); i++)
		put_check(out, &suite, &f->checks[i]);
	fputs("</testsuite>\n", out);
	return 0;
}

/* A run that was cut short is an error of its own. */
static void put_cut(const struct report_state *s, FILE *out)
{
	const char *probe = s->config.probe->name;

	fputs("<testsuite", out);
	put_attribute(out, "name", probe);
	fputs(" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n"
	      "<testcase classname=\"tcpprobe.",
	      out);
	put_xml(out, probe);
	fputs("\" name=\"the run\">\n", out);
	put_result(out, "error", "cut-short", s->cut_short, NULL);
	fputs("</testcase>\n</testsuite>\n", out);
}

void junit_end(const struct report_state *s, FILE *out)
{
	if (s->cut_short)
		put_cut(s, out);
	fputs("</testsuites>\n", out);
}
