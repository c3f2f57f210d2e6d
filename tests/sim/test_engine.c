/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine's rounds: window, pace, gates, turns, stops, ten thousand at once.
 */
#include <string.h>
#include <sys/resource.h>

#include "tests/sim/scene.h"
#include "tests/tap.h"

struct crowd {
	struct scene *scene;
	task_fn *fn;
	size_t total, started, ended;
	size_t alive, alive_max;
	int64_t first_ns, last_ns;
	size_t window;
	enum flow_event events[1024];
};

struct member {
	struct crowd *crowd;
	size_t i;
};

static void member_done(void *arg)
{
	struct member *m = arg;

	m->crowd->ended++;
	m->crowd->alive--;
	free(m);
}

static bool next_member(void *arg)
{
	struct crowd *c = arg;
	struct member *m;

	if (c->started == c->total)
		return false;
	m = malloc(sizeof(*m));
	BUG_ON(!m);
	*m = (struct member){ .crowd = c, .i = c->started++ };
	if (++c->alive > c->alive_max)
		c->alive_max = c->alive;
	BUG_ON(engine_spawn(c->scene->engine,
			    &(struct engine_job){ .fn = c->fn,
						  .done = member_done,
						  .arg = m }));
	return true;
}

static int run_crowd(struct crowd *c)
{
	struct engine_feed feed = {
		.next = next_member,
		.arg = c,
		.window = c->window ? c->window : 100,
	};
	struct err err;

	return engine_run(c->scene->engine, &feed, &err);
}

/* --- pace -------------------------------------------------------------- */

static const struct stimulus bare = {
	.flags = TCP_RST,
	.why = "a stimulus",
};

static void send_one(void *arg)
{
	struct member *m = arg;
	struct crowd *c = m->crowd;
	struct flow *f = scene_flow(c->scene, (uint16_t)(1000 + m->i));

	CHECK_MSG(flow_send(f, &bare) == 0, "sent %zu", m->i);
	c->last_ns = engine_now(c->scene->engine);
	flow_end(f);
}

static void test_pace(void)
{
	struct crowd c = { .fn = send_one, .total = 101, .window = 50 };
	struct scene s;

	scene_open(&s, &(struct scene_config){ .rate = 50 });
	c.scene = &s;
	c.first_ns = engine_now(s.engine);
	CHECK_INT(run_crowd(&c), 0);
	CHECK_INT(c.ended, 101);
	/* 100 intervals of 20 ms. */
	CHECK_INT((c.last_ns - c.first_ns) / TIME_MS, 2000);
	CHECK(c.alive_max <= 50);
	scene_close(&s);
}

static void wait_long(void *arg)
{
	struct member *m = arg;
	struct flow *f = scene_flow(m->crowd->scene, (uint16_t)(1 + m->i));
	const struct reply *reply;

	m->crowd->events[m->i] = flow_handshake(f, &reply);
	flow_end(f);
}

/* A capture that cannot keep up is given less to do. */
static void test_slow_down(void)
{
	struct crowd c = { .fn = wait_long, .total = 100, .window = 100 };
	struct simlink_counts counts;
	int64_t took;
	struct scene s;

	scene_open(&s, &(struct scene_config){
			       .no_peer = true,
			       .retries = 12,
			       .sim.capture_drop_ppm = 1000000,
		       });
	c.scene = &s;
	CHECK_INT(run_crowd(&c), 0);
	simlink_counts(s.sim, &counts);
	/* The resets at the end are not paced: the SYNs before them are. */
	CHECK_INT(counts.sent, 100 * (13 + 1));
	CHECK(simlink_sent(s.sim, 99)->at_ns == simlink_sent(s.sim, 0)->at_ns);
	took = engine_now(s.engine) - SIM_START_NS;
	CHECK_MSG(took > 13 * TIME_S + 50 * TIME_MS,
		  "the pace was slowed down: %d ms", (int)(took / TIME_MS));
	scene_close(&s);
}

/* --- ten thousand ------------------------------------------------------ */

static void live_long(void *arg)
{
	struct member *m = arg;
	struct crowd *c = m->crowd;
	struct flow *f = scene_flow(c->scene, (uint16_t)(1 + m->i));
	const struct reply *reply;

	if (flow_handshake(f, &reply) != FLOW_SEGMENT ||
	    !engine_sleep(c->scene->engine, 60 * TIME_S) ||
	    flow_alive(f) != FLOW_ALIVE)
		c->first_ns++; /* counts failures */
	flow_end(f);
}

/* A target that holds no state: ten thousand of it cost nothing. */
static void stateless(struct scriptpeer *p, int64_t now_ns,
		      const uint8_t *bytes, size_t len)
{
	struct segment in, out;
	uint8_t packet[64];

	(void)now_ns;
	if (segment_parse(bytes, len, &in) != SEGMENT_OK || in.flags & TCP_RST)
		return;
	out = scene_answer(&in, TCP_ACK);
	out.seq = in.ack;
	out.ack = in.seq + segment_len(&in);
	out.window = 1000;
	if (in.flags & TCP_SYN)
		out.flags |= TCP_SYN;
	else if (!in.payload_len)
		return;
	simlink_emit(p->sim, &p->peer, TIME_MS, packet,
		     segment_build(&out, packet, sizeof(packet)));
}

/* Conversations that are all open at once, and what they take. */
static void test_ten_thousand(void)
{
	struct crowd c = { .fn = live_long,
			   .total = ENGINE_WINDOW_MAX,
			   .window = ENGINE_WINDOW_MAX };
	struct rusage usage;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .script = stateless });
	c.scene = &s;
	CHECK_INT(run_crowd(&c), 0);
	CHECK_INT(c.ended, ENGINE_WINDOW_MAX);
	CHECK_INT(c.alive_max, ENGINE_WINDOW_MAX);
	CHECK_INT(c.first_ns, 0);
	getrusage(RUSAGE_SELF, &usage);
	tap_note("peak memory %ld MB, simulation included",
		 usage.ru_maxrss / 1024);
	scene_close(&s);
}

/* --- ends -------------------------------------------------------------- */

static void stop_soon(void *arg)
{
	struct scene *s = arg;

	if (engine_sleep(s->engine, 100 * TIME_MS))
		engine_stop(s->engine, ENGINE_DEADLINE);
}

static void check_all_stopped(const struct crowd *c)
{
	bool all = true;

	for (size_t i = 0; i < c->started; i++)
		all &= c->events[i] == FLOW_STOPPED;
	CHECK_MSG(all, "%zu waits were told to stop", c->started);
	CHECK_INT(c->ended, c->started);
}

static void test_stop(void)
{
	struct crowd c = { .fn = wait_long, .total = 500, .window = 200 };
	struct scene s;

	scene_open(&s, &(struct scene_config){ .no_peer = true });
	c.scene = &s;
	BUG_ON(engine_spawn(s.engine,
			    &(struct engine_job){ .fn = stop_soon,
						  .arg = &s,
						  .background = true }));
	CHECK_INT(run_crowd(&c), 0);
	CHECK_INT(engine_ended(s.engine), ENGINE_DEADLINE);
	CHECK_INT(c.started, 200);
	check_all_stopped(&c);
	scene_close(&s);
}

/* A signal ends the run; what was open on the target is reset. */
static void test_interrupt(void)
{
	struct crowd c = { .fn = live_long, .total = 50, .window = 50 };
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	for (uint16_t port = 1; port <= 50; port++)
		model_port(s.target.model,
			   &(struct model_port){ .port = port,
						 .role = MODEL_HOLD });
	simlink_interrupt_at(s.sim, simlink_now(s.sim) + 5 * TIME_S);
	c.scene = &s;
	CHECK_INT(run_crowd(&c), 0);
	CHECK_INT(engine_ended(s.engine), ENGINE_INTERRUPTED);
	CHECK_INT(c.ended, 50);
	scene_close(&s);
}

static void test_lost_capture(void)
{
	struct crowd c = { .fn = wait_long, .total = 20, .window = 20 };
	struct scene s;

	scene_open(&s, &(struct scene_config){ .no_peer = true });
	simlink_lose_capture_at(s.sim, simlink_now(s.sim) + TIME_S / 2);
	c.scene = &s;
	CHECK(run_crowd(&c) < 0);
	CHECK_INT(engine_ended(s.engine), ENGINE_LINK_LOST);
	CHECK_INT(engine_error(s.engine)->code, ERR_CAPTURE);
	check_all_stopped(&c);
	scene_close(&s);
}

/* --- gates ------------------------------------------------------------- */

static struct engine_gate gate;
static int passed;

static void pass_gate(void *arg)
{
	struct member *m = arg;
	struct engine *e = m->crowd->scene->engine;

	if (m->i == 5) {
		engine_sleep(e, TIME_S);
		engine_gate_open(e, &gate);
	} else if (m->i == 6) {
		/* Too impatient. */
		CHECK(!engine_gate_wait(e, &gate, TIME_S / 2));
	} else {
		passed += engine_gate_wait(e, &gate, TIME_NEVER);
	}
}

static void test_gate(void)
{
	struct crowd c = { .fn = pass_gate, .total = 12, .window = 12 };
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	c.scene = &s;
	CHECK_INT(run_crowd(&c), 0);
	CHECK_INT(passed, 10);
	scene_close(&s);
}

/* --- turns ------------------------------------------------------------- */

/* Twelve want one of three, for a second each. */
struct turns_seen {
	struct engine_turns turns;
	unsigned held, most, denied;
	size_t order[12];
	size_t taken;
};
static struct turns_seen turns_seen;

static void take_a_turn(void *arg)
{
	struct member *m = arg;
	struct engine *e = m->crowd->scene->engine;
	struct turns_seen *t = &turns_seen;

	if (!engine_turn_take(e, &t->turns)) {
		t->denied++;
		return;
	}
	t->order[t->taken++] = m->i;
	if (++t->held > t->most)
		t->most = t->held;
	engine_sleep(e, TIME_S);
	t->held--;
	engine_turn_give(e, &t->turns);
}

static void test_turns(bool stop)
{
	struct crowd c = { .fn = take_a_turn, .total = 12, .window = 12 };
	bool in_order = true;
	int64_t start;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	if (stop)
		simlink_interrupt_at(s.sim,
				     simlink_now(s.sim) + 1500 * TIME_MS);
	c.scene = &s;
	turns_seen = (struct turns_seen){ .turns.left = 3 };
	start = simlink_now(s.sim);
	CHECK_INT(run_crowd(&c), 0);
	for (size_t i = 0; i < turns_seen.taken; i++)
		in_order &= turns_seen.order[i] == i;
	CHECK(in_order);
	CHECK_INT(turns_seen.most, 3);
	CHECK_INT(turns_seen.turns.left, 3);
	CHECK(turns_seen.turns.first == NULL);
	CHECK_INT(turns_seen.taken, stop ? 6 : 12);
	CHECK_INT(turns_seen.denied, stop ? 6 : 0);
	CHECK_INT(simlink_now(s.sim) - start,
		  stop ? 1500 * TIME_MS : 4 * TIME_S);
	scene_close(&s);
}

/* --- ports ------------------------------------------------------------- */

static void open_many(void *arg)
{
	struct scene *s = arg;
	struct flow *flows[8];
	struct engine_stats stats;
	bool distinct = true;

	/* The same target: a port of its own for each. */
	for (int i = 0; i < 8; i++)
		flows[i] = scene_flow(s, 80);
	for (int i = 1; i < 8; i++)
		distinct &= flow_numbers(flows[i])->local.port !=
			    flow_numbers(flows[i - 1])->local.port;
	CHECK(distinct);
	engine_stats(s->engine, &stats);
	CHECK_INT(stats.ports, 8);
	for (int i = 0; i < 8; i++)
		flow_end(flows[i]);
	/* Other targets: the first port serves them all. */
	for (int i = 0; i < 8; i++)
		flows[i] = scene_flow(s, (uint16_t)(100 + i));
	engine_stats(s->engine, &stats);
	CHECK_INT(stats.ports, 8);
	for (int i = 0; i < 8; i++)
		flow_end(flows[i]);
}

static void test_ports(void)
{
	struct flow_spec spec = { 0 };
	struct scene s;
	struct flow *f;
	struct err err;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	scene_run(&s, open_many, &s);
	scene_close(&s);

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	simlink_fail_hold(s.sim, 1, ERR_BUSY);
	spec.remote = scene_target(&s, 80);
	spec.route = &s.route;
	CHECK_INT(flow_open(s.engine, &spec, &f, &err), -ERR_BUSY);
	CHECK(f == NULL);
	scene_close(&s);
}

/* Three pieces that sleep for different times; then the run is stopped. */
struct nap {
	struct engine *engine;
	int64_t ns, woke_ns;
	bool whole;
};

static void take_nap(void *arg)
{
	struct nap *nap = arg;

	nap->whole = engine_sleep(nap->engine, nap->ns);
	nap->woke_ns = engine_now(nap->engine);
}

struct nursery {
	struct scene *scene;
	struct nap naps[3];
	int64_t took_ns;
	int stop_after_ms;
};

static void watch_naps(void *arg)
{
	struct nursery *n = arg;
	struct engine *e = n->scene->engine;
	int64_t start = engine_now(e);
	void *args[ARRAY_LEN(n->naps)];

	for (size_t i = 0; i < ARRAY_LEN(n->naps); i++) {
		n->naps[i] =
			(struct nap){ e, (int64_t)(i + 1) * TIME_S, 0, false };
		args[i] = &n->naps[i];
	}
	CHECK_INT(engine_all(e, take_nap, args, ARRAY_LEN(args)), 0);
	n->took_ns = engine_now(e) - start;
	CHECK_INT(engine_all(e, take_nap, NULL, 0), 0);
}

static void end_naps(void *arg)
{
	struct nursery *n = arg;

	engine_sleep(n->scene->engine, n->stop_after_ms * TIME_MS);
	engine_stop(n->scene->engine, ENGINE_DEADLINE);
}

static void test_all(void)
{
	struct nursery n = { 0 };
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	n.scene = &s;
	scene_run(&s, watch_naps, &n);
	CHECK_INT(n.took_ns, 3 * TIME_S);
	CHECK(n.naps[0].whole && n.naps[1].whole && n.naps[2].whole);
	scene_close(&s);

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	n.stop_after_ms = 1500;
	BUG_ON(engine_spawn(s.engine,
			    &(struct engine_job){ .fn = end_naps,
						  .arg = &n,
						  .background = true }));
	scene_run(&s, watch_naps, &n);
	CHECK_INT(n.took_ns, 1500 * TIME_MS);
	CHECK(n.naps[0].whole && !n.naps[1].whole && !n.naps[2].whole);
	scene_close(&s);
}

int main(void)
{
	test_pace();
	test_slow_down();
	test_stop();
	test_interrupt();
	test_lost_capture();
	test_gate();
	test_turns(false);
	test_turns(true);
	test_all();
	test_ports();
	test_ten_thousand();
	return tap_done();
}
