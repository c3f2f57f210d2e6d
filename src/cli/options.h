/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options as typed rows: the one source of parsing, --help, completion and the
 * check of the man pages. A row says where its value goes as an offset into a
 * settings struct, whose defaults the caller has filled in.
 *
 * A command with many options puts headings among its rows. In --help a
 * heading begins a section of its own, and one that comes first stands in the
 * place of the group's title:
 *
 *	{ .type = OPT_HEADING, .help = "The TCP header" },
 *	{ .name = "flags", .type = OPT_TEXT, … },
 */
#ifndef TP_CLI_OPTIONS_H
#define TP_CLI_OPTIONS_H

#include "base/base.h"
#include "base/err.h"

enum opt_type {
	OPT_FLAG,     /* bool: set to true */
	OPT_HELP,     /* the same, and what follows it is not read */
	OPT_NUMBER,   /* uint64_t within min..max */
	OPT_DURATION, /* int64_t nanoseconds within min..max */
	OPT_TEXT,     /* const char *, in argv */
	OPT_CHOICE,   /* int: index into choices */
	OPT_SET,      /* int: `value` (as -4 and -6 do) */
	OPT_HEADING,  /* no option: `help` is the title of those below it */
	OPT_TYPES_N
};

/* What a text is, for those who complete it. */
enum opt_hint {
	HINT_NONE,
	HINT_FILE,
	HINT_INTERFACE, /* of this host, by name */
	HINT_ADDRESS,	/* of this host */
	HINT_VERDICTS,	/* of the command, with commas between them */
	HINT_N
};

struct opt {
	char letter;	  /* 0: none */
	const char *name; /* NULL: a letter only */
	enum opt_type type;
	const char *arg; /* "DURATION", "NAME"; NULL for flags */
	const char *help;
	const char *shown; /* the default as --help shows it; NULL: none */
	size_t offset;
	uint64_t min, max; /* NUMBER as is, DURATION in ns; max 0: no bound */
	int value;	   /* SET */
	const char *const *choices; /* CHOICE: NULL-terminated */
	enum opt_hint hint;	    /* TEXT */
};

struct opt_group {
	const char *title; /* "Options of nolisten"; NULL: not in --help */
	const struct opt *rows;
	size_t n;
	void *settings; /* what the offsets count from; NULL for help only */
};

/*
 * The row of "name" (the first `len` bytes) or of a letter, and in *group where
 * it stands; NULL when there is none.
 */
const struct opt *options_find(const struct opt_group *groups, size_t groups_n,
			       const char *name, size_t len,
			       const struct opt_group **group);
const struct opt *options_find_letter(const struct opt_group *groups,
				      size_t groups_n, char letter,
				      const struct opt_group **group);
bool options_takes_value(const struct opt *row);

/*
 * Read argv[1..]: options may stand among the operands, letters may be
 * bundled, values follow as "-t1s", "-t 1s", "--timeout=1s", "--timeout 1s";
 * "--" ends the options, "-" is an operand. Names are exact. The operands are
 * gathered at the front of argv (from argv[0] on); returns their number, or
 * -ERR_USAGE with a sentence that names the option ("did you mean" included).
 * Whatever comes first decides: behind --help nothing can be wrong any more.
 */
int options_parse_args(const struct opt_group *groups, size_t groups_n,
		       int argc, char **argv, struct err *e) MUST_CHECK;

/* Rows contradict themselves or each other: a sentence; NULL when all fit. */
const char *options_self_check(const struct opt_group *groups, size_t groups_n);

/* The nearest of `n` words, or NULL when none is near. */
const char *options_nearest(const char *word, const char *const *words,
			    size_t n);

#endif
