/* SPDX-License-Identifier: BSD-2-Clause */
/* How far a long run is, in one line of the terminal. */
#ifndef TP_CMD_PROGRESS_H
#define TP_CMD_PROGRESS_H

#include "engine/engine.h"

/* Fits into a line of 80 columns. */
#define PROGRESS_SAID_MAX 76

struct progress {
	struct engine *engine;
	uint64_t total;
	uint64_t done; /* counted by the run */
	bool shown;    /* a line stands on the terminal now */
	/* What the only target's turn says of itself. */
	char said[PROGRESS_SAID_MAX];
};

/* Shows nothing unless stderr is a terminal. 0 or a negative code. */
int progress_start(struct progress *p, struct engine *e,
		   uint64_t total) MUST_CHECK;
/* Instead of the count, while there is one target only. */
void progress_say(struct progress *p, const char *text);
/* Take the line away, before something else is printed. */
void progress_clear(struct progress *p);

#endif
