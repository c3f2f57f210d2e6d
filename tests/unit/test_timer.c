/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap of deadlines against a plain search. */
#include "engine/timer.h"

#include "base/random.h"
#include "tests/tap.h"

#define N 500

static int64_t earliest(const struct timer *timers)
{
	int64_t first = TIME_NEVER;

	for (size_t i = 0; i < N; i++) {
		if (timers[i].place && timers[i].at_ns < first)
			first = timers[i].at_ns;
	}
	return first;
}

/* Whatever is set, moved and cancelled, the first is the earliest. */
static void test_against_search(void)
{
	struct timer timers[N] = { 0 };
	struct random random;
	struct timers t;
	bool right = true;

	random_seed(&random, 1);
	timers_init(&t);
	for (int i = 0; i < 20000; i++) {
		struct timer *timer = &timers[random_below(&random, N)];
		int64_t at = (int64_t)random_below(&random, 1000);
		struct timer *first;

		if (random_chance(&random, 300000))
			timers_cancel(&t, timer);
		else
			right &= !timers_set(&t, timer, at);
		first = timers_first(&t);
		right &=
			(first ? first->at_ns : TIME_NEVER) == earliest(timers);
	}
	CHECK_MSG(right, "the first is always the earliest");
	timers_fini(&t);
}

static void test_order(void)
{
	struct timer timers[N] = { 0 };
	struct timers t;
	int64_t last = -1;
	bool ordered = true;

	timers_init(&t);
	CHECK(timers_first(&t) == NULL);
	for (int64_t i = 0; i < N; i++)
		ordered &= !timers_set(&t, &timers[i], i * 7919 % N);
	for (int i = 0; i < N; i++) {
		struct timer *first = timers_first(&t);

		ordered &= first && first->at_ns > last;
		last = first ? first->at_ns : last;
		if (first)
			timers_cancel(&t, first);
	}
	CHECK_MSG(ordered, "%d timers come in order", N);
	CHECK(timers_first(&t) == NULL);
	timers_cancel(&t, &timers[0]);
	CHECK(timers_first(&t) == NULL);
	timers_fini(&t);
}

int main(void)
{
	test_order();
	test_against_search();
	return tap_done();
}
