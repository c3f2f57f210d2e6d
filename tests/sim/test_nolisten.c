/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nolisten against the model TCP: the right verdict in every weather, and
 * every fault found by the check that is there for it.
 */
#include <string.h>

#include "probe/nolisten.h"
#include "tests/sim/scene.h"
#include "tests/tap.h"
#include "wire/segment.h"

enum { LISTENING = 80, BOUND = 81, FILTERED = 82, CLOSED = 83 };

static void set_ports(struct scene *s)
{
	static const struct model_port ports[] = {
		{ .port = LISTENING, .role = MODEL_LISTEN },
		{ .port = BOUND, .role = MODEL_BOUND },
		{ .port = FILTERED, .role = MODEL_FILTERED },
	};

	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		model_port(s->target.model, &ports[i]);
}

static void probe(struct scene *s, uint16_t port,
		  const struct nolisten_settings *settings, struct finding *f)
{
	static const struct nolisten_settings none = { 0 };

	scene_probe(s, &nolisten_probe, settings ? settings : &none, port, f);
}

static bool fact_is(const struct finding *f, const char *name, bool want)
{
	for (size_t i = 0; i < f->facts_n; i++) {
		if (f->facts[i].name && strcmp(f->facts[i].name, name) == 0)
			return f->facts[i].type == FACT_BOOL &&
			       f->facts[i].value.flag == want;
	}
	return false;
}

static void expect_verdict(const struct finding *f, const char *verdict,
			   const char *where)
{
	CHECK_MSG(f->verdict && strcmp(f->verdict, verdict) == 0,
		  "%s: %s, want %s (%s)", where,
		  f->verdict ? f->verdict : "no verdict", verdict,
		  f->outcome == OUTCOME_ERROR ? f->error.text : f->summary);
}

/* --- verdicts ---------------------------------------------------------- */

static void test_verdicts(const struct scene_config *config, const char *where)
{
	static const struct {
		uint16_t port;
		const char *verdict;
	} cases[] = {
		{ LISTENING, "listening" },
		{ BOUND, "refused" },
		{ CLOSED, "refused" },
		{ FILTERED, "filtered" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct finding f;
		struct scene s;

		scene_open(&s, config);
		set_ports(&s);
		probe(&s, cases[i].port, NULL, &f);
		expect_verdict(&f, cases[i].verdict, where);
		CHECK(!finding_violates(&f));
		finding_fini(&f);
		/* In a storm our reset may be lost; the target's timer ends
		 * the half-open connection then. */
		s.leaves_open = config->sim.weather[SIM_OUT].loss_ppm != 0;
		scene_close(&s);
	}
}

static void test_all_weathers(void)
{
	struct scene_config config = { 0 };

	test_verdicts(&config, "calm");
	config.ipv6 = true;
	test_verdicts(&config, "calm, IPv6");
	config.sim.gateway = true;
	config.sim.weather[SIM_OUT] = scene_storm;
	config.sim.weather[SIM_IN] = scene_storm;
	config.retries = 12;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		config.sim.seed = seed;
		config.ipv6 = seed % 2;
		test_verdicts(&config, "storm");
	}
}

/* --- faults ------------------------------------------------------------ */

struct fault_case {
	enum model_fault fault;
	enum rule_id rule;
	uint16_t port;
};

/* Each fault, and the check that is there for it. */
static const struct fault_case faults[] = {
	{ MODEL_RST_WRONG_ACK, RULE_CLOSED_SYN, CLOSED },
	{ MODEL_RST_SEQ_NONZERO, RULE_CLOSED_SYN, CLOSED },
	{ MODEL_RST_NO_ACK_BIT, RULE_CLOSED_SYN, CLOSED },
	{ MODEL_RST_ACK_NO_LENGTH, RULE_CLOSED_SYN_LEN, CLOSED },
	{ MODEL_RST_ACK_NO_FIN, RULE_CLOSED_SYN_LEN, CLOSED },
	{ MODEL_RST_WRONG_SEQ, RULE_CLOSED_ACK_FLAGS, CLOSED },
	{ MODEL_RST_TO_RST, RULE_CLOSED_RST_SILENT, CLOSED },
	{ MODEL_CLOSED_BAD_SUM, RULE_CLOSED_BAD_CHECKSUM, CLOSED },
	{ MODEL_BAD_OPTION_KILLS, RULE_CLOSED_BAD_OPTIONS, CLOSED },
	{ MODEL_LISTEN_BAD_SUM, RULE_LISTEN_BAD_CHECKSUM, LISTENING },
	{ MODEL_SYNACK_EXTRA_FLAGS, RULE_LISTEN_SYNACK_SHAPE, LISTENING },
	{ MODEL_SYNACK_PAYLOAD, RULE_LISTEN_SYNACK_SHAPE, LISTENING },
	{ MODEL_SYNACK_BAD_OPTION, RULE_LISTEN_SYNACK_SHAPE, LISTENING },
	{ MODEL_SYNACK_DIRTY_PADDING, RULE_LISTEN_SYNACK_SHAPE, LISTENING },
};

static const struct nolisten_settings with_checks = { .checks = true };

static void test_fault(const struct fault_case *c, bool broken)
{
	const struct check *check;
	struct finding f;
	struct scene s;

	scene_open(&s, &(struct scene_config){
			       .ipv6 = c->rule % 2,
			       .sim.weather = { { .delay_ns = 5 * TIME_MS },
						{ .delay_ns = 5 * TIME_MS } },
		       });
	set_ports(&s);
	if (broken)
		model_break(s.target.model, c->fault);
	probe(&s, c->port, &with_checks, &f);
	check = scene_check(&f, c->rule);
	CHECK_MSG(check && check->outcome ==
				   (broken ? OUTCOME_FAIL : OUTCOME_PASS),
		  "%s, %s: %s (%s)", model_fault_name(c->fault),
		  broken ? "broken" : "healthy",
		  check ? outcome_name(check->outcome) : "not checked",
		  check && check->observed ? check->observed : "");
	finding_fini(&f);
	s.leaves_open = broken;
	scene_close(&s);
}

/* The reset with timestamps is a variant: should, not must. */
static void test_reset_timestamps(bool with)
{
	const struct check *check;
	struct finding f;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .model.rst_timestamps = with });
	set_ports(&s);
	probe(&s, CLOSED, &with_checks, &f);
	check = scene_check(&f, RULE_CLOSED_RST_TS);
	CHECK(check && check->outcome == (with ? OUTCOME_PASS : OUTCOME_FAIL));
	CHECK(!finding_violates(&f));
	CHECK(fact_is(&f, "bad_checksum_answered", false));
	CHECK_INT(f.checks_n, 8);
	finding_fini(&f);
	scene_close(&s);
}

/* Odd segments that a filter drops are no violation. */
static void test_mute(void)
{
	const struct check *check;
	struct finding f;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	set_ports(&s);
	model_break(s.target.model, MODEL_CLOSED_MUTE_NO_ACK);
	probe(&s, CLOSED, &with_checks, &f);
	check = scene_check(&f, RULE_CLOSED_NOACK_FLAGS);
	CHECK(check && check->outcome == OUTCOME_INCONCLUSIVE);
	expect_verdict(&f, "refused", "mute");
	finding_fini(&f);
	scene_close(&s);
}

/* Checks in bad weather: silence to a question is never a violation, and
 * nothing that is lost makes one. */
static void test_checks_in_storm(void)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct finding f;
		struct scene s;

		scene_open(&s, &(struct scene_config){
				       .sim = { .seed = seed,
						.weather = { scene_storm,
							     scene_storm } },
				       .retries = 12,
			       });
		set_ports(&s);
		probe(&s, seed % 2 ? CLOSED : LISTENING, &with_checks, &f);
		CHECK_MSG(!finding_violates(&f), "storm %d violates nothing",
			  (int)seed);
		finding_fini(&f);
		s.leaves_open = true;
		scene_close(&s);
	}
}

/* --- who answers? ------------------------------------------------------ */

static bool is_syn(const struct sim_datagram *d, struct segment *s)
{
	return d->dir == SIM_OUT &&
	       segment_parse(d->bytes, d->len, s) == SEGMENT_OK &&
	       (s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* A box on the way answers a SYN as if it were the target. */
struct box {
	uint8_t ttl;
	bool drops; /* the SYN does not reach the target */
	bool icmp;
	bool wrong_quote;
};

static size_t box_reset(const struct box *box, const struct segment *syn,
			uint8_t *out, size_t size)
{
	struct segment reset = scene_answer(syn, TCP_RST | TCP_ACK);

	reset.ack = syn->seq + 1;
	reset.ttl = box->ttl;
	return segment_build(&reset, out, size);
}

static size_t box_error(const struct box *box, const struct sim_datagram *d,
			const struct segment *syn, uint8_t *out, size_t size)
{
	struct icmp error = {
		.what = ICMP_ERROR,
		.dst = syn->src,
		.ttl = 64,
		.type = 3,
		.code = 13,
	};
	uint8_t quoted[64];
	size_t len = d->len < sizeof(quoted) ? d->len : sizeof(quoted);

	BUG_ON(addr_parse("10.9.0.254", &error.src));
	memcpy(quoted, d->bytes, len);
	/* The sequence number, behind 20 bytes of IP and the ports. */
	if (box->wrong_quote)
		quoted[24] ^= 0x40;
	return icmp_build_error(&error, quoted, len, out, size);
}

static enum sim_fate meddle(void *arg, struct simlink *sim,
			    struct sim_datagram *d)
{
	const struct box *box = arg;
	uint8_t packet[256];
	struct segment syn;
	size_t len;

	if (!is_syn(d, &syn))
		return SIM_PASS;
	len = box->icmp ? box_error(box, d, &syn, packet, sizeof(packet))
			: box_reset(box, &syn, packet, sizeof(packet));
	simlink_inject(sim, SIM_IN, TIME_MS, packet, len);
	return box->drops ? SIM_DROP : SIM_PASS;
}

static void test_box(const struct box *box, uint16_t port, uint8_t target_ttl,
		     const char *verdict, const char *name)
{
	struct box copy = *box;
	struct finding f;
	struct scene s;

	scene_open(
		&s,
		&(struct scene_config){
			.sim = { .gateway = true,
				 .weather = { { .delay_ns = 3 * TIME_MS },
					      { .delay_ns = 3 * TIME_MS } } },
			.model = { .ttl = target_ttl },
		});
	set_ports(&s);
	simlink_hook(s.sim, meddle, &copy);
	probe(&s, port, NULL, &f);
	expect_verdict(&f, verdict, name);
	finding_fini(&f);
	scene_close(&s);
}

static void test_boxes(void)
{
	test_box(&(struct box){ .ttl = 64, .drops = true }, CLOSED, 61,
		 "contradictory", "a RST from elsewhere");
	test_box(&(struct box){ .ttl = 61, .drops = true }, CLOSED, 61,
		 "refused", "a RST that has come as far as the host's ping");
	test_box(&(struct box){ .ttl = 125, .drops = true }, CLOSED, 61,
		 "refused", "another initial TTL, as many hops");
	test_box(&(struct box){ .ttl = 61 }, LISTENING, 61, "contradictory",
		 "a RST, then a SYN-ACK");
	test_box(&(struct box){ .icmp = true, .drops = true }, CLOSED, 61,
		 "unreachable", "an ICMP error");
	test_box(&(struct box){ .icmp = true }, LISTENING, 61, "contradictory",
		 "an ICMP error, then a SYN-ACK");
	test_box(&(struct box){ .icmp = true,
				.drops = true,
				.wrong_quote = true },
		 CLOSED, 61, "filtered", "a forged ICMP error");
}

/* A proxy accepts in the host's name on another port: its TTL is not the
 * host's, and what refuses here is judged by the host's ping. */
static void test_proxy(uint8_t proxy_ttl, bool ping, const char *verdict)
{
	struct finding f;
	struct host *host;
	struct scene s;

	scene_open(&s, &(struct scene_config){
			       .sim.gateway = true,
			       .model = { .ttl = 61, .no_ping = !ping },
		       });
	set_ports(&s);
	host = hosts_take(s.hosts, &(struct addr){ .family = FAMILY_IPV4,
						   .bytes = { 10, 9, 0, 2 } });
	host->synack_ttl = proxy_ttl;
	hosts_give(s.hosts, host);
	probe(&s, CLOSED, NULL, &f);
	expect_verdict(&f, verdict, "a SYN-ACK of another port");
	finding_fini(&f);
	scene_close(&s);
}

/* --- what silence is worth --------------------------------------------- */

struct silence_case {
	const char *name;
	struct scene_config config;
	const char *verdict;
	const char *says; /* in the summary */
};

static void test_silence(void)
{
	static const struct silence_case cases[] = {
		{ "host up", { .sim.seed = 1 }, "filtered", "the host is up" },
		{ "host without ping",
		  { .model.no_ping = true },
		  "filtered",
		  "does not answer ping" },
		{ "nobody there",
		  { .sim.own = SIM_OWN_STUCK },
		  "inconclusive",
		  "never left" },
		{ "deaf",
		  { .sim.capture_drop_ppm = 1000000 },
		  "inconclusive",
		  "the capture dropped packets" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct finding f;
		struct scene s;

		scene_open(&s, &cases[i].config);
		set_ports(&s);
		probe(&s, FILTERED, NULL, &f);
		expect_verdict(&f, cases[i].verdict, cases[i].name);
		CHECK_MSG(strstr(f.summary, cases[i].says) != NULL,
			  "%s: \"%s\" says \"%s\"", cases[i].name, f.summary,
			  cases[i].says);
		finding_fini(&f);
		scene_close(&s);
	}
}

/* One dropped capture is asked again, and answered. */
static void test_capture_hiccup(void)
{
	struct finding f;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .retries = -1 });
	set_ports(&s);
	/* Our SYN and the answer to it. */
	simlink_drop_captures(s.sim, 2);
	probe(&s, CLOSED, NULL, &f);
	expect_verdict(&f, "refused", "a hiccup of the capture");
	finding_fini(&f);
	scene_close(&s);
}

/* An answer to a repeated SYN measures nothing, and the summary says so. */
static void test_repeated_syn(void)
{
	struct finding f;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	set_ports(&s);
	simlink_lose(s.sim, SIM_OUT, 1);
	probe(&s, CLOSED, NULL, &f);
	expect_verdict(&f, "refused", "the first SYN is lost");
	CHECK(strstr(f.summary, "RST to a repeated SYN") != NULL);
	CHECK(f.facts_n > 0 && f.facts[0].type == FACT_NULL);
	finding_fini(&f);
	scene_close(&s);
}

/* --- hostile targets --------------------------------------------------- */

/* Answers as if the pair were in use, but for the nth SYN. */
struct busy {
	unsigned syns;
	unsigned free_at;
};

static void busy_pairs(struct scriptpeer *p, int64_t now_ns,
		       const uint8_t *bytes, size_t len)
{
	struct busy *busy = p->arg;
	struct segment in, out;
	uint8_t packet[128];

	(void)now_ns;
	if (segment_parse(bytes, len, &in) != SEGMENT_OK ||
	    !(in.flags & TCP_SYN))
		return;
	out = scene_answer(&in, TCP_ACK);
	out.seq = 1000;
	out.ack = 4242;
	if (++busy->syns == busy->free_at) {
		out.flags |= TCP_SYN;
		out.ack = in.seq + 1;
	}
	simlink_emit(p->sim, &p->peer, TIME_MS, packet,
		     segment_build(&out, packet, sizeof(packet)));
}

static void test_pair_in_use(void)
{
	static const struct {
		unsigned free_at;
		const char *verdict;
	} cases[] = { { 3, "listening" }, { 100, "inconclusive" } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct busy busy = { .free_at = cases[i].free_at };
		struct finding f;
		struct scene s;

		scene_open(&s, &(struct scene_config){ .script = busy_pairs,
						       .script_arg = &busy });
		probe(&s, LISTENING, NULL, &f);
		expect_verdict(&f, cases[i].verdict, "a pair in use there");
		finding_fini(&f);
		scene_close(&s);
	}
}

/* 500 segments of noise on the pair, then the answer. */
static void noisy(struct scriptpeer *p, int64_t now_ns, const uint8_t *bytes,
		  size_t len)
{
	struct segment in, out;
	uint8_t packet[1500];
	size_t n;

	(void)now_ns;
	if (segment_parse(bytes, len, &in) != SEGMENT_OK ||
	    !(in.flags & TCP_SYN))
		return;
	out = scene_answer(&in, TCP_PSH | TCP_ACK);
	out.seq = 1;
	out.ack = 77;
	out.payload = bytes;
	out.payload_len = len;
	n = segment_build(&out, packet, sizeof(packet));
	for (int i = 0; i < 500; i++)
		simlink_emit(p->sim, &p->peer, i * TIME_US, packet, n);
	/* A truncated one and one of a lying data offset. */
	simlink_emit(p->sim, &p->peer, TIME_MS, packet, 30);
	out.doff = 2;
	n = segment_build(&out, packet, sizeof(packet));
	simlink_emit(p->sim, &p->peer, TIME_MS, packet, n);
	out = scene_answer(&in, TCP_RST | TCP_ACK);
	out.ack = in.seq + 1;
	n = segment_build(&out, packet, sizeof(packet));
	simlink_emit(p->sim, &p->peer, 2 * TIME_MS, packet, n);
}

static void malformed_only(struct scriptpeer *p, int64_t now_ns,
			   const uint8_t *bytes, size_t len)
{
	struct segment in, out;
	uint8_t packet[128];

	(void)now_ns;
	if (segment_parse(bytes, len, &in) != SEGMENT_OK)
		return;
	out = scene_answer(&in, TCP_SYN | TCP_ACK);
	out.ack = in.seq + 1;
	out.doff = 3;
	simlink_emit(p->sim, &p->peer, TIME_MS, packet,
		     segment_build(&out, packet, sizeof(packet)));
}

static void test_hostile(void)
{
	struct finding f;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .script = noisy });
	probe(&s, CLOSED, NULL, &f);
	expect_verdict(&f, "refused", "noise on the pair");
	finding_fini(&f);
	scene_close(&s);

	scene_open(&s, &(struct scene_config){ .script = malformed_only });
	probe(&s, CLOSED, NULL, &f);
	expect_verdict(&f, "inconclusive", "malformed answers only");
	finding_fini(&f);
	scene_close(&s);
}

/* Our own kernel's reset is told from the target's. */
static void test_own_kernel(void)
{
	struct engine_stats stats;
	struct finding f;
	struct scene s;

	scene_open(&s,
		   &(struct scene_config){ .sim = { .own_kernel_resets = true,
						    .gateway = true } });
	set_ports(&s);
	probe(&s, LISTENING, NULL, &f);
	expect_verdict(&f, "listening", "a broken guard");
	engine_stats(s.engine, &stats);
	CHECK_INT(stats.foreign, 1);
	finding_fini(&f);
	scene_close(&s);
}

/* Where checksums are never on a wire, an answered one proves nothing. */
static void test_offload(void)
{
	const struct check *check;
	struct finding f;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.checksum_offload = true });
	set_ports(&s);
	model_break(s.target.model, MODEL_CLOSED_BAD_SUM);
	probe(&s, CLOSED, &with_checks, &f);
	check = scene_check(&f, RULE_CLOSED_BAD_CHECKSUM);
	CHECK(check && check->outcome == OUTCOME_SKIP && check->reason);
	CHECK(fact_is(&f, "bad_checksum_answered", true));
	CHECK(!finding_violates(&f));
	finding_fini(&f);
	scene_close(&s);
}

int main(void)
{
	test_all_weathers();
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		test_fault(&faults[i], false);
		test_fault(&faults[i], true);
	}
	test_reset_timestamps(true);
	test_reset_timestamps(false);
	test_mute();
	test_checks_in_storm();
	test_boxes();
	test_proxy(61, false, "refused");
	test_proxy(64, true, "refused");
	test_proxy(64, false, "contradictory");
	test_silence();
	test_capture_hiccup();
	test_repeated_syn();
	test_pair_in_use();
	test_hostile();
	test_own_kernel();
	test_offload();
	return tap_done();
}
