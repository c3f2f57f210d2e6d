/* SPDX-License-Identifier: BSD-2-Clause */
/* A text put together piece by piece in a buffer of fixed size. */
#include "base/line.h"

#include <stdio.h>

struct line line_init(char *text, size_t size)
{
	if (size)
		text[0] = '\0';
	return (struct line){ .text = text, .size = size, .cut = !size };
}

void line_vadd(struct line *l, const char *fmt, va_list args)
{
	size_t room = l->size - l->len;
	int n;

	if (l->cut)
		return;
	n = vsnprintf(l->text + l->len, room, fmt, args);
	if (n < 0) {
		l->text[l->len] = '\0';
		l->cut = true;
	} else if ((size_t)n >= room) {
		l->len = l->size - 1;
		l->cut = true;
	} else {
		l->len += (size_t)n;
	}
}

void line_add(struct line *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line_vadd(l, fmt, args);
	va_end(args);
}

void line_add_hex(struct line *l, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len && !l->cut; i++)
		line_add(l, "%02x", bytes[i]);
}

const char *line_text(const struct line *l)
{
	return l->size ? l->text : "";
}
