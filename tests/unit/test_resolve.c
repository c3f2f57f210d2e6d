/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses as hosts, and names that no resolver needs to be asked for. */
#include "io/resolve.h"

#include <net/if.h>

#include "tests/tap.h"

static void test_number(const char *host, enum family family, const char *want)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;
	struct err e = { 0 };
	int ret = resolve_host(NULL, host, family, &a, &e);

	CHECK_MSG(ret == 0, "%s", host);
	CHECK_TEXT(ret ? e.text : addr_format(&a, text), want);
}

static void test_refused(const char *host, enum family family,
			 enum err_code code, const char *want)
{
	struct addr a;
	struct err e = { 0 };

	CHECK_INT(resolve_host(NULL, host, family, &a, &e), -(int)code);
	CHECK_TEXT(e.text, want);
}

static void test_scope(void)
{
	unsigned lo = if_nametoindex("lo");
	struct addr a;
	struct err e = { 0 };

	if (!lo) {
		tap_skip("a scope by name", "there is no interface lo");
		return;
	}
	CHECK(!resolve_host(NULL, "fe80::1%lo", FAMILY_ANY, &a, &e));
	CHECK_INT(a.scope, lo);
	a.scope = 0;
	CHECK(!resolve_host(NULL, "fe80::1%1", FAMILY_IPV6, &a, &e));
	CHECK_INT(a.scope, 1);
}

int main(void)
{
	test_number("10.9.0.2", FAMILY_ANY, "10.9.0.2");
	test_number("10.9.0.2", FAMILY_IPV4, "10.9.0.2");
	test_number("fd00::2", FAMILY_IPV6, "fd00::2");
	test_refused("fd00::2", FAMILY_IPV4, ERR_HOST,
		     "\"fd00::2\" is no IPv4 address");
	test_refused("10.9.0.2", FAMILY_IPV6, ERR_HOST,
		     "\"10.9.0.2\" is no IPv6 address");
	test_refused("fe80::1%nosuch0", FAMILY_ANY, ERR_INTERFACE,
		     "fe80::1: no interface \"nosuch0\"");
	test_refused("fe80::1%", FAMILY_ANY, ERR_INTERFACE,
		     "fe80::1: no interface \"\"");
	test_refused("10.9.0.2%lo", FAMILY_ANY, ERR_HOST,
		     "10.9.0.2%lo: only a link-local IPv6 address takes an "
		     "interface");
	test_refused("fd00::2%\x1b[1m", FAMILY_ANY, ERR_HOST,
		     "fd00::2%\\x1b[1m: only a link-local IPv6 address takes "
		     "an interface");
	test_scope();
	return tap_done();
}
