/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets in one line: flags, segments, whole datagrams, too little room. */
#include "wire/text.h"

#include <string.h>

#include "tests/tap.h"
#include "wire/options.h"

static uint8_t bytes[256];

static void check_packet(const char *hex, const char *want)
{
	size_t n = tap_hex(hex, bytes, sizeof(bytes));
	char out[TEXT_LINE_MAX];

	CHECK_TEXT(text_packet(bytes, n, out, sizeof(out)), want);
}

static void test_flags(void)
{
	char out[TEXT_FLAGS_MAX];

	CHECK_TEXT(text_flags(0, out), "none");
	CHECK_TEXT(text_flags(TCP_SYN, out), "S");
	CHECK_TEXT(text_flags(TCP_SYN | TCP_ACK, out), "S.");
	CHECK_TEXT(text_flags(TCP_FIN | TCP_PSH | TCP_ACK, out), "FP.");
	CHECK_TEXT(text_flags(TCP_RST, out), "R");
	CHECK_TEXT(text_flags(TCP_SYN | TCP_ECE | TCP_CWR | TCP_AE, out),
		   "SEWe");
	CHECK_TEXT(text_flags(TCP_URG, out), "U");
	CHECK_TEXT(text_flags(0x200, out), "none/1");
	CHECK_TEXT(text_flags(0x800 | TCP_ACK, out), "./4");
	CHECK_TEXT(text_flags(0xffff, out), "FSRP.UEWe/7");
}

static void test_flag_names(void)
{
	char out[TEXT_FLAG_NAMES_MAX];

	CHECK_TEXT(text_flag_names(0, out), "no flags");
	CHECK_TEXT(text_flag_names(TCP_SYN | TCP_ACK, out), "SYN-ACK");
	CHECK_TEXT(text_flag_names(TCP_RST, out), "RST");
	CHECK_TEXT(text_flag_names(0x800, out), "reserved:4");
	CHECK_TEXT(text_flag_names(0xffff, out),
		   "SYN-FIN-RST-PSH-URG-ECE-CWR-AE-ACK-reserved:7");
}

static void test_segment(void)
{
	struct segment s = {
		.flags = TCP_SYN, .seq = 1000, .window = 64240, .sum_good = true
	};
	uint8_t options[OPTIONS_MAX];
	char out[TEXT_LINE_MAX];

	CHECK_TEXT(text_segment(&s, out, sizeof(out)),
		   "Flags [S], seq 1000, win 64240, length 0");
	s.options = options;
	s.options_len = tap_hex("020405b4 0402 0100", options, sizeof(options));
	s.doff = 7;
	CHECK_TEXT(text_segment(&s, out, sizeof(out)),
		   "Flags [S], seq 1000, win 64240, "
		   "options [mss 1460,sackOK,nop,eol], length 0");
	s.options_len = 0;
	s.doff = 5;
	s.flags = TCP_ACK | TCP_URG | TCP_PSH;
	s.seq = 0xfffffffe;
	s.ack = 7;
	s.urgent = 3;
	s.payload_len = 5;
	CHECK_TEXT(text_segment(&s, out, sizeof(out)),
		   "Flags [P.U], seq 4294967294:3, ack 7, win 64240, urg 3, "
		   "length 5");
	s.sum_good = false;
	s.doff = 9;
	CHECK_TEXT(text_segment(&s, out, sizeof(out)),
		   "Flags [P.U], seq 4294967294:3, ack 7, win 64240, urg 3, "
		   "length 5 (data offset 9) (bad checksum)");
	s.sum_good = true;
	s.doff = 4;
	CHECK(strstr(text_segment(&s, out, sizeof(out)), "(data offset 4)"));
}

static void test_tcp(void)
{
	/* A SYN with what Linux offers. */
	check_packet("4500003c 12344000 40061474 0a090001 0a090002"
		     "a11222b8 000003e8 00000000 a002faf0 71470000"
		     "020405b4 0402080a 00000001 00000000 01030307",
		     "10.9.0.1:41234 > 10.9.0.2:8888: Flags [S], seq 1000, "
		     "win 64240, options [mss 1460,sackOK,TS val 1 ecr 0,nop,"
		     "wscale 7], length 0");
	/* Five bytes of data on IPv6. */
	check_packet("60000000 00250640 fd000000 00000000 00000000"
		     "00000002 fd000000 00000000 00000000 00000001"
		     "0050a112 00000008 000003e9 80180200 91830000"
		     "0101080a 00000002 00000001 68656c6c 6f",
		     "[fd00::2]:80 > [fd00::1]:41234: Flags [P.], seq 8:13, "
		     "ack 1001, win 512, options [nop,nop,TS val 2 ecr 1], "
		     "length 5");
	/* A RST with a wrong checksum. */
	check_packet(
		"45000028 00004000 400626bc 0a090002 0a090001"
		"22b8a112 00000000 000003e9 50140000 d5080000",
		"10.9.0.2:8888 > 10.9.0.1:41234: Flags [R.], seq 0, ack 1001, "
		"win 0, length 0 (bad checksum)");
	/* A data offset of 15 words in 20 bytes. */
	check_packet("45000028 12344000 40061488 0a090001 0a090002"
		     "a11222b8 00000001 00000002 f0100003 37ef0000",
		     "10.9.0.1:41234 > 10.9.0.2:8888: Flags [.], seq 1, ack 2, "
		     "win 3, length 0 (data offset 15)");
	/* 8 bytes of TCP, then 3. */
	check_packet("4500001c 00004000 40060000 0a090001 0a090002"
		     "00010002 00000003",
		     "10.9.0.1:1 > 10.9.0.2:2: ends inside the TCP header");
	check_packet("45000017 00004000 40060000 0a090001 0a090002 000100",
		     "10.9.0.1 > 10.9.0.2: ends inside the TCP header");
}

static void test_icmp(void)
{
	/* A port is unreachable. */
	check_packet("45000038 00070000 400166aa 0a090002 0a090001"
		     "0303354a 00000000 45000028 12344000 3d061788"
		     "0a090001 0a090002 a11222b8 000003e8",
		     "10.9.0.2 > 10.9.0.1: icmp port unreachable, for "
		     "10.9.0.1:41234 > 10.9.0.2:8888 seq 1000");
	/* A segment is too big for the way. */
	check_packet("60000000 00443a40 fd000000 00000000 00000000"
		     "000000ff fd000000 00000000 00000000 00000001"
		     "02009745 00000500 60000000 00140640 fd000000"
		     "00000000 00000000 00000001 fd000000 00000000"
		     "00000000 00000002 a1120050 000003e8 00000000"
		     "5002faf0 15a30000",
		     "fd00::ff > fd00::1: icmp6 packet too big, mtu 1280, for "
		     "[fd00::1]:41234 > [fd00::2]:80 seq 1000");
	/* An echo request, an echo reply, and one with a wrong checksum. */
	check_packet("45000020 12340000 40015495 0a090001 0a090002"
		     "080006f6 12340005 70696e67",
		     "10.9.0.1 > 10.9.0.2: icmp echo request, id 4660, seq 5");
	check_packet("60000000 000b3a40 fd000000 00000000 00000000"
		     "00000002 fd000000 00000000 00000000 00000001"
		     "81000162 beef0001 616263",
		     "fd00::2 > fd00::1: icmp6 echo reply, id 48879, seq 1");
	check_packet("60000000 000b3a40 fd000000 00000000 00000000"
		     "00000002 fd000000 00000000 00000000 00000001"
		     "81000162 beef0001 616264",
		     "fd00::2 > fd00::1: icmp6, short or bad checksum");
}

static void test_others(void)
{
	/* UDP, a later fragment, headers that lie, no IP at all. */
	check_packet("4500001c 12344000 40111489 0a090001 0a090002"
		     "00350035 00080000",
		     "10.9.0.1 > 10.9.0.2: protocol 17, length 8");
	check_packet("4500001c 12340003 40065491 0a090001 0a090002"
		     "01020304 05060708",
		     "10.9.0.1 > 10.9.0.2: fragment");
	check_packet("60000000 001c3c40 fd000000 00000000 00000000"
		     "00000001 fd000000 00000000 00000000 00000002"
		     "06090104 00000000 00010002 00000003 00000004"
		     "50100005 b5c10000",
		     "fd00::1 > fd00::2: bad IP header length");
	check_packet("70", "neither IPv4 nor IPv6");
	check_packet("", "ends inside the IP header");
	check_packet("4500001c 00004000 40060000 0a090001 0a09",
		     "ends inside the IP header");
}

/* The longest line there is fits; in less room it is cut, never overrun. */
static void test_sizes(void)
{
	struct addr far;
	uint8_t options[OPTIONS_MAX], packet[200];
	struct segment s = { .sport = 65535,
			     .dport = 65535,
			     .seq = 0xffffffff,
			     .ack = 0xffffffff,
			     .flags = TCP_FLAGS_MASK,
			     .window = 65535,
			     .urgent = 65535,
			     .options = options,
			     .options_len = OPTIONS_MAX,
			     .payload = options,
			     .payload_len = OPTIONS_MAX,
			     .sum_mode = SEGMENT_SUM_XOR,
			     .sum = 1 };
	char whole[TEXT_LINE_MAX], out[TEXT_LINE_MAX + 1];
	bool good = true;
	size_t n;

	BUG_ON(addr_parse("1111:2222:3333:4444:5555:6666:7777:8888", &far));
	s.src = s.dst = far;
	for (size_t i = 0; i < OPTIONS_MAX; i += 2) {
		options[i] = OPTION_WSCALE;
		options[i + 1] = 2;
	}
	n = segment_build(&s, packet, sizeof(packet));
	text_packet(packet, n, whole, sizeof(whole));
	CHECK(strlen(whole) < TEXT_LINE_MAX - 40);
	CHECK(strstr(whole, "(bad checksum)"));
	for (size_t size = 1; size <= TEXT_LINE_MAX; size++) {
		size_t want = strlen(whole) < size ? strlen(whole) : size - 1;

		memset(out, 'z', sizeof(out));
		text_packet(packet, n, out, size);
		good = good && strlen(out) == want && out[size] == 'z' &&
		       memcmp(out, whole, want) == 0;
	}
	CHECK(good);
}

int main(void)
{
	test_flags();
	test_flag_names();
	test_segment();
	test_tcp();
	test_icmp();
	test_others();
	test_sizes();
	return tap_done();
}
