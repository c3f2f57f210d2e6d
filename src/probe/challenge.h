/* SPDX-License-Identifier: BSD-2-Clause */
/* The probe "challenge": what does a segment do that comes out of place? */
#ifndef TP_PROBE_CHALLENGE_H
#define TP_PROBE_CHALLENGE_H

#include "probe/only.h"
#include "probe/probe.h"
#include "probe/trigger.h"

struct challenge_settings {
	struct trigger trigger;
	struct only only;
	bool rate_limit;
	bool intrusive;
};

extern const struct probe challenge_probe;

#endif
