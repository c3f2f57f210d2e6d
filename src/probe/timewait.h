/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a closed pair: what TIME-WAIT lets in, and how long it lasts. */
#ifndef TP_PROBE_TIMEWAIT_H
#define TP_PROBE_TIMEWAIT_H

#include "probe/only.h"
#include "probe/probe.h"
#include "probe/trigger.h"

struct timewait_settings {
	struct trigger trigger;
	struct only only;
	bool measure;	/* how long it lasts, too */
	int64_t for_ns; /* watch it that long at most */
};

extern const struct probe timewait_probe;

#endif
