/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints become the kernel's addresses and come back whole. */
#include "io/sockaddr.h"

#include <netinet/in.h>
#include <string.h>

#include "tests/tap.h"

static void test_round(const char *text, uint32_t scope, socklen_t want)
{
	struct endpoint in = { .port = 0x1234 }, out;
	struct sockaddr_storage sa;

	BUG_ON(addr_parse(text, &in.addr));
	in.addr.scope = scope;
	CHECK_INT(sockaddr_from(&in, &sa), want);
	CHECK(!sockaddr_to((struct sockaddr *)&sa, &out));
	CHECK_MSG(endpoint_equal(&in, &out) && out.addr.scope == scope,
		  "%s comes back", text);
}

static void test_bytes(void)
{
	struct endpoint e = { .port = 80 };
	struct sockaddr_storage sa;
	struct sockaddr_in in;

	BUG_ON(addr_parse("10.9.0.2", &e.addr));
	sockaddr_from(&e, &sa);
	memcpy(&in, &sa, sizeof(in));
	CHECK(in.sin_family == AF_INET && in.sin_port == htons(80));
	CHECK(in.sin_addr.s_addr == htonl(0x0a090002));
}

static void test_other_family(void)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	struct endpoint out;

	CHECK(sockaddr_to(&sa, &out) == -1);
}

int main(void)
{
	test_round("10.9.0.2", 0, sizeof(struct sockaddr_in));
	test_round("fd00::2", 0, sizeof(struct sockaddr_in6));
	test_round("fe80::1", 7, sizeof(struct sockaddr_in6));
	test_bytes();
	test_other_family();
	return tap_done();
}
