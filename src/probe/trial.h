/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trial: one stimulus put to a connection of its own, and what it shows of a
 * rule. One observation is enough to believe that a rule holds. A violation is
 * believed when three of three fresh connections show it, a missing answer
 * when five of five do; observations that disagree decide nothing.
 */
#ifndef TP_PROBE_TRIAL_H
#define TP_PROBE_TRIAL_H

#include "probe/probe.h"

enum trial_result {
	TRIAL_HOLDS,
	TRIAL_BROKEN,  /* what came, or what became of the connection */
	TRIAL_MUTE,    /* an answer that is owed did not come */
	TRIAL_UNKNOWN, /* nothing can be said, trial.text says why */
	TRIAL_SKIPPED, /* it does not apply here, trial.text says why */
};

#define TRIAL_TEXT_MAX 200

struct trial {
	enum trial_result result;
	char text[TRIAL_TEXT_MAX]; /* what was seen, or why nothing was */
};

void trial_set(struct trial *t, enum trial_result result, const char *fmt, ...)
	PRINTF(3, 4);

/* One trial, from a fresh connection to its end. */
typedef void trial_fn(struct probe_job *job, const void *what,
		      struct trial *out);

/* Repeat it until it is decided: HOLDS, BROKEN, MUTE, UNKNOWN or SKIPPED. */
void trial_decide(struct probe_job *job, trial_fn *fn, const void *what,
		  struct trial *out);

/* The check that it amounts to: pass, fail, inconclusive or skip. */
void trial_check(struct finding *f, enum rule_id rule, const struct trial *t);

/*
 * Several trials of one rule, as one: the first that is BROKEN or MUTE, else
 * the first UNKNOWN, else the last that HOLDS, else the last.
 */
const struct trial *trial_worst(const struct trial *trials, size_t n);

#endif
