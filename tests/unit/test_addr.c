/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses and endpoints: text both ways, with the system's inet_pton() and
 * inet_ntop() as oracle, kinds, arithmetic.
 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/random.h"
#include "tests/tap.h"

static struct addr parsed(const char *text)
{
	struct addr a;

	BUG_ON(addr_parse(text, &a) < 0);
	return a;
}

/* Accepted or refused as the system does, with the same bytes. */
static void test_parse(void)
{
	static const char *const texts[] = {
		"0.0.0.0",
		"10.9.0.2",
		"255.255.255.255",
		"1.2.3",
		"1.2.3.4.5",
		"256.1.1.1",
		"1.2.3.04",
		"1.2.3.",
		".1.2.3",
		"1..2.3",
		"",
		" 1.2.3.4",
		"1.2.3.4 ",
		"0x1.2.3.4",
		"1.2.3.-4",
		"a.b.c.d",
		"99999999999.1.1.1",
		"::",
		"::1",
		"1::",
		"fd00::2",
		"1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7::",
		"::2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:8::",
		"::1:2:3:4:5:6:7:8",
		"1::2::3",
		":::",
		":1",
		"1:",
		"1:2",
		"1:2:3:4:5:6:7:8:9",
		"12345::",
		"g::",
		"::ffff:1.2.3.4",
		"::1.2.3.4",
		"1:2:3:4:5:6:1.2.3.4",
		"1:2:3:4:5:6:7:1.2.3.4",
		"1:2:3:4:5:1.2.3.4",
		"::1.2.3",
		"::1.2.3.4:5",
		"::1.2.3.4.5",
		"1.2.3.4::",
		"::256.1.1.1",
		"FE80::AbCd",
		"fe80::1%lo",
		"fe80::1/64",
		":",
		"::1:",
		"1:::2",
		"0:0:0:0:0:0:0:0",
		"::12.3.4.5:",
		"1::2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:8:",
		":1:2:3:4:5:6:7:8",
		"::01.2.3.4",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		int family = strchr(texts[i], ':') ? AF_INET6 : AF_INET;
		struct addr a = { .family = 99 };
		uint8_t want[16] = { 0 };
		bool accepted = inet_pton(family, texts[i], want) == 1;

		if (accepted)
			CHECK_MSG(addr_parse(texts[i], &a) == 0 &&
					  memcmp(a.bytes, want, 16) == 0 &&
					  addr_size(a.family) ==
						  (family == AF_INET ? 4 : 16),
				  "\"%s\" is read", texts[i]);
		else
			CHECK_MSG(addr_parse(texts[i], &a) == -1 &&
					  a.family == 99,
				  "\"%s\" is refused", texts[i]);
	}
}

/* Addresses full of zero groups, as the system writes them. */
static void test_format(void)
{
	bool same = true, back = true;
	struct random r;

	random_seed(&r, 1);
	for (size_t n = 0; n < 5000; n++) {
		struct addr a = { .family = FAMILY_IPV6 }, b;
		char text[ADDR_TEXT_MAX], want[INET6_ADDRSTRLEN];

		for (size_t i = 0; i < 16; i += 2) {
			if (random_chance(&r, 500000))
				continue;
			a.bytes[i] = (uint8_t)random_below(&r, 3);
			a.bytes[i + 1] = (uint8_t)random_u32(&r);
		}
		/* The system shows ::1.2.3.4, long deprecated (RFC 4291). */
		if (!memcmp(a.bytes, (uint8_t[12]){ 0 }, 12))
			a.bytes[0] = 1;
		inet_ntop(AF_INET6, a.bytes, want, sizeof(want));
		addr_format(&a, text);
		if (strcmp(text, want) != 0) {
			tap_note("%s is not %s", text, want);
			same = false;
		}
		back = back && addr_parse(text, &b) == 0 && addr_equal(&a, &b);
	}
	CHECK(same);
	CHECK(back);
}

static void test_format_chosen(void)
{
	static const char *const texts[] = {
		"0.0.0.0",
		"255.255.255.255",
		"10.9.0.2",
		"::",
		"::1",
		"1::",
		"fd00::2",
		"::ffff:1.2.3.4",
		"1:2:3:4:5:6:7:8",
		"1:0:3:4:5:6:7:8",
		"1::4:0:0:7:8",
		"1:0:0:4::8",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"::2:3:4:5:6:7:8",
		"0:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:0",
		"::102:304",
	};
	char text[ADDR_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct addr a = parsed(texts[i]);
		/* RFC 5952: one zero group is not shortened. */
		bool other = strcmp(texts[i], "::2:3:4:5:6:7:8") == 0;

		CHECK_TEXT(addr_format(&a, text),
			   other ? "0:2:3:4:5:6:7:8" : texts[i]);
	}
	CHECK_TEXT(addr_format(&(struct addr){ 0 }, text), "*");
}

static void test_kinds(void)
{
	static const struct {
		const char *text;
		bool loopback, link_local, group;
	} want[] = {
		{ "127.0.0.1", true, false, false },
		{ "127.255.0.9", true, false, false },
		{ "128.0.0.1", false, false, false },
		{ "::1", true, false, false },
		{ "::2", false, false, false },
		{ "::", false, false, false },
		{ "1::1", false, false, false },
		{ "169.254.0.1", false, true, false },
		{ "169.253.0.1", false, false, false },
		{ "fe80::1", false, true, false },
		{ "febf::1", false, true, false },
		{ "fec0::1", false, false, false },
		{ "224.0.0.1", false, false, true },
		{ "239.255.255.255", false, false, true },
		{ "240.0.0.1", false, false, false },
		{ "223.255.255.255", false, false, false },
		{ "255.255.255.255", false, false, true },
		{ "255.255.255.254", false, false, false },
		{ "ff02::1", false, false, true },
		{ "fe02::1", false, false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		struct addr a = parsed(want[i].text);

		CHECK_MSG(addr_is_loopback(&a) == want[i].loopback &&
				  addr_is_link_local(&a) ==
					  want[i].link_local &&
				  addr_is_group(&a) == want[i].group,
			  "kind of %s", want[i].text);
	}
	CHECK(!addr_is_loopback(&(struct addr){ .bytes = { 127 } }));
	CHECK(!addr_is_group(&(struct addr){ .bytes = { 0xff } }));
}

static void check_add(const char *from, uint64_t n, const char *want)
{
	struct addr a = parsed(from);
	char text[ADDR_TEXT_MAX];

	a = addr_add(&a, n);
	CHECK_TEXT(addr_format(&a, text), want);
}

static void test_add(void)
{
	check_add("10.9.0.1", 0, "10.9.0.1");
	check_add("10.9.0.255", 1, "10.9.1.0");
	check_add("10.9.0.1", 65536, "10.10.0.1");
	check_add("255.255.255.255", 1, "0.0.0.0");
	check_add("0.0.0.5", UINT64_MAX, "0.0.0.4");
	check_add("fd00::ffff", 1, "fd00::1:0");
	check_add("fd00::ffff:ffff:ffff:ffff", 1, "fd00:0:0:1::");
	check_add("::", UINT64_MAX, "::ffff:ffff:ffff:ffff");
	check_add("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 2, "::1");
}

static void check_prefix(const char *from, unsigned bits, const char *want)
{
	struct addr a = parsed(from);
	char text[ADDR_TEXT_MAX];

	a = addr_prefix(&a, bits);
	CHECK_TEXT(addr_format(&a, text), want);
}

static void test_prefix(void)
{
	check_prefix("10.9.255.255", 0, "0.0.0.0");
	check_prefix("10.9.255.255", 1, "0.0.0.0");
	check_prefix("138.9.255.255", 1, "128.0.0.0");
	check_prefix("10.9.255.255", 20, "10.9.240.0");
	check_prefix("10.9.255.255", 24, "10.9.255.0");
	check_prefix("10.9.255.255", 31, "10.9.255.254");
	check_prefix("10.9.255.255", 32, "10.9.255.255");
	check_prefix("10.9.255.255", 200, "10.9.255.255");
	check_prefix("fd00:1:2:3:4:5:6:7", 64, "fd00:1:2:3::");
	check_prefix("fd00:1:2:3:4:5:6:7", 127, "fd00:1:2:3:4:5:6:6");
	check_prefix("fd00:1:2:3:4:5:6:7", 128, "fd00:1:2:3:4:5:6:7");
}

static void test_equal(void)
{
	struct addr a = parsed("10.9.0.2"), b = parsed("10.9.0.3");
	struct addr c = parsed("fe80::1"), d = c;

	CHECK(addr_equal(&a, &a));
	CHECK(!addr_equal(&a, &b));
	d.scope = 7;
	CHECK(addr_equal(&c, &d));
	d.bytes[15] = 2;
	CHECK(!addr_equal(&c, &d));
	/* The same bytes of two families. */
	b = parsed("0a09:2::");
	CHECK(!memcmp(a.bytes, b.bytes, 4) && !addr_equal(&a, &b));
	CHECK_INT(addr_size(FAMILY_ANY), 0);
}

static void test_unmap(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "::ffff:10.9.0.2", "10.9.0.2" },
		{ "10.9.0.2", "10.9.0.2" },
		{ "::10.9.0.2", "::a09:2" },
		{ "::fffe:a09:2", "::fffe:a09:2" },
		{ "fd00::2", "fd00::2" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct addr a = parsed(cases[i].text);
		char text[ADDR_TEXT_MAX];

		a.scope = 7;
		a = addr_unmap(&a);
		CHECK_TEXT(addr_format(&a, text), cases[i].want);
		CHECK_INT(a.scope, i == 0 ? 0 : 7);
	}
}

static void test_endpoint(void)
{
	struct endpoint a = { parsed("10.9.0.2"), 80 }, b = a;
	struct endpoint c = { parsed("fd00::2"), 65535 };
	char text[ENDPOINT_TEXT_MAX];

	CHECK_TEXT(endpoint_format(&a, text), "10.9.0.2:80");
	CHECK_TEXT(endpoint_format(&c, text), "[fd00::2]:65535");
	c.addr = parsed("1111:2222:3333:4444:5555:6666:7777:8888");
	CHECK_TEXT(endpoint_format(&c, text),
		   "[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
	CHECK(endpoint_equal(&a, &b));
	b.port = 81;
	CHECK(!endpoint_equal(&a, &b));
	CHECK(!endpoint_equal(&a, &c));
}

int main(void)
{
	test_parse();
	test_format();
	test_format_chosen();
	test_kinds();
	test_add();
	test_prefix();
	test_equal();
	test_unmap();
	test_endpoint();
	return tap_done();
}
