/* SPDX-License-Identifier: BSD-2-Clause */
/* The few colours of a text report; without config.color no byte of them. */
#ifndef TP_REPORT_PAINT_H
#define TP_REPORT_PAINT_H

#include "base/base.h"
#include "probe/finding.h"

enum paint {
	PAINT_NONE,
	PAINT_DIM,
	PAINT_GREEN,
	PAINT_YELLOW,
	PAINT_RED,
	PAINT_BOLD_GREEN,
	PAINT_BOLD_YELLOW,
	PAINT_BOLD_RED,
	PAINT_N
};

/* The sequences that begin and end a colour; "" when there is none. */
const char *paint_on(bool color, enum paint p);
const char *paint_off(bool color, enum paint p);
enum paint paint_outcome(enum outcome o);
enum paint paint_verdict(enum outcome o);

#endif
