/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For people. One target is told at length; of many each gets a line that can
 * be grepped, and those whose verdict is the dull one are only counted.
 */
#include <string.h>

#include "base/line.h"
#include "cli/wrap.h"
#include "report/form.h"
#include "report/ladder.h"
#include "report/paint.h"

/* Targets line up at least behind "255.255.255.255:65535", and not behind a
 * very long name. */
#define TARGET_WIDTH_MIN 21
#define TARGET_WIDTH_MAX 44
#define INDENT 2
/* Of the lines that a long remark goes on in. */
#define REMARK_INDENT 6
/* So many targets are all listed; of more, what deserves a line. */
#define ALL_LISTED_MAX 24

static bool at_length(const struct report_state *s)
{
	return s->config.verbose || s->config.expected == 1;
}

static const struct probe_verdict *find_verdict(const struct probe *p,
						const char *name)
{
	for (size_t i = 0; name && i < p->verdicts_n; i++) {
		if (strcmp(p->verdicts[i].name, name) == 0)
			return &p->verdicts[i];
	}
	return NULL;
}

bool text_wants(const struct report_state *s, const struct finding *f)
{
	const struct probe_verdict *v;

	if (at_length(s) || s->config.expected <= ALL_LISTED_MAX)
		return true;
	if (f->routine)
		return false;
	if (f->outcome != OUTCOME_PASS)
		return true;
	v = find_verdict(s->config.probe, f->verdict);
	return !v || !v->counted;
}

static void print_painted(const struct report_state *s, FILE *out,
			  enum paint paint, const char *text)
{
	fprintf(out, "%s%s%s", paint_on(s->config.color, paint), text,
		paint_off(s->config.color, paint));
}

/* What was seen or why nothing was, under the check's title. */
static void print_remark(FILE *out, const char *text, size_t indent)
{
	if (!text)
		return;
	fprintf(out, "%*s", (int)indent, "");
	wrap_print(out, text, indent, indent);
}

/* The title, and the rule's place as one piece. A violation says how bad. */
static void print_title(FILE *out, const struct check *c, size_t column)
{
	char text[300];
	struct line l = line_init(text, sizeof(text));

	line_add(&l, "%s (", c->rule->title);
	for (const char *at = c->rule->ref; *at; at++) {
		if (*at == ' ')
			line_add(&l, WRAP_GLUE);
		else
			line_add(&l, "%c", *at);
	}
	if (c->outcome == OUTCOME_FAIL)
		line_add(&l, "," WRAP_GLUE "%s", level_name(c->rule->level));
	line_add(&l, ")");
	wrap_print(out, text, column, column);
}

static void print_check(const struct report_state *s, FILE *out,
			const struct check *c, size_t outcome_width,
			size_t id_width)
{
	const char *name = outcome_name(c->outcome);
	size_t column = INDENT + outcome_width + 2 + id_width + 2;

	fprintf(out, "%*s", INDENT, "");
	print_painted(s, out, paint_outcome(c->outcome), name);
	fprintf(out, "%*s%-*s  ", (int)(outcome_width - strlen(name) + 2), "",
		(int)id_width, c->rule->id);
	print_title(out, c, column);
	if (c->outcome != OUTCOME_PASS || s->config.verbose) {
		print_remark(out, c->observed, column);
		print_remark(out, c->reason, column);
	}
}

static void print_checks(const struct report_state *s, FILE *out,
			 const struct finding *f)
{
	size_t outcome_width = 0, id_width = 0;

	for (size_t i = 0; i < f->checks_n; i++) {
		const struct check *c = &f->checks[i];
		size_t outcome = strlen(outcome_name(c->outcome));
		size_t id = strlen(c->rule->id);

		outcome_width =
			outcome > outcome_width ? outcome : outcome_width;
		id_width = id > id_width ? id : id_width;
	}
	if (f->checks_n)
		putc('\n', out);
	for (size_t i = 0; i < f->checks_n; i++)
		print_check(s, out, &f->checks[i], outcome_width, id_width);
}

static void print_remarks(FILE *out, const struct finding *f)
{
	if (f->remarks_n)
		putc('\n', out);
	for (size_t i = 0; i < f->remarks_n; i++) {
		const char *text = f->remarks[i];

		fprintf(out, "%*s", INDENT, "");
		if (INDENT + wrap_columns(text) <= WRAP_WIDTH)
			fprintf(out, "%s\n", text);
		else
			wrap_print(out, text, INDENT, REMARK_INDENT);
	}
}

/* The packets themselves, where they are wanted and are few. */
static bool draws_ladder(const struct report_state *s, const struct finding *f)
{
	if (!f->trace.n)
		return false;
	return s->config.verbose ||
	       (s->config.probe->shows_packets && !f->crowded);
}

static void print_at_length(const struct report_state *s, FILE *out,
			    const struct finding *f)
{
	char target[FORM_TARGET_MAX];

	/* Findings at length stand apart. */
	if (s->sums.targets > 1)
		putc('\n', out);
	form_target(f, target);
	fprintf(out, "%s  ", target);
	print_painted(s, out, paint_verdict(f->outcome), form_verdict(f));
	putc('\n', out);
	if (draws_ladder(s, f)) {
		putc('\n', out);
		ladder_draw(out, &f->trace,
			    &(struct ladder_look){
				    .color = s->config.color,
				    .unicode = s->config.unicode,
			    });
		putc('\n', out);
	}
	print_remark(out, form_sentence(f), INDENT);
	if (f->outcome == OUTCOME_ERROR)
		return;
	print_remarks(out, f);
	if (f->explanation)
		putc('\n', out);
	print_remark(out, f->explanation, INDENT);
	print_checks(s, out, f);
}

static size_t widest_verdict(const struct probe *p)
{
	size_t widest = strlen(outcome_name(OUTCOME_ERROR));

	for (size_t i = 0; i < p->verdicts_n; i++) {
		size_t n = strlen(p->verdicts[i].name);

		widest = n > widest ? n : widest;
	}
	return widest;
}

/* " (fails closed-syn, closed-rst-ts)": a sweep hides no failed check. */
static void print_failures(FILE *out, const struct finding *f)
{
	const char *lead = " (fails ";

	for (size_t i = 0; i < f->checks_n; i++) {
		if (f->checks[i].outcome != OUTCOME_FAIL)
			continue;
		fprintf(out, "%s%s", lead, f->checks[i].rule->id);
		lead = ", ";
	}
	if (lead[0] == ',')
		putc(')', out);
}

static void print_line(struct report_state *s, FILE *out,
		       const struct finding *f)
{
	const char *verdict = form_verdict(f);
	size_t room = widest_verdict(s->config.probe), wide;
	char target[FORM_TARGET_MAX];

	form_target(f, target);
	wide = strlen(target);
	if (s->width < TARGET_WIDTH_MIN)
		s->width = TARGET_WIDTH_MIN;
	if (wide > s->width && wide <= TARGET_WIDTH_MAX)
		s->width = wide;
	fprintf(out, "%-*s  ", (int)s->width, target);
	print_painted(s, out, paint_verdict(f->outcome), verdict);
	wide = strlen(verdict);
	fprintf(out, "%*s  %s", (int)(wide < room ? room - wide : 0), "",
		form_sentence(f));
	print_failures(out, f);
	putc('\n', out);
}

void text_finding(struct report_state *s, FILE *out, const struct finding *f)
{
	if (at_length(s))
		print_at_length(s, out, f);
	else
		print_line(s, out, f);
}

/* "65,535 targets: 3 listening, 65,532 refused". */
void text_end(const struct report_state *s, FILE *out)
{
	const struct report_sums *sums = &s->sums;

	if (s->config.expected == 1 && sums->targets <= 1)
		return;
	if (at_length(s) && sums->targets)
		putc('\n', out);
	form_sums(s, out);
}
