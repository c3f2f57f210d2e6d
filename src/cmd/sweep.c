/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All targets of a run: one task each, a bounded window of them at a time, and
 * each finding reported as soon as it is done. Memory follows the window, not
 * the number of targets.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/num.h"
#include "cmd/run.h"

/* One target's turn. */
struct turn {
	struct run *run;
	struct probe_job job;
	struct finding finding;
	int64_t start_ns;
};

static struct link *run_link(struct run *run)
{
	return live_link(run->live);
}

/* The stream of results failed: nobody reads, or the disk is full. */
static void output_failed(struct run *run)
{
	int why = errno;

	if (run->output.code)
		return;
	if (why == EPIPE)
		run->signal = SIGPIPE;
	err_set(&run->output, ERR_IO, "write the results: %s", strerror(why));
	if (run->engine)
		engine_stop(run->engine, ENGINE_OUTPUT_GONE);
}

/* The packets of a turn that is over. Without them it is not worth going on:
 * what went wrong is said when the file is closed. */
static void keep_evidence(struct turn *t)
{
	struct run *run = t->run;
	struct err err;

	if (run->evidence && evidence_add(run->evidence, t->finding.interface,
					  &t->finding.trace, &err))
		engine_stop(run->engine, ENGINE_OUTPUT_GONE);
}

static int outcome_status(const struct finding *f)
{
	switch (f->outcome) {
	case OUTCOME_PASS:
	case OUTCOME_SKIP:
		return STATUS_PASS;
	case OUTCOME_FAIL:
		return STATUS_FAIL;
	case OUTCOME_INCONCLUSIVE:
		return STATUS_INCONCLUSIVE;
	case OUTCOME_ERROR:
	case OUTCOME_N:
		break;
	}
	return err_status(f->error.code);
}

/* The outcome is what the user expects, and that no MUST is violated. */
static void judge(const struct run *run, struct finding *f)
{
	if (f->outcome == OUTCOME_ERROR)
		return;
	if (run->settings.expected_n) {
		f->unexpected = !settings_expects(&run->settings, f->verdict);
		if (!f->unexpected)
			f->outcome = OUTCOME_PASS;
		else if (f->outcome != OUTCOME_INCONCLUSIVE)
			f->outcome = OUTCOME_FAIL;
	}
	if (f->outcome == OUTCOME_PASS && finding_violates(f))
		f->outcome = OUTCOME_FAIL;
}

static void report(struct run *run, struct finding *f)
{
	judge(run, f);
	run_status(run, outcome_status(f));
	run->progress.done++;
	progress_clear(&run->progress);
	if (report_finding(run->report, f))
		output_failed(run);
}

/* --- a target's task --------------------------------------------------- */

static void turn_run(void *arg)
{
	struct turn *t = arg;

	t->job.engine = t->run->engine;
	t->run->probe->run(&t->job);
}

/* What an ending run makes of a finding: false when it is no result. */
static bool explain_end(struct turn *t)
{
	struct engine *e = t->run->engine;
	struct finding *f = &t->finding;

	if (f->outcome == OUTCOME_PASS || f->outcome == OUTCOME_FAIL)
		return true;
	switch (engine_ended(e)) {
	case ENGINE_RUNNING:
		return true;
	case ENGINE_DEADLINE:
		finding_conclude(f, "inconclusive", OUTCOME_INCONCLUSIVE,
				 "the deadline passed before there was an "
				 "answer");
		return true;
	case ENGINE_LINK_LOST:
		finding_fail(f, engine_error(e));
		return true;
	case ENGINE_INTERRUPTED:
	case ENGINE_OUTPUT_GONE:
		break;
	}
	return false;
}

static void turn_free(struct turn *t)
{
	finding_fini(&t->finding);
	free(t);
}

static void turn_report(struct turn *t)
{
	report(t->run, &t->finding);
	turn_free(t);
}

static void turn_done(void *arg)
{
	struct turn *t = arg;

	t->finding.duration_ns = engine_now(t->run->engine) - t->start_ns;
	trace_sort(&t->finding.trace);
	keep_evidence(t);
	if (explain_end(t))
		turn_report(t);
	else
		turn_free(t);
}

/* A finding that knows what it is about, and nothing else yet. */
static void finding_start(struct finding *f, const struct run *run,
			  const struct target *target)
{
	finding_init(f, run->probe->name);
	snprintf(f->host, sizeof(f->host), "%s", target->host);
	f->target = target->at;
}

static void say(void *arg, const char *text)
{
	progress_say(arg, text);
}

static struct turn *turn_new(struct run *run, const struct target *target)
{
	struct turn *t = calloc(1, sizeof(*t));
	struct link *link = run_link(run);

	if (!t)
		return NULL;
	t->run = run;
	finding_start(&t->finding, run, target);
	t->finding.started_ns = link->ops->wall(link);
	t->start_ns = link->ops->now(link);
	t->job = (struct probe_job){
		.settings = run->probe_settings,
		.hosts = run->hosts,
		.target = target->at,
		.keep_packets = run_keeps_packets(run),
		.at_length = run->settings.verbose || run->total == 1,
		.finding = &t->finding,
		.say = say,
		.say_arg = &run->progress,
	};
	return t;
}

/* A target that cannot be probed is a result too. */
static void turn_fail(struct turn *t, const struct err *why)
{
	finding_fail(&t->finding, why);
	turn_report(t);
}

/* A block's broadcast address: nobody asked for it, and nobody is there. */
static void turn_pass_over(struct turn *t, const struct err *why)
{
	finding_conclude(&t->finding, "inconclusive", OUTCOME_INCONCLUSIVE,
			 "not probed: %s", why->text);
	t->finding.routine = true;
	turn_report(t);
}

static int find_route(struct turn *t, struct err *e)
{
	struct run *run = t->run;
	struct link *link = run_link(run);
	struct route_wish wish = run_wish(run, &t->job.target.addr);
	struct route *route = &t->job.route;
	int rc = link->ops->route(link, &wish, route, e);

	if (rc)
		return rc;
	t->finding.source.addr = route->source;
	snprintf(t->finding.interface, sizeof(t->finding.interface), "%s",
		 route->interface_name);
	return 0;
}

static bool next_target(void *arg)
{
	struct run *run = arg;
	struct target target;
	struct err err;
	struct turn *t;
	int rc = targets_next(run->targets, &target, &err);

	if (rc < 0) {
		progress_clear(&run->progress);
		cmd_complain(&err);
		run_status(run, err_status(err.code));
	}
	if (rc <= 0)
		return false;
	t = turn_new(run, &target);
	if (!t) {
		err_set(&err, ERR_MEMORY, "probe %s: out of memory",
			target.host);
		cmd_complain(&err);
		run_status(run, err_status(err.code));
		return false;
	}
	if (target.error.code) {
		turn_fail(t, &target.error);
	} else if ((rc = find_route(t, &err))) {
		if (rc == -ERR_HOST && target.of_block)
			turn_pass_over(t, &err);
		else
			turn_fail(t, &err);
	} else if (engine_spawn(run->engine,
				&(struct engine_job){ .fn = turn_run,
						      .done = turn_done,
						      .arg = t })) {
		err_set(&err, ERR_MEMORY,
			"start a conversation: out of memory");
		turn_fail(t, &err);
	}
	return true;
}

static void flush(void *arg)
{
	struct run *run = arg;
	struct err err;

	if (fflush(run->results))
		output_failed(run);
	if (run->evidence && evidence_flush(run->evidence, &err))
		engine_stop(run->engine, ENGINE_OUTPUT_GONE);
}

/* --- the run as a whole ------------------------------------------------ */

void run_report_rest(struct run *run, const struct err *why)
{
	struct target target;
	struct finding f;
	struct err err;

	while (!run->output.code &&
	       targets_next(run->targets, &target, &err) > 0) {
		finding_start(&f, run, &target);
		if (target.error.code)
			finding_fail(&f, &target.error);
		else if (why)
			finding_fail(&f, why);
		else
			finding_conclude(&f, "inconclusive",
					 OUTCOME_INCONCLUSIVE,
					 "not probed: the deadline passed");
		report(run, &f);
		finding_fini(&f);
	}
}

static void deadline(void *arg)
{
	struct run *run = arg;

	if (engine_sleep(run->engine, run->settings.deadline_ns))
		engine_stop(run->engine, ENGINE_DEADLINE);
}

static void warn_about_kernel(struct run *run)
{
	struct engine_stats stats;

	engine_stats(run->engine, &stats);
	if (stats.foreign)
		cmd_warn("guard the source ports: our own kernel sent %llu "
			 "segments on our pairs; answers may be missing",
			 (unsigned long long)stats.foreign);
}

int run_sweep(struct run *run, struct err *e)
{
	struct engine_feed feed = {
		.next = next_target,
		.idle = flush,
		.arg = run,
		.window = ENGINE_WINDOW_MAX,
	};
	int rc;

	if (progress_start(&run->progress, run->engine, run->total))
		return err_set(e, ERR_MEMORY,
			       "show the progress: out of memory");
	if (run->settings.deadline_ns &&
	    engine_spawn(run->engine,
			 &(struct engine_job){ .fn = deadline,
					       .arg = run,
					       .background = true }))
		return err_set(e, ERR_MEMORY,
			       "watch the deadline: out of memory");
	rc = engine_run(run->engine, &feed, e);
	if (engine_ended(run->engine) == ENGINE_DEADLINE)
		run_report_rest(run, NULL);
	else if (engine_ended(run->engine) == ENGINE_LINK_LOST)
		run_report_rest(run, e);
	warn_about_kernel(run);
	return rc;
}
