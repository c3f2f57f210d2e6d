/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An error: a code, which decides the exit status and is the "code" of a JSON
 * error, and one sentence for the user ("what was tried: why it failed").
 *
 * A function that can fail returns 0 or a negative enum err_code. Where a user
 * must act on the failure it also takes `struct err *e` last and fills it; the
 * caller may prefix the sentence, never reword it.
 */
#ifndef TP_BASE_ERR_H
#define TP_BASE_ERR_H

#include "base/base.h"

enum err_code {
	ERR_NONE,
	ERR_USAGE,	 /* misuse of the command line */
	ERR_PERMISSION,	 /* a privilege is missing */
	ERR_HOST,	 /* no such host */
	ERR_ROUTE,	 /* no way to the target from here */
	ERR_INTERFACE,	 /* no such interface, or it is down */
	ERR_UNSUPPORTED, /* this kernel or system cannot do it */
	ERR_BUSY,	 /* a port or another resource is taken */
	ERR_CAPTURE,	 /* the capture failed while running */
	ERR_SEND,	 /* a segment could not be sent */
	ERR_MEMORY,	 /* out of memory */
	ERR_IO,		 /* reading or writing a file failed */
	ERR_CODE_N
};

#define ERR_TEXT_MAX 320

struct err {
	enum err_code code;
	char text[ERR_TEXT_MAX];
};

/* Fill *e (may be NULL) and return -code, so that callers can return it. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
	PRINTF(3, 4);

/* Put "fmt: " before the sentence that is there; returns -e->code. */
int err_prefix(struct err *e, const char *fmt, ...) PRINTF(2, 3);

/* The code's name in JSON ("permission"), and its exit status. */
const char *err_name(enum err_code code);
int err_status(enum err_code code);

#endif
