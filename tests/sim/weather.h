/* SPDX-License-Identifier: BSD-2-Clause */
/* What the way between our end and the peers does to datagrams. */
#ifndef TP_TESTS_SIM_WEATHER_H
#define TP_TESTS_SIM_WEATHER_H

#include "base/random.h"
#include "tests/sim/events.h"

/* One direction of the way. */
struct sim_way {
	struct sim_weather weather;
	struct random random; /* its own: the directions do not mix */
	int64_t busy_until_ns; /* of the rate */
	int64_t last_ns;       /* the latest arrival that keeps its place */
	uint64_t entered, lost, duplicated, reordered, corrupted;
	uint64_t *lose; /* these, counted from 1, are lost */
	size_t lose_n;
};

void sim_way_fini(struct sim_way *way);
/* A datagram enters at `now_ns`; whatever comes out is planned as `kind`. */
void sim_way_enter(struct sim_way *way, struct sim_events *events,
		   enum sim_event_kind kind, int64_t now_ns,
		   const uint8_t *bytes, size_t len);

#endif
