/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers and writers: big-endian, bounded, bad for good. */
#include "base/bytes.h"

#include <string.h>

#include "tests/tap.h"

static const uint8_t sample[] = {
	0x01, 0xf2, 0x03, 0x84, 0x05, 0x06, 0x07, 0x88
};

static void test_read(void)
{
	struct rd r = rd_init(sample, sizeof(sample));
	const uint8_t *at;

	CHECK_INT(rd_u8(&r), 0x01);
	CHECK_INT(rd_u16(&r), 0xf203);
	CHECK_INT(rd_u32(&r), 0x84050607);
	CHECK_INT(r.left, 1);
	at = rd_bytes(&r, 1);
	CHECK(at == sample + 7);
	CHECK(rd_bytes(&r, 0) == sample + 8);
	CHECK(!r.bad);
}

/* One byte short of each kind: zeros from then on, even where bytes are. */
static void test_read_past(void)
{
	struct rd r = rd_init(sample, 0);

	CHECK_INT(rd_u8(&r), 0);
	CHECK(r.bad);

	r = rd_init(sample, 1);
	CHECK_INT(rd_u16(&r), 0);
	CHECK(r.bad);
	CHECK_INT(rd_u8(&r), 0);
	CHECK_INT(r.left, 1);

	r = rd_init(sample, 3);
	CHECK_INT(rd_u32(&r), 0);
	CHECK(r.bad);

	r = rd_init(sample, 3);
	CHECK(!rd_bytes(&r, 4));
	CHECK(r.bad);
	CHECK(!rd_bytes(&r, 0));

	r = rd_init(sample, 3);
	CHECK(!rd_bytes(&r, SIZE_MAX));
	CHECK(r.bad);

	r = rd_init(NULL, 0);
	CHECK(!rd_bytes(&r, 0) && !r.bad);
}

static void test_part(void)
{
	struct rd r = rd_init(sample, 4);
	struct rd part = rd_part(&r, 3);

	CHECK_INT(part.left, 3);
	CHECK_INT(rd_u16(&part), 0x01f2);
	CHECK_INT(rd_u16(&part), 0);
	CHECK(part.bad);
	CHECK(!r.bad);
	CHECK_INT(rd_u8(&r), 0x84);

	r = rd_init(sample, 4);
	part = rd_part(&r, 5);
	CHECK(part.bad && r.bad);
	CHECK_INT(rd_u8(&part), 0);
}

static void test_write(void)
{
	uint8_t out[9];
	struct wr w = wr_init(out, 8);

	memset(out, 0xee, sizeof(out));
	wr_u8(&w, 0x01);
	wr_u16(&w, 0xf203);
	wr_u32(&w, 0x84050607);
	wr_bytes(&w, sample + 7, 1);
	wr_bytes(&w, NULL, 0);
	CHECK(!w.bad);
	CHECK_INT(w.len, 8);
	CHECK(memcmp(out, sample, 8) == 0);
	wr_u8(&w, 9);
	CHECK(w.bad);
	CHECK_INT(w.len, 8);
	CHECK_INT(out[8], 0xee);
}

static void test_write_past(void)
{
	uint8_t out[4] = { 0xee, 0xee, 0xee, 0xee };
	struct wr w = wr_init(out, 3);

	wr_u32(&w, 0x01020304);
	CHECK(w.bad);
	wr_u8(&w, 1);
	CHECK_INT(w.len, 0);
	CHECK_INT(out[0], 0xee);

	w = wr_init(out, 1);
	wr_u16(&w, 0x0102);
	CHECK(w.bad && out[0] == 0xee);

	w = wr_init(out, 3);
	wr_bytes(&w, sample, 4);
	CHECK(w.bad && out[0] == 0xee);
}

static void test_patch(void)
{
	uint8_t out[6];
	struct wr w = wr_init(out, sizeof(out));

	wr_u32(&w, 0);
	wr_u16(&w, 0xaaaa);
	wr_patch_u16(&w, 1, 0xf1f2);
	CHECK(memcmp(out, "\x00\xf1\xf2\x00\xaa\xaa", 6) == 0);
	CHECK_INT(w.len, 6);
	wr_u8(&w, 1);
	wr_patch_u16(&w, 0, 0x1111);
	CHECK_INT(out[0], 0);
}

int main(void)
{
	test_read();
	test_read_past();
	test_part();
	test_write();
	test_write_past();
	test_patch();
	return tap_done();
}
