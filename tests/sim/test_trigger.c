/* SPDX-License-Identifier: BSD-2-Clause */
/* Services brought to a state, in clear weather and in a storm; and trials. */
#include <string.h>

#include "probe/trial.h"
#include "probe/trigger.h"
#include "tests/sim/scene.h"
#include "tests/tap.h"

enum {
	CLOSED = 79,
	HTTP = 80,
	CLOSER,
	BANNER,
	BANNER_CLOSES,
	ECHO,
	ABORTER,
	FILTERED,
	LATE,
};

static const struct model_port ports[] = {
	{ .port = HTTP, .role = MODEL_HTTP },
	{ .port = CLOSER, .role = MODEL_CLOSER, .after_ns = 50 * TIME_MS },
	{ .port = BANNER, .role = MODEL_BANNER },
	{ .port = BANNER_CLOSES, .role = MODEL_BANNER, .closes = true },
	{ .port = ECHO, .role = MODEL_ECHO },
	{ .port = ABORTER,
	  .role = MODEL_CLOSER,
	  .after_ns = 50 * TIME_MS,
	  .abortive = true },
	{ .port = FILTERED, .role = MODEL_FILTERED },
	{ .port = LATE, .role = MODEL_CLOSER, .after_ns = 20 * TIME_S },
};

struct attempt {
	uint16_t port;
	const char *trigger;
	bool closed_first;
	enum reached want;
	const char *why; /* in clear weather */
	/* The one FIN may come later than anybody waits for. */
	bool clear_only;
};

struct attempt_in {
	const struct attempt *attempt;
	struct scene *scene;
	bool storm;
};

/* A job without a sweep around it. */
static void attempt(void *arg)
{
	const struct attempt_in *in = arg;
	const struct attempt *a = in->attempt;
	struct finding finding;
	struct probe_job job = {
		.engine = in->scene->engine,
		.hosts = in->scene->hosts,
		.target = scene_target(in->scene, a->port),
		.route = in->scene->route,
		.finding = &finding,
	};
	struct trigger t = { .text = a->trigger };
	struct reach reach;
	struct err err;
	struct flow *f;

	finding_init(&finding, "test");
	BUG_ON(trigger_prepare(&t, &err));
	f = a->closed_first ? reach_closed_first(&job, &t, &reach)
			    : reach_established(&job, &t, &reach);
	CHECK_MSG(reach.how == a->want, "port %u, %s: %s", a->port,
		  a->trigger ? a->trigger : "auto", reach.why);
	if (a->why && !in->storm)
		CHECK_TEXT(reach.why, a->why);
	if (reach.how == REACHED) {
		CHECK_INT(flow_numbers(f)->their_fin, a->closed_first);
		CHECK_INT(flow_alive(f), FLOW_ALIVE);
	}
	flow_end(f);
	trigger_release(&t);
	finding_fini(&finding);
}

/* A flow of the probe's own making, here without timestamps. */
static void close_own(void *arg)
{
	struct scene *s = arg;
	struct finding finding;
	struct probe_job job = {
		.engine = s->engine,
		.target = scene_target(s, CLOSER),
		.route = s->route,
		.finding = &finding,
	};
	struct trigger t = { 0 };
	struct reach reach;
	struct flow *f;

	finding_init(&finding, "test");
	f = probe_flow_offering(&job,
				&(struct flow_spec){ .no_timestamps = true });
	reach_closed_first_on(&job, f, &t, &reach);
	CHECK_INT(reach.how, REACHED);
	CHECK(!flow_numbers(f)->timestamps && flow_numbers(f)->sack);
	CHECK(flow_numbers(f)->their_fin);
	flow_end(f);
	finding_fini(&finding);
}

static void test_own_flow(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	for (size_t p = 0; p < ARRAY_LEN(ports); p++)
		model_port(s.target.model, &ports[p]);
	scene_run(&s, close_own, &s);
	scene_close(&s);
}

/* The handshake alone takes no longer than it must; asked for an answer, a
 * service gives one or not. */
static void ask_service(struct scene *s, uint16_t port, const char *trigger,
			bool answers)
{
	struct finding finding;
	struct probe_job job = {
		.engine = s->engine,
		.target = scene_target(s, port),
		.route = s->route,
		.finding = &finding,
	};
	struct trigger t = { .text = trigger };
	int64_t start = engine_now(s->engine);
	struct reach reach;
	struct flow *f;
	struct err err;

	finding_init(&finding, "test");
	BUG_ON(trigger_prepare(&t, &err));
	f = probe_flow(&job);
	reach_handshake(f, &reach);
	CHECK_INT(reach.how, REACHED);
	CHECK_TEXT(reach.why, "the connection is open");
	CHECK_INT(engine_now(s->engine), start);
	CHECK_MSG(reach_answers(&job, f, &t) == answers,
		  "port %u answers %s: %d", port, trigger, answers);
	CHECK((flow_numbers(f)->rcv_nxt != flow_numbers(f)->irs + 1) ==
	      answers);
	flow_end(f);
	trigger_release(&t);
	finding_fini(&finding);
}

static void ask_services(void *arg)
{
	struct reach reach;
	struct flow *f;

	ask_service(arg, ECHO, "send:hello", true);
	ask_service(arg, ECHO, "wait", false);
	ask_service(arg, HTTP, "http", true);
	ask_service(arg, HTTP, "send:hello", false);
	f = scene_flow(arg, CLOSED);
	reach_handshake(f, &reach);
	CHECK_INT(reach.how, REACHED_REFUSED);
	flow_end(f);
}

static void test_answers(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	for (size_t p = 0; p < ARRAY_LEN(ports); p++)
		model_port(s.target.model, &ports[p]);
	scene_run(&s, ask_services, &s);
	s.leaves_open = true;
	scene_close(&s);
}

static void test_states(bool storm, uint64_t seed)
{
	static const struct attempt attempts[] = {
		{ HTTP, NULL, true, REACHED,
		  "the service closed it after an HTTP request", false },
		{ HTTP, "http", true, REACHED,
		  "the service closed it after an HTTP request", false },
		{ HTTP, "send:x\\r\\n\\r\\n", true, REACHED,
		  "the service closed it after what was sent", false },
		{ HTTP, "none", true, REACHED_OPEN,
		  "the service keeps it open by itself", false },
		{ HTTP, NULL, false, REACHED, "the connection is open", false },
		{ CLOSER, NULL, true, REACHED,
		  "the service closed it by itself", true },
		{ CLOSER, NULL, false, REACHED_CLOSED, NULL, true },
		{ LATE, "wait", true, REACHED,
		  "the service closed it by itself", false },
		{ BANNER, NULL, false, REACHED, NULL, false },
		{ BANNER_CLOSES, "wait", true, REACHED, NULL, false },
		{ ECHO, NULL, true, REACHED_OPEN,
		  "the service keeps it open after an HTTP request", false },
		{ ECHO, "send:hello", false, REACHED, NULL, false },
		{ ABORTER, NULL, true, REACHED_RESET, NULL, true },
		{ CLOSED, NULL, false, REACHED_REFUSED,
		  "nobody listens: RST to the SYN", false },
		{ FILTERED, NULL, true, REACHED_SILENCE,
		  "nothing answered the SYN, to any try", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
		struct scene_config config = { .sim.seed = seed };
		struct attempt_in in = { &attempts[i], NULL, storm };
		struct scene s;

		if (storm && attempts[i].clear_only)
			continue;
		if (storm) {
			config.sim.weather[SIM_OUT] = scene_storm;
			config.sim.weather[SIM_IN] = scene_storm;
			config.retries = 12;
		}
		scene_open(&s, &config);
		for (size_t p = 0; p < ARRAY_LEN(ports); p++)
			model_port(s.target.model, &ports[p]);
		in.scene = &s;
		scene_run(&s, attempt, &in);
		s.leaves_open = storm;
		scene_close(&s);
	}
}

/* --- does it send back what it gets? ------------------------------------ */

static const struct echo_case {
	uint16_t port;
	const char *trigger;
	bool echoes;
	uint64_t grows; /* by so much, when it is said again */
} echo_cases[] = {
	{ ECHO, "send:hello", true, 5 },
	{ ECHO, "none", false, 0 },
	{ BANNER, "send:hello", false, 0 },
	{ BANNER, "none", false, 0 },
};

struct echo_in {
	struct scene *scene;
	const struct echo_case *which;
};

static void hear_echo(void *arg)
{
	const struct echo_in *in = arg;
	struct finding finding;
	struct probe_job job = {
		.engine = in->scene->engine,
		.hosts = in->scene->hosts,
		.target = scene_target(in->scene, in->which->port),
		.route = in->scene->route,
		.finding = &finding,
	};
	struct trigger t = { .text = in->which->trigger };
	struct reach reach;
	struct err err;
	struct flow *f;
	uint64_t before;

	finding_init(&finding, "test");
	BUG_ON(trigger_prepare(&t, &err));
	f = reach_established(&job, &t, &reach);
	CHECK_INT(reach.how, REACHED);
	CHECK_INT(reach_echoed(&t, &reach), in->which->echoes);
	before = reach.heard.bytes;
	if (t.kind == TRIGGER_SEND)
		CHECK_INT(reach_again(&job, f, &t, &reach), FLOW_TIMEOUT);
	CHECK_INT(reach.heard.bytes - before, in->which->grows);
	flow_end(f);
	trigger_release(&t);
	finding_fini(&finding);
}

static void test_echo(void)
{
	for (size_t i = 0; i < ARRAY_LEN(echo_cases); i++) {
		struct scene s;
		struct echo_in in = { &s, &echo_cases[i] };

		scene_open(&s, &(struct scene_config){ .sim.seed = i });
		for (size_t p = 0; p < ARRAY_LEN(ports); p++)
			model_port(s.target.model, &ports[p]);
		scene_run(&s, hear_echo, &in);
		scene_close(&s);
	}
}

/* --- the third segment is lost ----------------------------------------- */

static void lose_ack(void *arg)
{
	const struct echo_in *in = arg;
	struct finding finding;
	struct probe_job job = {
		.engine = in->scene->engine,
		.hosts = in->scene->hosts,
		.target = scene_target(in->scene, in->which->port),
		.route = in->scene->route,
		.finding = &finding,
	};
	struct trigger t = { .kind = TRIGGER_NONE };
	struct model *m = in->scene->target.model;
	struct reach reach;
	struct flow *f;

	finding_init(&finding, "test");
	f = reach_established(&job, &t, &reach);
	CHECK_INT(reach.how, REACHED);
	engine_sleep(in->scene->engine, TIME_MS);
	CHECK_INT(model_connections(m, MODEL_SYN_RECEIVED), 0);
	CHECK_INT(model_connections(m, MODEL_ESTABLISHED), 1);
	flow_end(f);
	finding_fini(&finding);
}

static void test_lost_ack(void)
{
	struct scene s;
	struct echo_in in = { &s, &echo_cases[0] };

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	model_port(s.target.model, &ports[ECHO - HTTP]);
	simlink_lose(s.sim, SIM_OUT, 2);
	scene_run(&s, lose_ack, &in);
	scene_close(&s);
}

static void test_texts(void)
{
	static const char *const bad[] = { "",	    "send:", "send:\\q",
					   "http2", "sendx", "send" };
	struct trigger t = { .text = "send:a\\r\\n" };
	struct err err;

	CHECK_INT(trigger_prepare(&t, &err), 0);
	CHECK_INT(t.kind, TRIGGER_SEND);
	CHECK_INT(t.payload_len, 3);
	trigger_release(&t);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		t = (struct trigger){ .text = bad[i] };
		CHECK_INT(trigger_prepare(&t, &err), -ERR_USAGE);
		CHECK(strncmp(err.text, "--trigger: ", 11) == 0);
		trigger_release(&t);
	}
}

/* --- trials ------------------------------------------------------------ */

/* Results one after the other, from a text: h, b, m, u, s. */
struct script {
	const char *results;
	unsigned made;
};

static void play(struct probe_job *job, const void *what, struct trial *out)
{
	static const char letters[] = "hbmus";
	struct script *script = job->say_arg;
	char letter = script->results[script->made++];

	(void)what;
	trial_set(out, (enum trial_result)(strchr(letters, letter) - letters),
		  "saw %c", letter);
}

static void test_trials(void)
{
	static const struct {
		const char *results;
		enum trial_result want;
		unsigned made;
		const char *text;
	} cases[] = {
		{ "h", TRIAL_HOLDS, 1, "saw h" },
		{ "u", TRIAL_UNKNOWN, 1, "saw u" },
		{ "s", TRIAL_SKIPPED, 1, "saw s" },
		{ "bbb", TRIAL_BROKEN, 3, "saw b" },
		{ "mmmmm", TRIAL_MUTE, 5, "saw m" },
		{ "bbh", TRIAL_UNKNOWN, 3,
		  "observations disagree: saw b; then saw h" },
		{ "mmmmh", TRIAL_UNKNOWN, 5,
		  "observations disagree: saw m; then saw h" },
		{ "bu", TRIAL_UNKNOWN, 2, "saw u" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct script script = { .results = cases[i].results };
		struct probe_job job = { .say_arg = &script };
		struct trial t;

		trial_decide(&job, play, NULL, &t);
		CHECK_INT(t.result, cases[i].want);
		CHECK_INT(script.made, cases[i].made);
		CHECK_TEXT(t.text, cases[i].text);
	}
}

static void test_worst(void)
{
	struct trial t[] = {
		{ TRIAL_HOLDS, "a" },	{ TRIAL_UNKNOWN, "b" },
		{ TRIAL_HOLDS, "c" },	{ TRIAL_MUTE, "d" },
		{ TRIAL_BROKEN, "e" },	{ TRIAL_SKIPPED, "f" },
		{ TRIAL_SKIPPED, "g" }, { TRIAL_HOLDS, "h" },
	};

	CHECK_TEXT(trial_worst(t, 1)->text, "a");
	CHECK_TEXT(trial_worst(t, 3)->text, "b");
	CHECK_TEXT(trial_worst(t, 4)->text, "d");
	CHECK_TEXT(trial_worst(t, 5)->text, "d");
	CHECK_TEXT(trial_worst(t + 2, 1)->text, "c");
	CHECK_TEXT(trial_worst(t, 8)->text, "d");
	CHECK_TEXT(trial_worst(t + 5, 2)->text, "g");
	CHECK_TEXT(trial_worst(t + 5, 3)->text, "h");
}

int main(void)
{
	test_texts();
	test_trials();
	test_worst();
	test_own_flow();
	test_answers();
	test_states(false, 1);
	test_echo();
	test_lost_ack();
	for (uint64_t seed = 1; seed <= 20; seed++)
		test_states(true, seed);
	return tap_done();
}
