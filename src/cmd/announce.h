/* SPDX-License-Identifier: BSD-2-Clause */
/* What a server says of itself, a line each, as text or as JSON. */
#ifndef TP_CMD_ANNOUNCE_H
#define TP_CMD_ANNOUNCE_H

#include <stdio.h>

#include "serve/serve.h"

struct announcer {
	FILE *out;
	bool json;
	const struct serve_config *config; /* as the server has it */
};

/* It can be connected to. 0 or -code; errno is that of the write. */
int announce_ready(const struct announcer *a, struct err *e) MUST_CHECK;
int announce_event(const struct announcer *a, const struct serve_event *event,
		   struct err *e) MUST_CHECK;

#endif
