/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of pcapng to the byte. */
#include "io/pcapng.h"

#include <string.h>

#include "tests/tap.h"

static char *text;
static size_t text_len;
static FILE *out;

static void start(void)
{
	out = open_memstream(&text, &text_len);
	BUG_ON(!out);
}

static void finish(const char *what, const char *hex)
{
	uint8_t want[512];
	size_t n = tap_hex(hex, want, sizeof(want));

	CHECK_MSG(!fclose(out), "%s is written", what);
	CHECK_INT(text_len, n);
	CHECK_MSG(text_len == n && memcmp(text, want, n) == 0, "%s", what);
	free(text);
}

static void test_section(void)
{
	start();
	pcapng_section(out, "Linux 6.1", "tcpprobe 0.1.0");
	finish("a section",
	       "0a0d0d0a 00000044"
	       "1a2b3c4d 0001 0000 ffffffff ffffffff"
	       "0003 0009 4c696e757820362e31 000000"	     /* Linux 6.1 */
	       "0004 000e 74637070726f626520302e312e30 0000" /* tcpprobe … */
	       "0000 0000"
	       "00000044");
	start();
	pcapng_section(out, "", NULL);
	finish("a section that says nothing",
	       "0a0d0d0a 00000020"
	       "1a2b3c4d 0001 0000 ffffffff ffffffff"
	       "0000 0000 00000020");
}

static void test_interface(void)
{
	start();
	pcapng_interface(out, "eth0");
	finish("an interface", "00000001 00000028"
			       "0065 0000 00000000"
			       "0002 0004 65746830"  /* eth0 */
			       "0009 0001 09 000000" /* nanoseconds */
			       "0000 0000"
			       "00000028");
}

static void test_packet(void)
{
	static const uint8_t bytes[] = { 0x45, 1, 2, 3, 4 };
	struct pcapng_packet p = {
		.interface = 1,
		.t_ns = 0x0123456789abcdef,
		.out = true,
		.bytes = bytes,
		.len = sizeof(bytes),
		.comments = { "SYN", "abcd" },
	};

	start();
	pcapng_packet(out, &p);
	finish("a packet of ours",
	       "00000006 00000044"
	       "00000001 01234567 89abcdef 00000005 00000005"
	       "4501020304 000000"
	       "0001 0003 53594e 00"
	       "0001 0004 61626364"
	       "0002 0004 00000002"
	       "0000 0000"
	       "00000044");
	p.out = false;
	p.interface = 0;
	p.t_ns = 1;
	p.len = 4;
	p.comments[0] = "";
	p.comments[1] = NULL;
	start();
	pcapng_packet(out, &p);
	finish("an answer without a word",
	       "00000006 00000030"
	       "00000000 00000000 00000001 00000004 00000004"
	       "45010203"
	       "0002 0004 00000001"
	       "0000 0000"
	       "00000030");
}

/* A long comment is cut, a large packet is not. */
static void test_limits(void)
{
	static uint8_t bytes[65535];
	char comment[PCAPNG_COMMENT_MAX + 100];
	struct pcapng_packet p = {
		.bytes = bytes,
		.len = sizeof(bytes),
		.comments = { comment, comment },
	};

	memset(comment, 'c', sizeof(comment) - 1);
	comment[sizeof(comment) - 1] = '\0';
	start();
	pcapng_packet(out, &p);
	CHECK(!fclose(out));
	CHECK_INT(text_len,
		  28 + 65536 + 2 * (4 + PCAPNG_COMMENT_MAX) + 8 + 4 + 4);
	free(text);
}

int main(void)
{
	test_section();
	test_interface();
	test_packet();
	test_limits();
	return tap_done();
}
