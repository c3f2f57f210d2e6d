/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of commands: what main, "tcpprobe help" and completion know of
 * each. A row in the table of probes is a command by itself; every other
 * command is a row of command.c.
 */
#ifndef TP_CMD_COMMAND_H
#define TP_CMD_COMMAND_H

#include <stdio.h>

#include "base/err.h"
#include "cli/options.h"
#include "probe/probe.h"

/* In the order of "tcpprobe help". */
enum command_section {
	SECTION_PROBE,	  /* asks a target */
	SECTION_CRAFT,	  /* sends what the user says */
	SECTION_STAND_IN, /* is the peer that somebody else talks to */
	SECTION_TEACH,
	SECTION_HELP,
	SECTION_N
};

/* What a command takes besides options. */
enum command_operand {
	OPERAND_TARGETS,
	OPERAND_WORD,	 /* first one of its words */
	OPERAND_COMMAND, /* one of this table */
};

#define COMMAND_GROUPS_MAX 2

struct command_word {
	const char *name; /* NULL: no more of them */
	const char *about;
};

struct command {
	const char *name;
	const char *summary; /* one line, no full stop */
	enum command_section section;
	enum command_operand operand;
	struct command_word (*word)(size_t i); /* for OPERAND_WORD */
	/* What a probe's command does is cmd_run()'s; another's is its own. */
	const struct probe *probe;
	int (*run)(int argc, char **argv); /* argv[0] is the name */
	void (*help)(FILE *out);
	size_t (*groups)(struct opt_group groups[static COMMAND_GROUPS_MAX]);
};

size_t command_count(void);
struct command command_at(size_t i);
/* 0, or -ERR_USAGE and a sentence ("did you mean" included). */
int command_find(const char *name, struct command *out,
		 struct err *e) MUST_CHECK;

int command_run(const struct command *c, int argc, char **argv) MUST_CHECK;
/* What COMMAND --help prints. */
void command_help(const struct command *c, FILE *out);
/* Its options, to be shown and not to be parsed; returns their number. */
size_t command_groups(const struct command *c,
		      struct opt_group groups[static COMMAND_GROUPS_MAX]);

/* What may stand in the place of a command. */
struct command_instead {
	bool help, version;
};
struct opt_group command_instead_group(struct command_instead *settings);

/* "tcpprobe help [COMMAND]", itself a row. */
int cmd_help(int argc, char **argv);
void cmd_help_all(FILE *out);
size_t cmd_help_groups(struct opt_group groups[static COMMAND_GROUPS_MAX]);

/*
 * What may stand at the cursor, in the lines of cli/complete.h: argv[1..] are
 * the words behind the program's name, the last one is at the cursor. Needs no
 * privilege, sends nothing, looks no name up.
 */
void cmd_complete(int argc, char *const *argv, FILE *out);

#endif
