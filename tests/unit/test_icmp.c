/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP and ICMPv6: errors and the segments they quote, echo, hostile ones. */
#include "wire/icmp.h"

#include <string.h>

#include "tests/tap.h"
#include "wire/segment.h"

/* 10.9.0.2 > 10.9.0.1: port unreachable; quotes 28 bytes of a SYN
 * 10.9.0.1:41234 > 10.9.0.2:8888, seq 1000, that arrived with ttl 61. */
static const char port4[] = "45000038 00070000 400166aa 0a090002 0a090001"
			    "0303354a 00000000 45000028 12344000 3d061788"
			    "0a090001 0a090002 a11222b8 000003e8";
/* 10.9.0.254 > 10.9.0.1, ttl 255: fragmentation needed, mtu 1400; quotes all
 * 60 bytes of a SYN. */
static const char needed4[] = "45000058 00070000 ff01a68d 0a0900fe 0a090001"
			      "03040bc7 00000578 4500003c 12344000 40061474"
			      "0a090001 0a090002 a11222b8 000003e8 00000000"
			      "a002faf0 71470000 020405b4 0402080a 00000001"
			      "00000000 01030307";
/* 10.9.0.254 > 10.9.0.1: time to live exceeded; quotes 48 bytes, ttl 1. */
static const char exceeded4[] = "4500004c 00070000 4001659a 0a0900fe 0a090001"
				"0b000d4e 00000000 4500003c 12344000 01065374"
				"0a090001 0a090002 a11222b8 000003e8 00000000"
				"a002faf0 71470000 020405b4 0402080a";
/* 10.9.0.2 > 10.9.0.1: host unreachable; the quoted header has 4 bytes of
 * options, ports 1 and 2, seq 3. */
static const char quoted_options4[] =
	"4500003c 00070000 400166a6 0a090002 0a090001"
	"0301fcf8 00000000 4600002c 12344000 40067f7f"
	"0a090001 0a090002 94040000 00010002 00000003";
/* 10.9.0.2 > 10.9.0.1: port unreachable, for UDP. */
static const char quoted_udp4[] = "45000038 00070000 400166aa 0a090002 0a090001"
				  "0303fc8a 00000000 4500001c 12344000 40111489"
				  "0a090001 0a090002 00350035 00080000";
/* 10.9.0.2 > 10.9.0.1: port unreachable; quotes 7 bytes of TCP only. */
static const char quoted_short4[] =
	"45000037 00070000 400166ab 0a090002 0a090001"
	"03033632 00000000 4500003c 12344000 40061474"
	"0a090001 0a090002 a11222b8 000003";
/* 10.9.0.2 > 10.9.0.1: host administratively prohibited; the quoted header
 * claims a total length of 20. */
static const char garbled4[] = "45000038 00070000 400166aa 0a090002 0a090001"
			       "030a3543 00000000 45000014 12344000 4006149c"
			       "0a090001 0a090002 a11222b8 000003e8";
/* 10.9.0.1 > 10.9.0.2: echo request, id 0x1234, seq 5, "ping". */
static const char echo4[] = "45000020 12340000 40015495 0a090001 0a090002"
			    "080006f6 12340005 70696e67";
/* 10.9.0.254 > 10.9.0.1: redirect to 10.9.0.253. */
static const char redirect4[] = "45000038 12340000 40015381 0a0900fe 0a090001"
				"05012846 0a0900fd 4500003c 12344000 40061474"
				"0a090001 0a090002 a11222b8 000003e8";
/* fd00::ff > fd00::1: rejected by policy; quotes a SYN [fd00::1]:41234 >
 * [fd00::2]:80, seq 1000, hop limit 63. */
static const char policy6[] = "60000000 00443a40 fd000000 00000000 00000000"
			      "000000ff fd000000 00000000 00000000 00000001"
			      "01059d41 00000000 60000000 0014063f fd000000"
			      "00000000 00000000 00000001 fd000000 00000000"
			      "00000000 00000002 a1120050 000003e8 00000000"
			      "5002faf0 15a30000";
/* fd00::ff > fd00::1: packet too big, mtu 1280; quotes the same. */
static const char big6[] = "60000000 00443a40 fd000000 00000000 00000000"
			   "000000ff fd000000 00000000 00000000 00000001"
			   "02009745 00000500 60000000 00140640 fd000000"
			   "00000000 00000000 00000001 fd000000 00000000"
			   "00000000 00000002 a1120050 000003e8 00000000"
			   "5002faf0 15a30000";
/* fd00::ff > fd00::1: time exceeded; quotes a segment with ports 1 and 2, seq
 * 3, behind five extension headers, up to its sequence number. */
static const char quoted_extensions6[] =
	"60000000 00803a40 fd000000 00000000 00000000"
	"000000ff fd000000 00000000 00000000 00000001"
	"0300d483 00000000 60000000 005c0040 fd000000"
	"00000000 00000000 00000001 fd000000 00000000"
	"00000000 00000002 2b000104 00000000 3c020400"
	"00000000 00000000 00000000 00000000 00000000"
	"33000104 00000000 2c040000 00000000 00000000"
	"00000000 00000000 00000000 06000001 00000009"
	"00010002 00000003";
/* fd00::2 > fd00::1: echo reply, id 0xbeef, seq 1, "abc". */
static const char reply6[] = "60000000 000b3a40 fd000000 00000000 00000000"
			     "00000002 fd000000 00000000 00000000 00000001"
			     "81000162 beef0001 616263";

static uint8_t bytes[256];
static struct icmp icmp;

static int parse_bytes(size_t len)
{
	struct ip ip;

	BUG_ON(ip_parse(bytes, len, &ip) != IP_OK);
	return icmp_parse(&ip, &icmp);
}

static int parse(const char *hex)
{
	return parse_bytes(tap_hex(hex, bytes, sizeof(bytes)));
}

static void check_text(const struct addr *addr, const char *want)
{
	char text[ADDR_TEXT_MAX];

	CHECK_TEXT(addr_format(addr, text), want);
}

static void test_error4(void)
{
	CHECK_INT(parse(port4), 0);
	CHECK_INT(icmp.what, ICMP_ERROR);
	check_text(&icmp.src, "10.9.0.2");
	check_text(&icmp.dst, "10.9.0.1");
	CHECK_INT(icmp.ttl, 64);
	CHECK_INT(icmp.type, 3);
	CHECK_INT(icmp.code, 3);
	CHECK_INT(icmp.mtu, 0);
	CHECK(icmp.quote.tcp);
	check_text(&icmp.quote.src, "10.9.0.1");
	check_text(&icmp.quote.dst, "10.9.0.2");
	CHECK_INT(icmp.quote.sport, 41234);
	CHECK_INT(icmp.quote.dport, 8888);
	CHECK_INT(icmp.quote.seq, 1000);
	CHECK_INT(icmp.quote.ttl, 61);

	CHECK_INT(parse(needed4), 0);
	CHECK_INT(icmp.what, ICMP_ERROR);
	CHECK_INT(icmp.mtu, 1400);
	CHECK_INT(icmp.ttl, 255);
	CHECK(icmp.quote.tcp);
	CHECK(!icmp_is_hop_limit(&icmp));
	CHECK_INT(parse(exceeded4), 0);
	CHECK_INT(icmp.what, ICMP_ERROR);
	CHECK(icmp_is_hop_limit(&icmp));
	CHECK_INT(icmp.type, 11);
	CHECK_INT(icmp.quote.ttl, 1);
	CHECK_INT(icmp.quote.sport, 41234);
}

static void test_quotes(void)
{
	CHECK_INT(parse(quoted_options4), 0);
	CHECK(icmp.quote.tcp);
	CHECK_INT(icmp.quote.sport, 1);
	CHECK_INT(icmp.quote.seq, 3);
	CHECK_INT(parse(garbled4), 0);
	CHECK(icmp.quote.tcp);
	CHECK_INT(icmp.quote.dport, 8888);
	CHECK_INT(parse(quoted_udp4), 0);
	CHECK_INT(icmp.what, ICMP_ERROR);
	CHECK(!icmp.quote.tcp);
	CHECK_INT(parse(quoted_short4), 0);
	CHECK_INT(icmp.what, ICMP_ERROR);
	CHECK(!icmp.quote.tcp);
	CHECK_INT(parse(redirect4), 0);
	CHECK_INT(icmp.what, ICMP_OTHER);
	CHECK(!icmp.quote.tcp);
}

static void test_error6(void)
{
	CHECK_INT(parse(policy6), 0);
	CHECK_INT(icmp.what, ICMP_ERROR);
	check_text(&icmp.src, "fd00::ff");
	CHECK_INT(icmp.type, 1);
	CHECK_INT(icmp.code, 5);
	CHECK(icmp.quote.tcp);
	check_text(&icmp.quote.dst, "fd00::2");
	CHECK_INT(icmp.quote.sport, 41234);
	CHECK_INT(icmp.quote.dport, 80);
	CHECK_INT(icmp.quote.seq, 1000);
	CHECK_INT(icmp.quote.ttl, 63);
	CHECK_INT(parse(big6), 0);
	CHECK_INT(icmp.mtu, 1280);
	CHECK(icmp.quote.tcp);
	CHECK(!icmp_is_hop_limit(&icmp));
	CHECK_INT(parse(quoted_extensions6), 0);
	CHECK_INT(icmp.type, 3);
	CHECK(icmp_is_hop_limit(&icmp));
	CHECK(icmp.quote.tcp);
	CHECK_INT(icmp.quote.dport, 2);
	CHECK_INT(icmp.quote.seq, 3);
}

static void test_echo(void)
{
	CHECK_INT(parse(echo4), 0);
	CHECK_INT(icmp.what, ICMP_ECHO_REQUEST);
	CHECK_INT(icmp.id, 0x1234);
	CHECK_INT(icmp.seq, 5);
	CHECK_INT(parse(reply6), 0);
	CHECK_INT(icmp.what, ICMP_ECHO_REPLY);
	CHECK_INT(icmp.id, 0xbeef);
	CHECK_INT(icmp.seq, 1);
}

/* Every flipped bit of the message spoils the checksum. */
static void test_checksum(const char *name, const char *hex, size_t at)
{
	size_t n = tap_hex(hex, bytes, sizeof(bytes));
	bool refused = parse_bytes(n) == 0;

	for (size_t i = at * 8; i < n * 8; i++) {
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		refused = refused && parse_bytes(n) == -1;
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	CHECK_MSG(refused, "%s with a flipped bit is refused", name);
}

static void test_refused(void)
{
	size_t n = tap_hex(reply6, bytes, sizeof(bytes));

	/* ICMPv6 covers the addresses. */
	bytes[39] ^= 1;
	CHECK_INT(parse_bytes(n), -1);
	/* ICMP over IPv6, and the other way round. */
	tap_hex(reply6, bytes, sizeof(bytes));
	bytes[6] = IP_PROTO_ICMP;
	CHECK_INT(parse_bytes(n), -1);
	n = tap_hex(echo4, bytes, sizeof(bytes));
	bytes[9] = IP_PROTO_ICMPV6;
	CHECK_INT(parse_bytes(n), -1);
	bytes[9] = IP_PROTO_TCP;
	CHECK_INT(parse_bytes(n), -1);
}

/* Cut by the capture: refused below 8 bytes, else taken as it is. */
static void test_truncated(const char *name, const char *hex, size_t at,
			   size_t quote_end)
{
	size_t n = tap_hex(hex, bytes, sizeof(bytes));
	bool good = true;

	for (size_t len = at; len < n; len++) {
		uint8_t *copy = malloc(len);
		struct ip ip;
		int got;

		BUG_ON(!copy);
		memcpy(copy, bytes, len);
		BUG_ON(ip_parse(copy, len, &ip) != IP_OK);
		got = icmp_parse(&ip, &icmp);
		good = good && got == (len < at + 8 ? -1 : 0) &&
		       icmp.quote.tcp == (len >= quote_end);
		free(copy);
	}
	CHECK_MSG(good, "%s cut at each length", name);
}

static void test_build_echo(void)
{
	static const uint8_t ping[] = { 'p', 'i', 'n', 'g' };
	uint8_t out[64];
	size_t n;

	CHECK_INT(parse(echo4), 0);
	n = icmp_build_echo(&icmp, ping, 4, out, sizeof(out));
	CHECK_INT(n, 32);
	/* But for the id of the datagram (and its sum) as it came. */
	CHECK(memcmp(out + 12, bytes + 12, 20) == 0);
	CHECK_INT(icmp_build_echo(&icmp, ping, 4, out, 31), 0);
	CHECK_INT(icmp_build_echo(&icmp, ping, SIZE_MAX, out, 64), 0);
	CHECK_INT(parse(reply6), 0);
	icmp.ttl = 0;
	n = icmp_build_echo(&icmp, (const uint8_t *)"abc", 3, out, sizeof(out));
	CHECK(n == 51 && memcmp(out, bytes, n) == 0);
	CHECK_INT(out[7], 64);
	icmp.what = ICMP_ECHO_REQUEST;
	icmp_build_echo(&icmp, ping, 4, out, sizeof(out));
	CHECK_INT(out[40], 128);
	icmp.what = ICMP_ERROR;
	CHECK_INT(icmp_build_echo(&icmp, ping, 4, out, sizeof(out)), 0);
	icmp.what = ICMP_ECHO_REPLY;
	icmp.dst.family = FAMILY_IPV4;
	CHECK_INT(icmp_build_echo(&icmp, ping, 4, out, sizeof(out)), 0);
}

/* An error is built as it came, but for the id that we do not set. */
static void test_build_error(const char *name, const char *hex, size_t quoted)
{
	size_t n = tap_hex(hex, bytes, sizeof(bytes));
	size_t at = quoted - 8;
	uint8_t out[256];

	CHECK_INT(parse_bytes(n), 0);
	CHECK_MSG(icmp_build_error(&icmp, bytes + quoted, n - quoted, out,
				   sizeof(out)) == n &&
			  memcmp(out + at, bytes + at, n - at) == 0,
		  "%s is built as it came", name);
}

static void test_error_size(void)
{
	static uint8_t quoted[2000], out[2000];

	CHECK_INT(parse(port4), 0);
	CHECK_INT(icmp_build_error(&icmp, quoted, 2000, out, 2000), 576);
	CHECK_INT(icmp_build_error(&icmp, quoted, 2000, out, 500), 0);
	CHECK_INT(parse(policy6), 0);
	CHECK_INT(icmp_build_error(&icmp, quoted, 2000, out, 2000), 1280);
}

/* An IPv4 error that quotes an IPv6 segment speaks of none of ours. */
static void test_other_family(void)
{
	uint8_t quoted[128];
	size_t n = tap_hex(policy6, quoted, sizeof(quoted));

	CHECK_INT(parse(port4), 0);
	n = icmp_build_error(&icmp, quoted + 48, n - 48, bytes, sizeof(bytes));
	CHECK_INT(n, 20 + 8 + 60);
	CHECK_INT(parse_bytes(n), 0);
	CHECK_INT(icmp.what, ICMP_ERROR);
	CHECK(!icmp.quote.tcp);
}

static void test_text(void)
{
	CHECK_TEXT(icmp_text(FAMILY_IPV4, 3, 0), "network unreachable");
	CHECK_TEXT(icmp_text(FAMILY_IPV4, 3, 1), "host unreachable");
	CHECK_TEXT(icmp_text(FAMILY_IPV4, 3, 3), "port unreachable");
	CHECK_TEXT(icmp_text(FAMILY_IPV4, 3, 4), "fragmentation needed");
	CHECK_TEXT(icmp_text(FAMILY_IPV4, 3, 13),
		   "administratively prohibited");
	CHECK_TEXT(icmp_text(FAMILY_IPV4, 3, 200), "destination unreachable");
	CHECK_TEXT(icmp_text(FAMILY_IPV4, 11, 0), "time to live exceeded");
	CHECK_TEXT(icmp_text(FAMILY_IPV4, 11, 1),
		   "fragment reassembly time exceeded");
	CHECK_TEXT(icmp_text(FAMILY_IPV4, 12, 0), "parameter problem");
	CHECK_TEXT(icmp_text(FAMILY_IPV6, 1, 0), "no route to destination");
	CHECK_TEXT(icmp_text(FAMILY_IPV6, 1, 1), "administratively prohibited");
	CHECK_TEXT(icmp_text(FAMILY_IPV6, 1, 3), "address unreachable");
	CHECK_TEXT(icmp_text(FAMILY_IPV6, 1, 4), "port unreachable");
	CHECK_TEXT(icmp_text(FAMILY_IPV6, 1, 5), "rejected by policy");
	CHECK_TEXT(icmp_text(FAMILY_IPV6, 2, 0), "packet too big");
	CHECK_TEXT(icmp_text(FAMILY_IPV6, 3, 0), "time to live exceeded");
	CHECK_TEXT(icmp_text(FAMILY_IPV6, 200, 9), "unknown ICMP message");
	CHECK_TEXT(icmp_text(FAMILY_ANY, 99, 9), "unknown ICMP message");
}

int main(void)
{
	test_error4();
	test_quotes();
	test_error6();
	test_echo();
	test_checksum("port unreachable", port4, 20);
	test_checksum("rejected by policy", policy6, 40);
	test_checksum("an echo reply", reply6, 40);
	test_refused();
	test_truncated("fragmentation needed", needed4, 20, 20 + 8 + 28);
	test_truncated("rejected by policy", policy6, 40, 40 + 8 + 48);
	test_truncated("quoted options", quoted_options4, 20, 20 + 8 + 32);
	test_build_echo();
	test_build_error("port unreachable", port4, 28);
	test_build_error("fragmentation needed", needed4, 28);
	test_build_error("rejected by policy", policy6, 48);
	test_build_error("packet too big", big6, 48);
	test_error_size();
	test_other_family();
	test_text();
	return tap_done();
}
