/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to the kernel that every host can answer: loopback, and no's. */
#include "io/route.h"

#include <string.h>

#include "tests/tap.h"

static struct routes *routes;

static int find(const char *to, const char *source, uint32_t interface,
		struct route *out, struct err *e)
{
	struct route_wish wish = { .interface = interface };

	*e = (struct err){ 0 };
	BUG_ON(addr_parse(to, &wish.to));
	BUG_ON(source && addr_parse(source, &wish.source));
	return routes_find(routes, &wish, out, e);
}

static void test_loopback(void)
{
	char text[ADDR_TEXT_MAX];
	struct route r;
	struct err e;

	if (find("127.0.0.1", NULL, 0, &r, &e)) {
		tap_skip("loopback", e.text);
		return;
	}
	CHECK_TEXT(addr_format(&r.source, text), "127.0.0.1");
	CHECK(r.loopback && r.checksum_offload);
	CHECK(r.interface == 1 && r.gateway.family == FAMILY_ANY);
	CHECK(r.mtu >= 1500);
	CHECK(r.link_mtu >= r.mtu);
	CHECK_MSG(!find("127.0.0.1", NULL, 0, &r, &e) && r.interface == 1,
		  "the second answer is the first one");
	CHECK(!find("127.0.0.1", "127.0.0.5", 0, &r, &e));
	CHECK_TEXT(addr_format(&r.source, text), "127.0.0.5");
	CHECK(!find("127.0.0.1", NULL, 0, &r, &e));
	CHECK_TEXT(addr_format(&r.source, text), "127.0.0.1");
}

static void test_refused(const char *to, const char *source, uint32_t interface,
			 enum err_code code, const char *part)
{
	struct route r;
	struct err e;

	CHECK_INT(find(to, source, interface, &r, &e), -(int)code);
	CHECK_MSG(strstr(e.text, part), "%s: \"%s\"", to, e.text);
}

int main(void)
{
	struct err e = { 0 };

	if (routes_open(&routes, &e)) {
		tap_skip("routes", e.text);
		return tap_done();
	}
	test_loopback();
	test_refused("127.0.0.1", "192.0.2.1", 0, ERR_USAGE,
		     "192.0.2.1 is not an address of this host");
	test_refused("127.0.0.1", "::1", 0, ERR_USAGE, "different families");
	test_refused("127.0.0.1", NULL, 1 << 30, ERR_INTERFACE,
		     "interface number 1073741824");
	test_refused("224.0.0.1", NULL, 0, ERR_HOST, "group of hosts");
	test_refused("255.255.255.255", NULL, 0, ERR_HOST, "group of hosts");
	test_refused("fe80::1", NULL, 0, ERR_USAGE, "as in fe80::1%eth0");
	routes_close(routes);
	routes_close(NULL);
	return tap_done();
}
