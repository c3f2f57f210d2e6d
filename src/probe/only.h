/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of a probe's checks the user wants: --only, the same for every probe
 * that has it. Checks are known by the ids of their rules.
 */
#ifndef TP_PROBE_ONLY_H
#define TP_PROBE_ONLY_H

#include "base/base.h"
#include "base/err.h"
#include "cli/options.h"
#include "probe/rule.h"

struct only {
	const char *text; /* as given; NULL: nothing was */
	bool named[RULE_N];
};

/* The option's row, in a struct of settings that has a struct only. */
#define ONLY_ROW(settings, member)                                           \
	{                                                                    \
		.name = "only", .type = OPT_TEXT, .arg = "CHECK[,CHECK...]", \
		.shown = "all", .help = "make these checks only",            \
		.offset = offsetof(settings, member) +                       \
			  offsetof(struct only, text),                       \
	}

/* For prepare(): reads only->text, which may name these rules of the probe. */
int only_prepare(struct only *o, const char *probe, const enum rule_id *rules,
		 size_t n, struct err *e) MUST_CHECK;

/* Is the check to be made? All are, unless some are named. */
bool only_wants(const struct only *o, enum rule_id rule);
/* Is it named? For checks that are made on request alone. */
bool only_names(const struct only *o, enum rule_id rule);

#endif
