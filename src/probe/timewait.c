/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a closed pair (RFC 9293 3.10.7.4 and 3.6.1, 6191, 1337).
 *
 * Whoever closes first keeps the pair in TIME-WAIT, so the target has to be
 * brought to it (--trigger). What it does with a pair there is asked by
 * trials, each on a pair of its own: first and alone the one that the verdict
 * hangs on, then all others at the same time, then once more and one after the
 * other those that did not pass. A small stack that takes a pair out of
 * TIME-WAIT when too many are there does so in the crowd only.
 */
#include "probe/timewait.h"

#include "probe/trial.h"
#include "probe/twresult.h"

#define WATCH_DEFAULT_NS (300 * TIME_S)
#define WATCH_MIN_NS TIME_S
#define WATCH_MAX_NS (3600 * TIME_S)
/* So many pairs in a row that do not get there: the others will not either. */
#define MISSES_MAX 2

static const struct probe_verdict verdicts[] = {
	{ "reuses", "a SYN that may reuse the pair is accepted", false },
	{ "refuses", "no SYN is accepted before TIME-WAIT is over", false },
	{ "not-in-timewait",
	  "the target did not close first, or keeps no TIME-WAIT", false },
	{ "inconclusive", "it cannot be told, with the reason", false },
};

static const struct opt options[] = {
	TRIGGER_ROW(struct timewait_settings, trigger),
	ONLY_ROW(struct timewait_settings, only),
	{
		.name = "measure",
		.type = OPT_FLAG,
		.help = "measure how long it lasts, too: most often a minute",
		.offset = offsetof(struct timewait_settings, measure),
	},
	{
		.name = "for",
		.type = OPT_DURATION,
		.arg = "DURATION",
		.min = WATCH_MIN_NS,
		.max = WATCH_MAX_NS,
		.shown = "5m",
		.help = "measure that long at most",
		.offset = offsetof(struct timewait_settings, for_ns),
	},
};

static int prepare(void *settings, struct err *e)
{
	struct timewait_settings *s = settings;
	int rc = trigger_prepare(&s->trigger, e);

	if (!rc)
		rc = only_prepare(&s->only, "timewait", twtrial_rules,
				  TWTRIAL_RULES_N, e);
	return rc;
}

static void release(void *settings)
{
	struct timewait_settings *s = settings;

	trigger_release(&s->trigger);
}

static const struct twtrial_seen *first_seen(const struct twturn *t)
{
	return &t->visits[TWTRIAL_SYN_NEW].seen;
}

/* --- making the trials ------------------------------------------------- */

/* Some are made on request only: they take long, or test what is optional. */
static bool wants(const struct timewait_settings *s, enum rule_id rule)
{
	if (rule == RULE_TW_LENGTH)
		return s->measure || only_names(&s->only, rule);
	if (rule == RULE_TW_SYN_RETURN)
		return only_names(&s->only, rule);
	return only_wants(&s->only, rule);
}

/* Why it cannot be asked of this target; NULL when it can. */
static const char *pointless(const struct twturn *t,
			     const struct twtrial_row *row)
{
	const struct twtrial_seen *first = first_seen(t);

	if (row->needs_timestamps && !first->timestamps)
		return "the target takes no timestamps";
	if (row->rule == RULE_TW_SYN_RETURN && !first->accepted)
		return "no SYN reopens the pair";
	return NULL;
}

static void make_once(void *arg)
{
	struct twvisit *v = arg;

	v->made = true;
	v->trial.row->fn(v->job, &v->trial, &v->result);
}

static bool stopped(const struct twturn *t)
{
	return engine_ended(t->job->engine) != ENGINE_RUNNING;
}

static bool make_together(struct twturn *t)
{
	void *chosen[TWTRIAL_N];
	size_t n = 0;
	struct err err;

	for (size_t i = TWTRIAL_SYN_NEW + 1; i < TWTRIAL_N; i++) {
		struct twvisit *v = &t->visits[i];

		v->pointless = pointless(t, v->trial.row);
		if (v->wanted && !v->pointless)
			chosen[n++] = v;
	}
	if (engine_all(t->job->engine, make_once, chosen, n) == 0)
		return true;
	err_set(&err, ERR_MEMORY, "start the checks: out of memory");
	finding_fail(t->job->finding, &err);
	return false;
}

/* A failure must be seen again, and a pair that did not get to TIME-WAIT may
 * get there when it is alone. */
static bool is_open(const struct twvisit *v)
{
	return v->made && v->result.result != TRIAL_HOLDS &&
	       (v->result.result != TRIAL_UNKNOWN ||
		v->seen.state != TWPAIR_THERE);
}

/* A failure that nobody could look at again is none. */
static void doubt(struct twvisit *v)
{
	struct trial once = v->result;

	if (once.result != TRIAL_UNKNOWN)
		trial_set(&v->result, TRIAL_UNKNOWN, "seen once only: %.180s",
			  once.text);
}

static void make_again(struct twturn *t)
{
	unsigned misses = 0;

	for (size_t i = TWTRIAL_SYN_NEW + 1; i < TWTRIAL_N; i++) {
		struct twvisit *v = &t->visits[i];

		if (!is_open(v))
			continue;
		if (stopped(t) || misses == MISSES_MAX) {
			doubt(v);
			continue;
		}
		probe_say(t->job, "again, and alone: %s",
			  rule_get(v->trial.row->rule)->id);
		trial_decide(t->job, v->trial.row->fn, &v->trial, &v->result);
		misses += v->seen.state != TWPAIR_THERE;
	}
}

static void make_first(struct twturn *t)
{
	struct twvisit *v = &t->visits[TWTRIAL_SYN_NEW];

	v->made = true;
	trial_decide(t->job, v->trial.row->fn, &v->trial, &v->result);
	t->job->finding->source = v->seen.local;
}

static struct twturn *turn_new(struct probe_job *job)
{
	struct twturn *t = calloc(1, sizeof(*t));
	struct err err;

	if (!t) {
		err_set(&err, ERR_MEMORY, "begin with a target: out of memory");
		finding_fail(job->finding, &err);
		return NULL;
	}
	t->job = job;
	t->settings = job->settings;
	for (size_t i = 0; i < TWTRIAL_N; i++) {
		struct twvisit *v = &t->visits[i];

		v->job = job;
		v->trial.row = &twtrial_rows[i];
		v->trial.settings = t->settings;
		v->trial.seen = &v->seen;
		v->wanted = wants(t->settings, twtrial_rows[i].rule);
	}
	return t;
}

static void run(struct probe_job *job)
{
	struct twturn *t = turn_new(job);

	if (!t)
		return;
	make_first(t);
	if (first_seen(t)->state == TWPAIR_THERE && make_together(t))
		make_again(t);
	/* Of a run that is being stopped there may be nothing to say. */
	if (!stopped(t) || first_seen(t)->accepted || first_seen(t)->refused)
		twresult_write(t);
	free(t);
}

const struct probe timewait_probe = {
	.name = "timewait",
	.summary = "What does the target let in for a pair in TIME-WAIT?",
	.options = options,
	.options_n = ARRAY_LEN(options),
	.defaults =
		&(const struct timewait_settings){
			.for_ns = WATCH_DEFAULT_NS,
		},
	.settings_size = sizeof(struct timewait_settings),
	.prepare = prepare,
	.release = release,
	.verdicts = verdicts,
	.verdicts_n = ARRAY_LEN(verdicts),
	.run = run,
};
