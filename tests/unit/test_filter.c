/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The capture's filter, run by the kernel itself: it is put on one end of a
 * pair of local sockets, which needs no privilege, and packets that the other
 * end sends pass or do not.
 */
#include "io/filter.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/random.h"
#include "tests/tap.h"

#define SNAPLEN 2000
#define IPV6_ADDRESSES                     \
	"fd000000000000000000000000000001" \
	"fd000000000000000000000000000002"

/* How many bytes of the packet pass; 0: it does not. */
static size_t passes(const struct filter *f, uint32_t offset, const uint8_t *p,
		     size_t len)
{
	struct sock_filter program[FILTER_PROGRAM_MAX];
	struct sock_fprog prog = { .filter = program };
	uint8_t got[4096];
	ssize_t n;
	int fds[2];

	prog.len = (unsigned short)filter_build(f, offset, SNAPLEN, program);
	BUG_ON(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds));
	BUG_ON(setsockopt(fds[1], SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			  sizeof(prog)));
	(void)!send(fds[0], p, len, 0);
	n = recv(fds[1], got, sizeof(got), 0);
	close(fds[0]);
	close(fds[1]);
	return n < 0 ? 0 : (size_t)n;
}

static bool hex_passes(const struct filter *f, uint32_t offset, const char *hex)
{
	uint8_t packet[256];
	size_t len = tap_hex(hex, packet, sizeof(packet));

	return passes(f, offset, packet, len) == len;
}

/* TCP over IPv4 with `words` of IP header, behind `offset` bytes. */
static bool tcp4_passes(const struct filter *f, uint32_t offset, size_t words,
			unsigned sport, unsigned dport)
{
	uint8_t p[128] = { 0 };
	size_t ip = offset, tcp = ip + words * 4;

	p[ip] = (uint8_t)(0x40 | words);
	p[ip + 9] = 6;
	p[tcp] = (uint8_t)(sport >> 8);
	p[tcp + 1] = (uint8_t)sport;
	p[tcp + 2] = (uint8_t)(dport >> 8);
	p[tcp + 3] = (uint8_t)dport;
	return passes(f, offset, p, tcp + 20) == tcp + 20;
}

static void test_tcp(void)
{
	struct filter f = { .n = 0 };

	CHECK_MSG(!tcp4_passes(&f, 14, 5, 1000, 2000), "no port, no TCP");
	CHECK(filter_add(&f, 1000));
	CHECK_MSG(tcp4_passes(&f, 14, 5, 1000, 2000), "from our port");
	CHECK_MSG(tcp4_passes(&f, 14, 5, 2000, 1000), "to our port");
	CHECK_MSG(!tcp4_passes(&f, 14, 5, 2000, 3000), "between others");
	CHECK_MSG(!tcp4_passes(&f, 14, 5, 999, 1001), "one beside it");
	CHECK_MSG(tcp4_passes(&f, 0, 5, 1000, 2000), "without link header");
	CHECK_MSG(tcp4_passes(&f, 14, 15, 7, 1000), "behind IPv4 options");
	CHECK_MSG(!tcp4_passes(&f, 14, 15, 7, 8), "others behind options");
}

static void test_ipv4(void)
{
	struct filter f = { .n = 0 };

	CHECK(filter_add(&f, 0x1234));
	CHECK_MSG(hex_passes(&f, 0, "4500001c 00000000 40010000 0a090001 "
			     "0a090002 0b000000 00000000"), "ICMP");
	CHECK_MSG(!hex_passes(&f, 0, "4500001c 00000000 40110000 0a090001 "
			      "0a090002 12341234 00000000"), "no UDP");
	CHECK_MSG(hex_passes(&f, 0, "4500001c 00002000 40060000 0a090001 "
			     "0a090002 12340000 00000000"), "first fragment");
	CHECK_MSG(!hex_passes(&f, 0, "4500001c 00000001 40060000 0a090001 "
			      "0a090002 12341234 00000000"), "no later one");
	CHECK_MSG(!hex_passes(&f, 0, "0001 0800 0604 0001 1234 1234 1234 1234"
			      "1234 1234 1234"), "no ARP");
	CHECK_MSG(!hex_passes(&f, 0, "4500001c 00000000 40060000 0a090001"),
		  "nothing that ends early");
}

/* Next header and what follows the fixed header. */
static bool ipv6_passes(const struct filter *f, const char *next,
			const char *rest)
{
	char hex[256];

	snprintf(hex, sizeof(hex), "60000000 0014 %s 40 %s %s", next,
		 IPV6_ADDRESSES, rest);
	return hex_passes(f, 0, hex);
}

static void test_ipv6(void)
{
	struct filter f = { .n = 0 };

	CHECK(filter_add(&f, 0x1234));
	CHECK_MSG(ipv6_passes(&f, "06", "1234 0050 00000000"), "from us");
	CHECK_MSG(ipv6_passes(&f, "06", "0050 1234 00000000"), "to us");
	CHECK_MSG(!ipv6_passes(&f, "06", "0050 0051 00000000"), "others");
	CHECK_MSG(!ipv6_passes(&f, "11", "1234 1234 00000000"), "no UDP");
	CHECK_MSG(ipv6_passes(&f, "3a", "01000000 00000000"), "unreachable");
	CHECK_MSG(ipv6_passes(&f, "3a", "81000000 00000000"), "echo reply");
	CHECK_MSG(!ipv6_passes(&f, "3a", "87000000 00000000"),
		  "no neighbour discovery");
	CHECK_MSG(ipv6_passes(&f, "00", "06000000 00000000"),
		  "extension headers, whatever they hide");
	CHECK_MSG(ipv6_passes(&f, "2c", "06000000 00000000"), "fragments");
}

static void test_snaplen(void)
{
	struct filter f = { .n = 0 };
	uint8_t p[SNAPLEN + 100] = { 0x45 };

	p[9] = 1;
	CHECK_INT(passes(&f, 0, p, sizeof(p)), SNAPLEN);
}

static void test_ranges(void)
{
	struct filter f = { .n = 0 };

	CHECK(filter_add(&f, 10) && filter_add(&f, 12));
	CHECK_INT(f.n, 2);
	CHECK_MSG(!filter_add(&f, 10) && !filter_add(&f, 12),
		  "known ports change nothing");
	CHECK(filter_add(&f, 11));
	CHECK_MSG(f.n == 1 && f.range[0].low == 10 && f.range[0].high == 12,
		  "a gap that closes joins two ranges");
	CHECK(filter_add(&f, 9) && filter_add(&f, 13));
	CHECK_MSG(f.n == 1 && f.range[0].low == 9 && f.range[0].high == 13,
		  "a range grows at both ends");
	CHECK(filter_add(&f, 65535) && filter_add(&f, 1));
	CHECK_MSG(f.n == 3 && f.range[0].low == 1 && f.range[2].high == 65535,
		  "the first and the last port");
	CHECK(!filter_add(&f, 65535));
}

/* The largest program: every port passes, its neighbours do not. */
static void test_full(void)
{
	struct filter f = { .n = 0 };
	bool good = true;

	for (unsigned i = 0; i < FILTER_RANGES_MAX; i++)
		good &= filter_add(&f, (uint16_t)(1000 + 10 * i));
	CHECK_MSG(good && f.n == FILTER_RANGES_MAX, "all ranges taken");
	for (unsigned i = 0; i < FILTER_RANGES_MAX; i++) {
		unsigned port = 1000 + 10 * i;

		good &= tcp4_passes(&f, 14, 5, port, 9) &&
			tcp4_passes(&f, 14, 5, 9, port) &&
			!tcp4_passes(&f, 14, 5, port + 1, 9) &&
			!tcp4_passes(&f, 14, 5, 9, port - 1);
	}
	CHECK_MSG(good, "all are told apart, in both directions");
	CHECK(filter_add(&f, 5000));
	CHECK_MSG(f.n == 1 && f.range[0].low == 1000 && f.range[0].high == 5000,
		  "one more: a single range covers all");
	CHECK(tcp4_passes(&f, 14, 5, 9, 5000));
	CHECK(tcp4_passes(&f, 14, 5, 9, 1005));
	CHECK(!tcp4_passes(&f, 14, 5, 9, 5001));
}

/* Whatever the order, no port that was added is ever missing. */
static void test_random_order(void)
{
	static bool added[65536];
	struct filter f = { .n = 0 };
	struct random r;
	bool good = true;

	random_seed(&r, 7);
	for (unsigned n = 0; n < 200; n++) {
		uint16_t port = (uint16_t)(32768 + random_below(&r, 300));
		size_t found = 0;

		filter_add(&f, port);
		added[port] = true;
		for (unsigned p = 32768; p < 33068; p++)
			for (size_t i = 0; added[p] && i < f.n; i++)
				found += f.range[i].low <= p &&
					 p <= f.range[i].high;
		for (unsigned p = 32768; p < 33068; p++)
			found -= added[p];
		good &= found == 0;
		for (size_t i = 1; i < f.n; i++)
			good &= f.range[i - 1].high + 1 < f.range[i].low;
	}
	CHECK_MSG(good, "every port in exactly one range, ranges apart");
}

int main(void)
{
	test_tcp();
	test_ipv4();
	test_ipv6();
	test_snaplen();
	test_ranges();
	test_full();
	test_random_order();
	return tap_done();
}
