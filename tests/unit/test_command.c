/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands: every row is whole, and each is found. */
#include "cmd/command.h"

#include <string.h>

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
	CHECK_MSG((c->operand == OPERAND_WORD) == (c->words != NULL),
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

int main(void)
{
	test_table();
	test_find();
	return tap_done();
}
