/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of a flow against the model TCP, in all weathers. */
#include <string.h>

#include "tests/sim/scene.h"
#include "tests/tap.h"

#define PORT 80

static struct scene_config storm(uint64_t seed)
{
	return (struct scene_config){
		.sim = { .seed = seed,
			 .weather = { scene_storm, scene_storm } },
		.retries = 12,
	};
}

/* --- the plain course of things ---------------------------------------- */

static void shake_hands(void *arg)
{
	struct scene *s = arg;
	struct flow *f = scene_flow(s, PORT);
	const struct flow_numbers *n = flow_numbers(f);
	const struct reply *reply;
	struct model_view view;

	CHECK_INT(n->stage, FLOW_NEW);
	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	CHECK_INT(n->stage, FLOW_ESTABLISHED);
	CHECK_INT(n->snd_nxt, n->iss + 1);
	CHECK_INT(n->rcv_nxt, n->irs + 1);
	CHECK(n->timestamps && n->sack && n->wscale_on);
	CHECK_INT(n->rtt_ns, 20 * TIME_MS);
	CHECK_INT(flow_alive(f), FLOW_ALIVE);
	CHECK(model_look(s->target.model, PORT, &n->local, &view));
	CHECK_INT(view.state, MODEL_ESTABLISHED);
	CHECK_INT(view.rcv_nxt, n->snd_nxt);
	CHECK_INT(view.snd_nxt, n->rcv_nxt);
	flow_end(f);
}

static void test_handshake(bool ipv6)
{
	struct scene_config config = {
		.sim = { .weather = { { .delay_ns = 10 * TIME_MS },
				      { .delay_ns = 10 * TIME_MS } } },
		.ipv6 = ipv6,
	};
	struct scene s;

	scene_open(&s, &config);
	scene_listen(&s, PORT, MODEL_HOLD);
	scene_run(&s, shake_hands, &s);
	scene_close(&s);
}

static const struct stimulus hello = {
	.flags = TCP_PSH | TCP_ACK,
	.payload = "hello",
	.payload_len = 5,
	.counts = true,
};

static void talk(void *arg)
{
	static const struct flow_expect data = { .set = TCP_PSH };
	struct flow *f = scene_flow(arg, PORT);
	const struct flow_numbers *n = flow_numbers(f);
	const struct reply *reply;

	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	CHECK_INT(flow_ask(f, &hello, &data, &reply), FLOW_SEGMENT);
	CHECK_INT(reply->segment.payload_len, 5);
	CHECK(memcmp(reply->segment.payload, "hello", 5) == 0);
	CHECK_INT(n->rcv_nxt, n->irs + 6);
	CHECK_INT(n->snd_una, n->snd_nxt);
	/* A segment that does not count leaves our numbers alone. */
	CHECK_INT(flow_send(f, &(struct stimulus){ .flags = TCP_RST,
						   .seq = 1000 }),
		  0);
	CHECK_INT(n->snd_nxt, n->iss + 6);
	CHECK_INT(n->stage, FLOW_ESTABLISHED);
	CHECK_INT(flow_alive(f), FLOW_ALIVE);
	CHECK_INT(flow_send(f, &(struct stimulus){ .flags = TCP_RST }), 0);
	CHECK_INT(n->stage, FLOW_GONE);
	CHECK_INT(flow_alive(f), FLOW_DEAD);
	flow_end(f);
}

static void test_talk(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 3 });
	scene_listen(&s, PORT, MODEL_ECHO);
	scene_run(&s, talk, &s);
	scene_close(&s);
}

/* The service speaks, then closes; each piece is acknowledged. */
static void hear_out(void *arg)
{
	struct scene *s = arg;
	struct flow *f = scene_flow(s, PORT);
	const struct flow_numbers *n = flow_numbers(f);
	struct flow_heard heard = { 0 };
	const struct reply *reply;

	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	CHECK_INT(flow_absorb(f, 10 * TIME_S, 60 * TIME_S, &heard),
		  FLOW_SEGMENT);
	CHECK_INT(heard.bytes, 11);
	CHECK_INT(heard.data_len, 11);
	CHECK(memcmp(heard.data, "220 model\r\n", 11) == 0);
	CHECK(heard.fin && !heard.rst && n->their_fin);
	CHECK_INT(n->rcv_nxt, n->irs + 1 + 11 + 1);
	flow_end(f);
}

static void test_absorb(void)
{
	for (uint64_t seed = 0; seed < 30; seed++) {
		struct scene_config config = storm(seed);
		struct scene s;

		scene_open(&s, &config);
		model_port(s.target.model, &(struct model_port){
						   .port = PORT,
						   .role = MODEL_BANNER,
						   .closes = true,
					   });
		scene_run(&s, hear_out, &s);
		s.leaves_open = true;
		scene_close(&s);
	}
}

static void hear_nothing_yet(void *arg)
{
	struct scene *s = arg;
	struct flow *f = scene_flow(s, PORT);
	struct flow_heard heard = { 0 };
	int64_t start;
	const struct reply *reply;

	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	start = engine_now(s->engine);
	CHECK_INT(flow_absorb(f, TIME_S, 60 * TIME_S, &heard), FLOW_TIMEOUT);
	CHECK_INT(engine_now(s->engine) - start, TIME_S);
	CHECK_INT(flow_absorb(f, 60 * TIME_S, 2 * TIME_S, &heard),
		  FLOW_TIMEOUT);
	CHECK_INT(engine_now(s->engine) - start, 3 * TIME_S);
	model_kill(s->target.model, engine_now(s->engine), PORT);
	CHECK_INT(flow_absorb(f, TIME_S, TIME_S, &heard), FLOW_SEGMENT);
	CHECK(heard.fin && heard.bytes == 0);
	flow_end(f);
}

/* The pair again, while the target keeps it in TIME-WAIT. */
static void open_again(void *arg)
{
	static const struct stimulus fin = {
		.flags = TCP_FIN | TCP_ACK,
		.counts = true,
	};
	static const struct stimulus syn = {
		.flags = TCP_SYN,
		.seq_from = FLOW_ISN,
		.no_options = true,
		.counts = true,
	};
	struct scene *s = arg;
	struct flow *f = scene_flow(s, PORT);
	const struct flow_numbers *n = flow_numbers(f);
	struct flow_numbers first;
	struct flow_heard heard = { 0 };
	const struct reply *reply;
	uint16_t port;

	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	CHECK_INT(flow_absorb(f, TIME_S, TIME_S, &heard), FLOW_SEGMENT);
	CHECK_INT(flow_ask(f, &fin, NULL, &reply), FLOW_SEGMENT);
	CHECK_INT(model_connections(s->target.model, MODEL_TIME_WAIT), 1);
	port = n->local.port;
	first = *n;
	flow_renew(f, n->snd_nxt - 1000);
	CHECK_INT(flow_ask(f, &syn, NULL, &reply), FLOW_SEGMENT);
	CHECK_INT(reply->segment.flags, TCP_ACK);
	flow_resume(f, &first);
	CHECK_INT(n->stage, FLOW_ESTABLISHED);
	CHECK_INT(flow_alive(f), FLOW_ALIVE);
	flow_renew(f, n->snd_nxt + 1000);
	CHECK_INT(n->stage, FLOW_NEW);
	CHECK_INT(n->local.port, port);
	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	CHECK_INT(n->stage, FLOW_ESTABLISHED);
	CHECK_INT(flow_alive(f), FLOW_ALIVE);
	CHECK_INT(model_connections(s->target.model, MODEL_TIME_WAIT), 0);
	flow_end(f);
}

static void test_lives(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 4 });
	scene_listen(&s, PORT, MODEL_HOLD);
	scene_run(&s, hear_nothing_yet, &s);
	scene_close(&s);
	scene_open(&s, &(struct scene_config){ .sim.seed = 5 });
	model_port(s.target.model, &(struct model_port){
					   .port = PORT,
					   .role = MODEL_CLOSER,
					   .after_ns = 10 * TIME_MS,
				   });
	scene_run(&s, open_again, &s);
	scene_close(&s);
}

/* Options of one's own behind the ordinary ones, and what the last answer
 * tells beside its numbers. */
static void say_more(void *arg)
{
	static const uint8_t unknown[] = { 99, 4, 1, 2 };
	static const struct stimulus odd = {
		.flags = TCP_PSH | TCP_ACK,
		.payload = "hello",
		.payload_len = 5,
		.counts = true,
		.options = unknown,
		.options_len = sizeof(unknown),
		.more_options = true,
	};
	struct scene *s = arg;
	struct flow *f = scene_flow(s, PORT);
	const struct flow_numbers *n = flow_numbers(f);
	struct simlink_counts counts;
	const struct sim_sent *sent;
	const struct reply *reply;
	struct segment segment;
	struct options o;

	CHECK_INT(n->last_ttl, 0);
	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	CHECK_INT(n->last_ttl, 61);
	CHECK(!n->sacks);
	CHECK_INT(flow_ask(f, &odd, NULL, &reply), FLOW_SEGMENT);
	CHECK_INT(reply->segment.ack, n->snd_nxt);
	CHECK(!n->sacks);
	simlink_counts(s->sim, &counts);
	sent = simlink_sent(s->sim, counts.sent - 1);
	CHECK_INT(segment_parse(sent->bytes, sent->len, &segment), SEGMENT_OK);
	CHECK_INT(segment.options_len, 12 + sizeof(unknown));
	options_parse(segment.options, segment.options_len, &o);
	CHECK(o.has_timestamps && o.unknown_n == 1 && !o.malformed);
	CHECK_INT(flow_alive(f), FLOW_ALIVE);
	CHECK(n->sacks);
	flow_end(f);
}

static void test_more(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .model.ttl = 61 });
	scene_listen(&s, PORT, MODEL_HOLD);
	scene_run(&s, say_more, &s);
	scene_close(&s);
}

/* --- refusals, silence, errors ----------------------------------------- */

static void be_refused(void *arg)
{
	struct flow *f = scene_flow(arg, 81);
	const struct reply *reply;

	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	CHECK(reply->segment.flags & TCP_RST);
	CHECK_INT(flow_numbers(f)->stage, FLOW_GONE);
	CHECK_INT(flow_numbers(f)->rst_ttl, 64);
	flow_end(f);
}

/* The host has forgotten the connection: its reset says how far it is. */
static void be_forgotten(void *arg)
{
	struct scene *s = arg;
	struct flow *f = scene_flow(s, PORT);
	const struct reply *reply;

	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	CHECK_INT(flow_numbers(f)->rst_ttl, 0);
	model_reboot(s->target.model);
	CHECK_INT(flow_alive(f), FLOW_DEAD);
	CHECK_INT(flow_numbers(f)->stage, FLOW_GONE);
	CHECK_INT(flow_numbers(f)->rst_ttl, 60);
	flow_end(f);
}

/* A target that does not answer, but asks: that is no answer. */
static void be_asked(void *arg)
{
	struct flow *f = scene_flow(arg, PORT);
	const struct reply *reply;

	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	CHECK_INT(flow_alive(f), FLOW_MUTE);
	flow_end(f);
}

static void test_own_keepalive(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 6 });
	model_port(s.target.model,
		   &(struct model_port){
			   .port = PORT,
			   .role = MODEL_HOLD,
			   .keepalive = { .idle_ns = 500 * TIME_MS,
					  .interval_ns = 500 * TIME_MS,
					  .count = 100 },
		   });
	model_break(s.target.model, MODEL_KEEPALIVE_1_MUTE);
	scene_run(&s, be_asked, &s);
	scene_close(&s);
}

static void be_ignored(void *arg)
{
	struct scene *s = arg;
	struct flow *f = scene_flow(s, PORT);
	const struct reply *reply;
	struct flow_counts counts;
	int64_t start = engine_now(s->engine);

	CHECK_INT(flow_handshake(f, &reply), FLOW_TIMEOUT);
	CHECK(reply == NULL);
	CHECK_INT(engine_now(s->engine) - start, 3 * TIME_S);
	flow_counts(f, &counts);
	CHECK_INT(counts.sent, 3);
	CHECK_INT(counts.seen, 3);
	CHECK_INT(flow_silence(f), SILENCE_REAL);
	flow_end(f);
}

/* Three tries, a second apart each. */
static void ask_slowly(void *arg)
{
	static const struct stimulus ack = { .flags = TCP_ACK };
	struct scene *s = arg;
	struct flow *f = scene_flow(s, PORT);
	int64_t start = engine_now(s->engine);
	const struct reply *reply;

	CHECK_INT(flow_ask_every(f, &ack, NULL, TIME_S, &reply), FLOW_TIMEOUT);
	CHECK_INT(engine_now(s->engine) - start, 3 * TIME_S);
	start = engine_now(s->engine);
	CHECK_INT(flow_ask_every(f, &ack, NULL, 1, &reply), FLOW_TIMEOUT);
	CHECK_INT(engine_now(s->engine) - start, 300 * TIME_MS);
	flow_end(f);
}

static void test_refusal_and_silence(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 4 });
	scene_listen(&s, PORT, MODEL_FILTERED);
	scene_run(&s, be_refused, &s);
	scene_close(&s);

	scene_open(&s, &(struct scene_config){ .model.ttl = 60 });
	scene_listen(&s, PORT, MODEL_HOLD);
	scene_run(&s, be_forgotten, &s);
	scene_close(&s);

	scene_open(&s, &(struct scene_config){ .sim.seed = 5 });
	scene_listen(&s, PORT, MODEL_FILTERED);
	scene_run(&s, be_ignored, &s);
	scene_close(&s);

	scene_open(&s, &(struct scene_config){ .timeout_ns = 100 * TIME_MS });
	scene_listen(&s, PORT, MODEL_FILTERED);
	scene_run(&s, ask_slowly, &s);
	scene_close(&s);
}

struct silence_case {
	const char *name;
	struct simlink_config sim;
	enum flow_silence want;
	struct scene *scene;
};

static void hear_nothing(void *arg)
{
	struct silence_case *c = arg;
	struct flow *f = scene_flow(c->scene, PORT);
	const struct reply *reply;

	flow_handshake(f, &reply);
	flow_wait(f, NULL, 100 * TIME_MS, &reply);
	CHECK_MSG(flow_silence(f) == c->want, "%s: \"%s\"", c->name,
		  flow_silence_text(flow_silence(f)));
	flow_end(f);
}

/* Silence is not believed when we may have been deaf or dumb. */
static void test_doubtful_silence(void)
{
	struct silence_case cases[] = {
		{ "never left",
		  { .own = SIM_OWN_STUCK },
		  SILENCE_NOT_SEEN_LEAVING,
		  NULL },
		{ "capture drops",
		  { .capture_drop_ppm = 1000000 },
		  SILENCE_CAPTURE_DROPPED,
		  NULL },
		{ "own kernel",
		  { .own_kernel_resets = true },
		  SILENCE_OWN_KERNEL,
		  NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s;

		scene_open(&s, &(struct scene_config){ .sim = cases[i].sim });
		scene_listen(&s, PORT, MODEL_LISTEN);
		cases[i].scene = &s;
		scene_run(&s, hear_nothing, &cases[i]);
		s.leaves_open = true;
		scene_close(&s);
	}
}

static enum err_code never(void *arg, const uint8_t *bytes, size_t len)
{
	(void)arg;
	(void)bytes;
	(void)len;
	return ERR_SEND;
}

static void fail_to_send(void *arg)
{
	struct flow *f = scene_flow(arg, PORT);
	const struct reply *reply;

	CHECK_INT(flow_handshake(f, &reply), FLOW_TIMEOUT);
	CHECK_INT(flow_error(f)->code, ERR_SEND);
	flow_end(f);
}

static void test_send_failure(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 6 });
	simlink_check_send(s.sim, never, NULL);
	scene_run(&s, fail_to_send, &s);
	scene_close(&s);
}

/* --- ping -------------------------------------------------------------- */

static void ping_it(void *arg)
{
	struct scene *s = arg;
	struct flow_spec spec = {
		.remote = scene_target(s, 0),
		.route = &s->route,
		.echo = true,
	};
	const struct reply *reply;
	struct flow *f;
	struct err err;

	CHECK_INT(flow_open(s->engine, &spec, &f, &err), 0);
	CHECK_INT(flow_ping(f, TIME_S, &reply), FLOW_ECHO);
	CHECK(reply && reply->icmp.what == ICMP_ECHO_REPLY);
	CHECK(flow_left_ns(f) != 0);
	flow_end(f);
}

static void test_ping(bool ipv6)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .ipv6 = ipv6 });
	scene_run(&s, ping_it, &s);
	scene_close(&s);
}

/* --- weather ----------------------------------------------------------- */

static void converse(void *arg)
{
	struct flow *f = scene_flow(arg, PORT);
	const struct reply *reply;

	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	CHECK_INT(flow_numbers(f)->stage, FLOW_ESTABLISHED);
	CHECK_INT(flow_alive(f), FLOW_ALIVE);
	CHECK_INT(flow_send(f, &(struct stimulus){ .flags = TCP_RST }), 0);
	flow_end(f);
}

static void test_storm(void)
{
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct scene_config config = storm(seed);
		struct scene s;

		scene_open(&s, &config);
		scene_listen(&s, PORT, MODEL_HOLD);
		scene_run(&s, converse, &s);
		/* A reset that is lost leaves the connection: no fault. */
		s.leaves_open = true;
		scene_close(&s);
	}
}

/* The third segment is lost: the target asks again, and gets it again. */
static void test_lost_ack(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 7 });
	scene_listen(&s, PORT, MODEL_HOLD);
	simlink_lose(s.sim, SIM_OUT, 2);
	scene_run(&s, converse, &s);
	scene_close(&s);
}

int main(void)
{
	test_handshake(false);
	test_handshake(true);
	test_talk();
	test_absorb();
	test_lives();
	test_more();
	test_refusal_and_silence();
	test_own_keepalive();
	test_doubtful_silence();
	test_send_failure();
	test_ping(false);
	test_ping(true);
	test_lost_ack();
	test_storm();
	return tap_done();
}
