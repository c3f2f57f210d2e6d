/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts put together piece by piece: whole, cut at each length, empty. */
#include "base/line.h"

#include <string.h>

#include "tests/tap.h"

static void test_add(void)
{
	char text[32];
	struct line l = line_init(text, sizeof(text));

	CHECK_TEXT(line_text(&l), "");
	line_add(&l, "seq %u", 7U);
	line_add(&l, "%s", "");
	line_add(&l, ", 0x");
	line_add_hex(&l, (const uint8_t[]){ 0x00, 0x0f, 0xf0, 0xff }, 4);
	line_add_hex(&l, NULL, 0);
	CHECK_TEXT(line_text(&l), "seq 7, 0x000ff0ff");
	CHECK_INT(l.len, 17);
	CHECK(!l.cut);
}

/* At every size: ended, a prefix of the whole, nothing behind the end. */
static void test_cut(void)
{
	static const char whole[] = "abc 12 deadbeef end";
	static const uint8_t bytes[] = { 0xde, 0xad, 0xbe, 0xef };

	for (size_t size = 1; size <= sizeof(whole) + 1; size++) {
		char text[sizeof(whole) + 8];
		struct line l;
		bool good;

		memset(text, 'z', sizeof(text));
		l = line_init(text, size);
		line_add(&l, "abc %d ", 12);
		line_add_hex(&l, bytes, sizeof(bytes));
		line_add(&l, " end");
		good = l.len == strlen(text) && l.len < size &&
		       memcmp(text, whole, l.len) == 0 && text[size] == 'z' &&
		       l.cut == (size < sizeof(whole)) &&
		       (l.cut ? l.len == size - 1 : l.len == strlen(whole));
		CHECK_MSG(good, "room for %zu", size);
	}
}

static void test_no_room(void)
{
	char text[1] = { 'z' };
	struct line l = line_init(text, 0);

	line_add(&l, "abc");
	CHECK_INT(text[0], 'z');
	CHECK_TEXT(line_text(&l), "");
}

/* Nothing is added behind a cut, however well it would fit. */
static void test_stays_cut(void)
{
	char text[6];
	struct line l = line_init(text, sizeof(text));

	line_add(&l, "%s", "");
	line_add(&l, "abcdefgh");
	line_add(&l, "%s", "");
	line_add(&l, "x");
	CHECK_TEXT(line_text(&l), "abcde");
}

int main(void)
{
	test_add();
	test_cut();
	test_no_room();
	test_stays_cut();
	return tap_done();
}
