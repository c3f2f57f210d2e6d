/* SPDX-License-Identifier: BSD-2-Clause */
/* Option rows: what they accept, what they refuse and in which words. */
#include <string.h>

#include "cli/options.h"
#include "tests/tap.h"

struct settings {
	bool verbose, quiet, help;
	uint64_t rate, port, any;
	int64_t timeout;
	const char *expect;
	int color, family;
};

static const char *const colors[] = { "auto", "always", "never", NULL };

#define AT(member) .offset = offsetof(struct settings, member)

static const struct opt rows[] = {
	{ 'v', "verbose", OPT_FLAG, .help = "more", AT(verbose) },
	{ 'q', "quiet", OPT_FLAG, .help = "less", AT(quiet) },
	{ 'R', "rate", OPT_NUMBER, "N", "pace", "1000", AT(rate), .min = 1,
	  .max = 1000000000 },
	{ 'p', "source-port", OPT_NUMBER, "PORT", "port", AT(port),
	  .max = 65535 },
	{ 0, "any", OPT_NUMBER, "N", "no bound", AT(any), .min = 5 },
	{ 't', "timeout", OPT_DURATION, "DURATION", "wait", "1s", AT(timeout),
	  .min = TIME_MS, .max = 3600 * TIME_S },
	{ 'e', "expect", OPT_TEXT, "VERDICT", "verdicts", AT(expect) },
	{ 0, "color", OPT_CHOICE, "WHEN", "colour", "auto", AT(color),
	  .choices = colors },
	{ .type = OPT_HEADING, .help = "Ways out" },
	{ 'h', "help", OPT_HELP, .help = "this text", AT(help) },
};
static const struct opt more_rows[] = {
	{ '4', NULL, OPT_SET, .help = "IPv4", AT(family), .value = 4 },
	{ '6', NULL, OPT_SET, .help = "IPv6", AT(family), .value = 6 },
};
static const struct opt shown_rows[] = {
	{ 'V', "version", OPT_FLAG, .help = "which one" },
};

#define ARGS_MAX 16

static struct settings got;
static char *args[ARGS_MAX];
static struct err error;

/* Words are separated by one blank. */
static int parse(const char *line)
{
	static char words[512];
	struct opt_group groups[] = {
		{ "Options", rows, ARRAY_LEN(rows), &got },
		{ "More", more_rows, ARRAY_LEN(more_rows), &got },
		{ "Only shown", shown_rows, ARRAY_LEN(shown_rows), NULL },
	};
	int argc;

	memset(&got, 0, sizeof(got));
	memset(&error, 0, sizeof(error));
	memcpy(words, line, strlen(line) + 1);
	args[0] = words + sizeof(words) - 1;
	argc = 1 + tap_words(words, args + 1, ARGS_MAX - 2);
	args[argc] = NULL;
	return options_parse_args(groups, ARRAY_LEN(groups), argc, args,
				  &error);
}

static void refused(const char *line, const char *sentence)
{
	int ret = parse(line);

	CHECK_MSG(ret == -ERR_USAGE, "refused: %s", line);
	CHECK_TEXT(error.text, sentence);
}

static void test_forms(void)
{
	static const char *const lines[] = {
		"-t 250ms -v",
		"-t250ms -v",
		"-vt250ms",
		"-vt 250ms",
		"--timeout=250ms --verbose",
		"--verbose --timeout 250ms",
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		CHECK_MSG(parse(lines[i]) == 0, "read: %s", lines[i]);
		CHECK_INT(got.timeout, 250 * TIME_MS);
		CHECK(got.verbose);
	}
}

static void test_types(void)
{
	CHECK_INT(parse("-4 -6"), 0);
	CHECK_INT(got.family, 6);
	CHECK_INT(parse("--color never"), 0);
	CHECK_INT(got.color, 2);
	CHECK_INT(parse("--expect=a=b,c"), 0);
	CHECK_TEXT(got.expect, "a=b,c");
	CHECK_INT(parse("--expect="), 0);
	CHECK_TEXT(got.expect, "");
	CHECK_INT(parse("-e -v"), 0);
	CHECK_TEXT(got.expect, "-v");
	CHECK(!got.verbose);
	CHECK_INT(parse("-R 5 -R 6"), 0);
	CHECK_INT(got.rate, 6);
	CHECK_INT(parse("-t 1.5"), 0);
	CHECK_INT(got.timeout, 1500 * TIME_MS);
	CHECK_INT(parse("-qv"), 0);
	CHECK(got.quiet && got.verbose);
	CHECK_INT(parse("--any 18446744073709551615"), 0);
	CHECK(got.any == UINT64_MAX);
	CHECK_INT(parse("-p 0"), 0);
	CHECK_INT(parse("-p 65535 -R 1000000000"), 0);
	CHECK_INT(parse("-t 1h"), 0);
}

static void test_operands(void)
{
	CHECK_INT(parse("web:80 -v db:81 - -t 1s"), 3);
	CHECK_TEXT(args[0], "web:80");
	CHECK_TEXT(args[1], "db:81");
	CHECK_TEXT(args[2], "-");
	CHECK(got.verbose);
	CHECK_INT(parse("-v -- -q --timeout --"), 3);
	CHECK_TEXT(args[0], "-q");
	CHECK_TEXT(args[2], "--");
	CHECK(got.verbose && !got.quiet);
	CHECK_INT(parse(""), 1); /* an empty operand is one */
	CHECK_TEXT(args[0], "");
}

static void test_unknown(void)
{
	refused("--tiemout=1s",
		"unknown option --tiemout (did you mean --timeout?)");
	refused("--verb", "unknown option --verb (did you mean --verbose?)");
	refused("--colour always",
		"unknown option --colour (did you mean --color?)");
	refused("--zzzz", "unknown option --zzzz");
	refused("---", "unknown option ---");
	refused("--=5", "unknown option --");
	refused("-x", "unknown option -x");
	refused("-vx", "unknown option -x");
	refused("-v=", "unknown option -=");
	refused("--a\033[1m\n", "unknown option --a\\x1b[1m\\n");
	/* Rows without settings are in --help only. */
	refused("-V", "unknown option -V");
	refused("--version", "unknown option --version");
}

/* Who asks for help gets it, whatever stands behind; not what stands before. */
static void test_help(void)
{
	static const char *const lines[] = {
		"-h --nonsense", "--help -R x", "-vhZ", "web:80 -h -t", "-h",
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		CHECK_MSG(parse(lines[i]) >= 0, "read: %s", lines[i]);
		CHECK(got.help);
	}
	refused("-R x -h", "-R: \"x\" is no number");
	refused("--help=all", "--help takes no value");
	CHECK_INT(parse("-e -h"), 0);
	CHECK(!got.help);
	CHECK_INT(parse("-- -h"), 1);
	CHECK(!got.help);
}

static void test_numbers(void)
{
	refused("--rate 70000000000",
		"--rate: \"70000000000\" is out of range (1 to 1000000000)");
	refused("-R0", "-R: \"0\" is out of range (1 to 1000000000)");
	refused("--any 4", "--any: \"4\" is out of range (at least 5)");
	refused("--any 18446744073709551616",
		"--any: \"18446744073709551616\" is out of range (at least 5)");
	refused("-p 65536", "-p: \"65536\" is out of range (0 to 65535)");
	refused("-p -1", "-p: \"-1\" is no number");
	refused("-p +1", "-p: \"+1\" is no number");
	refused("-p 1x", "-p: \"1x\" is no number");
	refused("-p 1\t", "-p: \"1\\t\" is no number");
	refused("-p \t1", "-p: \"\\t1\" is no number");
	refused("--source-port=", "--source-port: \"\" is no number");
	refused("-p 1.5", "-p: \"1.5\" is no number");
}

static void test_durations(void)
{
	refused("--timeout 12x",
		"--timeout: \"12x\" is no duration (try 500ms, 2s, 1m)");
	refused("--timeout=",
		"--timeout: \"\" is no duration (try 500ms, 2s, 1m)");
	refused("-t -1s", "-t: \"-1s\" is no duration (try 500ms, 2s, 1m)");
	refused("-t 2h", "-t: \"2h\" is out of range (1ms to 1h)");
	refused("-t 999us", "-t: \"999us\" is out of range (1ms to 1h)");
	refused("-t 99999999999999999999h",
		"-t: \"99999999999999999999h\" is out of range (1ms to 1h)");
}

static void test_misuse(void)
{
	refused("--expect", "--expect needs a value");
	refused("-v -e", "-e needs a value");
	refused("--verbose=yes", "--verbose takes no value");
	refused("--color allways",
		"--color: \"allways\" is none of auto, always, never");
	refused("--color ALWAYS",
		"--color: \"ALWAYS\" is none of auto, always, never");
	refused("--color=\033]0;x",
		"--color: \"\\x1b]0;x\" is none of auto, always, never");
}

/* A value of any length makes a sentence that fits. */
static void test_long_value(void)
{
	char line[480] = "-p ";

	memset(line + 3, 'a', sizeof(line) - 4);
	line[sizeof(line) - 1] = '\0';
	CHECK_INT(parse(line), -ERR_USAGE);
	CHECK(strstr(error.text, "...\" is no number") != NULL);
	CHECK(strlen(error.text) < 160);
	line[0] = line[1] = line[2] = '-';
	CHECK_INT(parse(line), -ERR_USAGE);
	CHECK(strlen(error.text) < 160);
}

static void test_nearest(void)
{
	static const char *const words[] = { "nolisten", "timewait", "close",
					     "run" };

#define NEAREST(word) options_nearest(word, words, ARRAY_LEN(words))
	CHECK_TEXT(NEAREST("nolistn"), "nolisten");
	CHECK_TEXT(NEAREST("nolsiten"), "nolisten");
	CHECK_TEXT(NEAREST("timewiat"), "timewait");
	CHECK_TEXT(NEAREST("time"), "timewait");
	CHECK_TEXT(NEAREST("clsoe"), "close");
	CHECK_TEXT(NEAREST("ruun"), "run");
	CHECK(NEAREST("") == NULL);
	CHECK(NEAREST("x") == NULL);
	CHECK(NEAREST("keepalive") == NULL);
	CHECK(NEAREST("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") ==
	      NULL);
	CHECK(options_nearest("run", words, 0) == NULL);
}

static const char *self_check(const struct opt *row)
{
	struct opt_group group = { "G", row, 1, &got };

	return options_self_check(&group, 1);
}

static void test_self_check(void)
{
	struct opt_group good[] = {
		{ "Options", rows, ARRAY_LEN(rows), &got },
		{ "More", more_rows, ARRAY_LEN(more_rows), &got },
	};
	struct opt_group twice[] = {
		{ "Options", rows, ARRAY_LEN(rows), &got },
		{ "Again", rows + 5, 1, &got },
	};

	CHECK(options_self_check(good, 2) == NULL);
	CHECK_TEXT(options_self_check(twice, 2), "--timeout is there twice");
	CHECK_TEXT(self_check(&(struct opt){ .type = OPT_FLAG, .help = "x" }),
		   "-? has neither letter nor name");
	CHECK_TEXT(self_check(&(struct opt){ .letter = 'x', .type = OPT_FLAG }),
		   "-x needs a help text without a full stop");
}

/* One good row, spoilt in one way after the other. */
static void test_self_check_row(void)
{
	struct opt row = rows[2];

	row.help = "pace.";
	CHECK_TEXT(self_check(&row),
		   "--rate needs a help text without a full stop");
	row = rows[2];
	row.arg = NULL;
	CHECK_TEXT(self_check(&row), "--rate does not name its value");
	row = rows[0];
	row.arg = "N";
	CHECK_TEXT(self_check(&row),
		   "--verbose names a value that it cannot take");
	row = rows[2];
	row.min = row.max + 1;
	CHECK_TEXT(self_check(&row),
		   "--rate has its limits the wrong way round");
	row = rows[7];
	row.choices = NULL;
	CHECK(self_check(&row) != NULL);
	row = rows[0];
	row.name = "Verbose";
	CHECK(self_check(&row) != NULL);
	row.name = "-verbose";
	CHECK(self_check(&row) != NULL);
	row = rows[0];
	row.letter = '-';
	CHECK(self_check(&row) != NULL);
	row = rows[2];
	row.hint = HINT_FILE;
	CHECK_TEXT(self_check(&row), "--rate has a hint, which is for texts");
	row = rows[6];
	row.hint = HINT_N;
	CHECK(self_check(&row) != NULL);
}

static const char *check_rows(const struct opt *few, size_t n)
{
	struct opt_group group = { "G", few, n, &got };

	return options_self_check(&group, 1);
}

static void test_self_check_heading(void)
{
	struct opt few[] = {
		{ .type = OPT_HEADING, .help = "The pace" },
		rows[2],
		{ .type = OPT_HEADING, .help = "The rest" },
		rows[3],
	};

	CHECK(check_rows(few, 4) == NULL);
	CHECK_TEXT(check_rows(few, 3),
		   "heading \"The rest\" has no option below it");
	few[1] = few[2];
	CHECK_TEXT(check_rows(few, 4),
		   "heading \"The pace\" has no option below it");
	few[0].letter = 'x';
	CHECK_TEXT(check_rows(few, 4),
		   "heading \"The pace\" is more than a title");
	few[0] = (struct opt){ .type = OPT_HEADING, .help = "The pace." };
	CHECK_TEXT(check_rows(few, 4),
		   "heading \"The pace.\" needs a title without a full stop");
}

/* What completion asks: every group counts, shown or parsed. */
static void test_find(void)
{
	const struct opt_group groups[] = {
		{ "Options", rows, ARRAY_LEN(rows), NULL },
		{ "More", more_rows, ARRAY_LEN(more_rows), NULL },
	};
	const struct opt_group *group = NULL;

	CHECK(options_find(groups, 2, "rate=5", 4, &group) == &rows[2]);
	CHECK(group == &groups[0]);
	CHECK(options_find(groups, 2, "rat", 3, &group) == NULL);
	CHECK(options_find_letter(groups, 2, '6', &group) == &more_rows[1]);
	CHECK(group == &groups[1]);
	CHECK(options_find_letter(groups, 2, 'x', &group) == NULL);
	CHECK(options_takes_value(&rows[2]));
	CHECK(!options_takes_value(&rows[0]));
	CHECK(!options_takes_value(&rows[9]));
	CHECK(!options_takes_value(&more_rows[0]));
}

int main(void)
{
	test_forms();
	test_types();
	test_operands();
	test_unknown();
	test_numbers();
	test_durations();
	test_misuse();
	test_help();
	test_long_value();
	test_nearest();
	test_self_check();
	test_self_check_row();
	test_self_check_heading();
	test_find();
	return tap_done();
}
