/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a packet: its line is printable, fits the size that is meant to
 * be enough, and is a prefix of the whole where there is less room.
 */
#include <string.h>

#include "wire/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_cut(const uint8_t *bytes, size_t len, const char *whole,
		      size_t size)
{
	char *out = malloc(size);
	size_t n;

	BUG_ON(!out);
	text_packet(bytes, len, out, size);
	n = strlen(out);
	BUG_ON(n >= size || memcmp(out, whole, n) != 0);
	BUG_ON(n < size - 1 && strlen(whole) != n);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char whole[TEXT_LINE_MAX];
	struct segment s;

	text_packet(bytes, len, whole, sizeof(whole));
	BUG_ON(!whole[0] || strlen(whole) > sizeof(whole) - 2);
	for (const char *c = whole; *c; c++)
		BUG_ON(*c < ' ' || *c > '~');
	if (len)
		check_cut(bytes, len, whole, 1 + bytes[len - 1]);
	segment_parse(bytes, len, &s);
	text_segment(&s, whole, sizeof(whole));
	BUG_ON(strlen(whole) > sizeof(whole) - 2);
	return 0;
}
