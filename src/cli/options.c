/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line read by typed rows, and the rows checked against it. */
#include "cli/options.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/line.h"
#include "base/num.h"

/* User text in a message: longer is cut, a sentence has to hold it. */
#define QUOTE_MAX 100
/* "--" and the longest name that a message repeats. */
#define NAME_MAX_SHOWN 60

/* What one pass over argv knows. */
struct parse {
	const struct opt_group *groups;
	size_t groups_n;
	int argc;
	char **argv;
	int at;	      /* the next argument to read */
	int operands; /* gathered so far */
	bool helped;  /* the rest does not matter */
	struct err *e;
};

/* One option as it stands on the command line. */
struct given {
	const struct opt_group *group;
	const struct opt *row;
	char name[NAME_MAX_SHOWN]; /* as the user wrote it, escaped */
};

bool options_takes_value(const struct opt *row)
{
	switch (row->type) {
	case OPT_NUMBER:
	case OPT_DURATION:
	case OPT_TEXT:
	case OPT_CHOICE:
		return true;
	case OPT_FLAG:
	case OPT_HELP:
	case OPT_SET:
	case OPT_HEADING:
	case OPT_TYPES_N:
		break;
	}
	return false;
}

const struct opt *options_find(const struct opt_group *groups, size_t groups_n,
			       const char *name, size_t len,
			       const struct opt_group **group)
{
	for (size_t g = 0; g < groups_n; g++) {
		for (size_t i = 0; i < groups[g].n; i++) {
			const struct opt *row = &groups[g].rows[i];

			if (!row->name || strlen(row->name) != len ||
			    memcmp(row->name, name, len) != 0)
				continue;
			*group = &groups[g];
			return row;
		}
	}
	return NULL;
}

const struct opt *options_find_letter(const struct opt_group *groups,
				      size_t groups_n, char letter,
				      const struct opt_group **group)
{
	for (size_t g = 0; g < groups_n; g++) {
		for (size_t i = 0; i < groups[g].n; i++) {
			if (groups[g].rows[i].letter != letter)
				continue;
			*group = &groups[g];
			return &groups[g].rows[i];
		}
	}
	return NULL;
}

/* Groups without settings are only shown, never parsed. */
static bool is_parsed(const struct given *g)
{
	return g->row && g->group->settings;
}

/* Where the row's value lives. */
static void *place(const struct given *g)
{
	return (char *)g->group->settings + g->row->offset;
}

static int refuse(const struct parse *p, const struct given *g,
		  const char *value, const char *why)
{
	char quoted[QUOTE_MAX];

	return err_set(p->e, ERR_USAGE, "%s: \"%s\" %s", g->name,
		       escape_text(value, quoted, sizeof(quoted)), why);
}

/* A bound as the user would write it: the largest unit that fits evenly. */
static void duration_text(uint64_t ns, char *out, size_t size)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = {
		{ "h", (uint64_t)(3600 * TIME_S) },
		{ "m", (uint64_t)(60 * TIME_S) },
		{ "s", (uint64_t)TIME_S },
		{ "ms", (uint64_t)TIME_MS },
		{ "us", (uint64_t)TIME_US },
	};

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (ns && ns % units[i].ns == 0) {
			snprintf(out, size, "%" PRIu64 "%s", ns / units[i].ns,
				 units[i].unit);
			return;
		}
	}
	if (ns)
		snprintf(out, size, "%.3fus", (double)ns / 1e3);
	else
		snprintf(out, size, "0");
}

static int refuse_range(const struct parse *p, const struct given *g,
			const char *value)
{
	const struct opt *row = g->row;
	char min[32], max[32], why[100];

	if (row->type == OPT_DURATION) {
		duration_text(row->min, min, sizeof(min));
		duration_text(row->max, max, sizeof(max));
	} else {
		snprintf(min, sizeof(min), "%" PRIu64, row->min);
		snprintf(max, sizeof(max), "%" PRIu64, row->max);
	}
	if (row->max)
		snprintf(why, sizeof(why), "is out of range (%s to %s)", min,
			 max);
	else if (row->min)
		snprintf(why, sizeof(why), "is out of range (at least %s)",
			 min);
	else
		snprintf(why, sizeof(why), "is out of range");
	return refuse(p, g, value, why);
}

/* A well-formed value that no type can hold, by what base/num.h says of it. */
static bool is_range(const char *why)
{
	return strcmp(why, "out of range") == 0;
}

static int set_number(const struct parse *p, const struct given *g,
		      const char *value)
{
	uint64_t max = g->row->max ? g->row->max : UINT64_MAX;
	const char *why;
	uint64_t n;

	if (num_parse_u64(value, 0, UINT64_MAX, &n, &why)) {
		if (is_range(why))
			return refuse_range(p, g, value);
		return refuse(p, g, value, "is no number");
	}
	if (n < g->row->min || n > max)
		return refuse_range(p, g, value);
	memcpy(place(g), &n, sizeof(n));
	return 0;
}

static int set_duration(const struct parse *p, const struct given *g,
			const char *value)
{
	uint64_t max = g->row->max ? g->row->max : (uint64_t)INT64_MAX;
	const char *why;
	int64_t ns;

	if (num_parse_duration(value, &ns, &why)) {
		if (is_range(why))
			return refuse_range(p, g, value);
		return refuse(p, g, value,
			      "is no duration (try 500ms, 2s, 1m)");
	}
	if ((uint64_t)ns < g->row->min || (uint64_t)ns > max)
		return refuse_range(p, g, value);
	memcpy(place(g), &ns, sizeof(ns));
	return 0;
}

static int refuse_choice(const struct parse *p, const struct given *g,
			 const char *value)
{
	char why[160];
	struct line l = line_init(why, sizeof(why));

	line_add(&l, "is none of ");
	for (size_t i = 0; g->row->choices[i]; i++)
		line_add(&l, "%s%s", i ? ", " : "", g->row->choices[i]);
	return refuse(p, g, value, why);
}

static int set_choice(const struct parse *p, const struct given *g,
		      const char *value)
{
	for (int i = 0; g->row->choices[i]; i++) {
		if (strcmp(value, g->row->choices[i]) == 0) {
			memcpy(place(g), &i, sizeof(i));
			return 0;
		}
	}
	return refuse_choice(p, g, value);
}

static int set_value(const struct parse *p, const struct given *g,
		     const char *value)
{
	switch (g->row->type) {
	case OPT_NUMBER:
		return set_number(p, g, value);
	case OPT_DURATION:
		return set_duration(p, g, value);
	case OPT_CHOICE:
		return set_choice(p, g, value);
	case OPT_TEXT:
		memcpy(place(g), &value, sizeof(value));
		return 0;
	case OPT_FLAG:
	case OPT_HELP:
		memcpy(place(g), &(bool){ true }, sizeof(bool));
		return 0;
	case OPT_SET:
		memcpy(place(g), &g->row->value, sizeof(int));
		return 0;
	case OPT_HEADING:
	case OPT_TYPES_N:
		break;
	}
	BUG_ON(true);
	return 0;
}

/* `attached` is what stood behind the option in its own argument, or NULL. */
static int set_given(struct parse *p, const struct given *g,
		     const char *attached)
{
	if (g->row->type == OPT_HELP)
		p->helped = true;
	if (!options_takes_value(g->row))
		return set_value(p, g, NULL);
	if (attached)
		return set_value(p, g, attached);
	if (p->at == p->argc)
		return err_set(p->e, ERR_USAGE, "%s needs a value", g->name);
	return set_value(p, g, p->argv[p->at++]);
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Longer words are not compared: nobody mistypes those, and the rows of the
 * distance live on the stack. */
#define WORD_MAX 40

/*
 * How many insertions, deletions, substitutions and swaps of neighbours lie
 * between two words (optimal string alignment).
 */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		above[j] = before[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *spare = before;

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			bool same = a[i - 1] == b[j - 1];

			row[j] = min3(row[j - 1] + 1, above[j] + 1,
				      above[j - 1] + (same ? 0 : 1));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b_len];
}

/*
 * Near enough to be meant: a third of the longer word may be wrong, or the word
 * is the beginning of the other. The distance, or SIZE_MAX.
 */
static size_t nearness(const char *word, size_t len, const char *candidate)
{
	size_t other = strlen(candidate), far;

	if (!len || len > WORD_MAX || other > WORD_MAX)
		return SIZE_MAX;
	if (len >= 3 && strncmp(word, candidate, len) == 0)
		return 1;
	far = distance(word, len, candidate, other);
	return far * 3 <= (len > other ? len : other) ? far : SIZE_MAX;
}

const char *options_nearest(const char *word, const char *const *words,
			    size_t n)
{
	const char *best = NULL;
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		size_t far = nearness(word, strlen(word), words[i]);

		if (far < least) {
			least = far;
			best = words[i];
		}
	}
	return best;
}

static int refuse_unknown(const struct parse *p, const char *name, size_t len)
{
	const char *best = NULL;
	size_t least = SIZE_MAX;
	char quoted[QUOTE_MAX];

	for (size_t g = 0; g < p->groups_n; g++) {
		const struct opt_group *group = &p->groups[g];

		for (size_t i = 0; group->settings && i < group->n; i++) {
			const char *known = group->rows[i].name;
			size_t far =
				known ? nearness(name, len, known) : SIZE_MAX;

			if (far < least) {
				least = far;
				best = known;
			}
		}
	}
	escape_bytes(name, len, quoted, sizeof(quoted));
	if (best)
		return err_set(p->e, ERR_USAGE,
			       "unknown option --%s (did you mean --%s?)",
			       quoted, best);
	return err_set(p->e, ERR_USAGE, "unknown option --%s", quoted);
}

/* `text` is the argument behind its "--". */
static int read_long(struct parse *p, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : strlen(text);
	struct given g;

	g.row = options_find(p->groups, p->groups_n, text, len, &g.group);
	if (!is_parsed(&g))
		return refuse_unknown(p, text, len);
	snprintf(g.name, sizeof(g.name), "--%s", g.row->name);
	if (equals && !options_takes_value(g.row))
		return err_set(p->e, ERR_USAGE, "%s takes no value", g.name);
	return set_given(p, &g, equals ? equals + 1 : NULL);
}

/* `text` is the argument behind its "-": letters, the last perhaps with its
 * value. */
static int read_letters(struct parse *p, const char *text)
{
	for (const char *c = text; *c && !p->helped; c++) {
		struct given g;
		char quoted[8];
		int ret;

		g.row = options_find_letter(p->groups, p->groups_n, *c,
					    &g.group);
		if (!is_parsed(&g))
			return err_set(
				p->e, ERR_USAGE, "unknown option -%s",
				escape_bytes(c, 1, quoted, sizeof(quoted)));
		snprintf(g.name, sizeof(g.name), "-%c", *c);
		ret = set_given(p, &g, c[1] ? c + 1 : NULL);
		if (ret || options_takes_value(g.row))
			return ret;
	}
	return 0;
}

int options_parse_args(const struct opt_group *groups, size_t groups_n,
		       int argc, char **argv, struct err *e)
{
	struct parse p = {
		.groups = groups,
		.groups_n = groups_n,
		.argc = argc,
		.argv = argv,
		.at = 1,
		.e = e,
	};
	bool ended = false; /* by "--" */

	while (p.at < argc && !p.helped) {
		char *arg = argv[p.at++];
		int ret = 0;

		if (ended || arg[0] != '-' || arg[1] == '\0')
			argv[p.operands++] = arg;
		else if (strcmp(arg, "--") == 0)
			ended = true;
		else if (arg[1] == '-')
			ret = read_long(&p, arg + 2);
		else
			ret = read_letters(&p, arg + 1);
		if (ret)
			return ret;
	}
	return p.operands;
}

static bool name_is_plain(const char *name)
{
	size_t len = strlen(name);

	return len >= 2 && len <= WORD_MAX && name[0] != '-' &&
	       name[len - 1] != '-' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static bool help_is_plain(const char *help)
{
	return help && *help && help[strlen(help) - 1] != '.';
}

/* A heading is its title and nothing else; NULL: it is. */
static const char *heading_fault(const struct opt *row)
{
	if (row->letter || row->name || row->arg || row->shown || row->choices)
		return "is more than a title";
	if (!help_is_plain(row->help))
		return "needs a title without a full stop";
	return NULL;
}

/* What is wrong with one row by itself; NULL: nothing. */
static const char *row_fault(const struct opt *row)
{
	if ((unsigned)row->type >= OPT_TYPES_N)
		return "has no such type";
	if (row->type == OPT_HEADING)
		return heading_fault(row);
	if (!row->letter && !row->name)
		return "has neither letter nor name";
	if (row->letter && !isalnum((unsigned char)row->letter))
		return "has a letter that is none";
	if (row->name && !name_is_plain(row->name))
		return "has a name of other than a-z, 0-9 and -";
	if (!help_is_plain(row->help))
		return "needs a help text without a full stop";
	if (options_takes_value(row) != (row->arg != NULL))
		return row->arg ? "names a value that it cannot take"
				: "does not name its value";
	if ((row->type == OPT_CHOICE) != (row->choices != NULL))
		return "needs choices exactly when it is a choice";
	if (row->choices && !row->choices[0])
		return "has no choices";
	if ((unsigned)row->hint >= HINT_N ||
	    (row->hint && row->type != OPT_TEXT))
		return "has a hint, which is for texts";
	if (row->max && row->min > row->max)
		return "has its limits the wrong way round";
	if (row->type == OPT_DURATION && row->max > (uint64_t)INT64_MAX)
		return "has a limit beyond all durations";
	return NULL;
}

static bool rows_clash(const struct opt *a, const struct opt *b)
{
	if (a->letter && a->letter == b->letter)
		return true;
	return a->name && b->name && strcmp(a->name, b->name) == 0;
}

/* Does an earlier row have the letter or the name of groups[g].rows[i]? */
static bool is_taken(const struct opt_group *groups, size_t g, size_t i)
{
	const struct opt *row = &groups[g].rows[i];

	for (size_t h = 0; h <= g; h++) {
		size_t n = h == g ? i : groups[h].n;

		for (size_t j = 0; j < n; j++) {
			if (rows_clash(&groups[h].rows[j], row))
				return true;
		}
	}
	return false;
}

/* A heading stands above options. */
static bool heads_nothing(const struct opt_group *group, size_t i)
{
	return group->rows[i].type == OPT_HEADING &&
	       (i + 1 == group->n || group->rows[i + 1].type == OPT_HEADING);
}

static void name_row(const struct opt *row, char *out, size_t size)
{
	if (row->type == OPT_HEADING)
		snprintf(out, size, "heading \"%s\"",
			 row->help ? row->help : "");
	else if (row->name)
		snprintf(out, size, "--%s", row->name);
	else
		snprintf(out, size, "-%c", row->letter ? row->letter : '?');
}

const char *options_self_check(const struct opt_group *groups, size_t groups_n)
{
	/* For the one who writes rows: said once, by a test or at start. */
	static char sentence[160];
	char name[NAME_MAX_SHOWN];

	for (size_t g = 0; g < groups_n; g++) {
		for (size_t i = 0; i < groups[g].n; i++) {
			const struct opt *row = &groups[g].rows[i];
			const char *fault = row_fault(row);

			if (!fault && is_taken(groups, g, i))
				fault = "is there twice";
			if (!fault && heads_nothing(&groups[g], i))
				fault = "has no option below it";
			if (!fault)
				continue;
			name_row(row, name, sizeof(name));
			snprintf(sentence, sizeof(sentence), "%s %s", name,
				 fault);
			return sentence;
		}
	}
	return NULL;
}
