/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timewait against the model TCP: the right verdict in bad weather, each fault
 * found by the check that is there for it, and TIME-WAIT measured on a clock
 * that costs nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "probe/timewait.h"
#include "tests/sim/proof.h"
#include "tests/tap.h"
#include "wire/seq.h"

enum { CLOSED = 79, HTTP = 80, CLOSER, HOLD, ABORTER, FILTERED, HALF };

static const struct model_port ports[] = {
	{ .port = HTTP, .role = MODEL_HTTP },
	{ .port = CLOSER, .role = MODEL_CLOSER, .after_ns = 50 * TIME_MS },
	{ .port = HOLD, .role = MODEL_HOLD },
	{ .port = ABORTER,
	  .role = MODEL_CLOSER,
	  .after_ns = 50 * TIME_MS,
	  .abortive = true },
	{ .port = FILTERED, .role = MODEL_FILTERED },
	{ .port = HALF, .role = MODEL_HTTP, .half_close = true },
};

#define FOR (300 * TIME_S)

static const struct timewait_settings plain = { .for_ns = FOR };
static const struct timewait_settings measuring = { .for_ns = FOR,
						    .measure = true };
static const struct timewait_settings returning = {
	.for_ns = FOR,
	.only = { .text = "tw-syn-return",
		  .named = { [RULE_TW_SYN_RETURN] = true } },
};

/* --- proofs ------------------------------------------------------------ */

static const struct proof proofs[] = {
	{ RULE_TW_FIN_RTX, MODEL_TW_FIN_MUTE, OUTCOME_FAIL, "reuses" },
	{ RULE_TW_DATA, MODEL_TW_DATA_MUTE, OUTCOME_FAIL, "reuses" },
	{ RULE_TW_DATA, MODEL_TW_DATA_RESET, OUTCOME_FAIL, "reuses" },
	{ RULE_TW_SYN_NEW, MODEL_TW_SYN_NEW_REFUSED, OUTCOME_PASS, "refuses" },
	{ RULE_TW_SYN_NEW, MODEL_TW_ISN_BELOW, OUTCOME_FAIL, "reuses" },
	{ RULE_TW_SYN_OLD, MODEL_TW_SYN_OLD_ACCEPTED, OUTCOME_FAIL, "reuses" },
	{ RULE_TW_SYN_TS, MODEL_TW_SYN_TS_IGNORED, OUTCOME_FAIL, "reuses" },
	{ RULE_TW_SYN_TS_FROM_NOTS, MODEL_TW_SYN_TS_IGNORED, OUTCOME_FAIL,
	  "reuses" },
	{ RULE_TW_RST, MODEL_TW_RST_IGNORED, OUTCOME_PASS, "reuses" },
	{ RULE_TW_RST, MODEL_TW_RST_IN_KILLS, OUTCOME_PASS, "reuses" },
	{ RULE_TW_LENGTH, MODEL_TW_NONE, OUTCOME_FAIL, "not-in-timewait" },
};

static const struct proving proving = {
	.probe = &timewait_probe,
	.settings = &plain,
	.model = { .tw_first_stamp = true },
	.ports = ports,
	.ports_n = ARRAY_LEN(ports),
	.port = HTTP,
	.verdict = "reuses",
	.proofs = proofs,
	.proofs_n = ARRAY_LEN(proofs),
};

static void prove_length(void)
{
	static const struct proof length[] = {
		{ RULE_TW_LENGTH, MODEL_TW_SHORT, OUTCOME_FAIL, "reuses" },
	};
	struct proving p = proving;

	p.settings = &measuring;
	proof_healthy(&p, 50);
	p.proofs = length;
	p.proofs_n = ARRAY_LEN(length);
	proof_faults(&p, 50);
}

static void prove_return(void)
{
	struct proving p = proving;

	p.settings = &returning;
	p.model.tw_returns = true;
	proof_healthy(&p, 100);
}

/* --- one scene, one finding -------------------------------------------- */

static void play(const struct scene_config *config, uint16_t port,
		 const struct timewait_settings *settings, struct scene *s,
		 struct finding *f)
{
	scene_open(s, config);
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		model_port(s->target.model, &ports[i]);
	scene_probe(s, &timewait_probe, settings, port, f);
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

/* A fact as text: "null", "true", "false" for those; "" when it is missing. */
static const char *fact(const struct finding *f, const char *name)
{
	const struct fact *fact = find_fact(f, name);

	if (!fact)
		return "";
	if (fact->type == FACT_TEXT)
		return fact->value.text;
	if (fact->type == FACT_BOOL)
		return fact->value.flag ? "true" : "false";
	return fact->type == FACT_NULL ? "null" : "a number";
}

static void expect_outcome(const struct finding *f, enum rule_id rule,
			   enum outcome want)
{
	const struct check *c = scene_check(f, rule);

	CHECK_MSG(c && c->outcome == want, "%s: %s (%s)", rule_get(rule)->id,
		  c ? outcome_name(c->outcome) : "not made",
		  !c		? ""
		  : c->observed ? c->observed
				: c->reason);
}

static bool says(const char *text, const char *part)
{
	return text && strstr(text, part) != NULL;
}

/* --- verdicts ---------------------------------------------------------- */

struct verdict_case {
	uint16_t port;
	const char *trigger;
	const char *verdict;
	const char *summary; /* a part of it */
	const char *entered, *closer;
};

static void test_verdicts(void)
{
	static const struct verdict_case cases[] = {
		{ HTTP, NULL, "reuses", "higher sequence number and a newer",
		  "true", "target" },
		{ HALF, NULL, "reuses", "higher sequence number", "true",
		  "target" },
		{ CLOSER, NULL, "reuses", "", "true", "target" },
		{ CLOSER, "none", "reuses", "", "true", "target" },
		{ HOLD, NULL, "not-in-timewait",
		  "the service keeps it open after an HTTP request. With "
		  "another --trigger",
		  "false", "probe" },
		{ HTTP, "none", "not-in-timewait",
		  "the target does not close first: the service keeps it open "
		  "by itself. With another --trigger (http, send:TEXT, wait)",
		  "false", "probe" },
		{ ABORTER, NULL, "not-in-timewait",
		  "a connection that is reset", "false", "target" },
		{ CLOSED, NULL, "inconclusive", "nobody listens", "null",
		  "null" },
		{ FILTERED, NULL, "inconclusive", "nothing answered the SYN",
		  "null", "null" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct verdict_case *c = &cases[i];
		struct timewait_settings settings = plain;
		struct finding f;
		struct scene s;
		struct err err;

		settings.trigger.text = c->trigger;
		BUG_ON(timewait_probe.prepare(&settings, &err));
		play(&(struct scene_config){ .sim.seed = i }, c->port,
		     &settings, &s, &f);
		CHECK_TEXT(f.verdict, c->verdict);
		CHECK_MSG(says(f.summary, c->summary), "\"%s\" says \"%s\"",
			  f.summary, c->summary);
		CHECK_TEXT(fact(&f, "entered"), c->entered);
		CHECK_TEXT(fact(&f, "closer"), c->closer);
		CHECK(!finding_violates(&f));
		end(&s, &f);
		timewait_probe.release(&settings);
	}
}

/* A stock Linux: all that there is to know of it. */
static void test_linux(void)
{
	struct finding f;
	struct scene s;

	play(&(struct scene_config){ .sim.seed = 1 }, HTTP, &plain, &s, &f);
	CHECK_INT(f.checks_n, 7);
	expect_outcome(&f, RULE_TW_SYN_TS, OUTCOME_PASS);
	expect_outcome(&f, RULE_TW_SYN_TS_FROM_NOTS, OUTCOME_FAIL);
	CHECK(!finding_violates(&f));
	CHECK_TEXT(fact(&f, "syn_new"), "syn-ack");
	CHECK_TEXT(fact(&f, "syn_old"), "challenge-ack");
	CHECK_TEXT(fact(&f, "syn_old_again"), "syn-ack");
	CHECK_TEXT(fact(&f, "fin_again"), "ack");
	CHECK_TEXT(fact(&f, "rst"), "assassinated");
	CHECK_TEXT(fact(&f, "rst_in_window"), "ignored");
	CHECK_TEXT(fact(&f, "duration_s"), "null");
	CHECK_TEXT(fact(&f, "timestamps"), "true");
	CHECK(says(f.explanation, "or its timestamp is newer"));
	CHECK(says(f.explanation, "tcp_rfc1337=0"));
	CHECK_INT(model_connections(s.target.model, MODEL_TIME_WAIT), 0);
	CHECK(simlink_now(s.sim) - SIM_START_NS < 10 * TIME_S);
	end(&s, &f);
}

static void test_no_timestamps(void)
{
	struct finding f;
	struct scene s;

	play(&(struct scene_config){ .model.no_timestamps = true }, HTTP,
	     &plain, &s, &f);
	CHECK_TEXT(f.verdict, "reuses");
	CHECK(!says(f.summary, "timestamp"));
	expect_outcome(&f, RULE_TW_SYN_TS, OUTCOME_SKIP);
	expect_outcome(&f, RULE_TW_SYN_TS_FROM_NOTS, OUTCOME_SKIP);
	expect_outcome(&f, RULE_TW_SYN_OLD, OUTCOME_PASS);
	CHECK_TEXT(scene_check(&f, RULE_TW_SYN_TS)->reason,
		   "the target takes no timestamps");
	CHECK_TEXT(fact(&f, "timestamps"), "false");
	CHECK(says(f.explanation, "tcp_timestamps=0"));
	end(&s, &f);
}

/* RFC 1337 is kept: what a client gets, and what stays behind. */
static void test_rfc1337(void)
{
	struct finding f;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		model_port(s.target.model, &ports[i]);
	model_break(s.target.model, MODEL_TW_RST_IGNORED);
	scene_probe(&s, &timewait_probe, &plain, HTTP, &f);
	CHECK_TEXT(f.verdict, "reuses");
	CHECK_TEXT(fact(&f, "rst"), "ignored");
	CHECK_TEXT(fact(&f, "syn_old_again"), "challenge-ack");
	CHECK(says(f.explanation, "tcp_rfc1337=1"));
	CHECK(says(f.explanation, "pairs of this probe stay"));
	CHECK(model_connections(s.target.model, MODEL_TIME_WAIT) > 0);
	end(&s, &f);
}

/* Half of the checks are not wanted, and what they would tell is not known. */
static void test_only(void)
{
	struct timewait_settings settings = plain;
	struct finding f;
	struct scene s;
	struct err err;

	settings.only.text = "tw-rst,tw-length";
	BUG_ON(timewait_probe.prepare(&settings, &err));
	play(&(struct scene_config){ .sim.seed = 1 }, HTTP, &settings, &s, &f);
	CHECK_TEXT(f.verdict, "reuses");
	CHECK_INT(f.checks_n, 2);
	expect_outcome(&f, RULE_TW_RST, OUTCOME_PASS);
	expect_outcome(&f, RULE_TW_LENGTH, OUTCOME_PASS);
	CHECK_TEXT(fact(&f, "syn_new"), "syn-ack");
	CHECK_TEXT(fact(&f, "syn_old"), "null");
	CHECK_TEXT(fact(&f, "fin_again"), "null");
	end(&s, &f);
	settings.only.text = "tw-syn";
	CHECK_INT(timewait_probe.prepare(&settings, &err), -ERR_USAGE);
}

/* On request: Linux does not return to TIME-WAIT, what never left it cannot. */
static void test_return(void)
{
	struct finding f;
	struct scene s;

	play(&(struct scene_config){ .sim.seed = 1 }, HTTP, &returning, &s, &f);
	expect_outcome(&f, RULE_TW_SYN_RETURN, OUTCOME_FAIL);
	CHECK(!finding_violates(&f));
	end(&s, &f);
	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		model_port(s.target.model, &ports[i]);
	model_break(s.target.model, MODEL_TW_SYN_NEW_REFUSED);
	scene_probe(&s, &timewait_probe, &returning, HTTP, &f);
	CHECK_TEXT(f.verdict, "refuses");
	CHECK(says(f.explanation, "is not let in at once"));
	expect_outcome(&f, RULE_TW_SYN_RETURN, OUTCOME_SKIP);
	end(&s, &f);
}

/* --- how long ---------------------------------------------------------- */

struct length_case {
	int64_t time_wait_ns; /* of the model; 0: its default */
	int64_t for_ns;
	enum outcome want;
	double least, most; /* duration_s; 0: unknown */
	const char *says;
};

static void test_lengths(void)
{
	static const struct length_case cases[] = {
		{ 0, FOR, OUTCOME_PASS, 59.5, 61, "it lasts " },
		{ 30 * TIME_S, FOR, OUTCOME_PASS, 29.5, 31, "it lasts " },
		{ 5 * TIME_S, FOR, OUTCOME_FAIL, 4.5, 6, "it lasts " },
		{ 240 * TIME_S, FOR, OUTCOME_PASS, 239.5, 241, "it lasts " },
		{ 600 * TIME_S, FOR, OUTCOME_PASS, 0, 0,
		  "not over after 300 s" },
		{ 60 * TIME_S, 10 * TIME_S, OUTCOME_INCONCLUSIVE, 0, 0,
		  "not over after 10 s" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct length_case *c = &cases[i];
		struct timewait_settings settings = measuring;
		const struct fact *length;
		const struct check *check;
		struct finding f;
		struct scene s;

		settings.for_ns = c->for_ns;
		play(&(struct scene_config){ .sim.seed = i,
					     .model.time_wait_ns =
						     c->time_wait_ns },
		     HTTP, &settings, &s, &f);
		CHECK_TEXT(f.verdict, "reuses");
		expect_outcome(&f, RULE_TW_LENGTH, c->want);
		check = scene_check(&f, RULE_TW_LENGTH);
		CHECK(says(check->observed ? check->observed : check->reason,
			   c->says));
		length = find_fact(&f, "duration_s");
		if (c->most > 0)
			CHECK_MSG(length->type == FACT_REAL &&
					  length->value.real >= c->least &&
					  length->value.real <= c->most,
				  "%.1f s, of %.1f to %.1f", length->value.real,
				  c->least, c->most);
		else
			CHECK(length->type == FACT_NULL);
		end(&s, &f);
	}
}

/* Where any old SYN is accepted there is no end to be seen. */
static void test_length_unseen(void)
{
	struct finding f;
	struct scene s;

	scene_open(&s, &(struct scene_config){ .sim.seed = 1 });
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		model_port(s.target.model, &ports[i]);
	model_break(s.target.model, MODEL_TW_SYN_OLD_ACCEPTED);
	scene_probe(&s, &timewait_probe, &measuring, HTTP, &f);
	expect_outcome(&f, RULE_TW_LENGTH, OUTCOME_INCONCLUSIVE);
	expect_outcome(&f, RULE_TW_SYN_OLD, OUTCOME_FAIL);
	CHECK(finding_violates(&f));
	CHECK_TEXT(fact(&f, "duration_s"), "null");
	end(&s, &f);
}

/* --- what stands on the way -------------------------------------------- */

enum box_kind {
	BOX_DROPS_FAR,	 /* what is beyond the window, as conntrack does */
	BOX_DROPS_SYN,	 /* a SYN on a pair that it knows */
	BOX_ANSWERS_SYN, /* such a SYN goes to another host */
	BOX_DROPS_OLD,	 /* anything else on such a pair */
	BOX_FORGETS,	 /* a pair that both ends have closed */
	BOX_SPREADS,	 /* half of the pairs go to a host far away */
};

/* Of the pairs, by our port: has our FIN passed, and what comes behind it? */
struct box {
	enum box_kind kind;
	struct {
		bool closed;
		uint32_t end;
	} pairs[UINT16_MAX + 1];
};

static void answer_syn(struct simlink *sim, const struct segment *syn)
{
	struct segment answer = scene_answer(syn, TCP_SYN | TCP_ACK);
	uint8_t packet[128];

	answer.seq = 77;
	answer.ack = syn->seq + 1;
	answer.ttl = 61;
	simlink_inject(sim, SIM_IN, TIME_MS, packet,
		       segment_build(&answer, packet, sizeof(packet)));
}

static enum sim_fate meddle_closed(const struct box *box, struct simlink *sim,
				   const struct segment *s)
{
	bool syn = s->flags & TCP_SYN;

	switch (box->kind) {
	case BOX_DROPS_FAR:
		return !syn && seq_lt(box->pairs[s->sport].end, s->seq)
			       ? SIM_DROP
			       : SIM_PASS;
	case BOX_DROPS_SYN:
		return syn ? SIM_DROP : SIM_PASS;
	case BOX_ANSWERS_SYN:
		if (syn)
			answer_syn(sim, s);
		return syn ? SIM_DROP : SIM_PASS;
	case BOX_DROPS_OLD:
		return syn ? SIM_PASS : SIM_DROP;
	case BOX_SPREADS:
		return SIM_PASS;
	case BOX_FORGETS:
		break;
	}
	return SIM_DROP;
}

/* As if from another host. */
static void come_from_far(struct sim_datagram *d, struct segment *s)
{
	uint8_t packet[1500];
	size_t len;

	s->ttl = 60;
	len = segment_build(s, packet, sizeof(packet));
	BUG_ON(len != d->len);
	memcpy(d->bytes, packet, len);
}

static enum sim_fate meddle(void *arg, struct simlink *sim,
			    struct sim_datagram *d)
{
	struct box *box = arg;
	struct segment s;

	if (segment_parse(d->bytes, d->len, &s) != SEGMENT_OK)
		return SIM_PASS;
	if (d->dir == SIM_IN) {
		if (box->kind == BOX_SPREADS && s.dport % 2)
			come_from_far(d, &s);
		return SIM_PASS;
	}
	if (box->pairs[s.sport].closed)
		return meddle_closed(box, sim, &s);
	box->pairs[s.sport].closed = s.flags & TCP_FIN;
	box->pairs[s.sport].end = s.seq + segment_len(&s);
	return SIM_PASS;
}

static void play_box(enum box_kind kind, enum model_fault fault,
		     struct scene *s, struct finding *f)
{
	struct box *box = calloc(1, sizeof(*box));

	BUG_ON(!box);
	box->kind = kind;
	scene_open(s, &(struct scene_config){ .sim.gateway = true });
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		model_port(s->target.model, &ports[i]);
	if (fault != MODEL_FAULT_N)
		model_break(s->target.model, fault);
	simlink_hook(s->sim, meddle, box);
	scene_probe(s, &timewait_probe, &plain, HTTP, f);
	CHECK_MSG(!finding_violates(f), "box %d violates nothing", kind);
	/* Resets may have been dropped too. */
	s->leaves_open = true;
	scene_close(s);
	free(box);
}

/* What turns silent on the way is never held against the target. */
static void test_boxes(void)
{
	struct finding f;
	struct scene s;

	play_box(BOX_DROPS_FAR, MODEL_FAULT_N, &s, &f);
	CHECK_TEXT(f.verdict, "reuses");
	expect_outcome(&f, RULE_TW_DATA, OUTCOME_INCONCLUSIVE);
	expect_outcome(&f, RULE_TW_FIN_RTX, OUTCOME_PASS);
	finding_fini(&f);

	play_box(BOX_DROPS_SYN, MODEL_FAULT_N, &s, &f);
	CHECK_TEXT(f.verdict, "inconclusive");
	CHECK(says(f.summary, "a filter on the way"));
	CHECK_TEXT(fact(&f, "syn_new"), "silence");
	expect_outcome(&f, RULE_TW_FIN_RTX, OUTCOME_PASS);
	expect_outcome(&f, RULE_TW_SYN_OLD, OUTCOME_PASS);
	expect_outcome(&f, RULE_TW_SYN_TS, OUTCOME_INCONCLUSIVE);
	finding_fini(&f);

	play_box(BOX_ANSWERS_SYN, MODEL_FAULT_N, &s, &f);
	CHECK_TEXT(f.verdict, "inconclusive");
	CHECK(says(f.summary, "another box"));
	CHECK_TEXT(fact(&f, "syn_new"), "null");
	expect_outcome(&f, RULE_TW_SYN_OLD, OUTCOME_INCONCLUSIVE);
	finding_fini(&f);

	play_box(BOX_DROPS_OLD, MODEL_FAULT_N, &s, &f);
	CHECK_TEXT(f.verdict, "reuses");
	CHECK_TEXT(fact(&f, "entered"), "true");
	expect_outcome(&f, RULE_TW_FIN_RTX, OUTCOME_INCONCLUSIVE);
	expect_outcome(&f, RULE_TW_SYN_OLD, OUTCOME_PASS);
	finding_fini(&f);

	/* As passt: it knows nothing, and says nothing. */
	play_box(BOX_DROPS_OLD, MODEL_TW_NONE, &s, &f);
	CHECK_TEXT(f.verdict, "not-in-timewait");
	CHECK_TEXT(fact(&f, "entered"), "false");
	expect_outcome(&f, RULE_TW_LENGTH, OUTCOME_FAIL);
	finding_fini(&f);

	/* Each pair is as good as the next, but that is told. */
	play_box(BOX_SPREADS, MODEL_FAULT_N, &s, &f);
	CHECK_TEXT(f.verdict, "reuses");
	expect_outcome(&f, RULE_TW_SYN_OLD, OUTCOME_PASS);
	CHECK(says(f.explanation, "boxes behind a load balancer?"));
	finding_fini(&f);

	play_box(BOX_FORGETS, MODEL_FAULT_N, &s, &f);
	CHECK_TEXT(f.verdict, "inconclusive");
	CHECK(says(f.summary, "something on the way has forgotten it"));
	CHECK_INT(f.checks_n, 0);
	finding_fini(&f);
}

/* What a small stack does when many pairs are there must not be taken for
 * what it does with one: the crowd of our own checks crowds it. */
static void test_small_stack(void)
{
	for (unsigned n = 1; n <= 4; n++) {
		struct finding f;
		struct scene s;

		play(&(struct scene_config){ .sim.seed = n,
					     .model.time_waits = n,
					     .model.tw_first_stamp = true },
		     HTTP, &measuring, &s, &f);
		CHECK_TEXT(f.verdict, "reuses");
		CHECK_INT(f.checks_n, 8);
		for (size_t i = 0; i < f.checks_n; i++)
			expect_outcome(
				&f,
				(enum rule_id)(f.checks[i].rule - rule_get(0)),
				OUTCOME_PASS);
		end(&s, &f);
	}
}

/* --- bad times --------------------------------------------------------- */

/* No weather makes a wrong verdict or a violation. */
static void test_storm(void)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct finding f;
		struct scene s;

		play(
			&(struct scene_config){
				.sim = { .seed = seed,
					 .weather = { scene_storm,
						      scene_storm } },
				.model.seed = seed,
				.ipv6 = seed % 2,
				.retries = 12 },
			HTTP, &plain, &s, &f);
		CHECK_MSG(f.outcome == OUTCOME_INCONCLUSIVE ||
				  strcmp(f.verdict, "reuses") == 0,
			  "storm %d: %s, %s", (int)seed, f.verdict, f.summary);
		CHECK_MSG(!finding_violates(&f), "storm %d violates nothing",
			  (int)seed);
		s.leaves_open = true;
		end(&s, &f);
	}
}

/* What a run that was stopped `at` a time may say. */
static bool says_no_more(const struct finding *f, int64_t at)
{
	const struct check *c = scene_check(f, RULE_TW_SYN_TS_FROM_NOTS);
	bool fine = f->outcome != OUTCOME_ERROR && !finding_violates(f);

	/* What was seen once only is no failure. */
	if (c && at < 61 * TIME_S)
		fine = fine && c->outcome == OUTCOME_INCONCLUSIVE;
	if (at < 500 * TIME_MS)
		fine = fine && !f->verdict;
	if (at > 5 * TIME_S)
		fine = fine && f->verdict && strcmp(f->verdict, "reuses") == 0;
	for (size_t i = 0; i < f->checks_n; i++) {
		c = &f->checks[i];
		fine = fine && (!c->observed || *c->observed);
	}
	return fine;
}

/* A signal at any time, with segments under way: it ends at once, and leaves
 * no connection open. */
static void test_stop(const struct timewait_settings *settings,
		      int64_t delay_ns, int64_t until_ns)
{
	const struct sim_weather far = { .delay_ns = delay_ns };

	for (int64_t at = 0; at < until_ns;
	     at += (at < 5 * TIME_S ? 23 : 1013) * TIME_MS) {
		const struct scene_config config = {
			.sim = { .seed = 1,
				 .weather = { far, far },
				 .interrupted_at_ns = SIM_START_NS + at },
		};
		struct finding f;
		struct scene s;
		int64_t late;

		play(&config, HTTP, settings, &s, &f);
		late = simlink_now(s.sim) - SIM_START_NS - at;
		CHECK_MSG(late <= TIME_MS && says_no_more(&f, at),
			  "stopped after %d ms: %s", (int)(at / TIME_MS),
			  f.summary);
		end(&s, &f);
	}
}

/* Many targets at the same time. */
#define TARGETS 60

struct many {
	struct scene *scene;
	struct finding findings[TARGETS];
	struct probe_job jobs[TARGETS];
};

static void probe_one(void *arg)
{
	timewait_probe.run(arg);
}

static void probe_many(void *arg)
{
	struct many *m = arg;
	void *jobs[TARGETS];

	for (size_t i = 0; i < TARGETS; i++) {
		finding_init(&m->findings[i], "timewait");
		m->jobs[i] = (struct probe_job){
			.engine = m->scene->engine,
			.settings = &plain,
			.hosts = m->scene->hosts,
			.target = scene_target(m->scene, (uint16_t)(1000 + i)),
			.route = m->scene->route,
			.finding = &m->findings[i],
		};
		jobs[i] = &m->jobs[i];
	}
	CHECK_INT(engine_all(m->scene->engine, probe_one, jobs, TARGETS), 0);
}

static void test_many(void)
{
	struct many *m = calloc(1, sizeof(*m));
	unsigned right = 0;
	struct scene s;

	BUG_ON(!m);
	m->scene = &s;
	scene_open(&s, &(struct scene_config){ .sim.seed = 1, .rate = 1000 });
	for (size_t i = 0; i < TARGETS; i++)
		model_port(s.target.model,
			   &(struct model_port){ .port = (uint16_t)(1000 + i),
						 .role = MODEL_HTTP });
	scene_run(&s, probe_many, m);
	for (size_t i = 0; i < TARGETS; i++) {
		struct finding *f = &m->findings[i];

		right += f->verdict && strcmp(f->verdict, "reuses") == 0 &&
			 f->checks_n == 7 && !finding_violates(f);
		finding_fini(f);
	}
	CHECK_INT(right, TARGETS);
	CHECK_INT(model_connections(s.target.model, MODEL_TIME_WAIT), 0);
	scene_close(&s);
	free(m);
}

int main(void)
{
	proof_healthy(&proving, 1000);
	proof_faults(&proving, 100);
	proof_complete(&proving);
	prove_length();
	prove_return();
	test_verdicts();
	test_linux();
	test_no_timestamps();
	test_rfc1337();
	test_only();
	test_return();
	test_lengths();
	test_length_unseen();
	test_boxes();
	test_small_stack();
	test_storm();
	test_stop(&measuring, 0, 70 * TIME_S);
	test_stop(&measuring, 30 * TIME_MS, 70 * TIME_S);
	test_stop(&returning, 30 * TIME_MS, 4 * TIME_S);
	test_many();
	return tap_done();
}
