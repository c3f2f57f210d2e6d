/* SPDX-License-Identifier: BSD-2-Clause */
/* A segment's fields from text: what is taken, and what is said of the rest. */
#include "cli/craft.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

static struct err error;

/* --- flags ------------------------------------------------------------- */

static void test_flags(void)
{
	static const struct {
		const char *text;
		uint16_t flags;
	} cases[] = {
		{ "S", TCP_SYN },
		{ "S.", TCP_SYN | TCP_ACK },
		{ "SA", TCP_SYN | TCP_ACK },
		{ "FPU", TCP_FIN | TCP_PSH | TCP_URG },
		{ "SFRP.UEWe", TCP_SYN | TCP_FIN | TCP_RST | TCP_PSH | TCP_ACK |
				       TCP_URG | TCP_ECE | TCP_CWR | TCP_AE },
		{ "SS", TCP_SYN },
		{ "AE", TCP_ACK | TCP_ECE },
		{ "none", 0 },
		{ "syn", TCP_SYN },
		{ "syn,ack", TCP_SYN | TCP_ACK },
		{ "SYN,ACK", TCP_SYN | TCP_ACK },
		{ "fin,syn,rst,psh,ack,urg,ece,cwr,ae", 0x1ff },
	};
	static const char *const refused[] = {
		"",	    "x",    "SX",	"synack", "syn,", ",syn",
		"syn,,ack", "S,A ", "none,syn", "s",	  "SY",
	};
	uint16_t flags;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		flags = 0xffff;
		CHECK_MSG(craft_flags(cases[i].text, &flags, &error) == 0 &&
				  flags == cases[i].flags,
			  "%s is 0x%x", cases[i].text, cases[i].flags);
	}
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		CHECK_MSG(craft_flags(refused[i], &flags, &error) == -ERR_USAGE,
			  "\"%s\" is no flags", refused[i]);
	CHECK_INT(craft_flags("Z\033", &flags, &error), -ERR_USAGE);
	CHECK_TEXT(error.text,
		   "--flags: \"Z\\x1b\" is neither letters (SFRP.UEWe, A is .) "
		   "nor names (syn,ack) nor none");
}

/* --- numbers ----------------------------------------------------------- */

static void test_numbers(void)
{
	/* With 1000 next and a window of 100. */
	static const struct {
		const char *text;
		bool relative;
		uint32_t at;
	} cases[] = {
		{ "0", false, 0 },
		{ "7", false, 7 },
		{ "0x7f", false, 127 },
		{ "4294967295", false, UINT32_MAX },
		{ "+0", true, 1000 },
		{ "+1", true, 1001 },
		{ "-1", true, 999 },
		{ "-0x10", true, 984 },
		{ "+4294967295", true, 999 },
		{ "+win", true, 1100 },
		{ "-win", true, 900 },
		{ "+win+1", true, 1101 },
		{ "+win-1", true, 1099 },
		{ "-win-0x1", true, 899 },
		{ "-win+1", true, 901 },
	};
	static const char *const refused[] = {
		"",
		"x",
		"+",
		"-",
		"++1",
		"+-1",
		"1+",
		"win",
		"+win+",
		"+winx",
		"+win1",
		"4294967296",
		"-4294967296",
		"+win+4294967296",
		" 1",
		"1 ",
		"+ 1",
		"0x",
		"1.5",
		"+win+1+1",
	};
	struct craft_number n;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_MSG(craft_number("--seq", cases[i].text, &n, &error) ==
					  0 &&
				  n.given && n.relative == cases[i].relative &&
				  craft_number_at(&n, 1000, 100) == cases[i].at,
			  "%s is %u", cases[i].text, cases[i].at);
	}
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		n = (struct craft_number){ .n = 77 };
		CHECK_MSG(craft_number("--ack", refused[i], &n, &error) ==
					  -ERR_USAGE &&
				  n.n == 77 && !n.given,
			  "\"%s\" is no number", refused[i]);
	}
	CHECK_TEXT(error.text,
		   "--ack: \"+win+1+1\" is no number up to 4294967295, nor one "
		   "like +1, -1, +win, -win+1");
}

static void test_ttl(void)
{
	static const char *const refused[] = {
		"",	 "0",
		"256",	 "1-",
		"-1",	 "5-4",
		"1-256", "0-3",
		"1-2-3", "x",
		"1--2",	 "99999999999999999999999999999999999999999999999-1",
	};
	uint8_t first = 0, last = 0;

	CHECK_INT(craft_ttl("64", &first, &last, &error), 0);
	CHECK(first == 64 && last == 64);
	CHECK_INT(craft_ttl("1-30", &first, &last, &error), 0);
	CHECK(first == 1 && last == 30);
	CHECK_INT(craft_ttl("255-255", &first, &last, &error), 0);
	CHECK(first == 255 && last == 255);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		CHECK_MSG(craft_ttl(refused[i], &first, &last, &error) ==
				  -ERR_USAGE,
			  "\"%s\" is no TTL", refused[i]);
	CHECK(first == 255 && last == 255);
}

static void test_sum(void)
{
	enum segment_sum mode;
	uint16_t sum;

	CHECK_INT(craft_sum("bad", &mode, &sum, &error), 0);
	CHECK(mode == SEGMENT_SUM_XOR && sum && sum != 0xffff);
	CHECK_INT(craft_sum("0xbeef", &mode, &sum, &error), 0);
	CHECK(mode == SEGMENT_SUM_VALUE && sum == 0xbeef);
	CHECK_INT(craft_sum("0", &mode, &sum, &error), 0);
	CHECK_INT(sum, 0);
	CHECK_INT(craft_sum("0x10000", &mode, &sum, &error), -ERR_USAGE);
	CHECK_INT(craft_sum("good", &mode, &sum, &error), -ERR_USAGE);
	CHECK_TEXT(error.text, "--checksum: \"good\" is neither bad nor a "
			       "value from 0 to 0xffff");
}

/* --- bytes ------------------------------------------------------------- */

static void test_hex(void)
{
	static const char *const refused[] = { "d",    "dea",	"de a", "dg",
					       "0x00", "de-ad", "d e" };
	uint8_t bytes[4];
	size_t len = 77;

	CHECK(craft_hex("", bytes, sizeof(bytes), &len) && len == 0);
	CHECK(craft_hex("dead BEEF", bytes, sizeof(bytes), &len));
	CHECK(len == 4 && memcmp(bytes, "\xde\xad\xbe\xef", 4) == 0);
	CHECK(craft_hex("00:01:02:03:04", bytes, sizeof(bytes), &len));
	CHECK(len == 5 && memcmp(bytes, "\0\1\2\3", 4) == 0);
	len = 77;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		CHECK_MSG(!craft_hex(refused[i], bytes, sizeof(bytes), &len) &&
				  len == 77,
			  "\"%s\" is no bytes", refused[i]);
}

/* --- options ----------------------------------------------------------- */

/* The bytes in hexadecimal, or the error. */
static const char *told(const char *text)
{
	static const uint32_t bases[CRAFT_BASE_N] = {
		[CRAFT_TSVAL] = 0x10000000,
		[CRAFT_TSECR] = 0x20000000,
		[CRAFT_RCV_NXT] = 0x30000000,
	};
	static char out[2 * OPTIONS_MAX + 1];
	uint8_t bytes[OPTIONS_MAX];
	struct craft_options o;

	if (craft_options(text, &o, &error))
		return error.text;
	craft_options_fill(&o, bases, bytes);
	out[0] = '\0';
	for (size_t i = 0; i < o.len; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return out;
}

static void test_options(void)
{
	CHECK_TEXT(told("none"), "");
	CHECK_TEXT(told("mss=1460"), "020405b4");
	CHECK_TEXT(told("mss=0xffff"), "0204ffff");
	CHECK_TEXT(told("nop,nop,sack-ok"), "01010402");
	CHECK_TEXT(told("wscale=7,eol"), "03030700");
	CHECK_TEXT(told("ts=1:2"), "080a0000000100000002");
	CHECK_TEXT(told("ts"), "080a1000000020000000");
	CHECK_TEXT(told("ts=-1:+1"), "080a0fffffff20000001");
	CHECK_TEXT(told("ts=7:-1"), "080a000000071fffffff");
	CHECK_TEXT(told("sack=1-2"), "050a0000000100000002");
	CHECK_TEXT(told("sack=+10-+20"), "050a3000000a30000014");
	CHECK_TEXT(told("sack=-2--1"), "050a2ffffffe2fffffff");
	CHECK_TEXT(told("tfo"), "2202");
	CHECK_TEXT(told("tfo=0011223344556677"), "220a0011223344556677");
	CHECK_TEXT(told("md5=000102030405060708090a0b0c0d0e0f"),
		   "1312000102030405060708090a0b0c0d0e0f");
	CHECK_TEXT(told("254:beef"), "fe04beef");
	CHECK_TEXT(told("254:"), "fe02");
	CHECK_TEXT(told("0xfe:be:ef"), "fe04beef");
	CHECK_TEXT(told("raw:0101020a"), "0101020a");
	CHECK_TEXT(told("raw:"), "");
	CHECK_TEXT(told("mss=1460,sack-ok,ts=1:0,nop,wscale=7"),
		   "020405b40402080a000000010000000001030307");
}

static void test_options_refused(void)
{
	CHECK_TEXT(told("mss"), "--options: \"mss\" needs a value, behind a =");
	CHECK_TEXT(told("mss=70000"),
		   "--options: \"mss=70000\" needs a number from 0 to 65535");
	CHECK_TEXT(told("wscale=256"),
		   "--options: \"wscale=256\" needs a number from 0 to 255");
	CHECK_TEXT(told("nop=1"), "--options: \"nop=1\" takes no value");
	CHECK_TEXT(told("ts=1"),
		   "--options: \"ts=1\" needs two numbers, as in ts=1:2");
	CHECK_TEXT(told("ts=:2"),
		   "--options: \"ts=:2\" needs two numbers, as in ts=1:2");
	CHECK_TEXT(told("ts=1:x"),
		   "--options: \"ts=1:x\" has no number where one belongs");
	CHECK_TEXT(told("ts=1:99999999999999999999"),
		   "--options: \"ts=1:99999999999999999999\" has no number "
		   "where one belongs");
	CHECK_TEXT(told("sack="),
		   "--options: \"sack=\" needs two numbers, as in sack=1-2");
	CHECK_TEXT(told("wscal=7"), "--options: \"wscal=7\" is no option (did "
				    "you mean wscale?)");
	CHECK_TEXT(told(""), "--options: \"\" is no option (try mss=1460, "
			     "sack-ok, ts, nop, wscale=7, 254:beef, raw:0101)");
	CHECK_TEXT(told("nop,,nop"),
		   "--options: \"\" is no option (try mss=1460, sack-ok, ts, "
		   "nop, wscale=7, 254:beef, raw:0101)");
	CHECK_TEXT(told("256:00"),
		   "--options: \"256:00\" is neither raw:HEX nor KIND:HEX with "
		   "a kind from 0 to 255");
	CHECK_TEXT(told("254:abc"), "--options: \"254:abc\" has data that is "
				    "not pairs of hexadecimal digits");
	CHECK_TEXT(told("none,nop"), "--options: \"none\" is no option (try "
				     "mss=1460, sack-ok, ts, nop, wscale=7, "
				     "254:beef, raw:0101)");
}

/* Forty bytes fit, and not one more; all are counted. */
static void test_options_full(void)
{
	CHECK_INT(strlen(told("ts=1:2,ts=1:2,ts=1:2,ts=1:2")), 80);
	CHECK_INT(strlen(told("ts,sack=+1-+2,ts,sack=-1-+3")), 80);
	CHECK_TEXT(told("ts=1:2,ts=1:2,ts=1:2,ts=1:2,nop"),
		   "--options: these are 41 bytes, and a segment has room for "
		   "40");
	CHECK_TEXT(told("ts,ts,ts,ts,ts,ts,ts,ts,ts,ts,ts,ts,ts"),
		   "--options: these are 130 bytes, and a segment has room for "
		   "40");
	CHECK_TEXT(told("nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,"
			"nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,"
			"nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,"
			"254:0011"),
		   "--options: these are 43 bytes, and a segment has room for "
		   "40");
}

static void test_options_bases(void)
{
	struct craft_options o;

	CHECK_INT(craft_options("ts=1:2,sack=1-2", &o, &error), 0);
	CHECK(!craft_options_count_from(&o, CRAFT_RCV_NXT));
	CHECK_INT(craft_options("nop,sack=1-+2", &o, &error), 0);
	CHECK(craft_options_count_from(&o, CRAFT_RCV_NXT));
	CHECK(!craft_options_count_from(&o, CRAFT_TSVAL));
}

int main(void)
{
	test_flags();
	test_numbers();
	test_ttl();
	test_sum();
	test_hex();
	test_options();
	test_options_refused();
	test_options_full();
	test_options_bases();
	return tap_done();
}
