/* SPDX-License-Identifier: BSD-2-Clause */
/* The Internet checksum, against published sums and a slow oracle. */
#include "wire/checksum.h"

#include <string.h>

#include "base/random.h"
#include "tests/tap.h"

/*
 * The oracle does not fold: the ones' complement sum of 16-bit words is the
 * whole number they spell, modulo 65535, where nothing but zeros sums to 0.
 */
static uint16_t oracle(const uint8_t *bytes, size_t len)
{
	uint32_t rest = 0;
	bool zero = true;

	for (size_t i = 0; i < len + (len & 1); i++) {
		uint8_t byte = i < len ? bytes[i] : 0;

		rest = (rest * 256 + byte) % 65535;
		zero = zero && !byte;
	}
	if (!rest && !zero)
		rest = 65535;
	return (uint16_t)(65535 - rest);
}

static void test_published(void)
{
	/* RFC 1071 3: the words 0001 f203 f4f5 f6f7 sum to ddf2. */
	uint8_t bytes[20];
	size_t n = tap_hex("0001 f203 f4f5 f6f7", bytes, sizeof(bytes));

	CHECK_INT(checksum_finish(checksum_add(0, bytes, n)), 0xffff - 0xddf2);
	/* An IPv4 header that carries its checksum, b861, sums to nothing. */
	n = tap_hex("4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7", bytes,
		    sizeof(bytes));
	CHECK_INT(checksum_finish(checksum_add(0, bytes, n)), 0);
	bytes[10] = bytes[11] = 0;
	CHECK_INT(checksum_finish(checksum_add(0, bytes, n)), 0xb861);
}

static void test_folding(void)
{
	static uint8_t ones[65535];

	memset(ones, 0xff, sizeof(ones));
	CHECK_INT(checksum_finish(0), 0xffff);
	CHECK_INT(checksum_finish(0xffff), 0);
	CHECK_INT(checksum_finish(0x10000), 0xfffe);
	/* Folding this once leaves another carry. */
	CHECK_INT(checksum_finish(0x1ffff), 0xfffe);
	CHECK_INT(checksum_finish(0xffff0001), 0xfffe);
	CHECK_INT(checksum_finish(0xffffffff), 0);
	CHECK_INT(checksum_finish(UINT64_MAX), 0);
	CHECK_INT(checksum_finish(checksum_add(0, ones, sizeof(ones))),
		  oracle(ones, sizeof(ones)));
	CHECK_INT(checksum_finish(checksum_add(0, ones, 2)), 0);
	CHECK_INT(checksum_finish(checksum_add(0, ones, 0)), 0xffff);
	/* An odd byte is the high half of a word. */
	CHECK_INT(checksum_finish(checksum_add(0, ones, 1)), 0x00ff);
}

/* Random bytes of each length, in one part and in two. */
static void test_against_oracle(void)
{
	uint8_t bytes[600];
	bool whole = true, parts = true;
	struct random r;

	random_seed(&r, 3);
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		uint32_t words = (uint32_t)len / 2;
		size_t cut = (size_t)random_below(&r, words + 1) * 2;
		bool heavy = random_chance(&r, 300000);
		uint64_t sum;

		for (size_t i = 0; i < len; i++)
			bytes[i] = heavy ? 0xff : (uint8_t)random_u32(&r);
		sum = checksum_add(0, bytes, len);
		whole = whole && checksum_finish(sum) == oracle(bytes, len);
		sum = checksum_add(0, bytes, cut);
		sum = checksum_add(sum, bytes + cut, len - cut);
		parts = parts && checksum_finish(sum) == oracle(bytes, len);
	}
	CHECK(whole);
	CHECK(parts);
}

/* The pseudo headers as RFC 9293 3.1 and RFC 8200 8.1 draw them. */
static void test_pseudo(void)
{
	struct addr a, b;
	uint8_t bytes[40];
	size_t n;

	BUG_ON(addr_parse("10.9.0.1", &a) || addr_parse("10.9.0.2", &b));
	n = tap_hex("0a090001 0a090002 00 06 0014", bytes, sizeof(bytes));
	CHECK_INT(checksum_finish(checksum_pseudo(&a, &b, 6, 20)),
		  oracle(bytes, n));
	BUG_ON(addr_parse("fd00::1", &a) || addr_parse("fd00:9::2", &b));
	n = tap_hex("fd000000 00000000 00000000 00000001"
		    "fd000009 00000000 00000000 00000002 00018765 0000003a",
		    bytes, sizeof(bytes));
	CHECK_INT(checksum_finish(checksum_pseudo(&a, &b, 58, 0x18765)),
		  oracle(bytes, n));
}

int main(void)
{
	test_published();
	test_folding();
	test_against_oracle();
	test_pseudo();
	return tap_done();
}
