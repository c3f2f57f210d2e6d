/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP options: walked, read, written, shown; right, wrong and hostile. */
#include "wire/options.h"

#include <string.h>

#include "tests/tap.h"

static uint8_t bytes[64];
static struct options o;

static void parse(const char *hex)
{
	options_parse(bytes, tap_hex(hex, bytes, sizeof(bytes)), &o);
}

/* What Linux sends: mss 1460, sackOK, timestamps 1 and 0, nop, wscale 7. */
static const char linux_syn[] =
	"020405b4 0402 080a 00000001 00000000 01 030307";

static void test_syn(void)
{
	parse(linux_syn);
	CHECK(o.has_mss && o.has_wscale && o.has_timestamps);
	CHECK(o.sack_permitted && !o.malformed && !o.padded);
	CHECK_INT(o.mss, 1460);
	CHECK_INT(o.wscale, 7);
	CHECK_INT(o.tsval, 1);
	CHECK_INT(o.tsecr, 0);
	CHECK_INT(o.unknown_n, 0);
	CHECK(!o.has_md5 && !o.has_ao && !o.has_mptcp && !o.has_fast_open);
	CHECK(!o.has_user_timeout && !o.has_accecn && !o.sack_n);
}

static void test_sack(void)
{
	parse("0101 0512 0000000a 00000014 fffffff0 00000005");
	CHECK_INT(o.sack_n, 2);
	CHECK_INT(o.sack[0].left, 10);
	CHECK_INT(o.sack[0].right, 20);
	CHECK_INT(o.sack[1].left, 0xfffffff0);
	CHECK_INT(o.sack[1].right, 5);
	/* Five blocks do not fit 40 bytes of options; here they would. */
	parse("052a 00000001 00000002 00000003 00000004 00000005 00000006"
	      "00000007 00000008 00000009 0000000a");
	CHECK_INT(o.sack_n, 0);
	CHECK(!o.malformed);
}

static void test_others(void)
{
	parse("1312 00112233445566778899aabbccddeeff");
	CHECK(o.has_md5);
	parse("1c04 803c");
	CHECK(o.has_user_timeout);
	CHECK_INT(o.user_timeout, 0x803c);
	parse("1d04 0102");
	CHECK(o.has_ao);
	parse("1e0c 01 81 0011223344556677");
	CHECK(o.has_mptcp);
	CHECK_INT(o.mptcp_subtype, 0);
	parse("1e03 2f");
	CHECK_INT(o.mptcp_subtype, 2);
	parse("ac05 000001");
	CHECK(o.has_accecn);
	parse("ae0b 000001 000002 000003");
	CHECK(o.has_accecn);
	parse("ae02");
	CHECK(o.has_accecn);
}

static void test_fast_open(void)
{
	parse("2202");
	CHECK(o.has_fast_open);
	CHECK_INT(o.cookie_len, 0);
	parse("220a 0102030405060708");
	CHECK(o.has_fast_open);
	CHECK_INT(o.cookie_len, 8);
	CHECK(memcmp(o.cookie, "\1\2\3\4\5\6\7\x08", 8) == 0);
	parse("2212 000102030405060708090a0b0c0d0e0f");
	CHECK_INT(o.cookie_len, 16);
	/* The experimental form of it, and other experiments. */
	parse("fe04 f989 fd08 f989 0a0b0c0d");
	CHECK(o.has_fast_open);
	CHECK_INT(o.cookie_len, 4);
	CHECK_INT(o.cookie[3], 0x0d);
	CHECK_INT(o.unknown_n, 0);
	parse("fe04 f988 fd03 f9 fe02");
	CHECK(!o.has_fast_open);
	CHECK_INT(o.unknown_n, 3);
	/* A cookie of 1, 5 or 18 bytes is none. */
	parse("2203 01");
	CHECK(!o.has_fast_open);
	parse("2207 0102030405");
	CHECK(!o.has_fast_open);
	parse("2214 000102030405060708090a0b0c0d0e0f 1011");
	CHECK(!o.has_fast_open);
	/* A later request takes back an earlier cookie. */
	parse("2206 01020304 2202");
	CHECK_INT(o.cookie_len, 0);
	CHECK_INT(o.cookie[0], 0);
}

static bool only_wscale(uint8_t shift)
{
	bool others = o.has_mss || o.has_timestamps || o.has_user_timeout ||
		      o.sack_permitted || o.has_md5 || o.has_ao ||
		      o.has_mptcp || o.has_fast_open || o.has_accecn ||
		      o.malformed || o.padded || o.sack_n || o.unknown_n;

	return o.has_wscale && o.wscale == shift && !others;
}

/* Known options of a wrong length count as absent; those behind them count. */
static void test_wrong_length(void)
{
	static const char *const texts[] = {
		"0203 05",
		"0205 05b400",
		"0202",
		"0304 0707",
		"0302",
		"0403 00",
		"0502",
		"0506 00000001",
		"0509 00000001000002",
		"0809 00000000000000",
		"080b 000000000000000000",
		"1303 00",
		"1c03 00",
		"1d03 00",
		"1e02",
		"ac03 00",
		"ae0e 000000000000000000000000",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		size_t n = tap_hex(texts[i], bytes, sizeof(bytes));

		n += tap_hex("030309", bytes + n, sizeof(bytes) - n);
		options_parse(bytes, n, &o);
		CHECK_MSG(only_wscale(9), "%s is absent", texts[i]);
	}
}

static void test_malformed(void)
{
	static const char *const texts[] = {
		"02",	 "0200", "0201", "0204",    "020405", "0402 08",
		"01 09", "4d00", "4d01", "4dff 00", "05ff",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		parse(texts[i]);
		CHECK_MSG(o.malformed, "%s is malformed", texts[i]);
	}
	parse("020405b4 0300 0402");
	CHECK(o.malformed && o.has_mss && !o.sack_permitted);
}

/* A length of 0 or 1 is refused even where 254 bytes would follow. */
static void test_short_length(void)
{
	static uint8_t many[600];

	many[0] = 77;
	for (uint8_t len = 0; len <= 2; len++) {
		many[1] = len;
		options_parse(many, sizeof(many), &o);
		CHECK_INT(o.malformed, len < 2);
	}
}

static void test_end(void)
{
	parse("020405b4 00 0402 00");
	CHECK(o.has_mss && !o.sack_permitted && !o.malformed);
	CHECK(o.padded);
	parse("020405b4 00 000000");
	CHECK(!o.padded);
	parse("00");
	CHECK(!o.padded && !o.malformed);
	parse("");
	CHECK(!o.padded && !o.malformed);
	options_parse(NULL, 0, &o);
	CHECK(!o.malformed);
	parse("4d03 00 4e02 0102 0204 05b4");
	CHECK_INT(o.unknown_n, 2);
}

static void test_walk(void)
{
	size_t n = tap_hex("01 020405b4 00 0402", bytes, sizeof(bytes));
	struct rd r = rd_init(bytes, n);
	struct option option;

	CHECK(option_next(&r, &option));
	CHECK_INT(option.kind, OPTION_NOP);
	CHECK_INT(option.len, 0);
	CHECK(option_next(&r, &option));
	CHECK_INT(option.kind, OPTION_MSS);
	CHECK_INT(option.len, 2);
	CHECK(option.data == bytes + 3);
	CHECK(!option_next(&r, &option));
	CHECK(!r.bad);
	CHECK_INT(r.left, 2);

	r = rd_init(bytes, 3);
	CHECK(option_next(&r, &option));
	CHECK(!option_next(&r, &option));
	CHECK(r.bad);
	CHECK(!option_next(&r, &option));
}

static void test_write(void)
{
	uint8_t want[64], out[64];
	size_t n = tap_hex(linux_syn, want, sizeof(want));
	struct wr w = wr_init(out, sizeof(out));

	option_write_mss(&w, 1460);
	option_write_sack_permitted(&w);
	option_write_timestamps(&w, 1, 0);
	option_write(&w, OPTION_NOP, NULL, 0);
	option_write_wscale(&w, 7);
	CHECK(!w.bad && w.len == n && memcmp(out, want, n) == 0);

	w = wr_init(out, sizeof(out));
	n = tap_hex("050a 0000000a 00000014 4d04 abcd 01 01 00", want,
		    sizeof(want));
	option_write_sack(&w, 10, 20);
	option_write(&w, 77, (const uint8_t[]){ 0xab, 0xcd }, 2);
	option_write_padding(&w);
	option_write_padding(&w);
	option_write(&w, OPTION_END, NULL, 0);
	CHECK(!w.bad && w.len == n && memcmp(out, want, n) == 0);
}

static void test_write_too_long(void)
{
	uint8_t data[300] = { 0 }, out[300];
	struct wr w = wr_init(out, sizeof(out));

	option_write(&w, 77, data, 253);
	CHECK(!w.bad);
	CHECK_INT(out[1], 255);
	w = wr_init(out, sizeof(out));
	option_write(&w, 77, data, 254);
	CHECK(w.bad);
	w = wr_init(out, 3);
	option_write_mss(&w, 1);
	CHECK(w.bad);
	option_write_padding(&w);
	CHECK(w.bad);
}

static void check_text(const char *hex, const char *want)
{
	size_t n = tap_hex(hex, bytes, sizeof(bytes));
	char out[OPTIONS_TEXT_MAX];

	CHECK_TEXT(options_text(bytes, n, out, sizeof(out)), want);
}

static void test_text(void)
{
	check_text(linux_syn, "mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7");
	check_text("", "");
	check_text("050a 0000000a 00000014", "sack 1 {10:20}");
	check_text("0512 0000000a 00000014 0000001e 00000028",
		   "sack 2 {10:20}{30:40}");
	check_text("080a ffffffff fffffffe",
		   "TS val 4294967295 ecr 4294967294");
	check_text("2202", "tfo cookiereq");
	check_text("2206 01020304", "tfo cookie 01020304");
	check_text("fe04 f989", "exp-tfo cookiereq");
	check_text("fd08 f989 0a0b0c0d", "exp-tfo cookie 0a0b0c0d");
	check_text("fe04 1234", "unknown-254 0x1234");
	check_text("1312 00112233445566778899aabbccddeeff", "md5");
	check_text("1c04 003c", "uto 60s");
	check_text("1c04 8002", "uto 2m");
	check_text("1d04 0102", "ao keyid 1 rnextkeyid 2");
	check_text("1e03 01", "mptcp capable");
	check_text("1e03 10", "mptcp join");
	check_text("1e03 80", "mptcp reset");
	check_text("1e03 90", "mptcp subtype 9");
	check_text("ac0b 000001 000002 010003", "accecn e0b 1 ceb 2 e1b 65539");
	check_text("ae05 000001", "accecn e1b 1");
	check_text("4d06 01020304", "unknown-77 0x01020304");
	check_text("4d02", "unknown-77");
	check_text("01 00", "nop,eol");
	check_text("00 020405b4", "eol");
	check_text("0203 05 01", "mss [len 3],nop");
	check_text("0402 0200 01", "sackOK,[bad opt]");
	check_text("0204", "[bad opt]");
	check_text("01 02", "nop,[bad opt]");
}

/* The longest text there is fits, and no other size is overrun. */
static void test_text_sizes(void)
{
	char whole[OPTIONS_TEXT_MAX], out[OPTIONS_TEXT_MAX + 1];
	bool good = true;

	for (size_t i = 0; i < OPTIONS_MAX; i += 2) {
		bytes[i] = OPTION_WSCALE;
		bytes[i + 1] = 2;
	}
	options_text(bytes, OPTIONS_MAX, whole, sizeof(whole));
	CHECK_INT(strlen(whole), 20 * strlen("wscale [len 2],") - 1);
	for (size_t size = 1; size <= sizeof(whole); size++) {
		size_t want = strlen(whole) < size ? strlen(whole) : size - 1;

		memset(out, 'z', sizeof(out));
		options_text(bytes, OPTIONS_MAX, out, size);
		good = good && strlen(out) == want && out[size] == 'z' &&
		       memcmp(out, whole, want) == 0;
	}
	CHECK(good);
	out[0] = 'z';
	options_text(bytes, OPTIONS_MAX, out, 0);
	CHECK_INT(out[0], 'z');
}

int main(void)
{
	test_syn();
	test_sack();
	test_others();
	test_fast_open();
	test_wrong_length();
	test_malformed();
	test_short_length();
	test_end();
	test_walk();
	test_write();
	test_write_too_long();
	test_text();
	test_text_sizes();
	return tap_done();
}
