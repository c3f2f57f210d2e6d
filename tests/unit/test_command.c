/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands: every row is whole, found, and completed. */
#include "cmd/command.h"

#include <string.h>

#include "base/addr.h"
#include "tests/tap.h"

/* In "tcpprobe help" a summary stands behind two blanks and the name. */
#define NAME_WIDTH 13
#define SUMMARY_WIDTH (80 - 2 - NAME_WIDTH - 2)

static void test_row(const struct command *c)
{
	size_t len = strlen(c->summary);

	CHECK_MSG(strlen(c->name) <= NAME_WIDTH, "%s has a short name",
		  c->name);
	CHECK_MSG(len && len <= SUMMARY_WIDTH && c->summary[len - 1] != '.',
		  "%s has a summary of one line", c->name);
	CHECK_MSG(c->section < SECTION_N, "%s has a section", c->name);
	CHECK_MSG(c->probe || (c->run && c->help && c->groups),
		  "%s can be run and asked", c->name);
	CHECK_MSG((c->operand == OPERAND_WORD) == (c->word != NULL),
		  "%s has words if it takes one", c->name);
}

/* One option, one meaning: over all that a command takes. */
static void test_options(const struct command *c)
{
	struct opt_group groups[COMMAND_GROUPS_MAX];
	size_t n = command_groups(c, groups);
	const struct opt_group *in;
	const struct opt *help = options_find(groups, n, "help", 4, &in);

	CHECK_TEXT(options_self_check(groups, n), NULL);
	CHECK_MSG(help && help->letter == 'h' && help->type == OPT_HELP,
		  "%s has -h and --help", c->name);
}

static void test_table(void)
{
	struct opt_group instead = command_instead_group(NULL);

	CHECK_TEXT(options_self_check(&instead, 1), NULL);
	for (size_t i = 0; i < command_count(); i++) {
		struct command c = command_at(i), found;

		test_row(&c);
		test_options(&c);
		CHECK_INT(command_find(c.name, &found, NULL), 0);
		/* The first of its name: none is there twice. */
		CHECK(found.probe == c.probe && found.run == c.run);
	}
}

static void test_find(void)
{
	struct command c;
	struct err e;

	CHECK_INT(command_find("nolisten", &c, &e), 0);
	CHECK_TEXT(c.name, "nolisten");
	CHECK_INT(c.section, SECTION_PROBE);
	CHECK_INT(command_find("hepl", &c, &e), -ERR_USAGE);
	CHECK_TEXT(e.text, "unknown command \"hepl\" (did you mean help?)");
	CHECK_INT(command_find("", &c, &e), -ERR_USAGE);
	CHECK_TEXT(e.text, "unknown command \"\"");
	CHECK_INT(command_find("\033[1m", &c, &e), -ERR_USAGE);
	CHECK_TEXT(e.text, "unknown command \"\\x1b[1m\"");
}

/* The first candidate where the cursor is at the end of the line. */
static const char *complete(const char *line)
{
	static char first[128];
	char words[128], *argv[8], *got;
	size_t got_len;
	FILE *out = open_memstream(&got, &got_len);

	BUG_ON(!out);
	snprintf(words, sizeof(words), "tcpprobe %s", line);
	cmd_complete(tap_words(words, argv, ARRAY_LEN(argv)), argv, out);
	fclose(out);
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(got, "\t\n"), got);
	free(got);
	return first;
}

static void test_complete_command(void)
{
	CHECK_TEXT(complete(""), "nolisten");
	CHECK_TEXT(complete("nol"), "nolisten");
	CHECK_TEXT(complete("he"), "help");
	CHECK_TEXT(complete("nonsense"), "");
	CHECK_TEXT(complete("-"), "-h");
	CHECK_TEXT(complete("--v"), "--version");
	CHECK_TEXT(complete("help "), "nolisten");
	CHECK_TEXT(complete("--help nol"), "nolisten");
	CHECK_TEXT(complete("help nolisten "), "");
	CHECK_TEXT(complete("nonsense "), "");
	CHECK_TEXT(complete("--version "), "");
}

static void test_complete_args(void)
{
	CHECK_TEXT(complete("nolisten -"), "--checks");
	CHECK_TEXT(complete("nolisten -e lis"), "listening");
	CHECK_TEXT(complete("nolisten -elistening,ref"), "-elistening,refused");
	CHECK_TEXT(complete("nolisten --targets "), ":files");
	CHECK_TEXT(complete("send --data-file="), ":files");
	CHECK_TEXT(complete("serve "), "bound");
	CHECK_TEXT(complete("serve -p 80 str"), "stream");
	CHECK_TEXT(complete("serve echo "), "");
	CHECK_TEXT(complete("nolisten "), ":hosts");
	CHECK_TEXT(complete("nolisten db:5432 we"), ":hosts");
	/* The port is for the user to write, and so is what has no name. */
	CHECK_TEXT(complete("nolisten db:"), "");
	CHECK_TEXT(complete("nolisten [::1"), "");
	CHECK_TEXT(complete("nolisten 10.9.0.0/"), "");
}

static void test_complete_own(void)
{
	struct addr address;
	const char *first = complete("nolisten -S ");

	if (*first)
		CHECK_INT(addr_parse(first, &address), 0);
	else
		tap_skip("own addresses", "this host has none");
	CHECK_TEXT(complete("nolisten -i lo"), "lo");
}

int main(void)
{
	test_table();
	test_complete_command();
	test_complete_args();
	test_complete_own();
	test_find();
	return tap_done();
}
