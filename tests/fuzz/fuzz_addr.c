/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any text as an address: accepted and refused as inet_pton() does, written as
 * inet_ntop() does, and read back to the same.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/addr.h"
#include "base/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* The deprecated ::1.2.3.4, which we write as any other address. */
static bool is_compatible(const struct addr *a)
{
	static const uint8_t zeros[12];

	return a->family == FAMILY_IPV6 &&
	       memcmp(a->bytes, zeros, sizeof(zeros)) == 0;
}

static void check_format(const struct addr *a)
{
	int family = a->family == FAMILY_IPV6 ? AF_INET6 : AF_INET;
	char text[ADDR_TEXT_MAX], want[INET6_ADDRSTRLEN];
	struct addr again;

	addr_format(a, text);
	BUG_ON(addr_parse(text, &again) < 0 || !addr_equal(a, &again));
	BUG_ON(!inet_ntop(family, a->bytes, want, sizeof(want)));
	BUG_ON(!is_compatible(a) && strcmp(text, want) != 0);
}

static void check_arithmetic(const struct addr *a, unsigned bits, uint64_t n)
{
	struct addr prefix = addr_prefix(a, bits), again;

	again = addr_prefix(&prefix, bits);
	BUG_ON(!addr_equal(&prefix, &again));
	BUG_ON(memcmp(prefix.bytes, a->bytes, 16) > 0);
	again = addr_add(a, n);
	check_format(&again);
	again = addr_add(&again, 0 - n);
	/* 2^64 further on is the same place only in IPv4's space. */
	BUG_ON(a->family == FAMILY_IPV4 && !addr_equal(a, &again));
}

static void check_text(const char *text)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	struct addr a = { .family = 99 };
	uint8_t want[16] = { 0 };

	if (inet_pton(family, text, want) != 1) {
		BUG_ON(addr_parse(text, &a) == 0 || a.family != 99);
		return;
	}
	BUG_ON(addr_parse(text, &a) < 0 || memcmp(a.bytes, want, 16) != 0);
	BUG_ON((a.family == FAMILY_IPV6) != (family == AF_INET6));
	check_format(&a);
	check_arithmetic(&a, (unsigned)strlen(text) * 5, strlen(text) << 58);
}

/* The text as it would reach a terminal, in as much room as it has bytes. */
static void check_escaped(const uint8_t *bytes, size_t len)
{
	char *out = malloc(len + 1);

	BUG_ON(!out);
	escape_bytes(bytes, len, out, len + 1);
	BUG_ON(strlen(out) > len);
	for (const char *c = out; *c; c++)
		BUG_ON(*c < ' ' || *c > '~');
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct addr a = { .family = FAMILY_IPV6 };
	char *text = malloc(len + 1);

	BUG_ON(!text);
	if (len)
		memcpy(text, bytes, len);
	text[len] = '\0';
	check_text(text);
	free(text);
	check_escaped(bytes, len);
	if (len >= 16) {
		memcpy(a.bytes, bytes, 16);
		check_format(&a);
		check_arithmetic(&a, bytes[0], len);
	}
	return 0;
}
