/* SPDX-License-Identifier: BSD-2-Clause */
/* A binary heap of deadlines; places count from 1, so parent = place / 2. */
#include "engine/timer.h"

#include "base/err.h"

static void put(struct timers *t, struct timer *timer, size_t place)
{
	t->heap[place] = timer;
	timer->place = place;
}

static void sift_up(struct timers *t, struct timer *timer, size_t place)
{
	while (place > 1 && t->heap[place / 2]->at_ns > timer->at_ns) {
		put(t, t->heap[place / 2], place);
		place /= 2;
	}
	put(t, timer, place);
}

static void sift_down(struct timers *t, struct timer *timer, size_t place)
{
	for (;;) {
		size_t child = place * 2;

		if (child > t->n)
			break;
		if (child < t->n &&
		    t->heap[child + 1]->at_ns < t->heap[child]->at_ns)
			child++;
		if (t->heap[child]->at_ns >= timer->at_ns)
			break;
		put(t, t->heap[child], place);
		place = child;
	}
	put(t, timer, place);
}

void timers_init(struct timers *t)
{
	*t = (struct timers){ 0 };
}

void timers_fini(struct timers *t)
{
	free(t->heap);
	timers_init(t);
}

static int grow(struct timers *t)
{
	size_t size = t->size ? t->size * 2 : 64;
	struct timer **heap = reallocarray(t->heap, size, sizeof(*heap));

	if (!heap)
		return -ERR_MEMORY;
	t->heap = heap;
	t->size = size;
	return 0;
}

int timers_set(struct timers *t, struct timer *timer, int64_t at_ns)
{
	timers_cancel(t, timer);
	timer->at_ns = at_ns;
	/* heap[0] is never used. */
	if (t->n + 1 >= t->size && grow(t))
		return -ERR_MEMORY;
	sift_up(t, timer, ++t->n);
	return 0;
}

void timers_cancel(struct timers *t, struct timer *timer)
{
	size_t place = timer->place;
	struct timer *last;

	if (!place)
		return;
	timer->place = 0;
	last = t->heap[t->n--];
	if (last == timer)
		return;
	if (place > 1 && t->heap[place / 2]->at_ns > last->at_ns)
		sift_up(t, last, place);
	else
		sift_down(t, last, place);
}

struct timer *timers_first(const struct timers *t)
{
	return t->n ? t->heap[1] : NULL;
}
