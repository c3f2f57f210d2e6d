/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines, earliest first: a binary heap of timers embedded elsewhere. */
#ifndef TP_ENGINE_TIMER_H
#define TP_ENGINE_TIMER_H

#include "base/base.h"

struct timer {
	int64_t at_ns;
	size_t place; /* in the heap, from 1; 0 = not set */
};

struct timers {
	struct timer **heap; /* [1..n] */
	size_t n, size;
};

void timers_init(struct timers *t);
void timers_fini(struct timers *t);
/* Set or move; 0 or -ERR_MEMORY. A timer that is set moves without failing. */
int timers_set(struct timers *t, struct timer *timer, int64_t at_ns) MUST_CHECK;
void timers_cancel(struct timers *t, struct timer *timer);
/* The earliest, or NULL. */
struct timer *timers_first(const struct timers *t);

#endif
