/* SPDX-License-Identifier: BSD-2-Clause */
/* The conversation drawn: our end left, the target right, time downwards. */
#ifndef TP_REPORT_LADDER_H
#define TP_REPORT_LADDER_H

#include <stdio.h>

#include "base/base.h"
#include "engine/trace.h"

struct ladder_look {
	bool color;
	bool unicode;
};

/* One diagram a pair of endpoints, 80 wide. Nothing for an empty trace. */
void ladder_draw(FILE *out, const struct trace *t,
		 const struct ladder_look *look);

#endif
