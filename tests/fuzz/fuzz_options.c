/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as TCP options: walked and written they are the same bytes; their
 * text is printable, fits, and is a prefix of the whole where it is cut.
 */
#include <string.h>

#include "wire/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_walk(const uint8_t *bytes, size_t len)
{
	uint8_t *out = malloc(len ? len : 1);
	struct wr w = wr_init(out, len);
	struct rd r = rd_init(bytes, len);
	struct option o;
	size_t steps = 0;

	BUG_ON(!out);
	while (option_next(&r, &o)) {
		BUG_ON(o.kind == OPTION_END || ++steps > len);
		option_write(&w, o.kind, o.data, o.len);
	}
	BUG_ON(w.bad || memcmp(out, bytes, w.len) != 0);
	BUG_ON(!r.bad && r.left && bytes[w.len] != OPTION_END);
	free(out);
}

static void check_parsed(const uint8_t *bytes, size_t len)
{
	struct options o;

	options_parse(bytes, len, &o);
	BUG_ON(o.sack_n > OPTION_SACK_MAX || o.mptcp_subtype > 15);
	BUG_ON(o.cookie_len > OPTION_COOKIE_MAX);
	BUG_ON(o.cookie_len && !o.has_fast_open);
	BUG_ON(o.malformed && o.padded);
}

static void check_text(const uint8_t *bytes, size_t len, size_t size)
{
	char whole[OPTIONS_TEXT_MAX];
	char *out = malloc(size);
	size_t n;

	BUG_ON(!out);
	options_text(bytes, len, whole, sizeof(whole));
	BUG_ON(len <= OPTIONS_MAX && strlen(whole) > sizeof(whole) - 2);
	for (const char *c = whole; *c; c++)
		BUG_ON(*c < ' ' || *c > '~');
	options_text(bytes, len, out, size);
	n = strlen(out);
	BUG_ON(n >= size || memcmp(out, whole, n) != 0);
	BUG_ON(n < size - 1 && strlen(whole) != n);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (!len)
		return 0;
	check_walk(bytes, len);
	check_parsed(bytes, len);
	check_text(bytes, len, 1 + bytes[len - 1]);
	return 0;
}
