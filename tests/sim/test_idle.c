/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Idle connections watched: schedules that are right whatever is lost, and what
 * else may end or disturb an idle connection told apart.
 */
#include <string.h>

#include "probe/idle.h"
#include "tests/sim/proof.h"
#include "tests/sim/situation.h"
#include "tests/tap.h"

/* --- schedules --------------------------------------------------------- */

/* All that is read off is right, whatever is lost: 5 % and the jitter. */
static void test_numbers(enum idle_play play)
{
	struct situation at = {
		.scene.sim.weather = { proof_weather, proof_weather },
		.port = { .role = MODEL_HOLD, KEEPALIVE(2, 1, 3) },
		.ask = { .play = (int)play, .for_ns = 60 * TIME_S },
		.leaves_open = true,
	};
	unsigned wrong = 0, seeds = proof_seeds(1000);

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct finding f;
		bool right;

		at.scene.sim.seed = at.scene.model.seed = seed;
		at.scene.ipv6 = seed % 2;
		situation_run(&at, &f);
		right = is_near(fact_number(&f, "idle_ms"), 2000);
		if (play == IDLE_GONE || play == IDLE_LOSSY)
			right &= is_near(fact_number(&f, "interval_ms"), 1000);
		if (play == IDLE_GONE)
			right &= fact_number(&f, "probes") == 3 &&
				 strcmp(fact_words(&f, "end"), "rst") == 0;
		wrong += !right;
		if (!right)
			tap_note("seed %u: %s", (unsigned)seed, f.summary);
		finding_fini(&f);
	}
	CHECK_MSG(wrong == 0, "%s: %u of %u schedules are wrong",
		  idle_play_names[play], wrong, seeds);
}

/* The default of every system: two hours, and nine times 75 s. */
static void test_two_hours(void)
{
	static const struct {
		enum idle_play play;
		const char *end, *summary;
	} cases[] = {
		{ IDLE_ALIVE, "answered", "answered, the connection stays" },
		{ IDLE_REBOOTED, "gave-up", "our RST ends the connection" },
		{ IDLE_GONE, "rst", "9 times 1 min 15 s apart, then resets" },
		{ IDLE_LOSSY, "answered", "again 1 min 15 s after one that" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct situation at = {
			.port = { .role = MODEL_HOLD, KEEPALIVE(7200, 75, 9) },
			.ask = { .play = (int)cases[i].play,
				 .for_ns = 36000 * TIME_S },
		};
		struct finding f;

		situation_run(&at, &f);
		expect_finding(&f, "sends", cases[i].summary);
		CHECK_INT(fact_number(&f, "idle_ms"), 7200000);
		CHECK_TEXT(fact_words(&f, "end"), cases[i].end);
		expect_check(&f, RULE_KA_DEFAULT, OUTCOME_PASS, "2 h");
		if (cases[i].play == IDLE_GONE) {
			CHECK_INT(fact_number(&f, "interval_ms"), 75000);
			CHECK_INT(fact_number(&f, "probes"), 9);
			CHECK_INT(fact_number(&f, "watched_ms"), 7875000);
		}
		CHECK(!finding_violates(&f));
		finding_fini(&f);
	}
}

/* --- what else ends an idle connection --------------------------------- */

struct ending {
	const char *name;
	struct model_port port;
	struct box box;
	const char *summary;
	const char *how, *by; /* NULL: it does not end */
	int64_t after_ms;
};

static void expect_ending(const struct finding *f, const struct ending *want)
{
	expect_finding(f, "answers", want->summary);
	CHECK(fact_is_null(f, "target"));
	CHECK(!strstr(f->summary, "spoke by itself"));
	expect_check(f, RULE_KA_ANSWERED, OUTCOME_SKIP, "no probe came within");
	if (want->how) {
		CHECK_TEXT(fact_words(f, "how"), want->how);
		CHECK_TEXT(fact_words(f, "by"), want->by);
		CHECK_INT(fact_number(f, "after_ms"), want->after_ms);
	} else {
		CHECK(fact_is_null(f, "idle_close"));
	}
}

static void test_endings(void)
{
	static const struct ending cases[] = {
		{ .name = "the service closes",
		  .port = { .patience_ns = 60 * TIME_S },
		  .summary = "no probe; the service closes an idle connection "
			     "after 1 min",
		  .how = "fin",
		  .by = "target",
		  .after_ms = 60000 },
		{ .name = "the service resets",
		  .port = { .patience_ns = 60 * TIME_S, .abortive = true },
		  .summary = "no probe; the target resets an idle connection "
			     "after 1 min",
		  .how = "rst",
		  .by = "target",
		  .after_ms = 60000 },
		{ .name = "the service says why, and closes",
		  .port = { .role = MODEL_BANNER,
			    .closes = true,
			    .after_ns = 10 * TIME_S },
		  .summary = "no probe; the service closes an idle connection "
			     "after 10.0 s",
		  .how = "fin",
		  .by = "target",
		  .after_ms = 10000 },
		{ .name = "a box resets",
		  .box = { .resets_at_ns = 30 * TIME_S, .ttl = 60 },
		  .summary = "something on the way resets an idle connection "
			     "after 30.0 s: ttl 60, the target's own is 64",
		  .how = "rst",
		  .by = "path",
		  .after_ms = 30000 },
		{ .name = "a box drops",
		  .box = { .forgets_ns = 40 * TIME_S },
		  .summary = "no probe within 1 min 40 s; by then nothing "
			     "answers any more" },
		{ .name = "a box forgets, and resets what comes then",
		  .box = { .forgets_ns = 40 * TIME_S,
			   .resets = true,
			   .ttl = 64 },
		  .summary = "no probe within 1 min 40 s; the connection is "
			     "gone by then, without a word" },
		{ .name = "nothing happens",
		  .summary = "no probe within 1 min 40 s (the default is two "
			     "hours: --for 2h15m)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct box box = cases[i].box;
		struct situation at = {
			.port = cases[i].port,
			.hook = box_hook,
			.hook_arg = &box,
			.ask = { .play = IDLE_ALIVE, .for_ns = 100 * TIME_S },
			.leaves_open = box.forgets_ns || box.resets_at_ns,
		};
		struct finding f;

		if (!at.port.role)
			at.port.role = MODEL_HOLD;
		tap_note("%s", cases[i].name);
		situation_run(&at, &f);
		expect_ending(&f, &cases[i]);
		finding_fini(&f);
	}
}

/*
 * An application that resets has nothing to do with keepalives: no violation,
 * and its own time, also where that is when the next probe would have come, or
 * when one has just got no answer.
 */
static void test_impatient_prober(enum idle_play play, int64_t patience_ns)
{
	struct situation at = {
		.port = { .role = MODEL_HOLD,
			  .patience_ns = patience_ns,
			  .abortive = true,
			  KEEPALIVE(2, 1, 3) },
		.ask = { .play = (int)play, .for_ns = 100 * TIME_S },
	};
	struct finding f;

	situation_run(&at, &f);
	expect_finding(&f, "sends",
		       "the target resets an idle connection after ");
	CHECK(!finding_violates(&f));
	CHECK_INT(fact_number(&f, "after_ms"), patience_ns / TIME_MS);
	CHECK(fact_is_null(&f, "interval_ms"));
	CHECK_TEXT(fact_words(&f, "by"), "target");
	finding_fini(&f);
}

/* What the service says meanwhile is taken, and the clock starts again. One
 * byte of it is no probe, though it looks like one when it is repeated. */
static void test_data_meanwhile(const char *said)
{
	struct situation at = {
		.port = { .role = MODEL_BANNER,
			  .banner = said,
			  .after_ns = 3 * TIME_S,
			  KEEPALIVE(4, 1, 3) },
		.ask = { .play = IDLE_GONE, .for_ns = 100 * TIME_S },
	};

	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct finding f;

		at.scene.sim.seed = seed;
		if (seed > 1) {
			at.scene.sim.weather[SIM_OUT] = proof_weather;
			at.scene.sim.weather[SIM_IN] = proof_weather;
			at.leaves_open = true;
		}
		situation_run(&at, &f);
		expect_finding(&f, "sends",
			       "the service spoke by itself meanwhile");
		CHECK(is_near(fact_number(&f, "idle_ms"), 4000));
		CHECK(is_near(fact_number(&f, "interval_ms"), 1000));
		CHECK_INT(fact_number(&f, "probes"), 3);
		expect_check(&f, RULE_KA_PROBE_FORMAT, OUTCOME_PASS, "");
		finding_fini(&f);
	}
}

/* The watch's bare ACKs are lost at first: the target opens when it has
 * repeated its SYN-ACK, and its clock starts then. The first two ports are our
 * own keepalives'. */
static enum sim_fate lose_acks(void *arg, struct simlink *sim,
			       struct sim_datagram *d)
{
	uint16_t *last = arg;
	struct segment s;

	(void)sim;
	if (d->dir == SIM_IN || segment_parse(d->bytes, d->len, &s))
		return SIM_PASS;
	if (!*last)
		*last = (uint16_t)(s.sport + 1);
	return s.sport > *last && s.flags == TCP_ACK && !s.payload_len &&
			       d->now_ns < SIM_START_NS + 1200 * TIME_MS
		       ? SIM_DROP
		       : SIM_PASS;
}

static void test_late_open(void)
{
	uint16_t last = 0;
	struct situation at = {
		.port = { .role = MODEL_HOLD, KEEPALIVE(2, 1, 3) },
		.hook = lose_acks,
		.hook_arg = &last,
		.ask = { .play = IDLE_GONE, .for_ns = 20 * TIME_S },
	};
	struct finding f;

	situation_run(&at, &f);
	expect_finding(&f, "sends", "the target opened it late");
	CHECK_INT(fact_number(&f, "idle_ms"), 2000);
	CHECK_INT(fact_number(&f, "probes"), 3);
	finding_fini(&f);
}

/* --- runs that end early, and targets side by side --------------------- */

static void test_stop(void)
{
	for (int64_t at_ms = 100; at_ms <= 8100; at_ms += 400) {
		struct situation at = {
			.scene.sim.interrupted_at_ns =
				SIM_START_NS + at_ms * TIME_MS,
			.port = { .role = MODEL_HOLD, KEEPALIVE(2, 1, 30) },
			.ask = { .play = (int)(at_ms / 100 % IDLE_PLAYS_N),
				 .for_ns = 3600 * TIME_S,
				 .path = true },
		};
		struct finding f;

		situation_run(&at, &f);
		CHECK_MSG(!finding_violates(&f), "stopped after %d ms: %s",
			  (int)at_ms, f.summary);
		finding_fini(&f);
	}
}

/* Numbers that were read off a capture with holes are none. */
static void test_doubt(void)
{
	struct situation at = {
		.scene.sim = { .seed = 3, .capture_drop_ppm = 50000 },
		.port = { .role = MODEL_HOLD },
		.ask = { .play = IDLE_GONE, .for_ns = 20 * TIME_S },
		.leaves_open = true,
	};
	struct finding f;

	situation_run(&at, &f);
	CHECK(strstr(f.summary, "the capture dropped packets") != NULL);
	expect_check(&f, RULE_KA_DEFAULT, OUTCOME_INCONCLUSIVE,
		     "the capture dropped packets");
	finding_fini(&f);
}

struct many {
	struct scene *scene;
	struct keepalive_settings ask;
	struct probe_job jobs[40];
	struct finding findings[40];
};

static void run_job(void *job)
{
	keepalive_probe.run(job);
}

static void run_many(void *arg)
{
	struct many *m = arg;
	void *args[ARRAY_LEN(m->jobs)];

	for (size_t i = 0; i < ARRAY_LEN(m->jobs); i++) {
		finding_init(&m->findings[i], "keepalive");
		m->jobs[i] = (struct probe_job){
			.engine = m->scene->engine,
			.settings = &m->ask,
			.hosts = m->scene->hosts,
			.target = scene_target(m->scene,
					       (uint16_t)(SITUATION_PORT + i)),
			.route = m->scene->route,
			.finding = &m->findings[i],
		};
		args[i] = &m->jobs[i];
	}
	BUG_ON(engine_all(m->scene->engine, run_job, args, ARRAY_LEN(m->jobs)));
}

/* Each with an idle time of its own. */
static void test_many(void)
{
	static struct many m;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .rate = 1000 });
	m.scene = &s;
	m.ask = (struct keepalive_settings){ .play = IDLE_GONE,
					     .for_ns = 200 * TIME_S };
	for (size_t i = 0; i < ARRAY_LEN(m.jobs); i++)
		model_port(s.target.model,
			   &(struct model_port){
				   .port = (uint16_t)(SITUATION_PORT + i),
				   .role = MODEL_HOLD,
				   KEEPALIVE(2 + (int64_t)i, 1, 3) });
	scene_run(&s, run_many, &m);
	for (size_t i = 0; i < ARRAY_LEN(m.jobs); i++) {
		CHECK(is_near(fact_number(&m.findings[i], "idle_ms"),
			      2000 + 1000 * (int64_t)i));
		CHECK_INT(fact_number(&m.findings[i], "probes"), 3);
		finding_fini(&m.findings[i]);
	}
	scene_close(&s);
}

int main(void)
{
	for (int play = 0; play < IDLE_PLAYS_N; play++)
		test_numbers((enum idle_play)play);
	test_two_hours();
	test_endings();
	test_impatient_prober(IDLE_ALIVE, 7 * TIME_S);
	test_impatient_prober(IDLE_ALIVE, 6 * TIME_S);
	test_impatient_prober(IDLE_LOSSY, 3400 * TIME_MS);
	test_impatient_prober(IDLE_GONE, 3400 * TIME_MS);
	test_late_open();
	test_data_meanwhile("hello\n");
	test_data_meanwhile("x");
	test_stop();
	test_doubt();
	test_many();
	return tap_done();
}
