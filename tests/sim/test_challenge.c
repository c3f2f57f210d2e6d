/* SPDX-License-Identifier: BSD-2-Clause */
/* The probe "challenge" against the model TCP: no wrong verdict of a healthy
 * one, and each fault found. */
#include <string.h>

#include "probe/challenge.h"
#include "tests/sim/proof.h"
#include "tests/tap.h"
#include "wire/seq.h"

enum {
	CLOSED = 3,
	FILTERED = 4,
	ECHO = 7,
	SINK = 9,
	CLOSER = 13,
	DOOMED,
	ABORTER,
	BANNER = 22,
	NEVER_TAKEN,
	DEFERRED = 84,
};

static const struct model_port ports[] = {
	{ .port = FILTERED, .role = MODEL_FILTERED },
	{ .port = ECHO, .role = MODEL_ECHO },
	{ .port = SINK, .role = MODEL_SINK },
	{ .port = CLOSER, .role = MODEL_CLOSER, .after_ns = 50 * TIME_MS },
	{ .port = DOOMED, .role = MODEL_CLOSER, .after_ns = 800 * TIME_MS },
	{ .port = ABORTER,
	  .role = MODEL_CLOSER,
	  .after_ns = 800 * TIME_MS,
	  .abortive = true },
	{ .port = BANNER, .role = MODEL_BANNER },
	{ .port = NEVER_TAKEN, .role = MODEL_LISTEN, .backlog = 3 },
	{ .port = DEFERRED, .role = MODEL_ECHO, .defers = true },
};

static uint8_t hello[] = "hello";
static const struct challenge_settings with_trigger = {
	.trigger = { .kind = TRIGGER_SEND,
		     .payload = hello,
		     .payload_len = sizeof(hello) - 1 },
};
static const struct challenge_settings plain = { .rate_limit = false };
static const struct challenge_settings waiting = {
	.trigger = { .kind = TRIGGER_WAIT },
};
static const struct challenge_settings limits = {
	.only = { .text = "estab-rst-inwindow,estab-challenge-rate",
		  .named = { [RULE_ESTAB_RST_INWINDOW] = true,
			     [RULE_ESTAB_CHALLENGE_RATE] = true } },
	.rate_limit = true,
	.intrusive = true,
};

/* --- proofs ------------------------------------------------------------ */

#define FAILS(rule, fault, verdict)                               \
	{                                                         \
		RULE_##rule, MODEL_##fault, OUTCOME_FAIL, verdict \
	}

static const struct proof proofs[] = {
	FAILS(ESTAB_RST_EXACT, RST_EXACT_IGNORED, "rfc5961"),
	FAILS(ESTAB_RST_INWINDOW, RST_IN_KILLS, "rfc793"),
	FAILS(ESTAB_RST_INWINDOW, NO_CHALLENGE_ACK, "partial"),
	FAILS(ESTAB_RST_OUT, RST_OUT_KILLS, "partial"),
	FAILS(ESTAB_RST_PAWS, RST_PAWS, "rfc5961"),
	FAILS(ESTAB_SYN_CHALLENGE, SYN_IN_KILLS, "rfc793"),
	FAILS(ESTAB_SYN_CHALLENGE, SYN_OUT_KILLS, "partial"),
	FAILS(ESTAB_SYN_CHALLENGE, SYN_SYNACK, "partial"),
	FAILS(ESTAB_SYN_CHALLENGE, NO_CHALLENGE_ACK, "partial"),
	FAILS(ESTAB_SYNACK_DUP, NO_CHALLENGE_ACK, "partial"),
	FAILS(ESTAB_HALF_OPEN, RST_EXACT_IGNORED, "rfc5961"),
	FAILS(ESTAB_HALF_OPEN, NO_CHALLENGE_ACK, "partial"),
	FAILS(ESTAB_ACK_ABOVE, ACK_NEW_ACCEPTED, "partial"),
	FAILS(ESTAB_ACK_ABOVE, ACK_NEW_RST, "partial"),
	FAILS(ESTAB_ACK_ABOVE, ACK_NEW_MUTE, "partial"),
	FAILS(ESTAB_ACK_OLD, ACK_OLD_REFUSED, "rfc5961"),
	FAILS(ESTAB_ACK_TOO_OLD, ACK_OLD_ACCEPTED, "partial"),
	FAILS(ESTAB_NOACK_DROP, NO_ACK_ACCEPTED, "rfc5961"),
	FAILS(ESTAB_SEQ_ABOVE, SEQ_ABOVE_ACCEPTED, "rfc5961"),
	FAILS(ESTAB_SEQ_ABOVE, SEQ_ABOVE_MUTE, "rfc5961"),
	FAILS(ESTAB_SEQ_OLD, SEQ_OLD_MUTE, "rfc5961"),
	FAILS(ESTAB_KEEPALIVE_0, KEEPALIVE_0_MUTE, "rfc5961"),
	FAILS(ESTAB_KEEPALIVE_1, KEEPALIVE_1_MUTE, "inconclusive"),
	/* What is delivered makes the service speak, out of turn. */
	FAILS(ESTAB_KEEPALIVE_1, KEEPALIVE_DELIVERED, NULL),
	FAILS(ESTAB_BAD_CHECKSUM, ESTAB_BAD_SUM, "rfc5961"),
	FAILS(ESTAB_RESERVED_OPTS, ESTAB_RESERVED_FATAL, "rfc5961"),
	FAILS(ESTAB_RESERVED_OPTS, BAD_OPTION_KILLS, "rfc5961"),
	FAILS(SYNRCVD_BAD_ACK, SYNRCVD_BAD_ACK_MUTE, "rfc5961"),
	FAILS(SYNRCVD_BAD_ACK, SYNRCVD_BAD_ACK_KILLS, "rfc5961"),
	FAILS(SYNRCVD_BAD_ACK, SYNRCVD_BAD_ACK_OPENS, "rfc5961"),
	/* SYNs that are duplicated on the way spoil other connections, too. */
	FAILS(SYNRCVD_DUP_SYN, DUP_SYN_NEW_ISN, NULL),
	FAILS(SYNRCVD_SYN_OUT, SYNRCVD_SYN_OUT_KILLS, "rfc5961"),
	{ RULE_SYNRCVD_SYN_IN, MODEL_SYNRCVD_SYN_IN_ACKED, OUTCOME_PASS,
	  "rfc5961" },
	FAILS(SYNRCVD_RST_EXACT, SYNRCVD_RST_IGNORED, "rfc5961"),
	FAILS(SYNRCVD_RST_INWINDOW, SYNRCVD_RST_IN_KILLS, "rfc5961"),
	FAILS(SYNRCVD_RST_OUT, SYNRCVD_RST_OUT_KILLS, "rfc5961"),
	FAILS(SYNRCVD_NOACK_SEGMENT, SYNRCVD_NO_ACK_KILLS, "rfc5961"),
};

static const struct proving proving = {
	.probe = &challenge_probe,
	.settings = &with_trigger,
	.ports = ports,
	.ports_n = ARRAY_LEN(ports),
	.port = ECHO,
	.verdict = "rfc5961",
	.proofs = proofs,
	.proofs_n = ARRAY_LEN(proofs),
};

/* A service that speaks first, and one that is never asked anything. */
static void prove_others(void)
{
	struct proving p = proving;

	p.settings = &plain;
	p.proofs_n = 0;
	p.port = BANNER;
	proof_healthy(&p, 100);
	p.port = DEFERRED;
	proof_healthy(&p, 100);
	p.port = SINK;
	p.model.no_sack = p.model.no_timestamps = p.model.no_wscale = true;
	proof_healthy(&p, 100);
}

static void prove_limits(void)
{
	static const struct proof rates[] = {
		FAILS(ESTAB_CHALLENGE_RATE, CHALLENGE_HOST_LIMIT, "rfc5961"),
		FAILS(ESTAB_CHALLENGE_RATE, CHALLENGE_UNLIMITED, "rfc5961"),
		FAILS(ESTAB_RST_INWINDOW, RST_IN_KILLS, "rfc793"),
	};
	struct proving p = proving;

	p.settings = &limits;
	p.port = SINK;
	p.proofs = rates;
	p.proofs_n = ARRAY_LEN(rates);
	proof_complete(&p);
	proof_healthy(&p, 100);
	proof_faults(&p, 20);
}

/* --- one scene, one finding -------------------------------------------- */

static void play(struct scene *s, const struct scene_config *config,
		 const struct challenge_settings *settings, uint16_t port,
		 struct finding *f)
{
	scene_open(s, config);
	for (size_t i = 0; i < ARRAY_LEN(ports) && !config->script; i++)
		model_port(s->target.model, &ports[i]);
	scene_probe(s, &challenge_probe, settings, port, f);
}

static void end(struct scene *s, struct finding *f)
{
	finding_fini(f);
	scene_close(s);
}

static const struct fact *find_fact(const struct finding *f, const char *name)
{
	for (size_t i = 0; i < f->facts_n; i++) {
		if (f->facts[i].name && strcmp(f->facts[i].name, name) == 0)
			return &f->facts[i];
	}
	return NULL;
}

static void expect(const struct finding *f, const char *verdict,
		   const char *says, const char *name)
{
	CHECK_MSG(f->verdict && strcmp(f->verdict, verdict) == 0,
		  "%s: %s, is %s", name, verdict,
		  f->verdict ? f->verdict : f->error.text);
	CHECK_MSG(strstr(f->summary, says) != NULL, "%s: \"%s\" says \"%s\"",
		  name, f->summary, says);
}

static unsigned failures(const struct finding *f)
{
	unsigned n = 0;

	for (size_t i = 0; i < f->checks_n; i++) {
		if (f->checks[i].outcome != OUTCOME_FAIL)
			continue;
		tap_note("%s: %s", f->checks[i].rule->id,
			 f->checks[i].observed);
		n++;
	}
	return n;
}

/* --- what scripts read ------------------------------------------------- */

/* Where the stimulus' fact begins, or NULL. */
static const struct fact *find_stimulus(const struct finding *f, const char *id)
{
	for (size_t i = 0; i < f->facts_n; i++) {
		const struct fact *fact = &f->facts[i];

		if (fact->type == FACT_TEXT && strcmp(fact->name, "id") == 0 &&
		    strcmp(fact->value.text, id) == 0)
			return fact;
	}
	return NULL;
}

static void test_stimuli(void)
{
	static const struct {
		const char *id, *got;
		bool alive;
	} want[] = {
		{ "syn-in-window", "challenge-ack", true },
		{ "syn-out-of-window", "challenge-ack", true },
		{ "rst-exact", "silence", false },
		{ "rst-in-window", "challenge-ack", true },
		{ "rst-out-of-window", "silence", true },
		{ "ack-too-new", "challenge-ack", true },
		{ "ack-too-old", "challenge-ack", true },
		{ "keepalive-0", "ack", true },
		{ "reserved-bits", "ack", true },
	};
	struct finding f;
	struct scene s;

	play(&s, &(struct scene_config){ .sim.seed = 1 }, &plain, SINK, &f);
	expect(&f, "rfc5961", "5 of 5", "facts");
	CHECK(f.explanation && strstr(f.explanation, "one number in 2^32"));
	CHECK_TEXT(f.facts[0].name, "stimuli");
	CHECK_INT(f.facts[0].type, FACT_ARRAY);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct fact *at = find_stimulus(&f, want[i].id);

		CHECK_MSG(at != NULL, "%s is a fact", want[i].id);
		if (!at)
			continue;
		CHECK_TEXT(at[1].name, "got");
		CHECK_TEXT(at[1].value.text, want[i].got);
		CHECK_TEXT(at[2].name, "alive_after");
		CHECK_MSG(at[2].value.flag == want[i].alive, "%s: alive: %d",
			  want[i].id, want[i].alive);
	}
	CHECK_INT(find_fact(&f, "rate_limit")->type, FACT_NULL);
	CHECK_INT(scene_check(&f, RULE_ESTAB_ACK_OLD)->outcome, OUTCOME_SKIP);
	CHECK(scene_check(&f, RULE_ESTAB_CHALLENGE_RATE) == NULL);
	end(&s, &f);
}

/* Every packet of ours says what it is for, and every answer what it was. */
static void test_evidence(void)
{
	unsigned mute = 0, odd = 0, checked = 0;
	struct finding f;
	struct scene s;

	play(&s, &(struct scene_config){ .sim.seed = 1 }, &with_trigger, ECHO,
	     &f);
	for (size_t i = 0; i < f.trace.n; i++) {
		const struct trace_entry *entry = &f.trace.entries[i];

		mute += !entry->note;
		checked += entry->check != NULL;
		odd += entry->check && !rule_find(entry->check);
	}
	CHECK_INT(mute, 0);
	CHECK_INT(odd, 0);
	CHECK(checked > 100);
	end(&s, &f);
}

/* Some checks only: no stimulus of others is put. */
static void test_only(void)
{
	static const struct challenge_settings some = {
		.only = { .text = "estab-rst-out,synrcvd-rst-exact",
			  .named = { [RULE_ESTAB_RST_OUT] = true,
				     [RULE_SYNRCVD_RST_EXACT] = true } },
	};
	static const struct challenge_settings none = {
		.only = { .text = "estab-keepalive-0",
			  .named = { [RULE_ESTAB_KEEPALIVE_0] = true } },
	};
	struct finding f;
	struct scene s;

	play(&s, &(struct scene_config){ .sim.seed = 1 }, &some, SINK, &f);
	expect(&f, "rfc5961", "1 of 1", "some checks");
	CHECK_INT(f.checks_n, 2);
	CHECK(find_stimulus(&f, "rst-out-of-window") != NULL);
	CHECK(find_stimulus(&f, "rst-exact") == NULL);
	end(&s, &f);
	play(&s, &(struct scene_config){ .sim.seed = 1 }, &none, SINK, &f);
	expect(&f, "inconclusive", "no rule against blind attacks", "no rule");
	CHECK_INT(f.checks_n, 1);
	CHECK_INT(f.checks[0].outcome, OUTCOME_PASS);
	end(&s, &f);
}

/* --- rate limits, on a clock that costs nothing ------------------------ */

static void test_limit(int64_t limit_ms, enum model_fault fault,
		       int64_t per_connection_ms, int64_t per_host_per_s)
{
	struct scene_config config = {
		.sim.weather = { { .delay_ns = TIME_MS },
				 { .delay_ns = TIME_MS } },
		.model = { .challenge_ns = limit_ms * TIME_MS },
		.rate = 1000,
	};
	const struct fact *at;
	struct finding f;
	struct scene s;

	scene_open(&s, &config);
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		model_port(s.target.model, &ports[i]);
	if (fault != MODEL_FAULT_N)
		model_break(s.target.model, fault);
	scene_probe(&s, &challenge_probe, &limits, SINK, &f);
	at = find_fact(&f, "rate_limit");
	CHECK_INT(at->type, FACT_OBJECT);
	CHECK_TEXT(at[1].name, "per_connection_ms");
	CHECK_TEXT(at[2].name, "per_host_per_s");
	if (per_connection_ms) {
		CHECK_INT(at[1].type, FACT_INT);
		CHECK_MSG(at[1].value.integer >= per_connection_ms - 10 &&
				  at[1].value.integer <= per_connection_ms + 10,
			  "one in %d ms, measured %d", (int)per_connection_ms,
			  (int)at[1].value.integer);
	} else {
		CHECK_INT(at[1].type, FACT_NULL);
	}
	CHECK_INT(at[2].type, per_host_per_s ? FACT_INT : FACT_NULL);
	if (per_host_per_s)
		CHECK_INT(at[2].value.integer, per_host_per_s);
	CHECK_INT(scene_check(&f, RULE_ESTAB_CHALLENGE_RATE)->outcome,
		  fault == MODEL_FAULT_N ? OUTCOME_PASS : OUTCOME_FAIL);
	end(&s, &f);
}

static void test_limits(void)
{
	static const int64_t limits_ms[] = { 50, 100, 500, 1000, 2000, 4500 };

	for (size_t i = 0; i < ARRAY_LEN(limits_ms); i++)
		test_limit(limits_ms[i], MODEL_FAULT_N, limits_ms[i], 0);
	test_limit(500, MODEL_CHALLENGE_UNLIMITED, 0, 0);
	test_limit(500, MODEL_CHALLENGE_HOST_LIMIT, 0, 100);
}

/* Too slow a pace measures nothing, and says so. */
static void test_slow_pace(void)
{
	const struct check *check;
	struct finding f;
	struct scene s;

	play(&s, &(struct scene_config){ .rate = 30 }, &limits, SINK, &f);
	check = scene_check(&f, RULE_ESTAB_CHALLENGE_RATE);
	CHECK_INT(check->outcome, OUTCOME_INCONCLUSIVE);
	CHECK(strstr(check->reason, "--rate") != NULL);
	end(&s, &f);
}

/* --- services ---------------------------------------------------------- */

/* What the service does by itself is no stimulus's doing. */
static void test_services(void)
{
	static const struct {
		const char *name;
		uint16_t port;
		const struct challenge_settings *settings;
		const char *verdict, *says;
	} cases[] = {
		{ "refused", CLOSED, &plain, "inconclusive", "nobody listens" },
		{ "filtered", FILTERED, &plain, "inconclusive",
		  "nothing answered the SYN" },
		{ "closes at once", CLOSER, &plain, "inconclusive",
		  "closed it before" },
		{ "speaks first", BANNER, &plain, "rfc5961", "5 of 5" },
		{ "wants data", DEFERRED, &plain, "rfc5961", "5 of 5" },
		{ "wants data and gets none", DEFERRED, &waiting,
		  "inconclusive", "TCP_DEFER_ACCEPT" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct finding f;
		struct scene s;

		play(&s, &(struct scene_config){ .sim.seed = i },
		     cases[i].settings, cases[i].port, &f);
		expect(&f, cases[i].verdict, cases[i].says, cases[i].name);
		CHECK_INT(failures(&f), 0);
		end(&s, &f);
	}
}

/* Connections that end after 800 ms, with a FIN or a RST, or that nobody takes
 * off a short accept queue: no check fails. */
static void test_doomed(void)
{
	static const uint16_t doomed[] = { DOOMED, ABORTER, NEVER_TAKEN };

	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct scene_config config = {
			.sim = { .seed = seed,
				 .weather = { proof_weather, proof_weather } },
		};
		struct finding f;
		struct scene s;

		play(&s, &config, &plain, doomed[seed % ARRAY_LEN(doomed)], &f);
		CHECK_MSG(failures(&f) == 0, "seed %d: nothing fails",
			  (int)seed);
		CHECK_MSG(!f.verdict || strcmp(f.verdict, "rfc793") != 0,
			  "seed %d: %s", (int)seed, f.summary);
		s.leaves_open = true;
		end(&s, &f);
	}
}

/* --- boxes on the way -------------------------------------------------- */

/* What Linux's conntrack calls invalid, as far as a test needs it. */
static bool is_invalid(const struct model_view *v, const struct segment *s)
{
	if (s->flags & TCP_SYN)
		return s->flags & TCP_ACK;
	if (s->flags & TCP_RST)
		return seq_lt(v->rcv_nxt + v->rcv_window, s->seq);
	return (s->flags & TCP_ACK && seq_lt(v->snd_nxt, s->ack)) ||
	       (s->payload_len && seq_lt(v->rcv_nxt + v->rcv_window, s->seq));
}

static enum sim_fate filter(void *arg, struct simlink *sim,
			    struct sim_datagram *d)
{
	const struct scene *scene = arg;
	struct model_view view;
	struct endpoint from;
	struct segment s;

	(void)sim;
	if (d->dir != SIM_OUT ||
	    segment_parse(d->bytes, d->len, &s) != SEGMENT_OK)
		return SIM_PASS;
	from = (struct endpoint){ .addr = s.src, .port = s.sport };
	if (model_look(scene->target.model, s.dport, &from, &view) &&
	    is_invalid(&view, &s))
		return SIM_DROP;
	return SIM_PASS;
}

static void test_filter(void)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct scene_config config = {
			.sim = { .seed = seed,
				 .gateway = true,
				 .weather = { proof_weather, proof_weather } },
			.ipv6 = seed % 2,
		};
		struct finding f;
		struct scene s;

		scene_open(&s, &config);
		model_port(s.target.model, &ports[2]);
		simlink_hook(s.sim, filter, &s);
		scene_probe(&s, &challenge_probe, &plain, SINK, &f);
		expect(&f, "inconclusive", "stateful filter", "a filter");
		CHECK_INT(failures(&f), 0);
		CHECK_INT(scene_check(&f, RULE_ESTAB_RST_INWINDOW)->outcome,
			  OUTCOME_PASS);
		CHECK_INT(scene_check(&f, RULE_ESTAB_ACK_ABOVE)->outcome,
			  OUTCOME_INCONCLUSIVE);
		CHECK(find_fact(&f, "filtered")->value.flag);
		s.leaves_open = true;
		end(&s, &f);
	}
}

/* A box that believes a RST in the window, and resets in the target's name
 * whatever comes after it. */
struct believer {
	uint16_t ports[256];
	size_t n;
	uint8_t ttl;
};

static bool believes(struct believer *b, const struct segment *s)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->ports[i] == s->sport)
			return true;
	}
	if (s->flags & TCP_RST && b->n < ARRAY_LEN(b->ports))
		b->ports[b->n++] = s->sport;
	return false;
}

static enum sim_fate reset_for_it(void *arg, struct simlink *sim,
				  struct sim_datagram *d)
{
	struct believer *b = arg;
	struct segment s, reset;
	uint8_t packet[128];

	if (d->dir != SIM_OUT ||
	    segment_parse(d->bytes, d->len, &s) != SEGMENT_OK ||
	    !believes(b, &s))
		return SIM_PASS;
	if (s.flags & TCP_RST)
		return SIM_DROP;
	reset = scene_answer(&s, TCP_RST);
	reset.seq = s.ack;
	reset.ttl = b->ttl;
	simlink_inject(sim, SIM_IN, TIME_MS, packet,
		       segment_build(&reset, packet, sizeof(packet)));
	return SIM_DROP;
}

static void test_believer(void)
{
	struct believer b = { .ttl = 60 };
	const struct check *check;
	struct finding f;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.gateway = true });
	model_port(s.target.model, &ports[2]);
	simlink_hook(s.sim, reset_for_it, &b);
	scene_probe(&s, &challenge_probe, &plain, SINK, &f);
	check = scene_check(&f, RULE_ESTAB_RST_INWINDOW);
	CHECK_INT(check->outcome, OUTCOME_INCONCLUSIVE);
	CHECK(strstr(check->reason, "not the target's own") != NULL);
	CHECK_TEXT(f.verdict, "inconclusive");
	s.leaves_open = true; /* the box keeps our resets, too */
	end(&s, &f);
}

/* Where checksums are never on a wire, or a box may mend them. */
static void test_sums(void)
{
	static const struct {
		struct simlink_config sim;
		enum outcome want;
	} cases[] = {
		{ { .checksum_offload = true }, OUTCOME_SKIP },
		{ { .gateway = true }, OUTCOME_INCONCLUSIVE },
		{ { .seed = 1 }, OUTCOME_FAIL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene_config config = { .sim = cases[i].sim };
		struct finding f;
		struct scene s;

		scene_open(&s, &config);
		model_port(s.target.model, &ports[2]);
		model_break(s.target.model, MODEL_ESTAB_BAD_SUM);
		scene_probe(&s, &challenge_probe, &plain, SINK, &f);
		CHECK_INT(scene_check(&f, RULE_ESTAB_BAD_CHECKSUM)->outcome,
			  cases[i].want);
		CHECK_TEXT(f.verdict, "rfc5961");
		end(&s, &f);
	}
}

/* SYN cookies keep no half-open connection, and break no rule of it. */
static void test_cookies(void)
{
	struct finding f;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	model_port(s.target.model, &ports[2]);
	model_break(s.target.model, MODEL_COOKIES);
	scene_probe(&s, &challenge_probe, &plain, SINK, &f);
	expect(&f, "rfc5961", "5 of 5", "cookies");
	CHECK_INT(failures(&f), 0);
	CHECK(strstr(scene_check(&f, RULE_SYNRCVD_RST_EXACT)->reason,
		     "SYN cookies") != NULL);
	end(&s, &f);
}

/* --- endings ----------------------------------------------------------- */

/* Stopped at any moment: it ends at once, and leaves nothing behind. */
static void test_stop(void)
{
	for (int ms = 0; ms < 10000; ms += ms < 2000 ? 97 : 531) {
		struct finding f;
		struct scene s;

		scene_open(&s, &(struct scene_config){
				       .sim.weather = {
					       { .delay_ns = 5 * TIME_MS },
					       { .delay_ns = 5 * TIME_MS } } });
		model_port(s.target.model, &ports[2]);
		simlink_interrupt_at(s.sim, simlink_now(s.sim) + ms * TIME_MS);
		scene_probe(&s, &challenge_probe, &limits, SINK, &f);
		CHECK_MSG(failures(&f) == 0, "stopped after %d ms", ms);
		CHECK_MSG(simlink_now(s.sim) - SIM_START_NS <=
				  (ms + 100) * TIME_MS,
			  "it ends at once");
		end(&s, &f);
	}
}

/* A target that answers whatever it likes. */
static void babble(struct scriptpeer *p, int64_t now_ns, const uint8_t *bytes,
		   size_t len)
{
	struct random *random = p->arg;
	struct segment in, out;
	uint8_t packet[256];

	(void)now_ns;
	if (segment_parse(bytes, len, &in) != SEGMENT_OK || in.flags & TCP_RST)
		return;
	out = scene_answer(&in, TCP_SYN | TCP_ACK);
	out.seq = 1000;
	out.ack = in.seq + 1;
	if (!(in.flags & TCP_SYN) || random_chance(random, 300000)) {
		out.flags = (uint16_t)random_below(random, 0x40);
		out.seq = in.ack + random_below(random, 3) - 1;
		out.ack = in.seq + random_below(random, 4);
		out.ttl = (uint8_t)(60 + random_below(random, 5));
		out.payload = bytes;
		out.payload_len = random_below(random, 20);
	}
	simlink_emit(p->sim, &p->peer, TIME_MS, packet,
		     segment_build(&out, packet, sizeof(packet)));
}

static void test_babble(void)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct random random;
		struct finding f;
		struct scene s;

		random_seed(&random, seed);
		play(&s,
		     &(struct scene_config){ .sim.seed = seed,
					     .script = babble,
					     .script_arg = &random },
		     &with_trigger, SINK, &f);
		CHECK_MSG(f.verdict != NULL, "babble %d: %s", (int)seed,
			  f.summary);
		end(&s, &f);
	}
}

int main(void)
{
	test_stimuli();
	test_evidence();
	test_only();
	test_limits();
	test_slow_pace();
	test_services();
	test_doomed();
	test_filter();
	test_believer();
	test_sums();
	test_cookies();
	test_stop();
	test_babble();
	prove_limits();
	prove_others();
	proof_complete(&proving);
	proof_healthy(&proving, 1000);
	proof_faults(&proving, 100);
	return tap_done();
}
