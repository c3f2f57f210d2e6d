/* SPDX-License-Identifier: BSD-2-Clause */
/* Link headers, stripped down to IP. */
#include "io/framing.h"

#include <string.h>

#include "tests/tap.h"

#define MACS "020000000001 020000000002 "
#define IPV4_START "4500 0014"
#define IPV6_START "6000 0000"

/* Where the datagram begins in the frame, or -1. */
static int strip(enum framing framing, const char *hex, size_t cut)
{
	uint8_t whole[128];
	size_t len = tap_hex(hex, whole, sizeof(whole));
	size_t left = 0;
	/* Exactly as large as the frame, so that a sanitizer sees overruns. */
	uint8_t *frame = malloc(len - cut + 1);
	const uint8_t *at;
	int offset = -1;

	BUG_ON(!frame || cut > len);
	memcpy(frame, whole, len - cut);
	at = framing_strip(framing, frame, len - cut, &left);
	if (at) {
		offset = (int)(at - frame);
		BUG_ON((size_t)offset + left != len - cut);
	}
	free(frame);
	return offset;
}

static void test_ethernet(void)
{
	enum framing f = FRAMING_ETHERNET;

	CHECK_INT(strip(f, MACS "0800" IPV4_START, 0), 14);
	CHECK_INT(strip(f, MACS "86dd" IPV6_START, 0), 14);
	CHECK_MSG(strip(f, MACS "0806 0001 0800", 0) == -1, "ARP is not IP");
	CHECK_MSG(strip(f, MACS "0800" IPV6_START, 0) == -1,
		  "type and version must agree");
	CHECK_MSG(strip(f, MACS "86dd" IPV4_START, 0) == -1,
		  "type and version must agree, the other way");
}

static void test_vlan(void)
{
	enum framing f = FRAMING_ETHERNET;

	CHECK_MSG(strip(f, MACS "8100 6000 0800" IPV4_START, 0) == 18,
		  "a priority tag belongs to the interface");
	CHECK_MSG(strip(f, MACS "88a8 0000 8100 0000 86dd" IPV6_START, 0) == 22,
		  "so do two");
	CHECK_MSG(strip(f, MACS "8100 0064 0800" IPV4_START, 0) == -1,
		  "a VLAN is an interface of its own");
	CHECK_MSG(strip(f, MACS "88a8 0000 8100 0064 0800" IPV4_START, 0) == -1,
		  "also behind a priority tag");
}

static void test_others(void)
{
	CHECK_INT(strip(FRAMING_NONE, IPV4_START, 0), 0);
	CHECK_INT(strip(FRAMING_NONE, IPV6_START, 0), 0);
	CHECK_INT(strip(FRAMING_NONE, "5000 0000", 0), -1);
	CHECK_INT(strip(FRAMING_FAMILY, "02000000" IPV4_START, 0), 4);
	CHECK_INT(strip(FRAMING_FAMILY, "1e000000" IPV6_START, 0), 4);
	CHECK_INT(strip(FRAMING_COOKED,
			"0000 0001 0006 0200000000010000 0800" IPV4_START, 0),
		  16);
	CHECK_INT(strip(FRAMING_COOKED,
			"0000 0001 0006 0200000000010000 0806 0001", 0), -1);
	CHECK_INT(strip(FRAMING_COOKED2,
			"86dd 0000 00000002 0001 00 06 0200000000010000"
			IPV6_START, 0), 20);
	CHECK_INT(strip(FRAMING_COOKED2,
			"0806 0000 00000002 0001 00 06 0200000000010000"
			IPV4_START, 0), -1);
}

/* Whatever is missing: no datagram, or one that is there. */
static void test_truncated(void)
{
	static const struct {
		enum framing framing;
		const char *hex;
		size_t len, header;
	} frames[] = {
		{ FRAMING_NONE, IPV4_START, 4, 0 },
		{ FRAMING_ETHERNET, MACS "8100 0000 0800" IPV4_START, 22, 18 },
		{ FRAMING_FAMILY, "02000000" IPV4_START, 8, 4 },
		{ FRAMING_COOKED,
		  "0000 0001 0006 0200000000010000 0800" IPV4_START, 20, 16 },
		{ FRAMING_COOKED2,
		  "0800 0000 00000002 0001 00 06 0200000000010000" IPV4_START,
		  24, 20 },
	};

	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		bool good = true;

		for (size_t cut = 0; cut <= frames[i].len; cut++) {
			bool there = frames[i].len - cut > frames[i].header;
			int want = there ? (int)frames[i].header : -1;

			good &= strip(frames[i].framing, frames[i].hex, cut) ==
				want;
		}
		CHECK_MSG(good, "framing %d at every length",
			  (int)frames[i].framing);
	}
}

int main(void)
{
	test_ethernet();
	test_vlan();
	test_others();
	test_truncated();
	return tap_done();
}
