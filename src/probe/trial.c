/* SPDX-License-Identifier: BSD-2-Clause */
/* How often a trial is made until its result is believed. */
#include "probe/trial.h"

#include <stdarg.h>
#include <stdio.h>

#define BROKEN_TIMES 3
#define MUTE_TIMES 5

void trial_set(struct trial *t, enum trial_result result, const char *fmt, ...)
{
	va_list args;

	t->result = result;
	va_start(args, fmt);
	vsnprintf(t->text, sizeof(t->text), fmt, args);
	va_end(args);
}

static unsigned times_needed(enum trial_result result)
{
	switch (result) {
	case TRIAL_BROKEN:
		return BROKEN_TIMES;
	case TRIAL_MUTE:
		return MUTE_TIMES;
	case TRIAL_HOLDS:
	case TRIAL_UNKNOWN:
	case TRIAL_SKIPPED:
		break;
	}
	return 1;
}

void trial_decide(struct probe_job *job, trial_fn *fn, const void *what,
		  struct trial *out)
{
	struct trial first, again;

	fn(job, what, out);
	first = *out;
	for (unsigned n = 1; n < times_needed(out->result); n++) {
		fn(job, what, &again);
		if (again.result == out->result)
			continue;
		if (again.result == TRIAL_UNKNOWN)
			*out = again;
		else
			trial_set(out, TRIAL_UNKNOWN,
				  "observations disagree: %.80s; then %.80s",
				  first.text, again.text);
		return;
	}
}

void trial_check(struct finding *f, enum rule_id rule, const struct trial *t)
{
	switch (t->result) {
	case TRIAL_HOLDS:
		finding_check(f, rule_get(rule), OUTCOME_PASS, "%s", t->text);
		break;
	case TRIAL_BROKEN:
	case TRIAL_MUTE:
		finding_check(f, rule_get(rule), OUTCOME_FAIL, "%s", t->text);
		break;
	case TRIAL_UNKNOWN:
		finding_check_undecided(f, rule_get(rule), OUTCOME_INCONCLUSIVE,
					"%s", t->text);
		break;
	case TRIAL_SKIPPED:
		finding_check_undecided(f, rule_get(rule), OUTCOME_SKIP, "%s",
					t->text);
		break;
	}
}

/* How much a result weighs among others of its rule. */
static unsigned weight(enum trial_result result)
{
	static const unsigned weights[] = {
		[TRIAL_SKIPPED] = 0, [TRIAL_HOLDS] = 1, [TRIAL_UNKNOWN] = 2,
		[TRIAL_BROKEN] = 3,  [TRIAL_MUTE] = 3,
	};

	return weights[result];
}

const struct trial *trial_worst(const struct trial *trials, size_t n)
{
	const struct trial *worst = &trials[0];

	for (size_t i = 1; i < n; i++) {
		unsigned last = weight(worst->result);
		unsigned next = weight(trials[i].result);

		if (next > last || (next == last && next <= 1))
			worst = &trials[i];
	}
	return worst;
}
