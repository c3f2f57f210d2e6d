/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers and durations from text, checked whole: empty text, trailing junk,
 * a sign, white space and values out of range are refused. The caller names
 * the option; `why` (a static string) says what is wrong with the value.
 */
#ifndef TP_BASE_NUM_H
#define TP_BASE_NUM_H

#include "base/base.h"

/* Decimal or 0x hexadecimal. 0, or -1 with *why set and *out untouched. */
int num_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *out,
		  const char **why) MUST_CHECK;

/*
 * A number, perhaps with a decimal fraction, and us, ms, s, m or h; a bare
 * number is seconds. At most ~292 years.
 */
int num_parse_duration(const char *text, int64_t *ns,
		       const char **why) MUST_CHECK;

/* The value of a hexadecimal digit, or -1. */
int num_hex_digit(char c);

/* "24 us", "1.90 ms", "3.00 s", "2 min 3 s", "1 h 2 min": for people. */
#define NUM_DURATION_TEXT_MAX 32
const char *num_format_duration(int64_t ns,
				char text[static NUM_DURATION_TEXT_MAX]);

/* "65,535": a count as people read it. */
#define NUM_COUNT_TEXT_MAX 32
const char *num_format_count(uint64_t n, char text[static NUM_COUNT_TEXT_MAX]);

#endif
