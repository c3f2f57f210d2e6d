/* SPDX-License-Identifier: BSD-2-Clause */
/* Fibers: they pause, go on, end, and leave their stacks to others. */
#include "engine/task.h"

#include "tests/tap.h"

#define N 200

struct counter {
	struct task *task;
	int steps;
	int stop_at;
};

static void count(void *arg)
{
	struct counter *c = arg;
	/* Must survive every pause. */
	volatile int local = 0;

	while (c->steps < c->stop_at) {
		c->steps++;
		local++;
		task_pause(c->task);
		BUG_ON(local != c->steps);
	}
}

static void test_interleaved(void)
{
	struct task_pool *pool = task_pool_new();
	struct counter counters[N] = { 0 };
	int ended = 0, rounds = 0;

	for (int i = 0; i < N; i++) {
		counters[i].stop_at = i % 10;
		counters[i].task = task_new(pool, count, &counters[i]);
		BUG_ON(!counters[i].task);
	}
	for (; ended < N; rounds++) {
		for (int i = 0; i < N; i++) {
			if (counters[i].task && task_resume(counters[i].task)) {
				counters[i].task = NULL;
				ended++;
			}
		}
	}
	CHECK_INT(rounds, 10);
	for (int i = 0; i < N; i++)
		ended -= counters[i].steps != i % 10;
	CHECK_INT(ended, N);
	task_pool_free(pool);
}

/* A stack is used again: thousands of short tasks need one. */
static void test_reuse(void)
{
	struct task_pool *pool = task_pool_new();
	struct task *first = NULL;
	bool same = true;

	for (int i = 0; i < 1000; i++) {
		struct counter c = { 0 };

		c.task = task_new(pool, count, &c);
		BUG_ON(!c.task);
		if (!first)
			first = c.task;
		same &= c.task == first;
		CHECK_MSG(task_resume(c.task) || i % 100, "task %d ended", i);
	}
	CHECK_MSG(same, "one stack served all");
	task_pool_free(pool);
}

int main(void)
{
	test_interleaved();
	test_reuse();
	return tap_done();
}
