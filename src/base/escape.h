/* SPDX-License-Identifier: BSD-2-Clause */
/* Foreign bytes made safe for a terminal. */
#ifndef TP_BASE_ESCAPE_H
#define TP_BASE_ESCAPE_H

#include "base/base.h"

/*
 * Printable ASCII stays; a backslash is doubled; all else becomes \n, \r, \t
 * or \xNN. The text is cut with "..." when it does not fit. Returns `out`.
 */
const char *escape_bytes(const void *bytes, size_t len, char *out, size_t size);
/* The same of a string. */
const char *escape_text(const char *text, char *out, size_t size);

/*
 * The way back, for texts that a user writes: \n, \r, \t, \0, \\ and \xNN
 * become bytes, all else stays. True when it fits and every escape is known.
 */
bool escape_read(const char *text, uint8_t *out, size_t size,
		 size_t *len) MUST_CHECK;

#endif
