/* SPDX-License-Identifier: BSD-2-Clause */
/* Seedable randomness: one seed, one sequence, on every machine. */
#ifndef TP_BASE_RANDOM_H
#define TP_BASE_RANDOM_H

#include "base/base.h"

struct random {
	uint64_t state[4];
};

void random_seed(struct random *r, uint64_t seed);
uint64_t random_u64(struct random *r);
uint32_t random_u32(struct random *r);
/* Evenly from 0 to n - 1; n > 0. */
uint32_t random_below(struct random *r, uint32_t n);
/* True in `ppm` of a million cases. */
bool random_chance(struct random *r, uint32_t ppm);

#endif
