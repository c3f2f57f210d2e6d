/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs of a probe against a model, healthy and broken, counted. */
#include "tests/sim/proof.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

const struct sim_weather proof_weather = {
	.loss_ppm = 20000,
	.duplicate_ppm = 20000,
	.reorder_ppm = 20000,
	.reorder_ns = 20 * TIME_MS,
	.delay_ns = 5 * TIME_MS,
	.jitter_ns = 50 * TIME_MS,
};

#if defined(__SANITIZE_ADDRESS__)
#define SLOWDOWN 10
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOWDOWN 10
#endif
#endif
#ifndef SLOWDOWN
#define SLOWDOWN 1
#endif

unsigned proof_seeds(unsigned seeds)
{
	unsigned n = getenv("TP_MEMCHECK") ? seeds / 100 : seeds / SLOWDOWN;

	return n ? n : 1;
}

/* One run; the finding must be finished. */
static void run(const struct proving *p, enum model_fault fault,
		const struct sim_weather *weather, uint64_t seed,
		struct finding *f)
{
	struct scene_config config = {
		.sim = { .seed = seed },
		.model = p->model,
		.ipv6 = seed % 2,
	};
	struct scene s;

	if (weather) {
		config.sim.weather[SIM_OUT] = *weather;
		config.sim.weather[SIM_IN] = *weather;
	}
	config.model.seed = seed;
	scene_open(&s, &config);
	for (size_t i = 0; i < p->ports_n; i++)
		model_port(s.target.model, &p->ports[i]);
	if (fault != MODEL_FAULT_N)
		model_break(s.target.model, fault);
	scene_probe(&s, p->probe, p->settings, p->port, f);
	/* Our last reset may be lost, or the fault is to ignore it. */
	s.leaves_open = weather || fault != MODEL_FAULT_N;
	scene_close(&s);
}

static bool verdict_is(const struct finding *f, const char *verdict)
{
	return f->verdict && strcmp(f->verdict, verdict) == 0;
}

/* Why a run is not what it should be, said once. */
static void note_run(const struct finding *f, uint64_t seed)
{
	tap_note("seed %u: %s, %s", (unsigned)seed,
		 f->verdict ? f->verdict : "no verdict",
		 f->outcome == OUTCOME_ERROR ? f->error.text : f->summary);
	for (size_t i = 0; i < f->checks_n; i++) {
		const struct check *c = &f->checks[i];

		if (c->outcome != OUTCOME_PASS)
			tap_note("  %s %s: %s", outcome_name(c->outcome),
				 c->rule->id,
				 c->observed ? c->observed : c->reason);
	}
}

static const struct check *first_failure(const struct finding *f)
{
	for (size_t i = 0; i < f->checks_n; i++) {
		if (f->checks[i].outcome == OUTCOME_FAIL)
			return &f->checks[i];
	}
	return NULL;
}

void proof_healthy(const struct proving *p, unsigned seeds)
{
	unsigned wrong = 0, undecided = 0, failed = 0;

	seeds = proof_seeds(seeds);
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct finding f;
		bool right, open;

		run(p, MODEL_FAULT_N, &proof_weather, seed, &f);
		right = verdict_is(&f, p->verdict);
		open = f.outcome == OUTCOME_INCONCLUSIVE;
		undecided += open;
		wrong += !right && !open;
		failed += first_failure(&f) != NULL;
		if (!right || first_failure(&f))
			note_run(&f, seed);
		finding_fini(&f);
	}
	CHECK_MSG(wrong == 0, "%s: %u of %u verdicts are wrong", p->verdict,
		  wrong, seeds);
	CHECK_MSG(failed == 0, "%s: in %u of %u runs a check fails", p->verdict,
		  failed, seeds);
	CHECK_MSG(undecided * 50 <= seeds, "%s: %u of %u runs are undecided",
		  p->verdict, undecided, seeds);
}

static const char *words(const struct check *c)
{
	return c && c->observed ? c->observed : "";
}

/* Does the run show the fault? `healthy` is what the check says without. */
static bool shows(const struct finding *f, const struct proof *proof,
		  const char *healthy)
{
	const struct check *c = scene_check(f, proof->rule);

	if (!c || c->outcome != proof->want)
		return false;
	if (proof->want == OUTCOME_PASS && strcmp(words(c), healthy) == 0)
		return false;
	return !proof->verdict || verdict_is(f, proof->verdict);
}

static void prove(const struct proving *p, const struct proof *proof,
		  unsigned seeds)
{
	unsigned found = 0;
	struct finding healthy;

	run(p, MODEL_FAULT_N, NULL, 1, &healthy);
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct finding f;
		bool shown;

		run(p, proof->fault, &proof_weather, seed, &f);
		shown = shows(&f, proof,
			      words(scene_check(&healthy, proof->rule)));
		found += shown;
		if (!shown)
			note_run(&f, seed);
		finding_fini(&f);
	}
	CHECK_MSG(found * 100 >= seeds * 99, "%s finds %s in %u of %u runs",
		  rule_get(proof->rule)->id, model_fault_name(proof->fault),
		  found, seeds);
	finding_fini(&healthy);
}

void proof_faults(const struct proving *p, unsigned seeds)
{
	seeds = proof_seeds(seeds);
	for (size_t i = 0; i < p->proofs_n; i++)
		prove(p, &p->proofs[i], seeds);
}

void proof_complete(const struct proving *p)
{
	struct finding f;

	run(p, MODEL_FAULT_N, NULL, 1, &f);
	CHECK_MSG(verdict_is(&f, p->verdict), "%s in clear weather: %s",
		  p->verdict, f.summary);
	for (size_t i = 0; i < f.checks_n; i++) {
		const struct check *c = &f.checks[i];
		bool proved = false;

		for (size_t j = 0; j < p->proofs_n; j++)
			proved |= rule_get(p->proofs[j].rule) == c->rule;
		CHECK_MSG(proved, "%s has a proof", c->rule->id);
		CHECK_MSG(c->outcome == OUTCOME_PASS, "%s passes: %s",
			  c->rule->id, c->observed ? c->observed : c->reason);
	}
	finding_fini(&f);
}
