/* SPDX-License-Identifier: BSD-2-Clause */
/* Colours: green is good, red is not, yellow is undecided. */
#include "report/paint.h"

static const char *const codes[] = {
	[PAINT_NONE] = "",
	[PAINT_DIM] = "\033[2m",
	[PAINT_GREEN] = "\033[32m",
	[PAINT_YELLOW] = "\033[33m",
	[PAINT_RED] = "\033[31m",
	[PAINT_BOLD_GREEN] = "\033[1;32m",
	[PAINT_BOLD_YELLOW] = "\033[1;33m",
	[PAINT_BOLD_RED] = "\033[1;31m",
};
static_assert(ARRAY_LEN(codes) == PAINT_N, "a colour without a code");

const char *paint_on(bool color, enum paint p)
{
	return color ? codes[p] : "";
}

const char *paint_off(bool color, enum paint p)
{
	return color && p != PAINT_NONE ? "\033[0m" : "";
}

enum paint paint_outcome(enum outcome o)
{
	switch (o) {
	case OUTCOME_PASS:
		return PAINT_GREEN;
	case OUTCOME_FAIL:
	case OUTCOME_ERROR:
		return PAINT_RED;
	case OUTCOME_INCONCLUSIVE:
		return PAINT_YELLOW;
	case OUTCOME_SKIP:
		return PAINT_DIM;
	case OUTCOME_N:
		break;
	}
	return PAINT_NONE;
}

enum paint paint_verdict(enum outcome o)
{
	switch (o) {
	case OUTCOME_PASS:
		return PAINT_BOLD_GREEN;
	case OUTCOME_FAIL:
	case OUTCOME_ERROR:
		return PAINT_BOLD_RED;
	case OUTCOME_INCONCLUSIVE:
	case OUTCOME_SKIP:
		return PAINT_BOLD_YELLOW;
	case OUTCOME_N:
		break;
	}
	return PAINT_NONE;
}
