/* SPDX-License-Identifier: BSD-2-Clause */
/* The ladder to the letter: as a report draws it, in ASCII, Unicode, colour. */
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/reported.h"

/* Set by hand: the ladder is what the rows show below one another. */
/* clang-format off */

/* A row of the ladder, and the ends above it. */
#define ROW(time, inner) time " | " inner " |\n"
#define ENDS(time, ours, theirs) \
	time " " ours "                                          " theirs "\n"

static const char ladder_ascii[] =
	"10.9.0.2:80 (web)  listening\n"
	"\n"
	ENDS("             ", "10.9.0.1:1001", "10.9.0.2:80")
	ROW("          0 s",
	    "SYN seq=1234567890 win=64240 ttl=64 ------------------------->")
	ROW("             ",
	    "  mss 1460,sackOK,TS val 7 ecr 0,wscale 10                    ")
	ROW("             ",
	    "  to the port: closed-syn                                     ")
	ROW("        24 us",
	    "<--------------- SYN-ACK seq=4294967295 ack=1 win=64240 ttl=63")
	ROW("             ",
	    "                    mss 1460,sackOK,TS val 7 ecr 5,wscale 10  ")
	ROW("             ",
	    "                                                  a listener  ")
	ROW("        30 us",
	    "PSH-ACK seq=1 ack=1 len=5 ----------------------------------->")
	ROW("        50 us",
	    "<--------------------------------------------- ACK seq=1 ack=6")
	ROW("        60 us",
	    "RST seq=-90 by our own kernel ------------------------------->")
	ROW("             ",
	    "FIN-ACK seq=6 ack=1 ------------------------------x never left")
	ROW("             ",
	    "  behind the window                                           ")
	"\n"
	ENDS("     +1.00 ms", "10.9.0.1:1002", "10.9.0.2:80")
	ROW("          0 s",
	    "SYN seq=5 win=64240 ttl=64 bad checksum --------------------->")
	"\n"
	ENDS("      +1.50 s", "10.9.0.1:1003", "10.9.0.2:80")
	ROW("          0 s",
	    "no flags seq=9 ttl=64 --------------------------------------->")
	ROW("       300 us",
	    "<------- ICMP host unreachable from 10.9.0.254 (type 3 code 1)")
	ROW("       400 us",
	    "<------------------------ malformed: ends inside the IP header")
	"              1,234 more packets, not kept\n"
	"\n"
	"  SYN-ACK after 24 us\n";
/* clang-format on */

/* The same in ASCII, as what a terminal with Unicode is shown turns into. */
static void to_ascii(char *at)
{
	static const struct {
		const char *glyph;
		char ascii;
	} pairs[] = {
		{ "\u2502", '|' }, { "\u2500", '-' }, { "\u25b6", '>' },
		{ "\u25c0", '<' }, { "\u2717", 'x' },
	};

	for (; *at; at++) {
		for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
			if (strncmp(at, pairs[i].glyph, 3) != 0)
				continue;
			*at = pairs[i].ascii;
			memmove(at + 1, at + 3, strlen(at + 3) + 1);
		}
	}
}

/* Without the colours. */
static void to_plain(char *at)
{
	for (; *at; at++) {
		while (*at == '\033') {
			char *end = strchr(at, 'm');

			memmove(at, end + 1, strlen(end + 1) + 1);
		}
	}
}

/* What a report on it says, to be freed. */
static char *draw(const struct finding *f, struct report_config config)
{
	config.verbose = true;
	config.expected = 1;
	return reported_text(f, 1, config, NULL);
}

static void test_looks(void)
{
	struct finding f;
	char *text;

	reported_begin(&f, "web", "10.9.0.2", 80);
	reported_converse(&f);
	finding_conclude(&f, "listening", OUTCOME_PASS, "SYN-ACK after 24 us");
	text = draw(&f, (struct report_config){ .unicode = false });
	CHECK_TEXT(text, ladder_ascii);
	reported_check_width(text);
	free(text);

	text = draw(&f, (struct report_config){ .unicode = true });
	CHECK(strstr(text, "\u2502 PSH-ACK seq=1 ack=1 len=5 \u2500") != NULL);
	CHECK(strstr(text, "\u2717 never left \u2502") != NULL);
	reported_check_width(text);
	to_ascii(text);
	CHECK_TEXT(text, ladder_ascii);
	free(text);

	text = draw(&f, (struct report_config){ .color = true });
	CHECK(strstr(text, "| \033[33mRST seq=-90 by our own kernel ---"));
	CHECK(strstr(text, "\033[1;32mlistening\033[0m\n"));
	to_plain(text);
	CHECK_TEXT(text, ladder_ascii);
	free(text);
	finding_fini(&f);
}

/* A probe whose answer is the packets shows them without -v, if they are not
 * too many. */
static void test_shown(void)
{
	struct probe shows = reported_probe;
	struct finding f;
	char *text;

	shows.shows_packets = true;
	reported_begin(&f, "web", "10.9.0.2", 80);
	reported_converse(&f);
	finding_conclude(&f, "listening", OUTCOME_PASS, "SYN-ACK after 24 us");
	for (int crowded = 0; crowded < 2; crowded++) {
		f.crowded = crowded;
		text = reported_text(&f, 1,
				     (struct report_config){ .probe = &shows,
							     .expected = 1 },
				     NULL);
		CHECK((strstr(text, "seq=-90 by our own") == NULL) == crowded);
		free(text);
	}
	text = draw(&f, (struct report_config){ .probe = &shows });
	CHECK_TEXT(text, ladder_ascii);
	free(text);
	finding_fini(&f);
}

/* A pair that is used again: numbers count from the nearer beginning. */
static void test_reuse(void)
{
	struct reported_packet syn = { .port = 7,
				       .flags = TCP_SYN,
				       .seq = 100000 };
	struct reported_packet ack = {
		.in = true, .port = 7, .flags = TCP_ACK, .seq = 501, .ack = 101
	};
	struct reported_packet rst = {
		.in = true, .port = 7, .flags = TCP_RST | TCP_ACK, .ack = 100001
	};
	char note[400], *text;
	struct finding f;

	reported_begin(&f, "web", "10.9.0.2", 80);
	reported_add(&f, REPORTED_T0, NULL,
		     (struct reported_packet){
			     .port = 7, .flags = TCP_SYN, .seq = 100 });
	reported_add(&f, REPORTED_T0 + 1, NULL,
		     (struct reported_packet){ .in = true,
					       .port = 7,
					       .flags = TCP_SYN | TCP_ACK,
					       .seq = 500,
					       .ack = 101 });
	reported_add(&f, REPORTED_T0 + 2, NULL, syn);
	reported_add(&f, REPORTED_T0 + 3, NULL, ack);
	memset(note, 'n', sizeof(note));
	memcpy(note + sizeof(note) - 8, " n n n ", 8);
	reported_add(&f, REPORTED_T0 + 4, note, rst);
	finding_conclude(&f, "listening", OUTCOME_PASS, "x");
	text = draw(&f, (struct report_config){ .unicode = false });
	CHECK(strstr(text, "SYN seq=100000 win=64240 ---") != NULL);
	CHECK(strstr(text, "--- ACK seq=1 ack=1 |") != NULL);
	CHECK(strstr(text, "--- RST-ACK seq=-500 ack=1 |") != NULL);
	reported_check_width(text);
	free(text);
	finding_fini(&f);
}

int main(void)
{
	test_looks();
	test_shown();
	test_reuse();
	return tap_done();
}
