/* SPDX-License-Identifier: BSD-2-Clause */
/* Keepalive, both ways: does the target answer our probes, and does it probe
 * us when a connection is idle? */
#ifndef TP_PROBE_KEEPALIVE_H
#define TP_PROBE_KEEPALIVE_H

#include "probe/probe.h"
#include "probe/trigger.h"

struct keepalive_settings {
	int play;	/* enum idle_play; KEEPALIVE_NO_PLAY: not said */
	int64_t for_ns; /* 0: not said */
	bool path;	/* find the timeout of the path */
	struct trigger trigger;
};

#define KEEPALIVE_NO_PLAY (-1)
/* How long an idle connection is watched when only that is said. */
#define KEEPALIVE_FOR_NS (130 * TIME_S)

extern const struct probe keepalive_probe;

#endif
