/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The proof of a probe on the simulated network, the same for all of them:
 *
 *  - against the healthy model, in bad weather and over many seeds, no wrong
 *    verdict and no check that fails; undecided in few runs only;
 *  - for each check that the probe makes a fault of the model that the check
 *    finds, in nearly all seeds of the same weather. A check without such a
 *    fault fails the suite.
 */
#ifndef TP_TESTS_SIM_PROOF_H
#define TP_TESTS_SIM_PROOF_H

#include "tests/sim/scene.h"

/* 2 % loss, duplication, reordering, up to 50 ms of jitter, each way. */
extern const struct sim_weather proof_weather;

struct proof {
	enum rule_id rule;
	enum model_fault fault;
	/* What the check must say then: OUTCOME_FAIL, or for a check that only
	 * informs OUTCOME_PASS with other words than of the healthy model. */
	enum outcome want;
	const char *verdict; /* and the verdict; NULL: any */
};

/* A probe, how it is asked, and whom. */
struct proving {
	const struct probe *probe;
	const void *settings;
	/* The model that it is put to; NULL of what does not matter. */
	struct model_config model;
	const struct model_port *ports;
	size_t ports_n;
	uint16_t port;
	const char *verdict; /* of the healthy model */
	const struct proof *proofs;
	size_t proofs_n;
};

/* How many of `seeds` to take here: all, or less of the same where it is slow
 * (sanitizers, valgrind). */
unsigned proof_seeds(unsigned seeds);

/* One test point a claim: wrong verdicts 0, failed checks 0, undecided at most
 * 2 %. Both families in turn. */
void proof_healthy(const struct proving *p, unsigned seeds);
/* One test point a proof: found in at least 99 of 100 seeds. */
void proof_faults(const struct proving *p, unsigned seeds);
/* A test point for each check of a healthy run in clear weather: it has a
 * proof, and it passes. */
void proof_complete(const struct proving *p);

#endif
