/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine: who is waiting for what. It resumes tasks, hands arriving
 * packets to the flow they belong to, fires deadlines, paces stimuli, and
 * owns nothing of the world but a struct link.
 *
 * Order of a round: run what is ready (a bounded number, then look at the
 * capture again), receive until the earliest deadline, fire deadlines. What
 * has arrived is always looked at before a deadline is believed, so a process
 * that was held up takes no answer for silence.
 */
#ifndef TP_ENGINE_ENGINE_H
#define TP_ENGINE_ENGINE_H

#include "base/base.h"
#include "base/err.h"
#include "base/random.h"
#include "engine/link.h"
#include "engine/task.h"

struct engine;

/*
 * Conversations at once. Each takes two memory mappings (stack and guard
 * page), and vm.max_map_count is 65,530.
 */
#define ENGINE_WINDOW_MAX 10000

struct engine_config {
	struct link *link;
	uint64_t seed;
	int64_t timeout_ns;   /* how long to wait for one answer */
	unsigned retries;     /* resend an unanswered stimulus so often */
	uint64_t rate;	      /* stimuli a second; 0 = unlimited */
	uint16_t source_port; /* first to be held; 0 = the kernel's choice */
};

/* Why a run ends before its tasks do. */
enum engine_end {
	ENGINE_RUNNING,
	ENGINE_INTERRUPTED, /* the link said so: a signal */
	ENGINE_DEADLINE,
	ENGINE_LINK_LOST,
	ENGINE_OUTPUT_GONE, /* nobody takes what is found any more */
};

struct engine *engine_new(const struct engine_config *config, struct err *e);
/* Every flow must have ended. Accepts NULL. */
void engine_free(struct engine *e);

/*
 * Start a task; `done` (may be NULL) is called with the same argument when it
 * has ended, on the engine's own stack, where there is room to print. The run
 * lasts until all tasks have ended but those of the background (progress, the
 * deadline): these are told to stop then.
 */
struct engine_job {
	task_fn *fn;
	task_fn *done;
	void *arg;
	bool background;
};
int engine_spawn(struct engine *e, const struct engine_job *job) MUST_CHECK;

/*
 * Run. `idle` (may be NULL) is called before the engine sleeps: a moment to
 * flush output. `next` is called whenever fewer than `window` tasks are alive
 * and spawns one more; false means that there is none (it is not asked again).
 * Returns 0 or the link's error; engine_ended() tells why it ended.
 */
struct engine_feed {
	bool (*next)(void *arg);
	void (*idle)(void *arg);
	void *arg;
	size_t window;
};
int engine_run(struct engine *e, const struct engine_feed *feed,
	       struct err *err);

/*
 * End the run: every wait of every task returns FLOW_STOPPED from now on,
 * sleeps return at once, flows end politely. The first reason counts.
 */
void engine_stop(struct engine *e, enum engine_end why);
enum engine_end engine_ended(const struct engine *e);
/* What the link said when it was lost. */
const struct err *engine_error(const struct engine *e);

/* Inside a task. */
int64_t engine_now(struct engine *e);
/* True when the time came, false when the engine is stopping. */
bool engine_sleep(struct engine *e, int64_t ns);
struct random *engine_random(struct engine *e);
const struct engine_config *engine_config(const struct engine *e);

/*
 * Pieces of work that do not depend on each other, at the same time: a task
 * each, fn(args[i]). Returns when all have ended, also when the run is being
 * stopped (their waits end then). 0, or -ERR_MEMORY when not all could start;
 * those that did have ended too.
 */
int engine_all(struct engine *e, task_fn *fn, void *const *args,
	       size_t n) MUST_CHECK;

/* A condition that tasks wait for together; zero it to begin with. */
struct engine_gate {
	struct engine_waiter *first;
	bool open;
};
/* Until the gate opens: true; false after `within_ns` or at the stop. */
bool engine_gate_wait(struct engine *e, struct engine_gate *g,
		      int64_t within_ns);
void engine_gate_open(struct engine *e, struct engine_gate *g);

/* Something of which tasks may have so many at once; set `left` to begin
 * with. Who waits gets one in the order of asking. */
struct engine_turns {
	unsigned left;
	struct engine_waiter *first;
};
/* True with a turn that must be given back; false at the stop. */
bool engine_turn_take(struct engine *e, struct engine_turns *t) MUST_CHECK;
void engine_turn_give(struct engine *e, struct engine_turns *t);

/* Counters of the run, for progress and for the end. */
struct engine_stats {
	uint64_t sent;	   /* packets of ours */
	uint64_t received; /* packets for flows */
	uint64_t stray;	   /* packets for nobody */
	uint64_t foreign;  /* left from our pairs, not sent by us */
	size_t tasks;	   /* alive, without the background */
	size_t flows;	   /* open or lingering */
	size_t ports;	   /* held */
};
void engine_stats(const struct engine *e, struct engine_stats *out);

#endif
