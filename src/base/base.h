/* SPDX-License-Identifier: BSD-2-Clause */
/* What every file may lean on: attributes, assertions, banned words. */
#ifndef TP_BASE_BASE_H
#define TP_BASE_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The struct that holds `member`, from a pointer to the member. */
#define CONTAINER_OF(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/*
 * Abort on a mistake of our own. Never reachable from the network or the
 * command line: what those bring is an error, not a bug.
 */
#define BUG_ON(condition)        \
	do {                     \
		if (condition)   \
			abort(); \
	} while (0)

/* One second and its parts in nanoseconds, the unit of all times. */
#define TIME_US INT64_C(1000)
#define TIME_MS INT64_C(1000000)
#define TIME_S INT64_C(1000000000)
#define TIME_NEVER INT64_MAX

#endif
