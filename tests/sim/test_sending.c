/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How send sends, against the model TCP and worse: pairs and turns, hops,
 * errors on the way, doubts, floods and storms. Every answer belongs to its
 * segment, and nothing stays behind.
 */
#include <string.h>

#include "tests/sim/sendscene.h"
#include "tests/tap.h"
#include "wire/icmp.h"

/* --- pairs and turns --------------------------------------------------- */

static void test_own_pairs(void)
{
	struct segment s, before = { 0 };
	struct simlink_counts counts;
	struct scene scene;
	struct finding f;

	sendscene_open(&scene, &(struct scene_config){ .sim.seed = 4 });
	sendscene_run(&scene, SEND_CLOSED, "-c 20 -I 100ms", &f);
	for (size_t i = 0; i < 20; i++) {
		CHECK_INT(sendscene_sent(&scene, i, &s), SEGMENT_OK);
		if (i) {
			CHECK(s.sport != before.sport && s.seq != before.seq);
			CHECK_INT((simlink_sent(scene.sim, i)->at_ns -
				   simlink_sent(scene.sim, i - 1)->at_ns) /
					  TIME_MS,
				  100);
		}
		before = s;
	}
	simlink_counts(scene.sim, &counts);
	CHECK_INT(counts.sent, 20);
	CHECK_INT(sendscene_number(&f, "sent", 0), 20);
	CHECK_INT(sendscene_number(&f, "answered", 0), 20);
	CHECK_INT(sendscene_number(&f, "to", 19), 19);
	CHECK(f.crowded);
	CHECK_INT(f.remarks_n, 20);
	finding_fini(&f);
	scene_close(&scene);
}

/* Unanswered ones do not hold up the others: each is heard for its second. */
static void test_pace(void)
{
	struct scene scene;
	struct finding f;
	int64_t start, took;

	sendscene_open(&scene, &(struct scene_config){ .sim.seed = 4 });
	start = simlink_now(scene.sim);
	sendscene_run(&scene, SEND_FILTERED, "-c 300 -I 1ms", &f);
	took = simlink_now(scene.sim) - start;
	CHECK_MSG(took >= 1299 * TIME_MS && took < 1500 * TIME_MS,
		  "300 ms of sending and a second of listening: %lld ms",
		  (long long)(took / TIME_MS));
	sendscene_expect(&f, "300 unanswered", "silence",
			 "none of 300 segments");
	CHECK_INT(sendscene_number(&f, "answered", 0), 0);
	CHECK(sendscene_remarks(&f, "300             no answer"));
	finding_fini(&f);
	scene_close(&scene);
}

static void test_same_pair(void)
{
	struct segment first, s;
	struct scene scene;
	struct finding f;

	sendscene_open(
		&scene,
		&(struct scene_config){
			.sim = { .seed = 4,
				 .weather = { { .delay_ns = TIME_MS },
					      { .delay_ns = TIME_MS } } } });
	sendscene_run(&scene, SEND_LISTENING, "-k -c 3 -I 100ms", &f);
	sendscene_sent(&scene, 0, &first);
	for (size_t i = 1; i < 3; i++) {
		sendscene_sent(&scene, i, &s);
		CHECK(s.sport == first.sport && s.seq == first.seq);
	}
	/* Not before the end. */
	CHECK_INT(sendscene_sent(&scene, 3, &s), SEGMENT_OK);
	CHECK_INT(s.flags, TCP_RST);
	/* The third SYN comes too soon for a third SYN-ACK, but the timer of
	 * the first is due by then: that is shown as well. */
	for (size_t i = 0; i < 2; i++) {
		CHECK_INT(sendscene_number(&f, "to", i), (int64_t)i);
		CHECK_INT(sendscene_number(&f, "after_us", i), 2000);
	}
	CHECK_INT(sendscene_number(&f, "to", 2), 2);
	CHECK(sendscene_number(&f, "after_us", 2) > 500000);
	finding_fini(&f);
	scene_close(&scene);
}

/* A SYN with a number that was given is reset where it began. */
static void test_given_number(void)
{
	struct finding f;

	sendscene_once(&(struct scene_config){ .sim.seed = 6 }, SEND_LISTENING,
		       "--seq 4294967295", &f);
	sendscene_expect(&f, "--seq 4294967295", "syn-ack", NULL);
	CHECK_INT(sendscene_number(&f, "ack", 1), 0);
	finding_fini(&f);
	sendscene_once(&(struct scene_config){ .sim.seed = 6 }, SEND_LISTENING,
		       "-k -c 2 -I 1ms --seq 7", &f);
	CHECK_INT(sendscene_number(&f, "ack", 2), 8);
	finding_fini(&f);
}

/* --- hops and errors on the way ---------------------------------------- */

/* A way of some hops, with a router that may say no, or lie. */
struct way {
	unsigned hops;	 /* routers that are there */
	unsigned silent; /* the nth of them says nothing */
	bool forbids;
	bool wrong_quote;
};

static enum sim_fate go_along(void *arg, struct simlink *sim,
			      struct sim_datagram *d)
{
	const struct way *way = arg;
	struct icmp error = { .what = ICMP_ERROR, .ttl = 64 };
	uint8_t packet[256];
	struct segment s;

	if (d->dir == SIM_IN || segment_parse(d->bytes, d->len, &s))
		return SIM_PASS;
	if (s.ttl > way->hops && !way->forbids)
		return SIM_PASS;
	if (s.ttl == way->silent)
		return SIM_DROP;
	error.src = error.dst = s.src;
	error.src.bytes[3] = (uint8_t)(200 + s.ttl);
	error.type = s.ttl > way->hops ? 3 : 11;
	error.code = s.ttl > way->hops ? 13 : 0;
	if (way->wrong_quote)
		d->bytes[24] ^= 0x40;
	simlink_inject(sim, SIM_IN, TIME_MS, packet,
		       icmp_build_error(&error, d->bytes, d->len, packet,
					sizeof(packet)));
	return SIM_DROP;
}

static void run_along(const struct way *way, uint16_t port, const char *line,
		      struct finding *f)
{
	struct way copy = *way;
	struct scene s;

	sendscene_open(&s, &(struct scene_config){ .sim.gateway = true });
	simlink_hook(s.sim, go_along, &copy);
	sendscene_run(&s, port, line, f);
	scene_close(&s);
}

static void test_hops(void)
{
	struct finding f;

	run_along(&(struct way){ .hops = 3 }, SEND_LISTENING, "--ttl 1-30 -u",
		  &f);
	sendscene_expect(&f, "--ttl 1-30 -u", "syn-ack",
			 "reached with TTL 4: SYN-ACK");
	CHECK_INT(sendscene_number(&f, "sent", 0), 4);
	CHECK_TEXT(sendscene_text(&f, "taken_for", 0), "expired");
	CHECK_TEXT(sendscene_text(&f, "from", 2), "10.9.0.203");
	CHECK_INT(sendscene_number(&f, "quoted_ttl", 2), 3);
	CHECK(sendscene_remarks(&f,
				"ttl 3      1.00 ms  10.9.0.203 says: time to "
				"live exceeded"));
	finding_fini(&f);

	/* One that says nothing is waited for, and passed over. */
	run_along(&(struct way){ .hops = 3, .silent = 2 }, SEND_LISTENING,
		  "--ttl 1-5 -u", &f);
	sendscene_expect(&f, "a silent router", "syn-ack",
			 "3 of 4 answered (25 % lost)");
	CHECK(sendscene_remarks(&f, "ttl 2               no answer"));
	finding_fini(&f);

	run_along(&(struct way){ .hops = 9 }, SEND_LISTENING, "--ttl 1-3", &f);
	sendscene_expect(&f, "too far", "unreachable", "time to live exceeded");
	finding_fini(&f);

	/* A target that says no is an end too. */
	run_along(&(struct way){ .hops = 2, .forbids = true }, SEND_LISTENING,
		  "--ttl 1-9 -u", &f);
	sendscene_expect(&f, "forbidden", "unreachable",
			 "3 of 3 answered: with TTL 3: 10.9.0.203 says: ");
	CHECK_INT(sendscene_number(&f, "sent", 0), 3);
	finding_fini(&f);

	/* Several of each hop, at their own pace. */
	run_along(&(struct way){ .hops = 2 }, SEND_LISTENING,
		  "--ttl 1-3 -c 2 -I 10ms", &f);
	sendscene_expect(&f, "two of each", "syn-ack",
			 "6 of 6 answered: reached with TTL 3");
	CHECK(strstr(f.summary, "in all 2 syn-ack, 4 expired") != NULL);
	finding_fini(&f);
}

static void test_errors(void)
{
	struct finding f;

	run_along(&(struct way){ .forbids = true }, SEND_LISTENING, "", &f);
	sendscene_expect(&f, "an ICMP error", "unreachable",
			 "prohibited (ICMP type 3 code 13)");
	CHECK_INT(sendscene_number(&f, "type", 0), 3);
	finding_fini(&f);
	run_along(&(struct way){ .forbids = true, .wrong_quote = true },
		  SEND_LISTENING, "", &f);
	sendscene_expect(&f, "a forged ICMP error", "silence", NULL);
	CHECK_INT(sendscene_number(&f, "answered", 0), 0);
	finding_fini(&f);
}

/* --- doubts ------------------------------------------------------------ */

static void test_doubts(void)
{
	struct finding f;

	sendscene_once(&(struct scene_config){ .sim.own = SIM_OWN_STUCK },
		       SEND_LISTENING, "", &f);
	sendscene_expect(&f, "nobody there", "inconclusive",
			 "our segment never left sim0");
	CHECK(f.routine);
	finding_fini(&f);
	sendscene_once(
		&(struct scene_config){ .sim.capture_drop_ppm = 1000000 },
		SEND_FILTERED, "-c 2 -I 1ms", &f);
	sendscene_expect(&f, "deaf", "inconclusive",
			 "the capture dropped packets");
	finding_fini(&f);
}

/* What is there when the run is stopped is told; what is not is not. */
static void test_stopped(void)
{
	static const struct {
		uint16_t port;
		const char *line, *verdict;
		int64_t sent, answered, timeout_ns;
	} cases[] = {
		{ SEND_CLOSED, "-c 100 -I 100ms", "rst", 11, 11, 0 },
		{ SEND_FILTERED, "-c 100 -I 100ms", "silence", 11, 0,
		  200 * TIME_MS },
		{ SEND_FILTERED, "-c 100 -I 100ms", "inconclusive", 11, 0,
		  5 * TIME_S },
		{ SEND_ECHO, "-C -c 100 -I 100ms --data x", "data", 6, 6, 0 },
		{ SEND_CLOSED, "-k -c 100 -I 100ms", "rst", 11, 11, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s;
		struct finding f;

		sendscene_open(&s, &(struct scene_config){
					   .sim.seed = 7,
					   .timeout_ns = cases[i].timeout_ns,
				   });
		simlink_interrupt_at(s.sim,
				     simlink_now(s.sim) + 1050 * TIME_MS);
		sendscene_run(&s, cases[i].port, cases[i].line, &f);
		sendscene_expect(&f, cases[i].line, cases[i].verdict, NULL);
		CHECK_INT(sendscene_number(&f, "sent", 0), cases[i].sent);
		CHECK_INT(sendscene_number(&f, "answered", 0),
			  cases[i].answered);
		finding_fini(&f);
		scene_close(&s);
	}
}

/* --- hostile targets --------------------------------------------------- */

/* Answers each segment with so many, of which the checksum may be wrong. */
struct flood {
	unsigned n;
	bool malformed;
};

static void answer_often(struct scriptpeer *p, int64_t now_ns,
			 const uint8_t *bytes, size_t len)
{
	const struct flood *flood = p->arg;
	struct segment in, out;
	uint8_t packet[64];

	(void)now_ns;
	if (segment_parse(bytes, len, &in) != SEGMENT_OK || in.flags & TCP_RST)
		return;
	out = scene_answer(&in, TCP_ACK);
	if (flood->malformed) {
		out.sum_mode = SEGMENT_SUM_XOR;
		out.sum = 1;
	}
	/* A few at a time: what nobody can keep is another matter. */
	for (unsigned i = 0; i < flood->n; i++) {
		out.window = (uint16_t)i;
		simlink_emit(p->sim, &p->peer, (1 + i / 32) * TIME_MS, packet,
			     segment_build(&out, packet, sizeof(packet)));
	}
}

static void test_flood(void)
{
	struct flood flood = { .n = 3000 };
	struct finding f;

	sendscene_once(&(struct scene_config){ .script = answer_often,
					       .script_arg = &flood },
		       80, "-k", &f);
	sendscene_expect(&f, "3000 answers", "ack", NULL);
	CHECK(sendscene_number(&f, "to", 999) == 0 &&
	      sendscene_number(&f, "to", 1000) == -77);
	CHECK(f.crowded && f.remarks_n <= 1001);
	finding_fini(&f);

	/* Many segments are answered by more than are kept: all are counted. */
	flood.n = 30;
	sendscene_once(&(struct scene_config){ .sim.gateway = true,
					       .script = answer_often,
					       .script_arg = &flood },
		       80, "-c 100 -I 20ms", &f);
	sendscene_expect(&f, "30 answers each", "ack", "100 of 100 answered");
	CHECK_INT(sendscene_number(&f, "answers_omitted", 0), 2000);
	finding_fini(&f);
}

/* A target that never stops sending is not listened to for ever. */
static void test_endless(void)
{
	static const struct sim_weather calm = { .delay_ns = TIME_MS };
	struct finding f;
	struct scene s;
	int64_t start;

	sendscene_open(&s,
		       &(struct scene_config){ .sim.weather = { calm, calm } });
	start = simlink_now(s.sim);
	sendscene_run(&s, SEND_STREAM, "-C --data x", &f);
	sendscene_expect(&f, "50 MB", "data", NULL);
	CHECK(sendscene_number(&f, "answers_omitted", 0) > 0);
	CHECK(simlink_now(s.sim) - start < 2 * TIME_S);
	/* Of so much data not all is told. */
	CHECK_TEXT(sendscene_text(&f, "data_hex", 999), "");
	CHECK_INT(sendscene_number(&f, "data_len", 999), 1448);
	finding_fini(&f);
	scene_close(&s);
}

static void test_malformed(void)
{
	struct flood flood = { .n = 2, .malformed = true };
	struct finding f;

	sendscene_once(&(struct scene_config){ .script = answer_often,
					       .script_arg = &flood },
		       80, "", &f);
	sendscene_expect(&f, "malformed answers", "other",
			 "only malformed segments answered (2)");
	CHECK_INT(sendscene_number(&f, "malformed", 0), 2);
	finding_fini(&f);
}

/* --- weather ----------------------------------------------------------- */

/* In a storm segments and answers are lost, late, double and broken: never is
 * an answer shown that was none, and nothing crashes. */
static void test_storm(void)
{
	static const char *const lines[] = {
		"-c 20 -I 10ms",
		"-k -c 20 -I 10ms",
		"--ttl 1-9",
		"-C -c 10 -I 50ms --data hello",
		"-C -c 10 -I 50ms --data hello --repeat",
		"-C -f F. --no-ack",
	};

	for (uint64_t seed = 1; seed <= 60; seed++) {
		const char *line = lines[seed % ARRAY_LEN(lines)];
		struct finding f;
		struct scene s;

		sendscene_open(&s,
			       &(struct scene_config){
				       .sim = { .seed = seed,
						.gateway = seed % 4 < 2,
						.weather = { scene_storm,
							     scene_storm } },
				       .ipv6 = seed % 2,
				       .retries = 12,
			       });
		sendscene_run(&s, seed % 3 ? SEND_ECHO : SEND_CLOSED, line, &f);
		CHECK_MSG(f.outcome != OUTCOME_ERROR && f.verdict,
			  "storm %d, %s: %s", (int)seed, line,
			  f.verdict ? f.verdict : "an error");
		CHECK(sendscene_number(&f, "answered", 0) <=
		      sendscene_number(&f, "sent", 0));
		finding_fini(&f);
		/* Our reset may be lost. */
		s.leaves_open = true;
		scene_close(&s);
	}
}

int main(void)
{
	test_own_pairs();
	test_pace();
	test_same_pair();
	test_given_number();
	test_hops();
	test_errors();
	test_doubts();
	test_stopped();
	test_flood();
	test_endless();
	test_malformed();
	test_storm();
	return tap_done();
}
