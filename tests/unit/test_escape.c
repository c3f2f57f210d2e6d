/* SPDX-License-Identifier: BSD-2-Clause */
/* Foreign bytes: every byte value, and the cut at every size. */
#include "base/escape.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

static void test_bytes(void)
{
	char out[64];

	CHECK_TEXT(escape_text("plain ~text", out, sizeof(out)), "plain ~text");
	CHECK_TEXT(escape_text("a\\b", out, sizeof(out)), "a\\\\b");
	CHECK_TEXT(escape_text("\n\r\t", out, sizeof(out)), "\\n\\r\\t");
	CHECK_TEXT(escape_text("\x1b[2J\x7f\xc3\xa4", out, sizeof(out)),
		   "\\x1b[2J\\x7f\\xc3\\xa4");
	CHECK_TEXT(escape_bytes("a\0b", 3, out, sizeof(out)), "a\\x00b");
	CHECK_TEXT(escape_bytes(NULL, 0, out, sizeof(out)), "");
	CHECK(escape_text("x", out, sizeof(out)) == out);
}

/* All 256 values: printable ASCII comes out, and no two look alike. */
static void test_every_value(void)
{
	char shown[256][8];
	bool printable = true, distinct = true;

	for (unsigned i = 0; i < 256; i++) {
		uint8_t byte = (uint8_t)i;

		escape_bytes(&byte, 1, shown[i], sizeof(shown[i]));
		for (const char *c = shown[i]; *c; c++)
			printable = printable && *c >= ' ' && *c <= '~';
		for (unsigned j = 0; j < i; j++)
			distinct = distinct && strcmp(shown[i], shown[j]) != 0;
	}
	CHECK(printable);
	CHECK(distinct);
}

static void test_cut(void)
{
	/* The text of 10 characters, in less and less room. */
	static const char *const want[] = {
		"",	"",	     ".",	   "..",
		"...",	"a...",	     "a...",	   "a...",
		"a...", "a\\x00...", "a\\x00b...", "a\\x00bcd\\n",
	};

	for (size_t size = 1; size < ARRAY_LEN(want); size++) {
		char out[16];

		memset(out, 'z', sizeof(out));
		escape_bytes("a\0bcd\n", 6, out, size);
		CHECK_TEXT(out, want[size]);
		CHECK_INT(out[size], 'z');
	}
}

static void test_no_room(void)
{
	char out[1] = { 'z' };

	escape_text("abc", out, 0);
	CHECK_INT(out[0], 'z');
}

static void test_read(void)
{
	static const char *const bad[] = { "\\",   "a\\q",  "\\x",
					   "\\x1", "\\xg0", "\\x0g" };
	uint8_t out[16];
	size_t len = 99;

	CHECK(escape_read("a\\n\\r\\t\\0\\\\\\x7f\\xA5z", out, sizeof(out),
			  &len));
	CHECK_INT(len, 9);
	CHECK(memcmp(out, "a\n\r\t\0\\\x7f\xa5z", 9) == 0);
	CHECK(escape_read("", out, 0, &len) && len == 0);
	CHECK(escape_read("abc", out, 3, &len) && len == 3);
	CHECK(!escape_read("abcd", out, 3, &len));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK_MSG(!escape_read(bad[i], out, sizeof(out), &len),
			  "\"%s\" is refused", bad[i]);
}

/* There and back again, for every byte. */
static void test_both_ways(void)
{
	for (int byte = 0; byte < 256; byte++) {
		uint8_t in = (uint8_t)byte, out[4];
		char text[8];
		size_t len;

		escape_bytes(&in, 1, text, sizeof(text));
		CHECK_MSG(escape_read(text, out, sizeof(out), &len) &&
				  len == 1 && out[0] == in,
			  "byte %d comes back", byte);
	}
}

int main(void)
{
	test_bytes();
	test_every_value();
	test_cut();
	test_no_room();
	test_read();
	test_both_ways();
	return tap_done();
}
