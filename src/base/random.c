/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seedable randomness: xoshiro256** 1.0 (Blackman and Vigna, 2018), its state
 * filled from the seed by splitmix64, which never leaves it all zero. Good
 * enough to be unpredictable to a peer's TCP, not a source of keys.
 */
#include "base/random.h"

static uint64_t rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static uint64_t splitmix(uint64_t *x)
{
	uint64_t z = *x += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void random_seed(struct random *r, uint64_t seed)
{
	for (size_t i = 0; i < ARRAY_LEN(r->state); i++)
		r->state[i] = splitmix(&seed);
}

uint64_t random_u64(struct random *r)
{
	uint64_t *s = r->state;
	uint64_t result = rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

uint32_t random_u32(struct random *r)
{
	/* The high bits are the better ones. */
	return (uint32_t)(random_u64(r) >> 32);
}

uint32_t random_below(struct random *r, uint32_t n)
{
	uint32_t lowest, v;

	BUG_ON(!n);
	/* 2^32 mod n values at the bottom would make some results likelier
	 * than others: draw again on those. */
	lowest = (0 - n) % n;
	do
		v = random_u32(r);
	while (v < lowest);
	return v % n;
}

bool random_chance(struct random *r, uint32_t ppm)
{
	return random_below(r, 1000000) < ppm;
}
