/* SPDX-License-Identifier: BSD-2-Clause */
/* Randomness: the published sequence, and ranges without a bias. */
#include "base/random.h"

#include "tests/tap.h"

/* The state 1, 2, 3, 4 and what the authors' code makes of it. */
static void test_sequence(void)
{
	static const uint64_t want[] = {
		UINT64_C(11520),
		UINT64_C(0),
		UINT64_C(1509978240),
		UINT64_C(1215971899390074240),
		UINT64_C(1216172134540287360),
	};
	struct random r = { { 1, 2, 3, 4 } };

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		uint64_t got = random_u64(&r);

		CHECK_MSG(got == want[i], "number %zu", i);
	}
}

/* splitmix64 from 0 and from 1234567, as published. */
static void test_seed(void)
{
	struct random r;

	random_seed(&r, 0);
	CHECK(r.state[0] == UINT64_C(0xe220a8397b1dcdaf));
	CHECK(r.state[1] == UINT64_C(0x6e789e6aa1b965f4));
	CHECK(r.state[2] == UINT64_C(0x06c45d188009454f));
	CHECK(r.state[3] == UINT64_C(0xf88bb8a8724c81ec));
	random_seed(&r, 1234567);
	CHECK(r.state[0] == UINT64_C(6457827717110365317));
	CHECK(r.state[1] == UINT64_C(3203168211198807973));
}

static void test_repeatable(void)
{
	struct random a, b, c;
	unsigned same = 0, differ = 0;

	random_seed(&a, 42);
	random_seed(&b, 42);
	random_seed(&c, 43);
	for (size_t i = 0; i < 100; i++) {
		uint32_t v = random_u32(&a);

		same += v == random_u32(&b);
		differ += v != random_u32(&c);
	}
	CHECK_INT(same, 100);
	CHECK(differ > 98);
}

/*
 * A range of three quarters of 2^32: a plain remainder would put half of all
 * results into its first third.
 */
static void test_unbiased(void)
{
	const uint32_t n = UINT32_C(0xc0000000);
	unsigned low = 0;
	bool inside = true;
	struct random r;

	random_seed(&r, 7);
	for (size_t i = 0; i < 30000; i++) {
		uint32_t v = random_below(&r, n);

		low += v < n / 3;
		inside = inside && v < n;
	}
	CHECK(inside);
	CHECK_MSG(low > 9500 && low < 10500, "a third, not half: %u", low);
}

static void test_below(void)
{
	unsigned seen[6] = { 0 };
	struct random r;

	random_seed(&r, 1);
	for (size_t i = 0; i < 6000; i++) {
		uint32_t v = random_below(&r, 6);

		if (v < 6)
			seen[v]++;
		else
			CHECK(v < 6);
	}
	for (size_t i = 0; i < ARRAY_LEN(seen); i++)
		CHECK_MSG(seen[i] > 850 && seen[i] < 1150, "face %zu: %u", i,
			  seen[i]);
	CHECK_INT(random_below(&r, 1), 0);
}

static void test_chance(void)
{
	unsigned never = 0, always = 0, quarter = 0;
	struct random r;

	random_seed(&r, 1);
	for (size_t i = 0; i < 10000; i++) {
		never += random_chance(&r, 0);
		always += random_chance(&r, 1000000);
		quarter += random_chance(&r, 250000);
	}
	CHECK_INT(never, 0);
	CHECK_INT(always, 10000);
	CHECK_MSG(quarter > 2300 && quarter < 2700, "a quarter: %u", quarter);
}

int main(void)
{
	test_sequence();
	test_seed();
	test_repeatable();
	test_unbiased();
	test_below();
	test_chance();
	return tap_done();
}
