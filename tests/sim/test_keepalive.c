/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keepalive against the model TCP: each play in bad weather, every fault found
 * by the check that is there for it, and the verdicts of our own probes.
 */
#include <string.h>

#include "probe/idle.h"
#include "probe/keepalive.h"
#include "tests/sim/proof.h"
#include "tests/sim/situation.h"
#include "tests/tap.h"

enum { PROBES = 70, ECHO };

static const struct model_port ports[] = {
	{ .port = PROBES, .role = MODEL_HOLD, KEEPALIVE(2, 1, 3) },
	{ .port = ECHO, .role = MODEL_ECHO },
};

static uint8_t hello[] = "hello";

/* --- in bad weather, and with every fault ------------------------------ */

static const struct proof own_proofs[] = {
	{ RULE_ESTAB_KEEPALIVE_0, MODEL_KEEPALIVE_0_MUTE, OUTCOME_FAIL,
	  "answers" },
	{ RULE_ESTAB_KEEPALIVE_0, MODEL_KEEPALIVE_RESET, OUTCOME_FAIL,
	  "resets" },
	{ RULE_ESTAB_KEEPALIVE_1, MODEL_KEEPALIVE_1_MUTE, OUTCOME_FAIL,
	  "answers" },
	{ RULE_ESTAB_KEEPALIVE_1, MODEL_KEEPALIVE_RESET, OUTCOME_FAIL,
	  "resets" },
	{ RULE_ESTAB_KEEPALIVE_1, MODEL_KEEPALIVE_DELIVERED, OUTCOME_FAIL,
	  "answers" },
};

#define OWN_PROVED                                                            \
	{ RULE_ESTAB_KEEPALIVE_0, MODEL_KEEPALIVE_0_MUTE, OUTCOME_FAIL,       \
	  "sends" },                                                          \
		{ RULE_ESTAB_KEEPALIVE_1, MODEL_KEEPALIVE_1_MUTE,             \
		  OUTCOME_FAIL, "sends" },                                    \
		{ RULE_KA_DEFAULT, MODEL_KEEPALIVE_LATE, OUTCOME_PASS,        \
		  "sends" },                                                  \
		{ RULE_KA_PROBE_FORMAT, MODEL_KEEPALIVE_WITH_BYTE,            \
		  OUTCOME_FAIL, "sends" },                                    \
	{                                                                     \
		RULE_KA_PROBE_FORMAT, MODEL_KEEPALIVE_SEQ_NEXT, OUTCOME_FAIL, \
			"sends"                                               \
	}

static const struct proof alive_proofs[] = {
	OWN_PROVED,
	{ RULE_KA_ANSWERED, MODEL_KEEPALIVE_DEAF, OUTCOME_FAIL, "sends" },
	{ RULE_APP_IDLE_TIMEOUT, MODEL_IDLE_CLOSES, OUTCOME_PASS, "sends" },
};

static const struct proof rebooted_proofs[] = {
	OWN_PROVED,
	{ RULE_KA_RST, MODEL_RST_EXACT_IGNORED, OUTCOME_FAIL, "sends" },
	{ RULE_KA_RST, MODEL_RST_IN_KILLS, OUTCOME_PASS, "sends" },
};

static const struct proof gone_proofs[] = {
	OWN_PROVED,
	{ RULE_KA_LOSSY, MODEL_KEEPALIVE_ONE_LOSS, OUTCOME_FAIL, "sends" },
	{ RULE_KA_SILENT, MODEL_KEEPALIVE_ENDLESS, OUTCOME_PASS, "sends" },
};

static const struct proof lossy_proofs[] = {
	OWN_PROVED,
	{ RULE_KA_LOSSY, MODEL_KEEPALIVE_ONE_LOSS, OUTCOME_FAIL, "sends" },
	{ RULE_APP_IDLE_TIMEOUT, MODEL_IDLE_CLOSES, OUTCOME_PASS, "sends" },
};

static const struct keepalive_settings echo_settings = {
	.play = KEEPALIVE_NO_PLAY,
	.trigger = { .kind = TRIGGER_SEND,
		     .payload = hello,
		     .payload_len = sizeof(hello) - 1 },
};

/* Three hours: enough for what begins after two. */
static const struct keepalive_settings play_settings[] = {
	[IDLE_ALIVE] = { .play = IDLE_ALIVE, .for_ns = 10800 * TIME_S },
	[IDLE_REBOOTED] = { .play = IDLE_REBOOTED, .for_ns = 10800 * TIME_S },
	[IDLE_GONE] = { .play = IDLE_GONE, .for_ns = 10800 * TIME_S },
	[IDLE_LOSSY] = { .play = IDLE_LOSSY, .for_ns = 10800 * TIME_S },
};

static const struct proving provings[] = {
	{
		.probe = &keepalive_probe,
		.settings = &echo_settings,
		.port = ECHO,
		.verdict = "answers",
		.proofs = own_proofs,
		.proofs_n = ARRAY_LEN(own_proofs),
	},
	{
		.probe = &keepalive_probe,
		.settings = &play_settings[IDLE_ALIVE],
		.port = PROBES,
		.verdict = "sends",
		.proofs = alive_proofs,
		.proofs_n = ARRAY_LEN(alive_proofs),
	},
	{
		.probe = &keepalive_probe,
		.settings = &play_settings[IDLE_REBOOTED],
		.port = PROBES,
		.verdict = "sends",
		.proofs = rebooted_proofs,
		.proofs_n = ARRAY_LEN(rebooted_proofs),
	},
	{
		.probe = &keepalive_probe,
		.settings = &play_settings[IDLE_GONE],
		.port = PROBES,
		.verdict = "sends",
		.proofs = gone_proofs,
		.proofs_n = ARRAY_LEN(gone_proofs),
	},
	{
		.probe = &keepalive_probe,
		.settings = &play_settings[IDLE_LOSSY],
		.port = PROBES,
		.verdict = "sends",
		.proofs = lossy_proofs,
		.proofs_n = ARRAY_LEN(lossy_proofs),
	},
};

static void test_provings(void)
{
	for (size_t i = 0; i < ARRAY_LEN(provings); i++) {
		struct proving p = provings[i];

		p.ports = ports;
		p.ports_n = ARRAY_LEN(ports);
		proof_complete(&p);
		proof_healthy(&p, 1000);
		proof_faults(&p, 100);
	}
}

/* --- our own probes ---------------------------------------------------- */

static enum sim_fate drop_later(void *arg, struct simlink *sim,
				struct sim_datagram *d)
{
	struct segment s;

	(void)arg;
	(void)sim;
	if (d->dir == SIM_IN || segment_parse(d->bytes, d->len, &s))
		return SIM_PASS;
	return s.flags & TCP_SYN ? SIM_PASS : SIM_DROP;
}

static void test_own_verdicts(void)
{
	static const struct {
		struct situation at;
		const char *verdict, *summary;
	} cases[] = {
		{ { .port = { .role = MODEL_HOLD } },
		  "answers",
		  "keepalives are answered, with and without a byte" },
		{ { .port = { .role = MODEL_HOLD },
		    .faults = { MODEL_KEEPALIVE_0_MUTE } },
		  "answers",
		  "keepalives with a byte are answered; without: no answer" },
		{ { .port = { .role = MODEL_HOLD },
		    .faults = { MODEL_KEEPALIVE_1_MUTE } },
		  "answers",
		  "keepalives without a byte are answered; with: no answer" },
		{ { .port = { .role = MODEL_HOLD },
		    .faults = { MODEL_KEEPALIVE_0_MUTE,
				MODEL_KEEPALIVE_1_MUTE } },
		  "silent",
		  "no answer, though a FIN is acknowledged after it" },
		{ { .port = { .role = MODEL_HOLD },
		    .faults = { MODEL_KEEPALIVE_RESET } },
		  "resets",
		  "a connection that is left alone lives" },
		{ { .port = { .role = MODEL_HOLD },
		    .hook = drop_later,
		    .leaves_open = true },
		  "silent",
		  "nothing is answered after the handshake" },
		{ { .leaves_open = false },
		  "inconclusive",
		  "nobody listens: RST to the SYN" },
		{ { .port = { .role = MODEL_FILTERED } },
		  "inconclusive",
		  "nothing answered the SYN" },
		{ { .port = { .role = MODEL_CLOSER,
			      .after_ns = 50 * TIME_MS } },
		  "inconclusive",
		  "the service closed it" },
		{ { .scene.sim.weather = { { .delay_ns = 20 * TIME_MS },
					   { .delay_ns = 20 * TIME_MS } },
		    .port = { .role = MODEL_CLOSER,
			      .after_ns = 490 * TIME_MS,
			      .abortive = true } },
		  "inconclusive",
		  "a connection that is left alone does not live either" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct situation at = cases[i].at;
		struct finding f;

		at.ask.play = KEEPALIVE_NO_PLAY;
		situation_run(&at, &f);
		expect_finding(&f, cases[i].verdict, cases[i].summary);
		CHECK(fact_is_null(&f, "target"));
		CHECK(!fact_is_there(&f, "watched_ms"));
		finding_fini(&f);
	}
}

/* What a fast clock of ours must not do: Linux holds back the second answer to
 * empty segments within 500 ms. */
static void test_limiter(void)
{
	struct situation at = {
		.scene = { .timeout_ns = 50 * TIME_MS, .sim.seed = 1 },
		.port = { .role = MODEL_HOLD },
		.ask.play = KEEPALIVE_NO_PLAY,
	};
	struct finding f;

	/* The answers to the first try of each are lost. */
	for (uint64_t seed = 1; seed <= 20; seed++) {
		at.scene.sim.seed = seed;
		at.scene.sim.weather[SIM_IN].loss_ppm = 200000;
		at.scene.retries = 5;
		at.leaves_open = true;
		situation_run(&at, &f);
		CHECK_MSG(!finding_violates(&f), "%s", f.summary);
		finding_fini(&f);
	}
}

/* --- the command line -------------------------------------------------- */

static void test_prepare(void)
{
	static const struct {
		struct keepalive_settings given;
		int play;
		int64_t for_ns;
	} cases[] = {
		{ { .play = KEEPALIVE_NO_PLAY },
		  KEEPALIVE_NO_PLAY,
		  KEEPALIVE_FOR_NS },
		{ { .play = KEEPALIVE_NO_PLAY, .for_ns = TIME_S },
		  IDLE_ALIVE,
		  TIME_S },
		{ { .play = IDLE_GONE }, IDLE_GONE, KEEPALIVE_FOR_NS },
		{ { .play = IDLE_GONE, .for_ns = TIME_S }, IDLE_GONE, TIME_S },
		{ { .play = KEEPALIVE_NO_PLAY, .path = true, .for_ns = TIME_S },
		  KEEPALIVE_NO_PLAY,
		  TIME_S },
	};
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct keepalive_settings s = cases[i].given;

		CHECK_INT(keepalive_probe.prepare(&s, &err), 0);
		CHECK_INT(s.play, cases[i].play);
		CHECK_INT(s.for_ns, cases[i].for_ns);
		keepalive_probe.release(&s);
	}
}

int main(void)
{
	test_provings();
	test_own_verdicts();
	test_limiter();
	test_prepare();
	return tap_done();
}
