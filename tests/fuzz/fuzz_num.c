/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any text as a number and as a duration, with strtoull() and strtold() as
 * oracles for what is accepted.
 */
#include <errno.h>
#include <string.h>

#include "base/num.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* 10 or 16 where the whole text is a number of that base, else 0. */
static int base_of(const char *text)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	size_t len = strlen(text);

	if (len > 0 && strspn(text, "0123456789") == len)
		return 10;
	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
	    strspn(text + 2, digits) == len - 2)
		return 16;
	return 0;
}

static void check_u64(const char *text)
{
	int base = base_of(text);
	uint64_t v = 77, want = 0;
	const char *why = NULL;
	bool accepted;

	errno = 0;
	if (base)
		want = strtoull(text, NULL, base);
	accepted = num_parse_u64(text, 0, UINT64_MAX, &v, &why) == 0;
	BUG_ON(accepted != (base && errno == 0));
	BUG_ON(accepted ? v != want : v != 77 || !why || !*why);
	if (!accepted)
		return;
	if (v && num_parse_u64(text, 0, v - 1, &want, &why) == 0)
		abort();
	BUG_ON(num_parse_u64(text, v, v, &want, &why) < 0);
}

static long double unit_of(const char *text)
{
	size_t len = strspn(text, "0123456789.");

	switch (text[len]) {
	case 'u':
		return 1e3L;
	case 'm':
		return text[len + 1] ? 1e6L : 60e9L;
	case 'h':
		return 3600e9L;
	}
	return 1e9L;
}

static void check_format(int64_t ns)
{
	char text[NUM_DURATION_TEXT_MAX];

	num_format_duration(ns, text);
	BUG_ON(!text[0] || !memchr(text, '\0', sizeof(text)));
	BUG_ON((text[0] == '-') != (ns < 0));
}

static void check_duration(const char *text)
{
	const char *why = NULL;
	long double want;
	int64_t ns = -77;

	if (num_parse_duration(text, &ns, &why) < 0) {
		BUG_ON(ns != -77 || !why || !*why);
		return;
	}
	BUG_ON(ns < 0 || strspn(text, "0123456789.umsh") != strlen(text));
	want = strtold(text, NULL) * unit_of(text);
	/* Billionths of an hour, and a long double that may be a double. */
	BUG_ON((long double)ns - want > 8192 || want - (long double)ns > 8192);
	check_format(ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);
	char count[NUM_COUNT_TEXT_MAX];
	int64_t raw = 0;

	BUG_ON(!text);
	if (len)
		memcpy(text, bytes, len);
	text[len] = '\0';
	check_u64(text);
	check_duration(text);
	free(text);
	if (len)
		memcpy(&raw, bytes, len < sizeof(raw) ? len : sizeof(raw));
	check_format(raw);
	num_format_count((uint64_t)raw, count);
	BUG_ON(!memchr(count, '\0', sizeof(count)));
	return 0;
}
