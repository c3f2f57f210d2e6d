/* SPDX-License-Identifier: BSD-2-Clause */
/* What may stand at the cursor: from rows, and from whoever knows values. */
#include "cli/complete.h"

#include <string.h>

#include "base/line.h"
#include "tests/tap.h"

struct settings {
	bool verbose, help;
	int color, family;
	const char *expect, *file, *interface;
	uint64_t rate;
};

#define AT(member) .offset = offsetof(struct settings, member)

static const char *const colors[] = { "auto", "always", "never", NULL };

static const struct opt rows[] = {
	{ .type = OPT_HEADING, .help = "Looks" },
	{ 'v', "verbose", OPT_FLAG, .help = "more", AT(verbose) },
	{ 0, "color", OPT_CHOICE, "WHEN", "colour", AT(color),
	  .choices = colors },
	{ 'e', "expect", OPT_TEXT, "VERDICT", "verdicts", AT(expect),
	  .hint = HINT_VERDICTS },
	{ 'w', "write", OPT_TEXT, "FILE", "packets", AT(file),
	  .hint = HINT_FILE },
};
static const struct opt more_rows[] = {
	{ '4', NULL, OPT_SET, .help = "IPv4", AT(family), .value = 4 },
	{ '6', NULL, OPT_SET, .help = "IPv6", AT(family), .value = 6 },
	{ 'R', "rate", OPT_NUMBER, "N", "pace", AT(rate) },
	{ 'i', "interface", OPT_TEXT, "NAME", "where", AT(interface),
	  .hint = HINT_INTERFACE },
	{ 'h', "help", OPT_HELP, .help = "this", AT(help) },
};
static const struct opt_group groups[] = {
	{ "Options", rows, ARRAY_LEN(rows), NULL },
	{ "More", more_rows, ARRAY_LEN(more_rows), NULL },
};

static void offer(const void *arg, const struct opt *row, struct complete *c)
{
	CHECK(arg == groups);
	if (!row) {
		complete_offer(c, c->operands ? "second" : "first", "");
	} else if (row->hint == HINT_VERDICTS) {
		complete_offer_part(c, "open", "it is");
		complete_offer_part(c, "opener", "even more");
		complete_offer_part(c, "closed", "it is not");
	} else {
		CHECK_INT(row->hint, HINT_INTERFACE);
		complete_offer(c, "eth0", "up");
	}
}

#define WORDS_MAX 80

/* The cursor is at the end of the line. */
static void ask(const char *line, const char *want)
{
	const struct complete_source source = { groups, ARRAY_LEN(groups),
						offer, groups };
	char words[512], *argv[WORDS_MAX], *got;
	size_t got_len;
	FILE *out = open_memstream(&got, &got_len);

	BUG_ON(!out);
	snprintf(words, sizeof(words), "nolisten %s", line);
	complete_args(&source, tap_words(words, argv, WORDS_MAX), argv, out);
	fclose(out);
	snprintf(words, sizeof(words), "\"%s\"", line);
	tap_text(got, want, __FILE__, __LINE__, words);
	free(got);
}

static void test_options(void)
{
	ask("-", "-v\tmore\n--verbose\tmore\n--color=\tcolour\n"
		 "-e\tverdicts\n--expect=\tverdicts\n"
		 "-w\tpackets\n--write=\tpackets\n"
		 "-4\tIPv4\n-6\tIPv6\n-R\tpace\n--rate=\tpace\n"
		 "-i\twhere\n--interface=\twhere\n-h\tthis\n--help\tthis\n");
	ask("--ver", "--verbose\tmore\n");
	ask("--verbose", "--verbose\tmore\n");
	ask("--color", "--color=\tcolour\n");
	ask("--nonsense", "");
	ask("-x", "");
	ask("---", "");
	/* Letters are whole by themselves, also in a bundle. */
	ask("-v", "-v\tmore\n");
	ask("-v4", "-v4\tIPv4\n");
	ask("-vR", "-vR\tpace\n");
	ask("-vx", "");
}

/* What is given is not offered again, nor what would overrule it. */
static void test_given(void)
{
	ask("-v --ver", "");
	ask("--verbose --ver", "");
	ask("-4 -v --color=auto --expect open -wfile -R5 -",
	    "-i\twhere\n--interface=\twhere\n-h\tthis\n--help\tthis\n");
	ask("-v4R 5 -",
	    "--color=\tcolour\n-e\tverdicts\n--expect=\tverdicts\n"
	    "-w\tpackets\n--write=\tpackets\n"
	    "-i\twhere\n--interface=\twhere\n-h\tthis\n--help\tthis\n");
	/* A value is none, whatever it looks like. */
	ask("-R -v --ver", "--verbose\tmore\n");
	ask("--rate --verbose --ver", "--verbose\tmore\n");
	/* What nobody knows does no harm. */
	ask("--nonsense=5 -xv --ver", "--verbose\tmore\n");
}

static void test_values(void)
{
	ask("--color ", "auto\tcolour\nalways\tcolour\nnever\tcolour\n");
	ask("--color al", "always\tcolour\n");
	ask("--color=n", "--color=never\tcolour\n");
	ask("--color=x", "");
	ask("--verbose=", "");
	ask("--nonsense=", "");
	ask("-i ", "eth0\tup\n");
	ask("-ie", "-ieth0\tup\n");
	ask("-vie", "-vieth0\tup\n");
	ask("--interface=e", "--interface=eth0\tup\n");
	ask("-i x", "");
	/* Nothing is known of a number. */
	ask("-R ", "");
	ask("-R5", "");
	/* The value of the option before it, though it looks like one. */
	ask("--color -", "");
}

static void test_files(void)
{
	ask("-w ", ":files\t\n");
	ask("-w fi", ":files\t\n");
	ask("-wfi", ":files\t-w\n");
	ask("-vwfi", ":files\t-vw\n");
	ask("--write=", ":files\t--write=\n");
	ask("--write=fi,le", ":files\t--write=\n");
}

static void test_lists(void)
{
	ask("-e ", "open\tit is\nopener\teven more\nclosed\tit is not\n");
	ask("-e open", "open\tit is\nopener\teven more\n");
	ask("-e open,", "open,opener\teven more\nopen,closed\tit is not\n");
	ask("-e opener,o", "opener,open\tit is\n");
	ask("-e open,opener,", "open,opener,closed\tit is not\n");
	ask("-e x,,c", "x,,closed\tit is not\n");
	ask("--expect=open,c", "--expect=open,closed\tit is not\n");
	ask("-veopen,c", "-veopen,closed\tit is not\n");
}

static void test_operands(void)
{
	ask("", "first\n");
	ask("f", "first\n");
	ask("x", "");
	ask("one ", "second\n");
	ask("-v one -R 5 ", "second\n");
	ask("-R 5 ", "first\n");
	ask("- ", "second\n");
	/* Behind "--" there are no options. */
	ask("-- ", "first\n");
	ask("-- -", "");
	ask("-- --color=", "");
	ask("-- -v ", "second\n");
	ask("-- -R ", "second\n");
}

static void test_edges(void)
{
	const struct complete_source source = { .groups = groups };
	char word[] = "nolisten", many[256];
	char *alone[] = { word };
	struct line l = line_init(many, sizeof(many));

	/* No word at all, not even an empty one. */
	complete_args(&source, 1, alone, stdout);
	complete_args(&source, 0, NULL, stdout);
	/* More options than are remembered. */
	for (int i = 0; i < 70; i++)
		line_add(&l, "-4 ");
	line_add(&l, "--ver");
	ask(many, "--verbose\tmore\n");
}

int main(void)
{
	test_options();
	test_given();
	test_values();
	test_files();
	test_lists();
	test_operands();
	test_edges();
	return tap_done();
}
