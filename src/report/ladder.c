/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ladder diagram, 80 columns:
 *
 *	 (time)  | label ------------------------------> |
 *	         |   options, and why it was sent        |
 *	 (time)  | <------------------------------ label |
 *
 * Conversations are drawn one after the other, in the order in which they
 * began: interleaved ones could not be read.
 */
#include "report/ladder.h"

#include <string.h>

#include "base/line.h"
#include "base/num.h"
#include "cli/wrap.h"
#include "report/paint.h"
#include "report/step.h"

/* "   59 min 59 s | ... |": what is left of 80 columns between the bars. */
#define TIME_WIDTH 13
#define INNER (WRAP_WIDTH - TIME_WIDTH - 5)
/* An arrow shorter than that is none. */
#define SHAFT_MIN 4
#define DETAIL_INDENT 2
/* Columns of text with three bytes each, and some. */
#define ROW_MAX (INNER * 4)

struct glyphs {
	const char *bar, *shaft, *right, *left, *cross;
};

static const struct glyphs ascii_glyphs = {
	.bar = "|",
	.shaft = "-",
	.right = ">",
	.left = "<",
	.cross = "x",
};
static const struct glyphs unicode_glyphs = {
	.bar = "\u2502",
	.shaft = "\u2500",
	.right = "\u25b6",
	.left = "\u25c0",
	.cross = "\u2717",
};

struct ladder {
	FILE *out;
	bool color;
	const struct glyphs *glyphs;
	int64_t start_ns; /* of the conversation; 0: nothing of it was seen */
	struct step_sides sides;
	const char *check; /* that the step before served */
};

/* `time` is "" where there is none; `text` takes at most INNER columns. */
static void draw_row(const struct ladder *l, const char *time, const char *text,
		     enum paint paint)
{
	size_t columns = wrap_columns(text);

	fprintf(l->out, "%s%*s%s %s %s%s%s%*s %s\n",
		paint_on(l->color && *time, PAINT_DIM), TIME_WIDTH, time,
		paint_off(l->color && *time, PAINT_DIM), l->glyphs->bar,
		paint_on(l->color, paint), text, paint_off(l->color, paint),
		(int)(columns < INNER ? INNER - columns : 0), "",
		l->glyphs->bar);
}

/* Lines of their own on the sender's side of the ladder. */
static void draw_details(const struct ladder *l, enum trace_dir dir,
			 const char *text, enum paint paint)
{
	while (*text) {
		const size_t room = INNER - DETAIL_INDENT;
		const char *next;
		size_t len = wrap_line(text, room, &next);
		char part[ROW_MAX], row[ROW_MAX];
		struct line line = line_init(row, sizeof(row));
		size_t pad = DETAIL_INDENT;

		snprintf(part, sizeof(part), "%.*s", (int)len, text);
		if (dir == TRACE_IN)
			pad = room - wrap_columns(part);
		line_add(&line, "%*s%s", (int)pad, "", part);
		draw_row(l, "", row, paint);
		text = next;
	}
}

/* Where an arrow leads: "▶", or "✗ never left". */
static void add_tip(const struct ladder *l, struct line *line, bool left_us)
{
	if (left_us)
		line_add(line, "%s", l->glyphs->right);
	else
		line_add(line, "%s never left", l->glyphs->cross);
}

static void add_shaft(const struct ladder *l, struct line *line, size_t n)
{
	for (size_t i = 0; i < n; i++)
		line_add(line, "%s", l->glyphs->shaft);
}

/* The label, the arrow, and what of the label did not fit beside it. */
static void draw_arrow(const struct ladder *l, const struct step *s,
		       const char *time, const char *label)
{
	bool out = s->entry->dir == TRACE_OUT, seen = s->entry->t_ns != 0;
	enum paint paint =
		s->entry->foreign || !seen ? PAINT_YELLOW : PAINT_NONE;
	char tip[64], first[ROW_MAX], row[ROW_MAX];
	struct line t = line_init(tip, sizeof(tip));
	struct line line = line_init(row, sizeof(row));
	const char *rest;
	size_t room, shaft;

	add_tip(l, &t, seen || !out);
	room = INNER - 1 - SHAFT_MIN - wrap_columns(tip);
	snprintf(first, sizeof(first), "%.*s",
		 (int)wrap_line(label, room, &rest), label);
	shaft = SHAFT_MIN + room - wrap_columns(first);

	if (out) {
		line_add(&line, "%s ", first);
		add_shaft(l, &line, shaft);
		line_add(&line, "%s", tip);
	} else {
		line_add(&line, "%s", l->glyphs->left);
		add_shaft(l, &line, shaft);
		line_add(&line, " %s", first);
	}
	draw_row(l, time, row, paint);
	draw_details(l, s->entry->dir, rest, paint);
}

/* Why, and for which check where that is news. Of a foreign packet the label
 * has said it. */
static void draw_remark(struct ladder *l, const struct trace_entry *entry)
{
	char remark[TRACE_REMARK_MAX];

	if (entry->foreign)
		return;
	trace_remark(entry, remark);
	if (entry->check == l->check)
		snprintf(remark, sizeof(remark), "%s",
			 entry->note ? entry->note : "");
	l->check = entry->check;
	draw_details(l, entry->dir, remark, PAINT_DIM);
}

static void draw_step(struct ladder *l, const struct step *s)
{
	char label[STEP_TEXT_MAX], options[STEP_TEXT_MAX];
	char time[NUM_DURATION_TEXT_MAX] = "";
	const struct trace_entry *entry = s->entry;

	if (entry->t_ns)
		num_format_duration(entry->t_ns - l->start_ns, time);
	step_tell(s, &l->sides, label, options);
	draw_arrow(l, s, time, label);
	draw_details(l, entry->dir, options, PAINT_NONE);
	draw_remark(l, entry);
}

static void end_text(const struct endpoint *e,
		     char text[static ENDPOINT_TEXT_MAX])
{
	if (e->port)
		endpoint_format(e, text);
	else
		addr_format(&e->addr, text);
}

/* Each end above its bar, or below each other when they are too long; before
 * them, how long after the first conversation this one began. */
static void draw_ends(const struct ladder *l, const struct step_pair *pair,
		      const char *began)
{
	const size_t room = WRAP_WIDTH - TIME_WIDTH - 1;
	char ours[ENDPOINT_TEXT_MAX], theirs[ENDPOINT_TEXT_MAX];
	size_t used;

	end_text(&pair->ours, ours);
	end_text(&pair->theirs, theirs);
	used = strlen(ours);
	fprintf(l->out, "%s%*s%s %s", paint_on(l->color && *began, PAINT_DIM),
		TIME_WIDTH, began, paint_off(l->color && *began, PAINT_DIM),
		ours);
	if (used + 2 + strlen(theirs) > room) {
		fprintf(l->out, "\n%*s ", TIME_WIDTH, "");
		used = 0;
	}
	fprintf(l->out, "%*s\n", (int)(room - used), theirs);
}

/* All of one pair's packets, from its first one on. */
static void draw_conversation(struct ladder *l, struct step *steps, size_t n,
			      int64_t first_ns)
{
	const struct step_pair *pair = &steps[0].pair;
	char duration[NUM_DURATION_TEXT_MAX], began[sizeof(duration) + 1] = "";

	l->sides = (struct step_sides){ .ours.isn_n = 0 };
	l->check = NULL;
	l->start_ns = 0;
	for (size_t i = 0; i < n && !l->start_ns; i++) {
		if (step_pair_equal(&steps[i].pair, pair))
			l->start_ns = steps[i].entry->t_ns;
	}
	if (l->start_ns > first_ns)
		snprintf(began, sizeof(began), "+%s",
			 num_format_duration(l->start_ns - first_ns, duration));
	if (pair->ours.addr.family != FAMILY_ANY)
		draw_ends(l, pair, began);
	for (size_t i = 0; i < n; i++) {
		if (steps[i].drawn || !step_pair_equal(&steps[i].pair, pair))
			continue;
		draw_step(l, &steps[i]);
		steps[i].drawn = true;
	}
}

static void draw_omitted(const struct ladder *l, size_t omitted)
{
	char count[NUM_COUNT_TEXT_MAX];

	if (omitted)
		fprintf(l->out, "%*s %s more packets, not kept\n", TIME_WIDTH,
			"", num_format_count(omitted, count));
}

void ladder_draw(FILE *out, const struct trace *t,
		 const struct ladder_look *look)
{
	struct step *steps = calloc(t->n, sizeof(*steps));
	struct ladder l = {
		.out = out,
		.color = look->color,
		.glyphs = look->unicode ? &unicode_glyphs : &ascii_glyphs,
	};
	struct step_pair before = { .ours.port = 0 };
	int64_t first_ns = 0;

	if (!steps) {
		draw_omitted(&l, t->n + t->omitted);
		return;
	}
	for (size_t i = 0; i < t->n; i++) {
		step_read(&steps[i], &t->entries[i], &before);
		before = steps[i].pair;
		if (!first_ns)
			first_ns = t->entries[i].t_ns;
	}
	for (size_t i = 0; i < t->n; i++) {
		if (steps[i].drawn)
			continue;
		if (i)
			putc('\n', out);
		draw_conversation(&l, steps + i, t->n - i, first_ns);
	}
	draw_omitted(&l, t->omitted);
	free(steps);
}
