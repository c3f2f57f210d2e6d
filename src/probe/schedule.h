/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timers of a target's keepalive, read off its probes as they came in on a
 * few idle connections at the same time.
 *
 * A single connection cannot be believed: when its first probe is lost the
 * second is taken for the first, and idle time, interval and number are wrong
 * at once. So the earliest first probe of all connections counts, distances
 * are medians, and probes are counted with the gaps in between.
 */
#ifndef TP_PROBE_SCHEDULE_H
#define TP_PROBE_SCHEDULE_H

#include "base/base.h"

/* One probe. */
struct schedule_sight {
	int64_t t_ns;	 /* capture stamp */
	int64_t idle_ns; /* since the last segment of ours had left */
	/* The one before it got no answer from us. */
	bool unanswered;
};

/* Linux sends at most 127 of them in a row. */
#define SCHEDULE_SIGHTS_MAX 128

/* One connection, watched from its first idle moment on. */
struct schedule_line {
	struct schedule_sight sights[SCHEDULE_SIGHTS_MAX];
	size_t n;
	int64_t rtt_ns;	  /* 0: unknown */
	int64_t reset_ns; /* when unanswered probes ended in a RST; 0: never */
};

struct schedule {
	int64_t idle_ns;     /* until the first probe; 0: none came */
	int64_t interval_ns; /* from an unanswered one on; 0: not seen */
	int64_t again_ns;    /* from an answered one on; 0: not seen */
	/* In a row without an answer, on the connection that had most. */
	unsigned unanswered;
};

void schedule_read(const struct schedule_line *const *lines, size_t n,
		   struct schedule *out);

#endif
