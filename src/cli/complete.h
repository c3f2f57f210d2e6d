/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may stand at the cursor, from the same rows that parse. Pure: words in,
 * lines out, for the shells' scripts to read:
 *
 *	--color=always<TAB>colour; NO_COLOR is honoured
 *		a candidate for the whole word, and what it is; one that ends
 *		in "=" wants more behind it
 *	:files<TAB>--targets=
 *		the shell knows these better: files, or hosts; the part of the
 *		word that stands before them
 *
 * What is not known gets no lines: completion never complains.
 */
#ifndef TP_CLI_COMPLETE_H
#define TP_CLI_COMPLETE_H

#include <stdio.h>

#include "cli/options.h"

/* One question, as whoever offers values sees it. */
struct complete {
	FILE *out;
	const char *word; /* at the cursor */
	size_t value;	  /* where in it the value begins, */
	size_t part;	  /* and what stands behind its last comma */
	size_t operands;  /* before the cursor */
};

struct complete_source {
	const struct opt_group *groups; /* settings are not looked at */
	size_t groups_n;
	/* Offers what rows do not list: the values of a row with a hint, or
	 * with NULL the operands. */
	void (*offer)(const void *arg, const struct opt *row,
		      struct complete *c);
	const void *arg;
};

/*
 * As options_parse_args() reads: argv[0] is the command, argv[argc - 1] the
 * word at the cursor, perhaps empty; what stands behind the cursor is not
 * asked for. An option that was given is not offered again, nor is another
 * that would overrule it.
 */
void complete_args(const struct complete_source *s, int argc, char *const *argv,
		   FILE *out);

/* For offer(): tell this value if it begins with what is typed. `about` may be
 * empty. */
void complete_offer(struct complete *c, const char *value, const char *about);
/* The same for one of several, which commas separate: none twice. */
void complete_offer_part(struct complete *c, const char *value,
			 const char *about);
/* Leave it to the shell: "files", "hosts". */
void complete_by_shell(struct complete *c, const char *what);

#endif
