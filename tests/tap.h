/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests in C speak TAP: a CHECK a line, a plan at the end.
 *
 *	int main(void) { test_this(); test_that(); return tap_done(); }
 */
#ifndef TP_TESTS_TAP_H
#define TP_TESTS_TAP_H

#include "base/base.h"

/* One test point; `fmt` names it. Returns `ok`. */
bool tap_ok(bool ok, const char *file, int line, const char *fmt, ...)
	PRINTF(4, 5);
bool tap_int(int64_t got, int64_t want, const char *file, int line,
	     const char *what);
bool tap_text(const char *got, const char *want, const char *file, int line,
	      const char *what);
/* A line of explanation. */
void tap_note(const char *fmt, ...) PRINTF(1, 2);
/* Points that cannot be tried here: said aloud, counted as skipped. */
void tap_skip(const char *what, const char *why);
/* Prints the plan; the exit status of main. */
int tap_done(void);

#define CHECK(condition) tap_ok(condition, __FILE__, __LINE__, "%s", #condition)
#define CHECK_MSG(condition, ...) \
	tap_ok(condition, __FILE__, __LINE__, __VA_ARGS__)
#define CHECK_INT(got, want) \
	tap_int((int64_t)(got), (int64_t)(want), __FILE__, __LINE__, \
		#got " is " #want)
#define CHECK_TEXT(got, want) tap_text(got, want, __FILE__, __LINE__, #got)

/* Bytes from hex text, blanks allowed: returns their number; aborts on junk. */
size_t tap_hex(const char *hex, uint8_t *out, size_t size);
/* The words of a line, one blank between two, which becomes their end: returns
 * their number; aborts when there are more than `max`. */
int tap_words(char *line, char **words, int max);

#endif
