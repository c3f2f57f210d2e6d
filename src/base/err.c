/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An error: a code and one sentence for the user.
 *
 * Sentences are made in a buffer of their own first, so that the arguments may
 * point into the sentence that is replaced.
 */
#include "base/err.h"

#include <stdarg.h>
#include <string.h>

#include "base/line.h"

static const struct {
	const char *name;
	int status;
} codes[] = {
	[ERR_NONE] = { "none", 0 },
	[ERR_USAGE] = { "usage", 2 },
	[ERR_PERMISSION] = { "permission", 3 },
	[ERR_HOST] = { "host", 3 },
	[ERR_ROUTE] = { "route", 3 },
	[ERR_INTERFACE] = { "interface", 3 },
	[ERR_UNSUPPORTED] = { "unsupported", 3 },
	[ERR_BUSY] = { "busy", 3 },
	[ERR_CAPTURE] = { "capture", 5 },
	[ERR_SEND] = { "send", 5 },
	[ERR_MEMORY] = { "memory", 5 },
	[ERR_IO] = { "io", 5 },
};
static_assert(ARRAY_LEN(codes) == ERR_CODE_N, "a row for every code");

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	struct line line = line_init(text, sizeof(text));
	va_list args;

	if (!e)
		return -(int)code;
	va_start(args, fmt);
	line_vadd(&line, fmt, args);
	va_end(args);
	e->code = code;
	memcpy(e->text, text, line.len + 1);
	return -(int)code;
}

int err_prefix(struct err *e, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	struct line line = line_init(text, sizeof(text));
	va_list args;

	BUG_ON(!e);
	va_start(args, fmt);
	line_vadd(&line, fmt, args);
	va_end(args);
	line_add(&line, ": %s", e->text);
	memcpy(e->text, text, line.len + 1);
	return -(int)e->code;
}

const char *err_name(enum err_code code)
{
	BUG_ON((size_t)code >= ARRAY_LEN(codes));
	return codes[code].name;
}

int err_status(enum err_code code)
{
	BUG_ON((size_t)code >= ARRAY_LEN(codes));
	return codes[code].status;
}
