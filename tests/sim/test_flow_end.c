/* SPDX-License-Identifier: BSD-2-Clause */
/* How a flow ends, what it leaves as evidence, and what it cannot send. */
#include <string.h>

#include "tests/sim/scene.h"
#include "tests/tap.h"

#define PORT 80

/* --- leaving nothing behind -------------------------------------------- */

static const struct stimulus hello = {
	.flags = TCP_PSH | TCP_ACK,
	.payload = "hello",
	.payload_len = 5,
	.counts = true,
};

/* What still arrives on a pair that we left is reset. */
static void leave_early(void *arg)
{
	static const struct stimulus syn = {
		.flags = TCP_SYN,
		.seq_from = FLOW_ISN,
		.counts = true,
	};
	struct scene *s = arg;
	struct flow *f = scene_flow(s, PORT);

	CHECK_INT(flow_send(f, &syn), 0);
	flow_end(f);
	/* Its reset left before the SYN-ACK came: lose that one. */
	engine_sleep(s->engine, 3 * TIME_S);
	CHECK_INT(model_open_connections(s->target.model), 0);
}

static void test_linger(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 8 });
	scene_listen(&s, PORT, MODEL_LISTEN);
	simlink_lose(s.sim, SIM_OUT, 2);
	scene_run(&s, leave_early, &s);
	scene_close(&s);
}

static void say_hello(void *arg)
{
	struct flow *f = scene_flow(arg, PORT);
	const struct reply *reply;

	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	CHECK_INT(flow_send(f, &hello), 0);
	flow_end(f);
}

/* Did our last data arrive or not? Either way the reset is exact. */
static void test_reset_of_unknown(enum sim_dir lost, uint64_t nth)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 9 });
	scene_listen(&s, PORT, MODEL_HOLD);
	simlink_lose(s.sim, lost, nth);
	scene_run(&s, say_hello, &s);
	scene_close(&s);
}

/* A reset of ours that the target must drop has ended nothing. */
static void reset_in_vain(void *arg)
{
	static const struct stimulus resets[] = {
		{ .flags = TCP_RST, .sum_mode = SEGMENT_SUM_XOR, .sum = 1 },
		{ .flags = TCP_RST, .doff = 4 },
		{ .flags = TCP_RST, .ttl = 1 },
	};
	struct flow *f = scene_flow(arg, PORT);
	const struct reply *reply;

	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	for (size_t i = 0; i < ARRAY_LEN(resets); i++) {
		CHECK_INT(flow_send(f, &resets[i]), 0);
		CHECK_INT(flow_numbers(f)->stage, FLOW_ESTABLISHED);
	}
	flow_end(f);
}

static enum sim_fate drop_low_ttl(void *arg, struct simlink *sim,
				  struct sim_datagram *d)
{
	struct segment s;

	(void)arg;
	(void)sim;
	segment_parse(d->bytes, d->len, &s);
	return s.ttl == 1 ? SIM_DROP : SIM_PASS;
}

static void test_reset_in_vain(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 10 });
	scene_listen(&s, PORT, MODEL_HOLD);
	simlink_hook(s.sim, drop_low_ttl, NULL);
	scene_run(&s, reset_in_vain, &s);
	scene_close(&s);
}

/* A listener that takes the data of our SYN, or leaves it (RFC 7413). */
static void take_syn(struct scriptpeer *p, int64_t now_ns, const uint8_t *bytes,
		     size_t len)
{
	const bool *takes_data = p->arg;
	struct segment in, out;
	uint8_t packet[64];

	(void)now_ns;
	if (segment_parse(bytes, len, &in) != SEGMENT_OK ||
	    !(in.flags & TCP_SYN))
		return;
	out = scene_answer(&in, TCP_SYN | TCP_ACK);
	out.seq = 77;
	out.ack = in.seq + 1 + (*takes_data ? (uint32_t)in.payload_len : 0);
	simlink_emit(p->sim, &p->peer, TIME_MS, packet,
		     segment_build(&out, packet, sizeof(packet)));
}

static void open_fast(void *arg)
{
	static const struct stimulus syn = {
		.flags = TCP_SYN,
		.seq_from = FLOW_ISN,
		.payload = "hello",
		.payload_len = 5,
		.counts = true,
	};
	struct flow *f = scene_flow(arg, PORT);
	const struct reply *reply;

	CHECK_INT(flow_ask(f, &syn, NULL, &reply), FLOW_SEGMENT);
	CHECK_INT(flow_numbers(f)->stage, FLOW_SYN_ACKED);
	CHECK_INT(flow_numbers(f)->snd_una, reply->segment.ack);
	flow_end(f);
}

/* The SYN-ACK says what the target expects next: that is reset. */
static void test_data_on_syn(bool takes_data)
{
	struct simlink_counts counts;
	struct segment syn, reset;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .script = take_syn,
					       .script_arg = &takes_data });
	scene_run(&s, open_fast, &s);
	simlink_counts(s.sim, &counts);
	CHECK_INT(counts.sent, takes_data ? 2 : 3);
	segment_parse(simlink_sent(s.sim, 0)->bytes,
		      simlink_sent(s.sim, 0)->len, &syn);
	segment_parse(simlink_sent(s.sim, 1)->bytes,
		      simlink_sent(s.sim, 1)->len, &reset);
	CHECK_INT(reset.flags, TCP_RST);
	CHECK_INT(reset.seq - syn.seq, takes_data ? 6 : 1);
	scene_close(&s);
}

/* A router ends the way of our SYN: the target need not hear of it. */
static enum sim_fate use_up_hops(void *arg, struct simlink *sim,
				 struct sim_datagram *d)
{
	struct icmp error = {
		.what = ICMP_ERROR,
		.type = 11,
		.ttl = 64,
	};
	uint8_t packet[128];
	struct segment s;

	(void)arg;
	if (d->dir == SIM_IN)
		return SIM_PASS;
	segment_parse(d->bytes, d->len, &s);
	error.src = s.dst;
	error.dst = s.src;
	simlink_inject(sim, SIM_IN, TIME_MS, packet,
		       icmp_build_error(&error, d->bytes, d->len, packet,
					sizeof(packet)));
	return SIM_DROP;
}

static void go_one_hop(void *arg)
{
	static const struct stimulus syn = {
		.flags = TCP_SYN,
		.seq_from = FLOW_ISN,
		.counts = true,
		.ttl = 1,
	};
	static const struct flow_expect any = { .icmp = true };
	struct flow *f = scene_flow(arg, PORT);
	const struct reply *reply;

	CHECK_INT(flow_ask(f, &syn, &any, &reply), FLOW_ICMP);
	CHECK_INT(flow_numbers(f)->stage, FLOW_GONE);
	flow_end(f);
}

static void test_hop_limit(void)
{
	struct simlink_counts counts;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.gateway = true });
	simlink_hook(s.sim, use_up_hops, NULL);
	scene_run(&s, go_one_hop, &s);
	simlink_counts(s.sim, &counts);
	CHECK_INT(counts.sent, 1);
	scene_close(&s);
}

/* Evidence is bounded: a note for what was left out goes nowhere else. */
static void drown(struct scriptpeer *p, int64_t now_ns, const uint8_t *bytes,
		  size_t len)
{
	struct segment in, out;
	uint8_t packet[64];

	(void)now_ns;
	if (segment_parse(bytes, len, &in) != SEGMENT_OK ||
	    !(in.flags & TCP_SYN))
		return;
	out = scene_answer(&in, TCP_PSH | TCP_ACK);
	for (int i = 0; i < TRACE_ENTRIES_MAX; i++)
		simlink_emit(p->sim, &p->peer, TIME_MS, packet,
			     segment_build(&out, packet, sizeof(packet)));
	out = scene_answer(&in, TCP_RST | TCP_ACK);
	out.ack = in.seq + 1;
	simlink_emit(p->sim, &p->peer, 2 * TIME_MS, packet,
		     segment_build(&out, packet, sizeof(packet)));
}

static void note_the_omitted(void *arg)
{
	struct scene *s = arg;
	struct trace trace;
	struct flow_spec spec = {
		.remote = scene_target(s, PORT),
		.route = &s->route,
		.trace = &trace,
	};
	const struct reply *reply;
	struct flow *f;
	struct err err;

	trace_init(&trace);
	CHECK_INT(flow_open(s->engine, &spec, &f, &err), 0);
	CHECK_INT(flow_handshake(f, &reply), FLOW_SEGMENT);
	flow_note(f, "nobody listens");
	CHECK_INT(trace.n, TRACE_ENTRIES_MAX);
	CHECK(trace.omitted > 0);
	CHECK_TEXT(trace.entries[trace.n - 1].note, "not waited for");
	flow_end(f);
	trace_fini(&trace);
}

/* --- crafted ----------------------------------------------------------- */

/* What was sent and what came are found again in the evidence. */
static void find_evidence(void *arg)
{
	static const struct stimulus syn = {
		.flags = TCP_SYN,
		.seq_from = FLOW_ISN,
		.counts = true,
		.flow_label = 0x12345,
	};
	struct scene *s = arg;
	struct trace trace;
	struct flow_spec spec = {
		.remote = scene_target(s, PORT),
		.route = &s->route,
		.trace = &trace,
	};
	const struct reply *reply;
	struct segment sent;
	struct flow *f;
	struct err err;

	trace_init(&trace);
	CHECK_INT(flow_open(s->engine, &spec, &f, &err), 0);
	CHECK_INT(flow_send(f, &syn), 0);
	CHECK_INT(flow_left_ns(f), 0);
	CHECK(flow_settle(f));
	CHECK_INT(trace.entries[0].t_ns, flow_left_ns(f));
	CHECK_INT(segment_parse(trace.entries[0].bytes, trace.entries[0].len,
				&sent),
		  SEGMENT_OK);
	CHECK_INT(sent.flow_label, 0x12345);
	CHECK_INT(flow_wait(f, NULL, TIME_S, &reply), FLOW_SEGMENT);
	CHECK_INT(reply->evidence, 1);
	CHECK_INT(trace.entries[1].t_ns, reply->t_ns);
	flow_note(f, "answer 1");
	CHECK_TEXT(trace.entries[1].note, "answer 1");
	flow_end(f);
	trace_fini(&trace);
}

static void test_evidence(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .ipv6 = true });
	scene_listen(&s, PORT, MODEL_LISTEN);
	scene_run(&s, find_evidence, &s);
	scene_close(&s);
}

/* A datagram that no frame can carry is refused, with the surplus. */
static void send_too_much(void *arg)
{
	static const uint8_t payload[1461];
	struct stimulus s = {
		.flags = TCP_ACK,
		.payload = payload,
		.payload_len = sizeof(payload) - 1,
	};
	struct flow *f = scene_flow(arg, PORT);

	CHECK_INT(flow_send(f, &s), 0);
	s.payload_len++;
	CHECK_INT(flow_send(f, &s), -ERR_USAGE);
	CHECK_TEXT(flow_error(f)->text,
		   "send a datagram of 1501 bytes: sim0 carries at most 1500, "
		   "make it 1 shorter");
	flow_end(f);
}

static void test_too_much(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 11 });
	scene_run(&s, send_too_much, &s);
	scene_close(&s);
}

static void test_omitted(void)
{
	struct scene s;

	scene_open(&s, &(struct scene_config){ .script = drown });
	scene_run(&s, note_the_omitted, &s);
	scene_close(&s);
}

int main(void)
{
	test_linger();
	test_omitted();
	test_reset_of_unknown(SIM_OUT, 3);
	test_reset_of_unknown(SIM_IN, 2);
	test_reset_in_vain();
	test_data_on_syn(true);
	test_data_on_syn(false);
	test_hop_limit();
	test_evidence();
	test_too_much();
	return tap_done();
}
