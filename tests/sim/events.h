/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is going to happen in a simulation, earliest first; of two things at
 * the same time the one that was planned first.
 */
#ifndef TP_TESTS_SIM_EVENTS_H
#define TP_TESTS_SIM_EVENTS_H

#include "base/base.h"
#include "tests/sim/simlink.h"

enum sim_event_kind {
	SIM_CAPTURE,	/* the capture shows a datagram of ours */
	SIM_ENTER,	/* a peer sends it now */
	SIM_REACH_PEER, /* it comes out of the weather at a peer */
	SIM_REACH_HOOK, /* … at our end, where the middlebox stands */
	SIM_REACH_US,	/* past the middlebox */
	SIM_INTERRUPT,
	SIM_LOSE_CAPTURE,
};

struct sim_event {
	int64_t at_ns;
	uint64_t order;
	enum sim_event_kind kind;
	size_t len;
	uint8_t bytes[];
};

struct sim_events {
	struct sim_event **heap; /* [0..n) */
	size_t n, size;
	uint64_t planned; /* the order of the next one */
};

void sim_events_fini(struct sim_events *e);
/* Copies the bytes. */
void sim_events_add(struct sim_events *e, enum sim_event_kind kind,
		    int64_t at_ns, const uint8_t *bytes, size_t len);
/* The earliest without taking it, or NULL. */
const struct sim_event *sim_events_first(const struct sim_events *e);
/* Take the earliest; the caller frees it. */
struct sim_event *sim_events_take(struct sim_events *e);

#endif
