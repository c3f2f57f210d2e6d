/* SPDX-License-Identifier: BSD-2-Clause */
/* Rounds: run what is ready, receive, fire deadlines. */
#include "engine/engine.h"

#include <string.h>

#include "engine/internal.h"

/* Tasks to run before the capture is looked at again: its ring must not fill
 * while thousands of conversations start. */
#define ROUND_TASKS 256
/* New conversations to prepare ahead of their turn to send. */
#define FEED_AHEAD 64
/* A stimulus may leave that early: at high rates nobody sleeps for
 * microseconds, and the mean rate stays. */
#define PACE_SLACK_NS TIME_MS
/* While the capture drops packets, the pace is halved between these. */
#define PACE_FASTEST_LOSSY_NS (5 * TIME_US)
#define PACE_SLOWEST_NS (2 * TIME_MS)
#define LOOK_FOR_DROPS_NS (50 * TIME_MS)

struct engine *engine_new(const struct engine_config *config, struct err *err)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (!e)
		goto out_of_memory;
	e->config = *config;
	e->ready_last = &e->ready_first;
	if (config->rate)
		e->interval_ns = TIME_S / (int64_t)config->rate;
	random_seed(&e->random, config->seed);
	timers_init(&e->timers);
	e->pool = task_pool_new();
	if (!e->pool || demux_init(&e->demux))
		goto out_of_memory;
	return e;

out_of_memory:
	err_set(err, ERR_MEMORY, "start the engine: out of memory");
	engine_free(e);
	return NULL;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	demux_fini(e);
	ports_release_all(e);
	timers_fini(&e->timers);
	task_pool_free(e->pool);
	free(e);
}

static void make_ready(struct engine *e, struct engine_task *t)
{
	if (t->ready)
		return;
	t->ready = true;
	e->ready_n++;
	t->next_ready = NULL;
	*e->ready_last = t;
	e->ready_last = &t->next_ready;
}

static struct engine_task *take_ready(struct engine *e)
{
	struct engine_task *t = e->ready_first;

	if (!t)
		return NULL;
	e->ready_first = t->next_ready;
	if (!e->ready_first)
		e->ready_last = &e->ready_first;
	t->ready = false;
	e->ready_n--;
	return t;
}

int engine_spawn(struct engine *e, const struct engine_job *job)
{
	struct engine_task *t = calloc(1, sizeof(*t));

	if (!t)
		return -ERR_MEMORY;
	t->task = task_new(e->pool, job->fn, job->arg);
	if (!t->task) {
		free(t);
		return -ERR_MEMORY;
	}
	t->job = *job;
	t->next = e->tasks;
	t->link = &e->tasks;
	if (t->next)
		t->next->link = &t->next;
	e->tasks = t;
	if (job->background)
		e->background++;
	else
		e->alive++;
	make_ready(e, t);
	return 0;
}

static void task_gone(struct engine *e, struct engine_task *t)
{
	timers_cancel(&e->timers, &t->timer);
	*t->link = t->next;
	if (t->next)
		t->next->link = t->link;
	if (t->job.background)
		e->background--;
	else
		e->alive--;
	if (t->job.done)
		t->job.done(t->job.arg);
	free(t);
}

static void run_ready(struct engine *e)
{
	struct engine_task *t;

	for (int i = 0; i < ROUND_TASKS && (t = take_ready(e)); i++) {
		bool ended;

		e->current = t;
		ended = task_resume(t->task);
		e->current = NULL;
		if (ended)
			task_gone(e, t);
	}
}

bool engine_wait(struct engine *e, int64_t until_ns)
{
	struct engine_task *t = e->current;

	BUG_ON(!t);
	if (e->stopping)
		return false;
	t->woken = false;
	/* Without room for a timer there is no waiting: as if it were over. */
	if (until_ns != TIME_NEVER &&
	    timers_set(&e->timers, &t->timer, until_ns))
		return false;
	task_pause(t->task);
	timers_cancel(&e->timers, &t->timer);
	return t->woken;
}

void engine_wake(struct engine *e, struct engine_task *t)
{
	t->woken = true;
	make_ready(e, t);
}

/*
 * Deadlines up to `horizon` are believed: all that had arrived by then has
 * been looked at.
 */
static void fire(struct engine *e, int64_t horizon)
{
	struct timer *first;

	while ((first = timers_first(&e->timers)) && first->at_ns <= horizon) {
		struct engine_task *t =
			CONTAINER_OF(first, struct engine_task, timer);

		timers_cancel(&e->timers, first);
		make_ready(e, t);
	}
}

/* A sink that remembers how far the capture has been looked through. */
struct arrivals {
	struct engine *engine;
	int64_t last_ns;
};

static void arrived(void *arg, const struct link_packet *packet)
{
	struct arrivals *a = arg;

	a->last_ns = packet->t_ns;
	demux_packet(a->engine, packet);
}

static int64_t link_now(struct engine *e)
{
	return e->config.link->ops->now(e->config.link);
}

static void receive(struct engine *e, int64_t until_ns)
{
	struct link *link = e->config.link;
	struct arrivals a = { .engine = e };
	int64_t horizon = link_now(e);

	switch (link->ops->receive(link, until_ns, arrived, &a, &e->error)) {
	case LINK_QUIET:
		if (until_ns > horizon)
			horizon = link_now(e);
		break;
	case LINK_TRAFFIC:
		/* More may wait behind the batch: trust its last stamp. */
		horizon = a.last_ns - (link->ops->wall(link) - link_now(e));
		break;
	case LINK_INTERRUPTED:
		engine_stop(e, ENGINE_INTERRUPTED);
		return;
	case LINK_LOST:
		engine_stop(e, ENGINE_LINK_LOST);
		return;
	}
	fire(e, horizon);
}

/* Is there room for another conversation? Not while those that are under way
 * have something to do, and not far ahead of the turn to send. */
static bool hungry(const struct engine *e, const struct engine_feed *feed)
{
	return e->alive < feed->window && e->ready_n < ROUND_TASKS &&
	       e->pacing < FEED_AHEAD && !e->stopping;
}

static void fill(struct engine *e, const struct engine_feed *feed, bool *more)
{
	for (int i = 0; i < ROUND_TASKS && *more && hungry(e, feed); i++)
		*more = feed->next(feed->arg);
}

static int64_t sleep_until(const struct engine *e, bool more,
			   const struct engine_feed *feed)
{
	const struct timer *first = timers_first(&e->timers);

	if (e->ready_first || e->stopping || (more && hungry(e, feed)))
		return 0;
	return first ? first->at_ns : TIME_NEVER;
}

/* The capture cannot keep up: stimuli go out at half the rate from now on. */
static void slow_down(struct engine *e)
{
	int64_t interval = e->interval_ns * 2;

	if (interval < PACE_FASTEST_LOSSY_NS)
		interval = PACE_FASTEST_LOSSY_NS;
	if (interval <= PACE_SLOWEST_NS)
		e->interval_ns = interval;
}

static void look_for_drops(struct engine *e)
{
	struct link_health health = { 0 };

	e->looked_ns = link_now(e);
	e->config.link->ops->health(e->config.link, &health);
	if (health.dropped == e->drops)
		return;
	e->drops = health.dropped;
	e->drops_ns = e->looked_ns;
	slow_down(e);
}

bool engine_dropped_since(struct engine *e, int64_t since_ns)
{
	look_for_drops(e);
	return e->drops_ns >= since_ns;
}

int engine_run(struct engine *e, const struct engine_feed *feed,
	       struct err *err)
{
	bool more = true;

	for (;;) {
		int64_t until;

		fill(e, feed, &more);
		run_ready(e);
		if (!e->alive && (!more || e->stopping))
			break;
		if (e->stopping && e->ready_first)
			continue;
		until = sleep_until(e, more, feed);
		if (until && feed->idle)
			feed->idle(feed->arg);
		receive(e, until);
		if (link_now(e) - e->looked_ns > LOOK_FOR_DROPS_NS)
			look_for_drops(e);
	}
	engine_stop(e, ENGINE_RUNNING);
	while (e->background)
		run_ready(e);
	if (e->end == ENGINE_LINK_LOST) {
		*err = e->error;
		return -(int)err->code;
	}
	return 0;
}

void engine_stop(struct engine *e, enum engine_end why)
{
	if (e->end == ENGINE_RUNNING)
		e->end = why;
	if (e->stopping)
		return;
	e->stopping = true;
	for (struct engine_task *t = e->tasks; t; t = t->next) {
		timers_cancel(&e->timers, &t->timer);
		if (t != e->current)
			make_ready(e, t);
	}
}

enum engine_end engine_ended(const struct engine *e)
{
	return e->end;
}

const struct err *engine_error(const struct engine *e)
{
	return &e->error;
}

int64_t engine_now(struct engine *e)
{
	return link_now(e);
}

bool engine_sleep(struct engine *e, int64_t ns)
{
	engine_wait(e, link_now(e) + ns);
	return !e->stopping;
}

bool engine_pace(struct engine *e)
{
	int64_t now = link_now(e);
	int64_t slot;

	if (e->stopping)
		return false;
	if (!e->interval_ns)
		return true;
	if (e->slot_ns < now)
		e->slot_ns = now;
	slot = e->slot_ns;
	e->slot_ns += e->interval_ns;
	if (slot - now <= PACE_SLACK_NS)
		return true;
	e->pacing++;
	engine_wait(e, slot);
	e->pacing--;
	return !e->stopping;
}

/* What the pieces of engine_all() come back to. */
struct piece {
	struct engine *engine;
	struct engine_task *parent;
	size_t *left; /* still at work */
	task_fn *fn;
	void *arg;
};

static void piece_work(void *arg)
{
	const struct piece *p = arg;

	p->fn(p->arg);
}

static void piece_ended(void *arg)
{
	const struct piece *p = arg;

	if (--*p->left == 0)
		make_ready(p->engine, p->parent);
}

int engine_all(struct engine *e, task_fn *fn, void *const *args, size_t n)
{
	struct engine_task *me = e->current;
	struct piece *pieces = calloc(n ? n : 1, sizeof(*pieces));
	size_t left = 0;
	int ret = pieces ? 0 : -ERR_MEMORY;

	for (size_t i = 0; !ret && i < n; i++) {
		struct engine_job job = { .fn = piece_work,
					  .done = piece_ended,
					  .arg = &pieces[i] };

		pieces[i] = (struct piece){ e, me, &left, fn, args[i] };
		ret = engine_spawn(e, &job);
		if (!ret)
			left++;
	}
	/* Not engine_wait(): a stop must not let go of what they stand on. */
	while (left)
		task_pause(me->task);
	free(pieces);
	return ret;
}

/* On the stack of the task that waits. */
struct engine_waiter {
	struct engine_task *task;
	struct engine_waiter *next;
};

static void waiter_remove(struct engine_waiter **at, struct engine_waiter *w)
{
	while (*at && *at != w)
		at = &(*at)->next;
	if (*at)
		*at = w->next;
}

bool engine_gate_wait(struct engine *e, struct engine_gate *g,
		      int64_t within_ns)
{
	struct engine_waiter me = { .task = e->current, .next = g->first };

	if (g->open || e->stopping)
		return g->open;
	g->first = &me;
	engine_wait(e, within_ns == TIME_NEVER ? TIME_NEVER
					       : link_now(e) + within_ns);
	waiter_remove(&g->first, &me);
	return g->open;
}

void engine_gate_open(struct engine *e, struct engine_gate *g)
{
	g->open = true;
	for (struct engine_waiter *w = g->first; w; w = w->next)
		engine_wake(e, w->task);
}

static void waiter_append(struct engine_waiter **at, struct engine_waiter *w)
{
	while (*at)
		at = &(*at)->next;
	*at = w;
}

bool engine_turn_take(struct engine *e, struct engine_turns *t)
{
	struct engine_waiter me = { .task = e->current };

	if (e->stopping)
		return false;
	if (t->left && !t->first) {
		t->left--;
		return true;
	}
	waiter_append(&t->first, &me);
	/* Who gives one wakes the first, and only that one goes on. */
	while (!e->stopping && !(t->left && t->first == &me))
		engine_wait(e, TIME_NEVER);
	waiter_remove(&t->first, &me);
	if (e->stopping)
		return false;
	t->left--;
	if (t->left && t->first)
		engine_wake(e, t->first->task);
	return true;
}

void engine_turn_give(struct engine *e, struct engine_turns *t)
{
	t->left++;
	if (t->first)
		engine_wake(e, t->first->task);
}

struct random *engine_random(struct engine *e)
{
	return &e->random;
}

const struct engine_config *engine_config(const struct engine *e)
{
	return &e->config;
}

void engine_stats(const struct engine *e, struct engine_stats *out)
{
	*out = e->stats;
	out->tasks = e->alive;
	out->flows = e->demux.flows_n;
	out->ports = e->ports.n;
}
