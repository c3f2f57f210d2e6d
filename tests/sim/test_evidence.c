/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packets as evidence: whatever the weather, each says what it was sent
 * for or taken for, and which check it serves.
 */
#include <string.h>

#include "probe/nolisten.h"
#include "tests/sim/scene.h"
#include "tests/tap.h"

enum { LISTENING = 80, FILTERED = 82, CLOSED = 83 };

static void set_ports(struct scene *s)
{
	static const struct model_port ports[] = {
		{ .port = LISTENING, .role = MODEL_LISTEN },
		{ .port = FILTERED, .role = MODEL_FILTERED },
	};

	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		model_port(s->target.model, &ports[i]);
}

static size_t count_check(const struct trace *t, const char *id)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->entries[i].check &&
		     strcmp(t->entries[i].check, id) == 0;
	return n;
}

static size_t count_note(const struct trace *t, const char *note)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->entries[i].note &&
		     strcmp(t->entries[i].note, note) == 0;
	return n;
}

static size_t count_unexplained(const struct trace *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += !t->entries[i].note || !*t->entries[i].note;
	return n;
}

static void ask(const struct scene_config *config, uint16_t port,
		struct finding *f)
{
	static const struct nolisten_settings with_checks = { .checks = true };
	struct scene s;

	scene_open(&s, config);
	set_ports(&s);
	scene_probe(&s, &nolisten_probe, &with_checks, port, f);
	s.leaves_open = true;
	scene_close(&s);
}

/* Of each check that was put: its packets say so, answers too. */
static void test_checks(void)
{
	static const uint16_t ports[] = { LISTENING, CLOSED };

	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		struct finding f;

		ask(&(struct scene_config){ .sim.seed = 1 }, ports[i], &f);
		CHECK(f.checks_n > 0);
		for (size_t c = 0; c < f.checks_n; c++) {
			const struct rule *rule = f.checks[c].rule;
			size_t n = count_check(&f.trace, rule->id);

			/* That one is judged by the first SYN-ACK. */
			if (rule == rule_get(RULE_LISTEN_SYNACK_SHAPE))
				CHECK_INT(n, 0);
			else
				CHECK_MSG(n >= 2, "%s: %zu packets", rule->id,
					  n);
		}
		CHECK_INT(count_unexplained(&f.trace), 0);
		CHECK_INT(count_note(&f.trace, "an answer"), 0);
		finding_fini(&f);
	}
}

static void test_storm(void)
{
	static const uint16_t ports[] = { LISTENING, FILTERED, CLOSED };
	struct scene_config config = {
		.sim.gateway = true,
		.sim.weather = { scene_storm, scene_storm },
		.retries = 12,
	};
	size_t unexplained = 0, repeated = 0, late = 0, malformed = 0;

	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct finding f;

		config.sim.seed = seed;
		config.ipv6 = seed % 2;
		ask(&config, ports[seed % ARRAY_LEN(ports)], &f);
		unexplained += count_unexplained(&f.trace);
		repeated +=
			count_note(&f.trace, "does anybody listen? (try 2)");
		late += count_note(&f.trace, "not waited for");
		malformed += count_note(&f.trace,
					"malformed: a real stack drops it");
		finding_fini(&f);
	}
	CHECK_INT(unexplained, 0);
	CHECK_MSG(repeated > 0, "%zu SYNs were repeated", repeated);
	CHECK_MSG(late > 0, "%zu packets were not waited for", late);
	CHECK_MSG(malformed > 0, "%zu packets were malformed", malformed);
}

static void test_repeats(void)
{
	static const char *const notes[] = {
		"does anybody listen?",
		"does anybody listen? (try 2)",
		"does anybody listen? (try 3)",
	};
	struct finding f;

	ask(&(struct scene_config){ .sim.seed = 1 }, FILTERED, &f);
	for (size_t i = 0; i < ARRAY_LEN(notes); i++)
		CHECK_TEXT(f.trace.entries[i].note, notes[i]);
	CHECK_INT(count_note(&f.trace, "is the host up?"), 1);
	CHECK_INT(count_note(&f.trace, "the host is up"), 1);
	finding_fini(&f);
}

/* The verbs of a flow say what they do. */
static void shake_hands(void *arg)
{
	static const struct stimulus probing = {
		.flags = TCP_ACK,
		.why = "a bare ACK",
		.check = "some-check",
	};
	struct scene *s = arg;
	struct trace trace;
	struct flow_spec spec = {
		.remote = scene_target(s, LISTENING),
		.route = &s->route,
		.trace = &trace,
	};
	char remark[TRACE_REMARK_MAX];
	const struct reply *reply;
	struct flow *f;
	struct err err;

	trace_init(&trace);
	CHECK_INT(flow_open(s->engine, &spec, &f, &err), 0);
	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	CHECK_INT(flow_send(f, &probing), 0);
	CHECK_INT(flow_alive(f), FLOW_ALIVE);
	flow_end(f);
	trace_sort(&trace);
	CHECK_INT(trace.n, 7);
	CHECK_TEXT(trace.entries[0].note, "handshake: SYN");
	CHECK_TEXT(trace.entries[1].note, "handshake: SYN-ACK");
	CHECK_TEXT(trace.entries[2].note, "handshake: ACK");
	CHECK_TEXT(trace_remark(&trace.entries[3], remark),
		   "some-check: a bare ACK");
	CHECK_TEXT(trace_remark(&trace.entries[4], remark),
		   "some-check: alive? a garbage byte below the window");
	CHECK_TEXT(trace_remark(&trace.entries[5], remark),
		   "some-check: alive: all of ours is acknowledged");
	CHECK_TEXT(trace_remark(&trace.entries[6], remark),
		   "some-check: reset, to leave nothing behind");
	trace_fini(&trace);
}

static void test_verbs(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	set_ports(&s);
	scene_run(&s, shake_hands, &s);
	scene_close(&s);
}

int main(void)
{
	test_checks();
	test_storm();
	test_repeats();
	test_verbs();
	return tap_done();
}
