/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A text put together piece by piece in a buffer of fixed size. What does not
 * fit is cut, and nothing is added behind a cut: the text is always ended and
 * always a prefix of the whole.
 */
#ifndef TP_BASE_LINE_H
#define TP_BASE_LINE_H

#include <stdarg.h>

#include "base/base.h"

struct line {
	char *text;
	size_t len;  /* without the ending zero */
	size_t size; /* room in all */
	bool cut;
};

/* An empty text; with size 0 nothing is ever written. */
struct line line_init(char *text, size_t size);
void line_add(struct line *l, const char *fmt, ...) PRINTF(2, 3);
void line_vadd(struct line *l, const char *fmt, va_list args) PRINTF(2, 0);
/* The bytes in hexadecimal, without blanks. */
void line_add_hex(struct line *l, const uint8_t *bytes, size_t len);
/* The text, or "" when there is no room even for that. */
const char *line_text(const struct line *l);

#endif
