/* SPDX-License-Identifier: BSD-2-Clause */
/* IP headers: both families, options, extensions, fragments, lies, lengths. */
#include "wire/ip.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"
#include "wire/checksum.h"

/* IPv4 10.9.0.1 > 10.9.0.2, id 0x1234, DF, ttl 64, TCP: a SYN. */
static const char syn4[] = "4500003c 12344000 40061474 0a090001 0a090002"
			   "a11222b8 000003e8 00000000 a002faf0 71470000"
			   "020405b4 0402080a 00000001 00000000 01030307";
/* The same with a router alert option, 24 bytes of header. */
static const char options4[] = "4600002c 12344000 40067f7f 0a090001 0a090002"
			       "94040000 00010002 00000003 00000004 50100005"
			       "9bb10000";
/* The same with a total length of 0. */
static const char offload4[] = "45000000 12344000 400614b0 0a090001 0a090002"
			       "a11222b8 000003e8 00000000 5002faf0 dead0000";
/* IPv4, the fragment at offset 24 (3 units). */
static const char later4[] = "4500001c 12340003 40065491 0a090001 0a090002"
			     "01020304 05060708";
/* IPv4, the first fragment, more to follow: a TCP header and 4 bytes. */
static const char first4[] = "4500002c 12342000 40063484 0a090001 0a090002"
			     "00010002 00000003 00000004 50100005 cad40000"
			     "31323334";
/* IPv6 fd00::2 > fd00::1, traffic class 0x28, label 0xbeef, hop limit 64. */
static const char plain6[] = "6280beef 00180640 fd000000 00000000 00000000"
			     "00000002 fd000000 00000000 00000000 00000001"
			     "0050a112 00000007 000003e9 6012ffff f8d30000"
			     "020405a0";
/* IPv6 with hop-by-hop, routing (24 bytes), destination options,
 * authentication (24 bytes) and the first of several fragments, then TCP. */
static const char extended6[] = "60000000 005c0040 fd000000 00000000 00000000"
				"00000001 fd000000 00000000 00000000 00000002"
				"2b000104 00000000 3c020400 00000000 00000000"
				"00000000 00000000 00000000 33000104 00000000"
				"2c040000 00000000 00000000 00000000 00000000"
				"00000000 06000001 00000009 00010002 00000003"
				"00000004 50100005 b5c10000";
/* IPv6 with mobility, HIP (16 bytes) and shim6 headers, then TCP. */
static const char mobile6[] = "60000000 00348740 fd000000 00000000 00000000"
			      "00000001 fd000000 00000000 00000000 00000002"
			      "8b000000 00000000 8c010000 00000000 00000000"
			      "00000000 06000000 00000000 00010002 00000003"
			      "00000004 50100005 b5c10000";
/* IPv6, a fragment at offset 8. */
static const char later6[] = "60000000 00102c40 fd000000 00000000 00000000"
			     "00000001 fd000000 00000000 00000000 00000002"
			     "06000008 00000009 78787878 78787878";
/* IPv6 with 16 and with 17 destination options headers, then TCP. */
static const char sixteen6[] = "60000000 00943c40 fd000000 00000000 00000000"
			       "00000001 fd000000 00000000 00000000 00000002"
			       "3c000104 00000000 3c000104 00000000 3c000104"
			       "00000000 3c000104 00000000 3c000104 00000000"
			       "3c000104 00000000 3c000104 00000000 3c000104"
			       "00000000 3c000104 00000000 3c000104 00000000"
			       "3c000104 00000000 3c000104 00000000 3c000104"
			       "00000000 3c000104 00000000 3c000104 00000000"
			       "06000104 00000000 00010002 00000003 00000004"
			       "50100005 b5c10000";
static const char seventeen6[] = "60000000 009c3c40 fd000000 00000000 00000000"
				 "00000001 fd000000 00000000 00000000 00000002"
				 "3c000104 00000000 3c000104 00000000 3c000104"
				 "00000000 3c000104 00000000 3c000104 00000000"
				 "3c000104 00000000 3c000104 00000000 3c000104"
				 "00000000 3c000104 00000000 3c000104 00000000"
				 "3c000104 00000000 3c000104 00000000 3c000104"
				 "00000000 3c000104 00000000 3c000104 00000000"
				 "3c000104 00000000 06000104 00000000 00010002"
				 "00000003 00000004 50100005 b5c10000";
/* IPv6 with a destination options header that claims 80 bytes of 28. */
static const char overrun6[] = "60000000 001c3c40 fd000000 00000000 00000000"
			       "00000001 fd000000 00000000 00000000 00000002"
			       "06090104 00000000 00010002 00000003 00000004"
			       "50100005 b5c10000";

static uint8_t bytes[256];
static struct ip ip;

static enum ip_fault parse(const char *hex)
{
	return ip_parse(bytes, tap_hex(hex, bytes, sizeof(bytes)), &ip);
}

static void check_ends(const char *src, const char *dst)
{
	char text[ADDR_TEXT_MAX];

	CHECK_TEXT(addr_format(&ip.src, text), src);
	CHECK_TEXT(addr_format(&ip.dst, text), dst);
}

static void test_ipv4(void)
{
	CHECK_INT(parse(syn4), IP_OK);
	check_ends("10.9.0.1", "10.9.0.2");
	CHECK_INT(ip.protocol, IP_PROTO_TCP);
	CHECK_INT(ip.ttl, 64);
	CHECK_INT(ip.tos, 0);
	CHECK_INT(ip.id, 0x1234);
	CHECK(ip.df && !ip.more_fragments && !ip.truncated && !ip.offloaded);
	CHECK(ip.payload == bytes + 20);
	CHECK_INT(ip.payload_len, 40);

	CHECK_INT(parse(options4), IP_OK);
	CHECK(ip.payload == bytes + 24);
	CHECK_INT(ip.payload_len, 20);
}

static void test_ipv4_lengths(void)
{
	size_t n = tap_hex(syn4, bytes, sizeof(bytes));

	/* Padding of the link behind the datagram. */
	CHECK_INT(ip_parse(bytes, n + 6, &ip), IP_OK);
	CHECK_INT(ip.payload_len, 40);
	/* The capture kept only the start. */
	CHECK_INT(ip_parse(bytes, 30, &ip), IP_OK);
	CHECK_INT(ip.payload_len, 10);
	CHECK(ip.truncated);
	CHECK_INT(ip_parse(bytes, 20, &ip), IP_OK);
	CHECK_INT(ip.payload_len, 0);
	CHECK(ip.truncated && ip.payload);

	/* A header and nothing else. */
	bytes[3] = 20;
	CHECK_INT(ip_parse(bytes, n, &ip), IP_OK);
	CHECK_INT(ip.payload_len, 0);
	CHECK(!ip.truncated);
	/* Shorter than its own header. */
	bytes[3] = 19;
	CHECK_INT(ip_parse(bytes, n, &ip), IP_HEADER);

	CHECK_INT(parse(offload4), IP_OK);
	CHECK(ip.offloaded && !ip.truncated);
	CHECK_INT(ip.payload_len, 20);
}

static void test_ipv4_header_length(void)
{
	size_t n = tap_hex(options4, bytes, sizeof(bytes));

	CHECK_INT(ip_parse(bytes, 23, &ip), IP_SHORT);
	CHECK_INT(ip_parse(bytes, 24, &ip), IP_OK);
	bytes[0] = 0x44;
	CHECK_INT(ip_parse(bytes, n, &ip), IP_HEADER);
	bytes[0] = 0x40;
	CHECK_INT(ip_parse(bytes, n, &ip), IP_HEADER);
	/* A lie, however little of the datagram is there. */
	CHECK_INT(ip_parse(bytes, 30, &ip), IP_HEADER);
	/* 60 bytes of header in a datagram of 44. */
	bytes[0] = 0x4f;
	CHECK_INT(ip_parse(bytes, n, &ip), IP_HEADER);
	CHECK(!ip.payload && !ip.payload_len);
	/* The same without a length of its own. */
	bytes[2] = bytes[3] = 0;
	CHECK_INT(ip_parse(bytes, n, &ip), IP_HEADER);
}

static void test_fragments(void)
{
	CHECK_INT(parse(later4), IP_FRAGMENT);
	check_ends("10.9.0.1", "10.9.0.2");
	CHECK(!ip.payload);
	CHECK_INT(parse(first4), IP_OK);
	CHECK(ip.more_fragments && !ip.df);
	CHECK_INT(ip.payload_len, 24);
	CHECK_INT(parse(later6), IP_FRAGMENT);
	check_ends("fd00::1", "fd00::2");
	CHECK_INT(ip.protocol, IP_PROTO_TCP);
	CHECK(!ip.payload && !ip.more_fragments);
}

static void test_ipv6(void)
{
	size_t n = tap_hex(plain6, bytes, sizeof(bytes));

	CHECK_INT(ip_parse(bytes, n, &ip), IP_OK);
	check_ends("fd00::2", "fd00::1");
	CHECK_INT(ip.protocol, IP_PROTO_TCP);
	CHECK_INT(ip.ttl, 64);
	CHECK_INT(ip.tos, 0x28);
	CHECK_INT(ip.flow_label, 0xbeef);
	CHECK(ip.df && !ip.truncated);
	CHECK(ip.payload == bytes + 40);
	CHECK_INT(ip.payload_len, 24);

	CHECK_INT(ip_parse(bytes, n + 3, &ip), IP_OK);
	CHECK_INT(ip.payload_len, 24);
	CHECK_INT(ip_parse(bytes, n - 3, &ip), IP_OK);
	CHECK_INT(ip.payload_len, 21);
	CHECK(ip.truncated);
	/* A payload length of 0: a jumbo segment, before it is cut. */
	bytes[5] = 0;
	CHECK_INT(ip_parse(bytes, n, &ip), IP_OK);
	CHECK_INT(ip.payload_len, 24);
	CHECK(ip.offloaded);
}

static void test_extensions(void)
{
	CHECK_INT(parse(extended6), IP_OK);
	CHECK_INT(ip.protocol, IP_PROTO_TCP);
	CHECK(ip.more_fragments);
	CHECK(ip.payload == bytes + 40 + 8 + 24 + 8 + 24 + 8);
	CHECK_INT(ip.payload_len, 20);

	CHECK_INT(parse(mobile6), IP_OK);
	CHECK_INT(ip.protocol, IP_PROTO_TCP);
	CHECK(ip.payload == bytes + 40 + 8 + 16 + 8);

	CHECK_INT(parse(sixteen6), IP_OK);
	CHECK_INT(ip.payload_len, 20);
	CHECK_INT(parse(seventeen6), IP_HEADER);

	CHECK_INT(parse(overrun6), IP_HEADER);
	CHECK(!ip.payload);
	CHECK_INT(ip.ttl, 64);
	/* No next header: nothing to look into. */
	tap_hex(plain6, bytes, sizeof(bytes));
	bytes[6] = 59;
	CHECK_INT(ip_parse(bytes, 64, &ip), IP_OK);
	CHECK_INT(ip.protocol, 59);
}

/* Cut at each length: the fault that is due, and no byte beyond. */
static void test_truncated(const char *name, const char *hex, size_t header_len)
{
	size_t n = tap_hex(hex, bytes, sizeof(bytes));
	bool good = true;

	for (size_t len = 0; len < n; len++) {
		uint8_t *copy = malloc(len ? len : 1);
		enum ip_fault fault;

		BUG_ON(!copy);
		memcpy(copy, bytes, len);
		fault = ip_parse(copy, len, &ip);
		if (len < header_len)
			good = good && fault == IP_SHORT && !ip.payload;
		else
			good = good && fault == IP_OK && ip.truncated &&
			       ip.payload == copy + header_len &&
			       ip.payload_len == len - header_len;
		free(copy);
	}
	CHECK_MSG(good, "%s cut at each length", name);
}

static void test_not_ip(void)
{
	CHECK_INT(ip_parse(NULL, 0, &ip), IP_SHORT);
	CHECK_INT(parse("50000000"), IP_VERSION);
	CHECK_INT(parse("00"), IP_VERSION);
	CHECK_INT(parse("45000014 00000000 4006 0000 0a090001 0a0900"),
		  IP_SHORT);
	/* Half an address is none. */
	CHECK_INT(ip.dst.family, FAMILY_ANY);
	CHECK_INT(ip.dst.bytes[0], 0);
	CHECK_INT(ip.src.family, FAMILY_IPV4);
	for (int i = 0; i < IP_FAULT_N; i++)
		CHECK(strlen(ip_fault_text((enum ip_fault)i)) > 0);
}

/* The header of a datagram that was parsed is written as it came. */
static void test_write(const char *name, const char *hex, size_t header_len)
{
	enum ip_fault fault = parse(hex);
	uint8_t out[64];
	struct wr w = wr_init(out, sizeof(out));

	wr_u16(&w, 0x5555); /* it may stand anywhere */
	ip_write_header(&w, &ip, ip.payload_len);
	CHECK_MSG(fault == IP_OK && !w.bad && w.len == header_len + 2 &&
			  memcmp(out + 2, bytes, header_len) == 0,
		  "%s is written as it came", name);
}

static void test_write_refused(void)
{
	uint8_t out[64];
	struct wr w = wr_init(out, 19);

	parse(syn4);
	ip_write_header(&w, &ip, 40);
	CHECK(w.bad);
	w = wr_init(out, sizeof(out));
	ip_write_header(&w, &ip, 65515);
	CHECK(!w.bad);
	w = wr_init(out, sizeof(out));
	ip_write_header(&w, &ip, 65516);
	CHECK(w.bad);
	w = wr_init(out, sizeof(out));
	ip.dst.family = FAMILY_IPV6;
	ip_write_header(&w, &ip, 40);
	CHECK(w.bad);
	w = wr_init(out, sizeof(out));
	ip.src.family = ip.dst.family = FAMILY_ANY;
	ip_write_header(&w, &ip, 40);
	CHECK(w.bad);
	parse(plain6);
	w = wr_init(out, sizeof(out));
	ip_write_header(&w, &ip, 65535);
	CHECK(!w.bad);
	w = wr_init(out, sizeof(out));
	ip_write_header(&w, &ip, 65536);
	CHECK(w.bad);
	/* A flow label is 20 bits, whatever it is asked to be. */
	ip.flow_label = 0xfff12345;
	w = wr_init(out, sizeof(out));
	ip_write_header(&w, &ip, 0);
	CHECK(memcmp(out, "\x62\x81\x23\x45", 4) == 0);
}

int main(void)
{
	test_ipv4();
	test_ipv4_lengths();
	test_ipv4_header_length();
	test_fragments();
	test_ipv6();
	test_extensions();
	test_truncated("IPv4", syn4, 20);
	test_truncated("IPv4 with options", options4, 24);
	test_truncated("IPv6", plain6, 40);
	test_truncated("IPv6 with extensions", extended6, 112);
	test_truncated("IPv6 with others", mobile6, 72);
	test_not_ip();
	test_write("IPv4", syn4, 20);
	test_write("an IPv4 fragment", first4, 20);
	test_write("IPv6", plain6, 40);
	test_write_refused();
	return tap_done();
}
