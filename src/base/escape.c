/* SPDX-License-Identifier: BSD-2-Clause */
/* Foreign bytes made safe for a terminal. */
#include "base/escape.h"

#include <string.h>

#include "base/num.h"

/* One byte as it is shown; returns the number of characters. */
static size_t escape_byte(uint8_t byte, char out[static 4])
{
	static const char digits[] = "0123456789abcdef";

	out[0] = '\\';
	switch (byte) {
	case '\\':
		out[1] = '\\';
		return 2;
	case '\n':
		out[1] = 'n';
		return 2;
	case '\r':
		out[1] = 'r';
		return 2;
	case '\t':
		out[1] = 't';
		return 2;
	}
	if (byte >= 0x20 && byte < 0x7f) {
		out[0] = (char)byte;
		return 1;
	}
	out[1] = 'x';
	out[2] = digits[byte >> 4];
	out[3] = digits[byte & 15];
	return 4;
}

const char *escape_bytes(const void *bytes, size_t len, char *out, size_t size)
{
	static const char dots[] = "...";
	const uint8_t *in = bytes;
	size_t n = 0;
	size_t cut = 0; /* the last place that leaves room for the dots */

	if (!size)
		return "";
	for (size_t i = 0; i < len; i++) {
		char shown[4];
		size_t shown_n = escape_byte(in[i], shown);

		if (shown_n >= size - n) {
			size_t dots_n = size - 1 - cut;

			if (dots_n > strlen(dots))
				dots_n = strlen(dots);
			memcpy(out + cut, dots, dots_n);
			n = cut + dots_n;
			break;
		}
		memcpy(out + n, shown, shown_n);
		n += shown_n;
		if (size - n >= sizeof(dots))
			cut = n;
	}
	out[n] = '\0';
	return out;
}

const char *escape_text(const char *text, char *out, size_t size)
{
	return escape_bytes(text, strlen(text), out, size);
}

/* What stands behind a backslash: how many characters, or 0 when unknown. */
static size_t read_escape(const char *text, uint8_t *out)
{
	static const char names[] = "nrt0\\";
	static const char bytes[] = "\n\r\t\0\\";
	const char *name = *text ? strchr(names, *text) : NULL;
	int high, low;

	if (name) {
		*out = (uint8_t)bytes[name - names];
		return 1;
	}
	if (*text != 'x')
		return 0;
	high = num_hex_digit(text[1]);
	low = high < 0 ? -1 : num_hex_digit(text[2]);
	if (low < 0)
		return 0;
	*out = (uint8_t)(high << 4 | low);
	return 3;
}

bool escape_read(const char *text, uint8_t *out, size_t size, size_t *len)
{
	size_t n = 0;

	while (*text) {
		uint8_t byte = (uint8_t)*text++;
		size_t more = 1;

		if (byte == '\\') {
			more = read_escape(text, &byte);
			text += more;
		}
		if (!more || n == size)
			return false;
		out[n++] = byte;
	}
	*len = n;
	return true;
}
