/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keepalive (RFC 9293 3.8.4), both ways. Ours are put at once (pulse.c). For
 * the target's own idle connections are watched (idle.c), and how long the way
 * remembers them (path_timeout.c): only when asked for, because it takes long.
 */
#include "probe/keepalive.h"

#include <string.h>

#include "base/line.h"
#include "probe/idle.h"
#include "probe/path_timeout.h"
#include "probe/pulse.h"

static const struct probe_verdict verdicts[] = {
	{ "answers", "it answers our keepalives", false },
	{ "sends", "it also sends keepalives of its own", false },
	{ "silent", "our keepalives get no answer, though the target is there",
	  false },
	{ "resets", "our keepalives are answered by RST", false },
	{ "inconclusive", "no connection, or silence that proves nothing",
	  false },
};

#define ROW(member) .offset = offsetof(struct keepalive_settings, member)

static const struct opt options[] = {
	{ .name = "play",
	  .type = OPT_CHOICE,
	  .arg = "WHO",
	  ROW(play),
	  .choices = idle_play_names,
	  .help = "watch an idle connection, as a peer that is" },
	{ .name = "for",
	  .type = OPT_DURATION,
	  .arg = "DURATION",
	  ROW(for_ns),
	  .min = TIME_S,
	  .max = UINT64_C(1000) * 3600 * TIME_S,
	  .shown = "130s",
	  .help = "watch no longer than this; alone it means --play alive" },
	{ .name = "find-path-timeout",
	  .type = OPT_FLAG,
	  ROW(path),
	  .help = "find out how long a connection may be idle before "
		  "something on the way forgets it" },
	TRIGGER_ROW(struct keepalive_settings, trigger),
};

static int prepare(void *settings, struct err *e)
{
	struct keepalive_settings *s = settings;

	if (s->for_ns && !s->path && s->play == KEEPALIVE_NO_PLAY)
		s->play = IDLE_ALIVE;
	if (!s->for_ns)
		s->for_ns = KEEPALIVE_FOR_NS;
	return trigger_prepare(&s->trigger, e);
}

static void release(void *settings)
{
	struct keepalive_settings *s = settings;

	trigger_release(&s->trigger);
}

/* --- a target's turn --------------------------------------------------- */

/* All that is asked of one target. */
struct inquiry {
	struct probe_job *job;
	const struct keepalive_settings *settings;
	struct pulse empty, byte;
	struct idle *idle; /* NULL: not asked for */
	struct path_timeout path;
	bool path_asked;
};

static void no_memory(struct probe_job *job)
{
	struct err err;

	err_set(&err, ERR_MEMORY, "probe: out of memory");
	finding_fail(job->finding, &err);
}

static void feel_pulse(struct inquiry *q)
{
	void *both[] = { &q->empty, &q->byte };

	q->empty = (struct pulse){
		.job = q->job,
		.trigger = &q->settings->trigger,
		.kind = PULSE_EMPTY,
		.reached = REACHED_NOTHING,
	};
	q->byte = q->empty;
	q->byte.kind = PULSE_BYTE;
	if (engine_all(q->job->engine, pulse_feel, both, ARRAY_LEN(both)))
		no_memory(q->job);
}

/* Do any other connections make sense? */
static bool is_reachable(const struct inquiry *q)
{
	return q->empty.reached == REACHED || q->byte.reached == REACHED;
}

struct errand {
	task_fn *fn;
	void *arg;
};

static void run_errand(void *arg)
{
	const struct errand *errand = arg;

	errand->fn(errand->arg);
}

/* What takes long, at the same time. */
static void ask_idle(struct inquiry *q)
{
	const struct idle_question question = {
		.play = (enum idle_play)q->settings->play,
		.within_ns = q->settings->for_ns,
		.trigger = &q->settings->trigger,
	};
	struct errand watch = { idle_watch, NULL };
	struct errand search = { path_timeout_find, &q->path };
	void *errands[2];
	size_t n = 0;

	if (q->settings->play != KEEPALIVE_NO_PLAY) {
		watch.arg = q->idle = idle_new(q->job, &question);
		if (q->idle)
			errands[n++] = &watch;
	}
	if (q->settings->path) {
		q->path_asked = true;
		q->path = (struct path_timeout){
			.job = q->job,
			.trigger = &q->settings->trigger,
			.within_ns = q->settings->for_ns,
			.mute = q->byte.trial.result == TRIAL_MUTE,
		};
		errands[n++] = &search;
	}
	if (n && engine_all(q->job->engine, run_errand, errands, n))
		no_memory(q->job);
}

/* --- what it comes to -------------------------------------------------- */

static void fact_answers(struct finding *f, const char *name,
			 const struct pulse *p)
{
	if (p->trial.result == TRIAL_HOLDS || p->delivered)
		fact_bool(f, name, true);
	else if (p->trial.result == TRIAL_UNKNOWN)
		fact_null(f, name);
	else
		fact_bool(f, name, false);
}

static void write_facts(const struct inquiry *q)
{
	struct finding *f = q->job->finding;

	fact_answers(f, "answers_empty", &q->empty);
	fact_answers(f, "answers_one_byte", &q->byte);
	if (q->byte.echoes)
		fact_bool(f, "byte_delivered", q->byte.delivered);
	else
		fact_null(f, "byte_delivered");
	if (q->idle)
		idle_facts(q->idle, f);
	else
		fact_null(f, "target");
	if (q->path_asked)
		path_timeout_facts(&q->path, f);
}

static const char *choose_verdict(const struct inquiry *q)
{
	if (q->idle && idle_probed(q->idle))
		return "sends";
	if (q->empty.got == PULSE_ACK || q->byte.got == PULSE_ACK)
		return "answers";
	if (q->empty.got == PULSE_RST || q->byte.got == PULSE_RST)
		return "resets";
	if (q->empty.got == PULSE_SILENCE && q->byte.got == PULSE_SILENCE)
		return "silent";
	return "inconclusive";
}

static void describe_pulse(const struct inquiry *q, struct line *l)
{
	const struct pulse *good = &q->byte, *bad = &q->empty;

	if (q->empty.got == PULSE_ACK) {
		good = &q->empty;
		bad = &q->byte;
	}
	if (bad->got == PULSE_ACK)
		line_add(l, "keepalives are answered, with and without a byte");
	else if (good->got == PULSE_ACK)
		line_add(l, "keepalives %s a byte are answered; %s: %s",
			 good == &q->byte ? "with" : "without",
			 good == &q->byte ? "without" : "with",
			 bad->trial.text);
	else
		line_add(l, "keepalives: %s", q->byte.trial.text);
}

static void conclude(const struct inquiry *q)
{
	const char *verdict = choose_verdict(q);
	char text[FINDING_SUMMARY_MAX];
	struct line l = line_init(text, sizeof(text));

	if (!is_reachable(q)) {
		q->job->finding->routine = true;
		line_add(&l, "%s", q->empty.trial.text);
	} else {
		describe_pulse(q, &l);
	}
	if (q->idle) {
		line_add(&l, "; ");
		idle_describe(q->idle, &l);
	}
	if (q->path_asked) {
		line_add(&l, "; ");
		path_timeout_describe(&q->path, &l);
	}
	finding_conclude(q->job->finding, verdict,
			 strcmp(verdict, "inconclusive") == 0
				 ? OUTCOME_INCONCLUSIVE
				 : OUTCOME_PASS,
			 "%s", line_text(&l));
}

static void run(struct probe_job *job)
{
	struct inquiry q = { .job = job, .settings = job->settings };

	feel_pulse(&q);
	if (is_reachable(&q)) {
		ask_idle(&q);
		trial_check(job->finding, pulse_rule(&q.empty), &q.empty.trial);
		trial_check(job->finding, pulse_rule(&q.byte), &q.byte.trial);
		if (q.idle)
			idle_checks(q.idle, job->finding);
	}
	conclude(&q);
	write_facts(&q);
	idle_free(q.idle);
}

const struct probe keepalive_probe = {
	.name = "keepalive",
	.summary = "Is an idle connection kept alive, and by whom?",
	.options = options,
	.options_n = ARRAY_LEN(options),
	.defaults =
		&(const struct keepalive_settings){ .play = KEEPALIVE_NO_PLAY },
	.settings_size = sizeof(struct keepalive_settings),
	.prepare = prepare,
	.release = release,
	.verdicts = verdicts,
	.verdicts_n = ARRAY_LEN(verdicts),
	.run = run,
};
