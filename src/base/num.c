/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers and durations from text, checked whole, and to text for people. */
#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char why_empty[] = "empty";
static const char why_number[] = "not a number";
static const char why_range[] = "out of range";
static const char why_duration[] =
	"not a duration (a number with us, ms, s, m or h)";

int num_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * Digits of `base` from *text, which moves behind them. False when their value
 * is no uint64_t; all digits are taken even then, so that what follows them is
 * judged too: "99999999999999999999x" is no number at all.
 */
static bool take_digits(const char **text, int base, uint64_t *out)
{
	bool fits = true;
	uint64_t v = 0;
	int d;

	while ((d = num_hex_digit(**text)) >= 0 && d < base) {
		if (v > (UINT64_MAX - (unsigned)d) / (unsigned)base)
			fits = false;
		else
			v = v * (unsigned)base + (unsigned)d;
		++*text;
	}
	*out = v;
	return fits;
}

int num_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *out,
		  const char **why)
{
	const char *at = text;
	int base = 10;
	const char *digits;
	uint64_t v;
	bool fits;

	if (!*text) {
		*why = why_empty;
		return -1;
	}
	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
		base = 16;
		at += 2;
	}
	digits = at;
	fits = take_digits(&at, base, &v);
	if (at == digits || *at) {
		*why = why_number;
		return -1;
	}
	if (!fits || v < min || v > max) {
		*why = why_range;
		return -1;
	}
	*out = v;
	return 0;
}

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "us", TIME_US },    { "ms", TIME_MS },      { "s", TIME_S },
	{ "m", 60 * TIME_S }, { "h", 3600 * TIME_S },
};

static const struct unit *unit_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(units[i].name, *name ? name : "s") == 0)
			return &units[i];
	}
	return NULL;
}

/*
 * A decimal fraction in billionths; *text is behind the point and moves behind
 * the digits. Digits past the ninth are looked at, but count for nothing.
 */
static uint64_t take_fraction(const char **text)
{
	uint64_t place = 100000000;
	uint64_t v = 0;

	for (; **text >= '0' && **text <= '9'; ++*text) {
		v += (uint64_t)(**text - '0') * place;
		place /= 10;
	}
	return v;
}

int num_parse_duration(const char *text, int64_t *ns, const char **why)
{
	const struct unit *unit;
	uint64_t whole, fraction = 0;
	const char *at = text;
	bool fits;

	if (!*text) {
		*why = why_empty;
		return -1;
	}
	*why = why_duration;
	fits = take_digits(&at, 10, &whole);
	if (at == text)
		return -1;
	if (*at == '.') {
		const char *digits = ++at;

		fraction = take_fraction(&at);
		if (at == digits)
			return -1;
	}
	unit = unit_find(at);
	if (!unit)
		return -1;
	/* Without a product that could overflow: 10^9 x 3600 x 10^9 does. */
	if (unit->ns >= TIME_S)
		fraction *= unit->ns / TIME_S;
	else
		fraction /= TIME_S / unit->ns;
	if (!fits || whole > (INT64_MAX - fraction) / unit->ns) {
		*why = why_range;
		return -1;
	}
	*ns = (int64_t)(whole * unit->ns + fraction);
	return 0;
}

/*
 * Three significant digits of `ns` in units of `unit` (a power of 1000), or
 * false when they come to `limit` units or more: then a larger one is due.
 */
static bool format_unit(uint64_t ns, uint64_t unit, uint64_t limit,
			const char *name, char text[NUM_DURATION_TEXT_MAX])
{
	uint64_t hundredths = (ns + unit / 200) / (unit / 100);
	uint64_t tenths = (ns + unit / 20) / (unit / 10);
	uint64_t ones = (ns + unit / 2) / unit;
	const size_t size = NUM_DURATION_TEXT_MAX;

	if (hundredths < 1000)
		snprintf(text, size, "%" PRIu64 ".%02" PRIu64 " %s",
			 hundredths / 100, hundredths % 100, name);
	else if (tenths < 1000 && tenths < limit * 10)
		snprintf(text, size, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10,
			 tenths % 10, name);
	else if (tenths >= 1000 && ones < limit)
		snprintf(text, size, "%" PRIu64 " %s", ones, name);
	else
		return false;
	return true;
}

/* Two units of time side by side; the smaller is left out when it is zero. */
static void format_pair(uint64_t big, const char *big_name, uint64_t small,
			const char *small_name,
			char text[NUM_DURATION_TEXT_MAX])
{
	const size_t size = NUM_DURATION_TEXT_MAX;

	if (small)
		snprintf(text, size, "%" PRIu64 " %s %" PRIu64 " %s", big,
			 big_name, small, small_name);
	else
		snprintf(text, size, "%" PRIu64 " %s", big, big_name);
}

static void format_magnitude(uint64_t ns, char text[NUM_DURATION_TEXT_MAX])
{
	uint64_t us = (ns + TIME_US / 2) / TIME_US;
	uint64_t s = (ns + TIME_S / 2) / TIME_S;
	uint64_t min = (s + 30) / 60;

	if (ns == 0)
		snprintf(text, NUM_DURATION_TEXT_MAX, "0 s");
	else if (ns < (uint64_t)TIME_US)
		snprintf(text, NUM_DURATION_TEXT_MAX, "%" PRIu64 " ns", ns);
	else if (us < 1000)
		snprintf(text, NUM_DURATION_TEXT_MAX, "%" PRIu64 " us", us);
	else if (format_unit(ns, TIME_MS, 1000, "ms", text) ||
		 format_unit(ns, TIME_S, 60, "s", text))
		return;
	else if (s < 3600)
		format_pair(s / 60, "min", s % 60, "s", text);
	else
		format_pair(min / 60, "h", min % 60, "min", text);
}

const char *num_format_duration(int64_t ns,
				char text[static NUM_DURATION_TEXT_MAX])
{
	char magnitude[NUM_DURATION_TEXT_MAX];
	size_t sign = ns < 0;

	format_magnitude(ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns, magnitude);
	/* The longest there is, "-2562047 h 47 min", is far from the end. */
	text[0] = '-';
	memcpy(text + sign, magnitude, sizeof(magnitude) - sign);
	return text;
}

const char *num_format_count(uint64_t n, char text[static NUM_COUNT_TEXT_MAX])
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, n);
	char *to = text;

	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return text;
}
