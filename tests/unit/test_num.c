/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers and durations from text, checked whole, and back to text. */
#include "base/num.h"

#include <inttypes.h>

#include <string.h>

#include "tests/tap.h"

static void accept_u64(const char *text, uint64_t want)
{
	const char *why = NULL;
	uint64_t v = 0;

	CHECK_MSG(num_parse_u64(text, 0, UINT64_MAX, &v, &why) == 0 &&
			  v == want,
		  "\"%s\" is %" PRIu64, text, want);
}

static void refuse_u64(const char *text, uint64_t min, uint64_t max,
		       const char *want)
{
	const char *why = "nothing";
	uint64_t v = 77;

	CHECK_MSG(num_parse_u64(text, min, max, &v, &why) == -1 && v == 77,
		  "\"%s\" is refused", text);
	CHECK_TEXT(why, want);
}

static void test_u64(void)
{
	accept_u64("0", 0);
	accept_u64("007", 7);
	accept_u64("65535", 65535);
	accept_u64("18446744073709551615", UINT64_MAX);
	accept_u64("0x0", 0);
	accept_u64("0XfF", 255);
	accept_u64("0xffffffffffffffff", UINT64_MAX);
	refuse_u64("", 0, UINT64_MAX, "empty");
	refuse_u64("0x", 0, UINT64_MAX, "not a number");
	refuse_u64("x1", 0, UINT64_MAX, "not a number");
	refuse_u64("-1", 0, UINT64_MAX, "not a number");
	refuse_u64("+1", 0, UINT64_MAX, "not a number");
	refuse_u64(" 1", 0, UINT64_MAX, "not a number");
	refuse_u64("1 ", 0, UINT64_MAX, "not a number");
	refuse_u64("1.5", 0, UINT64_MAX, "not a number");
	refuse_u64("12a", 0, UINT64_MAX, "not a number");
	refuse_u64("0x1g", 0, UINT64_MAX, "not a number");
	refuse_u64("99999999999999999999x", 0, UINT64_MAX, "not a number");
	refuse_u64("18446744073709551616", 0, UINT64_MAX, "out of range");
	refuse_u64("18446744073709551620", 0, UINT64_MAX, "out of range");
	refuse_u64("184467440737095516150", 0, UINT64_MAX, "out of range");
	refuse_u64("0x10000000000000000", 0, UINT64_MAX, "out of range");
	refuse_u64("0", 1, 10, "out of range");
	refuse_u64("11", 1, 10, "out of range");
}

static void test_range_ends(void)
{
	const char *why;
	uint64_t v;

	CHECK(num_parse_u64("1", 1, 10, &v, &why) == 0 && v == 1);
	CHECK(num_parse_u64("10", 1, 10, &v, &why) == 0 && v == 10);
}

static void accept_duration(const char *text, int64_t want)
{
	const char *why = NULL;
	int64_t ns = -1;

	CHECK_MSG(num_parse_duration(text, &ns, &why) == 0, "\"%s\" is read",
		  text);
	CHECK_INT(ns, want);
}

static void refuse_duration(const char *text, const char *want)
{
	const char *why = "nothing";
	int64_t ns = 77;

	CHECK_MSG(num_parse_duration(text, &ns, &why) == -1 && ns == 77,
		  "\"%s\" is refused", text);
	CHECK_TEXT(why, want);
}

static void test_duration(void)
{
	accept_duration("0", 0);
	accept_duration("1", TIME_S);
	accept_duration("250us", 250 * TIME_US);
	accept_duration("15ms", 15 * TIME_MS);
	accept_duration("15s", 15 * TIME_S);
	accept_duration("2m", 120 * TIME_S);
	accept_duration("3h", 10800 * TIME_S);
	accept_duration("0.5", TIME_S / 2);
	accept_duration("1.25ms", 1250 * TIME_US);
	accept_duration("1.5h", 5400 * TIME_S);
	accept_duration("0.0015us", 1);
	accept_duration("0.000000001", 1);
	accept_duration("0.0000000019999999999999999999999999", 1);
	accept_duration("2562047.788015215h", INT64_C(9223372036854774000));
	accept_duration("9223372036.854775807", INT64_MAX);
}

static void test_duration_refused(void)
{
	static const char why[] =
		"not a duration (a number with us, ms, s, m or h)";
	static const char *const texts[] = {
		"s",   "-1s", "+1",   "1 s", " 1s",  "1s ",   "1sec",
		"1.s", ".5s", "1..5", "1.",  "1,5s", "1.5.5", "0x10",
		"1e3", "1S",  "1ns",  "1d",  "nan",  "1m30s",
	};

	refuse_duration("", "empty");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		refuse_duration(texts[i], why);
	refuse_duration("9223372036.854775808", "out of range");
	refuse_duration("9223372037", "out of range");
	refuse_duration("2562048h", "out of range");
	refuse_duration("99999999999999999999999999us", "out of range");
}

static void test_format_duration(void)
{
	static const struct {
		int64_t ns;
		const char *text;
	} want[] = {
		{ 0, "0 s" },
		{ 850, "850 ns" },
		{ 999, "999 ns" },
		{ 24 * TIME_US, "24 us" },
		{ 24499, "24 us" },
		{ 24500, "25 us" },
		{ 999499, "999 us" },
		{ 999500, "1.00 ms" },
		{ 1900 * TIME_US, "1.90 ms" },
		{ 9994999, "9.99 ms" },
		{ 9995000, "10.0 ms" },
		{ 99949999, "99.9 ms" },
		{ 99950000, "100 ms" },
		{ 999499999, "999 ms" },
		{ 999500000, "1.00 s" },
		{ 3 * TIME_S, "3.00 s" },
		{ 31200 * TIME_MS, "31.2 s" },
		{ 59949 * TIME_MS, "59.9 s" },
		{ 59950 * TIME_MS, "1 min" },
		{ 60 * TIME_S, "1 min" },
		{ 123 * TIME_S, "2 min 3 s" },
		{ 3599 * TIME_S, "59 min 59 s" },
		{ 3599500 * TIME_MS, "1 h" },
		{ 3720 * TIME_S, "1 h 2 min" },
		{ 7200 * TIME_S, "2 h" },
		{ -1900 * TIME_US, "-1.90 ms" },
		{ INT64_MAX, "2562047 h 47 min" },
		{ INT64_MIN, "-2562047 h 47 min" },
	};

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		char text[NUM_DURATION_TEXT_MAX];

		CHECK_TEXT(num_format_duration(want[i].ns, text), want[i].text);
	}
}

static void test_format_count(void)
{
	char text[NUM_COUNT_TEXT_MAX];

	CHECK_TEXT(num_format_count(0, text), "0");
	CHECK_TEXT(num_format_count(999, text), "999");
	CHECK_TEXT(num_format_count(1000, text), "1,000");
	CHECK_TEXT(num_format_count(65535, text), "65,535");
	CHECK_TEXT(num_format_count(123456, text), "123,456");
	CHECK_TEXT(num_format_count(1000000, text), "1,000,000");
	CHECK_TEXT(num_format_count(UINT64_MAX, text),
		   "18,446,744,073,709,551,615");
}

static void test_hex_digit(void)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	for (int c = 0; c < 256; c++) {
		const char *at = c ? strchr(digits, c) : NULL;
		int want = at ? (int)(at - digits) : -1;

		CHECK_INT(num_hex_digit((char)c), want > 15 ? want - 6 : want);
	}
}

int main(void)
{
	test_u64();
	test_hex_digit();
	test_range_ends();
	test_duration();
	test_duration_refused();
	test_format_duration();
	test_format_count();
	return tap_done();
}
