/* SPDX-License-Identifier: BSD-2-Clause */
/* How far a long run is, in one line of the terminal. */
#ifndef TP_CMD_PROGRESS_H
#define TP_CMD_PROGRESS_H

#include "engine/engine.h"

struct progress {
	struct engine *engine;
	uint64_t total;
	uint64_t done; /* counted by the run */
	bool shown;    /* a line stands on the terminal now */
};

/* Shows nothing unless stderr is a terminal. 0 or a negative code. */
int progress_start(struct progress *p, struct engine *e,
		   uint64_t total) MUST_CHECK;
/* Take the line away, before something else is printed. */
void progress_clear(struct progress *p);

#endif
