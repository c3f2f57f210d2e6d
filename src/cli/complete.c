/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Candidates for the word at the cursor. The words before it are read as the
 * parser would read them, but none is refused: they tell which options are
 * given, whether one still waits for its value, and how many operands there
 * are.
 */
#include "cli/complete.h"

#include <string.h>

/* More options on one command line than that may be offered again. */
#define GIVEN_MAX 64
/* "--", the name and "=": options_self_check() knows of no longer ones. */
#define NAME_SIZE 64

struct reading {
	const struct complete_source *s;
	const struct opt *waits; /* for its value: the word that follows */
	bool ended;		 /* by "--" */
	size_t operands;
	struct given {
		const struct opt_group *group;
		size_t offset;
	} given[GIVEN_MAX];
	size_t given_n;
};

/* --- the words before the cursor ----------------------------------------- */

static bool is_given(const struct reading *r, const struct opt_group *group,
		     const struct opt *row)
{
	for (size_t i = 0; i < r->given_n; i++) {
		if (r->given[i].group == group &&
		    r->given[i].offset == row->offset)
			return true;
	}
	return false;
}

/* `alone`: its value, if it takes one, is not in the same word. */
static void note_given(struct reading *r, const struct opt_group *group,
		       const struct opt *row, bool alone)
{
	if (r->given_n < GIVEN_MAX)
		r->given[r->given_n++] = (struct given){ group, row->offset };
	if (alone && options_takes_value(row))
		r->waits = row;
}

static const struct opt *find_long(const struct reading *r, const char *word,
				   const struct opt_group **group)
{
	return options_find(r->s->groups, r->s->groups_n, word + 2,
			    strcspn(word + 2, "="), group);
}

static const struct opt *find_letter(const struct reading *r, char letter,
				     const struct opt_group **group)
{
	return options_find_letter(r->s->groups, r->s->groups_n, letter, group);
}

static void read_letters(struct reading *r, const char *word)
{
	for (const char *c = word + 1; *c; c++) {
		const struct opt_group *group;
		const struct opt *row = find_letter(r, *c, &group);

		if (!row)
			return;
		note_given(r, group, row, !c[1]);
		if (options_takes_value(row))
			return;
	}
}

static void read_word(struct reading *r, const char *word)
{
	const struct opt_group *group;
	const struct opt *row;

	if (r->waits) {
		r->waits = NULL;
	} else if (r->ended || word[0] != '-' || !word[1]) {
		r->operands++;
	} else if (strcmp(word, "--") == 0) {
		r->ended = true;
	} else if (word[1] != '-') {
		read_letters(r, word);
	} else {
		row = find_long(r, word, &group);
		if (row)
			note_given(r, group, row, !strchr(word, '='));
	}
}

/* --- the word at the cursor ---------------------------------------------- */

static void print_candidate(const struct complete *c, size_t kept,
			    const char *value, const char *about)
{
	fprintf(c->out, "%.*s%s%s%s\n", (int)kept, c->word, value,
		*about ? "\t" : "", about);
}

void complete_offer(struct complete *c, const char *value, const char *about)
{
	const char *typed = c->word + c->value;

	if (strncmp(value, typed, strlen(typed)) == 0)
		print_candidate(c, c->value, value, about);
}

/* Is the value one of those that stand before the part in work? */
static bool is_listed(const struct complete *c, const char *value)
{
	size_t len = strlen(value);

	for (const char *at = c->word + c->value; at < c->word + c->part;) {
		size_t n = strcspn(at, ",");

		if (n == len && memcmp(at, value, len) == 0)
			return true;
		at += n + 1;
	}
	return false;
}

void complete_offer_part(struct complete *c, const char *value,
			 const char *about)
{
	const char *typed = c->word + c->part;

	if (strncmp(value, typed, strlen(typed)) == 0 && !is_listed(c, value))
		print_candidate(c, c->part, value, about);
}

void complete_by_shell(struct complete *c, const char *what)
{
	fprintf(c->out, ":%s\t%.*s\n", what, (int)c->value, c->word);
}

/* The value begins at `from` in the word. */
static void offer_values(const struct reading *r, struct complete *c,
			 const struct opt *row, size_t from)
{
	const char *comma = strrchr(c->word + from, ',');

	c->value = from;
	c->part = comma ? (size_t)(comma + 1 - c->word) : from;
	for (size_t i = 0; row->choices && row->choices[i]; i++)
		complete_offer(c, row->choices[i], row->help);
	if (row->hint == HINT_FILE)
		complete_by_shell(c, "files");
	else if (row->hint)
		r->s->offer(r->s->arg, row, c);
}

static void offer_row(struct complete *c, const struct opt *row)
{
	char text[NAME_SIZE];

	if (row->letter) {
		snprintf(text, sizeof(text), "-%c", row->letter);
		complete_offer(c, text, row->help);
	}
	if (row->name) {
		snprintf(text, sizeof(text), "--%s%s", row->name,
			 options_takes_value(row) ? "=" : "");
		complete_offer(c, text, row->help);
	}
}

/* All options that are not given yet. */
static void offer_options(const struct reading *r, struct complete *c)
{
	for (size_t g = 0; g < r->s->groups_n; g++) {
		const struct opt_group *group = &r->s->groups[g];

		for (size_t i = 0; i < group->n; i++) {
			const struct opt *row = &group->rows[i];

			if (row->type != OPT_HEADING &&
			    !is_given(r, group, row))
				offer_row(c, row);
		}
	}
}

/* "-vo" is whole by itself; behind the letter of an option that takes a value
 * is the value. */
static void offer_letters(const struct reading *r, struct complete *c)
{
	const struct opt *row = NULL;
	const struct opt_group *group;

	for (const char *at = c->word + 1; *at; at++) {
		row = find_letter(r, *at, &group);
		if (!row)
			return;
		if (options_takes_value(row) && at[1]) {
			offer_values(r, c, row, (size_t)(at + 1 - c->word));
			return;
		}
	}
	if (row)
		complete_offer(c, c->word, row->help);
}

static void offer_long(const struct reading *r, struct complete *c)
{
	const char *equals = strchr(c->word, '=');
	const struct opt_group *group;
	const struct opt *row;

	if (!equals) {
		offer_options(r, c);
		return;
	}
	row = find_long(r, c->word, &group);
	if (row && options_takes_value(row))
		offer_values(r, c, row, (size_t)(equals + 1 - c->word));
}

void complete_args(const struct complete_source *s, int argc, char *const *argv,
		   FILE *out)
{
	struct reading r = { .s = s };
	struct complete c = { .out = out };

	if (argc < 2)
		return;
	for (int i = 1; i < argc - 1; i++)
		read_word(&r, argv[i]);
	c.word = argv[argc - 1];
	c.operands = r.operands;
	if (r.waits)
		offer_values(&r, &c, r.waits, 0);
	else if (r.ended || c.word[0] != '-')
		s->offer(s->arg, NULL, &c);
	else if (c.word[1] == '-')
		offer_long(&r, &c);
	else if (c.word[1])
		offer_letters(&r, &c);
	else
		offer_options(&r, &c);
}
