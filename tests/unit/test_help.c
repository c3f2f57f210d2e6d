/* SPDX-License-Identifier: BSD-2-Clause */
/* --help as users see it, to the letter, and the lines it is broken into. */
#include <string.h>

#include "cli/help.h"
#include "cli/wrap.h"
#include "tests/tap.h"

static const char *const whens[] = { "auto", "always", "never", NULL };

static const struct opt own_rows[] = {
	{ 0, "rate-limit", OPT_FLAG,
	  .help = "measure how often the target answers" },
};
static const struct opt rows[] = {
	{ '4', NULL, OPT_SET, .help = "IPv4 only" },
	{ 't', "timeout", OPT_DURATION, "DURATION", .shown = "1s",
	  .help = "how long to wait for one answer" },
	{ 'S', "source", OPT_TEXT, "ADDR", .shown = "from the route",
	  .help = "source address; must be one of this host's" },
	{ 0, "color", OPT_CHOICE, "WHEN", "colour the text", "auto",
	  .choices = whens },
	{ .type = OPT_HEADING, .help = "Results" },
	{ 'e', "expect", OPT_TEXT, "VERDICT[,VERDICT...]",
	  .help = "exit 1 unless every target's verdict is one of these" },
};
static const struct opt headed_rows[] = {
	{ .type = OPT_HEADING, .help = "In the place of the title" },
	{ 'q', "quiet", OPT_FLAG, .help = "say nothing" },
};
static const struct opt hidden_rows[] = {
	{ 0, "hidden", OPT_FLAG, .help = "not shown" },
};

static const char want[] =
	"Usage: tcpprobe nolisten [OPTION...] TARGET...\n"
	"       tcpprobe nolisten --help\n"
	"\n"
	"What a SYN gets where nobody listens: a reset, silence, or an ICMP "
	"error, and\n"
	"whether the reset is as RFC 9293 wants it\n"
	"\n"
	"Options of nolisten:\n"
	"      --rate-limit        measure how often the target answers\n"
	"\n"
	"Common options:\n"
	"  -4                      IPv4 only\n"
	"  -t, --timeout DURATION  how long to wait for one answer (default: "
	"1s)\n"
	"  -S, --source ADDR       source address; must be one of this host's "
	"(default:\n"
	"                          from the route)\n"
	"      --color WHEN        colour the text: auto, always, never "
	"(default: auto)\n"
	"\n"
	"Results:\n"
	"  -e, --expect VERDICT[,VERDICT...]\n"
	"                          exit 1 unless every target's verdict is one "
	"of these\n"
	"\n"
	"In the place of the title:\n"
	"  -q, --quiet             say nothing\n";

static char *text;
static size_t text_len;

static void test_help(void)
{
	FILE *out = open_memstream(&text, &text_len);
	const struct opt_group groups[] = {
		{ "Options of nolisten", own_rows, ARRAY_LEN(own_rows), NULL },
		{ NULL, hidden_rows, ARRAY_LEN(hidden_rows), NULL },
		{ "Common options", rows, ARRAY_LEN(rows), NULL },
		{ "Not seen", headed_rows, ARRAY_LEN(headed_rows), NULL },
		{ "Nothing", rows, 0, NULL },
	};

	BUG_ON(!out);
	help_print(out,
		   "tcpprobe nolisten [OPTION...] TARGET...\n"
		   "tcpprobe nolisten --help",
		   "What a SYN gets where nobody listens: a reset, silence, or "
		   "an ICMP error, and whether the reset is as RFC 9293 wants "
		   "it",
		   groups, ARRAY_LEN(groups));
	fclose(out);
	CHECK_TEXT(text, want);
	for (char *line = text; *line; line += strcspn(line, "\n") + 1)
		CHECK_MSG(strcspn(line, "\n") <= 80, "no line beyond 80");
	free(text);
}

static const char *wrapped(const char *in, size_t column, size_t indent)
{
	FILE *out = open_memstream(&text, &text_len);

	BUG_ON(!out);
	wrap_print(out, in, column, indent);
	fclose(out);
	return text;
}

static void check_wrap(const char *in, size_t column, size_t indent,
		       const char *lines)
{
	CHECK_TEXT(wrapped(in, column, indent), lines);
	free(text);
}

static void test_wrap_print(void)
{
	check_wrap("", 0, 0, "\n");
	check_wrap("a  b", 0, 4, "a b\n");
	check_wrap("aaa bbb", 74, 2, "aaa\n  bbb\n");
	check_wrap("aa bbb", 74, 2, "aa bbb\n");
	/* One column to the left or right of the edge. */
	check_wrap("123456789 123456789", 61, 1, "123456789 123456789\n");
	check_wrap("123456789 123456789", 62, 1, "123456789\n 123456789\n");
	check_wrap("a\nb\n\nc", 0, 2, "a\n  b\n\n  c\n");
	check_wrap("a b" WRAP_GLUE "c", 77, 0, "a\nb c\n");
	check_wrap("a b" WRAP_GLUE "c", 75, 0, "a b c\n");
	/* What fits nowhere stands alone. */
	check_wrap("a 12345678901234567890123456789012345678901234567890"
		   "1234567890123456789012345678901234567890 b",
		   0, 2,
		   "a\n  12345678901234567890123456789012345678901234567890"
		   "1234567890123456789012345678901234567890\n  b\n");
	/* A character is a column, however many bytes it takes. */
	check_wrap("\u00e4\u00e4\u00e4 bbb", 73, 2, "\u00e4\u00e4\u00e4 bbb\n");
}

static void check_line(const char *in, size_t width, size_t len,
		       const char *rest)
{
	const char *next;

	CHECK_INT(wrap_line(in, width, &next), len);
	CHECK_TEXT(next, rest);
}

static void test_wrap_line(void)
{
	check_line("", 5, 0, "");
	check_line("abc", 5, 3, "");
	check_line("abcde", 5, 5, "");
	check_line("abcde fg", 5, 5, "fg");
	check_line("ab cd fg", 5, 5, "fg");
	check_line("ab cdefg", 5, 2, "cdefg");
	check_line("abcdefgh", 5, 5, "fgh");
	check_line("\u00e4\u00e4\u00e4", 2, 4, "\u00e4");
}

int main(void)
{
	test_help();
	test_wrap_print();
	test_wrap_line();
	return tap_done();
}
