/* SPDX-License-Identifier: BSD-2-Clause */
/* "tcpprobe help": the commands, and the ways to more. */
#include "cmd/cmd.h"
#include "cmd/command.h"

const char cmd_target_help[] =
	"TARGET is HOST:PORT or [IPV6]:PORT; PORT may be a list and ranges\n"
	"(80,443,8000-8010), HOST a CIDR block (10.9.0.0/28).\n";

const char cmd_status_help[] =
	"Exit status: 0 answered, 1 not as expected, 2 misuse, 3 cannot run "
	"here,\n4 inconclusive, 5 failed while running.";

static const char *const section_titles[] = {
	[SECTION_PROBE] = "Probe a target",
	[SECTION_CRAFT] = "Craft segments",
	[SECTION_STAND_IN] = "Stand in for a peer",
	[SECTION_TEACH] = "Teach",
	[SECTION_HELP] = "Help",
};
static_assert(ARRAY_LEN(section_titles) == SECTION_N, "a title each");

/* A section without commands is not mentioned. */
static void print_section(FILE *out, enum command_section section)
{
	bool titled = false;

	for (size_t i = 0; i < command_count(); i++) {
		struct command c = command_at(i);

		if (c.section != section)
			continue;
		if (!titled)
			fprintf(out, "\n%s:\n", section_titles[section]);
		titled = true;
		fprintf(out, "  %-13s  %s\n", c.name, c.summary);
	}
}

void cmd_help_all(FILE *out)
{
	fputs("Usage: tcpprobe COMMAND [OPTION...] [TARGET...]\n"
	      "       tcpprobe help [COMMAND]\n"
	      "       tcpprobe --version\n\n"
	      "Ask a TCP a question with hand-built segments, and see what it "
	      "answers.\n",
	      out);
	for (int section = 0; section < SECTION_N; section++)
		print_section(out, (enum command_section)section);
	fprintf(out,
		"\n%s\n%s\n\n"
		"What a command can do: tcpprobe COMMAND --help. The manual "
		"pages are tcpprobe(1)\nand tcpprobe-COMMAND(1).\n",
		cmd_target_help, cmd_status_help);
}

struct help_settings {
	bool help;
};

static struct opt_group help_group(struct help_settings *settings)
{
	static const struct opt rows[] = {
		{ .letter = 'h',
		  .name = "help",
		  .type = OPT_HELP,
		  .help = "the list of commands",
		  .offset = offsetof(struct help_settings, help) },
	};

	return (struct opt_group){
		.title = "Options",
		.rows = rows,
		.n = ARRAY_LEN(rows),
		.settings = settings,
	};
}

size_t cmd_help_groups(struct opt_group groups[static COMMAND_GROUPS_MAX])
{
	groups[0] = help_group(NULL);
	return 1;
}

int cmd_help(int argc, char **argv)
{
	/* Help is asked for in any case. */
	struct help_settings settings = { 0 };
	struct opt_group group = help_group(&settings);
	struct command c;
	struct err err;
	int n = options_parse_args(&group, 1, argc, argv, &err);
	int rc = n < 0 ? n : 0;

	if (n > 1)
		rc = err_set(&err, ERR_USAGE, "help: one command at a time");
	if (n == 1)
		rc = command_find(argv[0], &c, &err);
	if (rc)
		return cmd_misuse(NULL, &err);
	if (n)
		command_help(&c, stdout);
	else
		cmd_help_all(stdout);
	return STATUS_PASS;
}
