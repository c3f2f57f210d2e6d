/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands. */
#include "cmd/command.h"

#include <string.h>

#include "base/escape.h"
#include "cmd/cmd.h"
#include "serve/role.h"

/* Names that a mistyped one is compared to. */
#define NAMES_MAX 32

static struct command_word serve_role(size_t i)
{
	if (i >= serve_roles_n)
		return (struct command_word){ 0 };
	return (struct command_word){ serve_roles[i]->name,
				      serve_roles[i]->summary };
}

static const struct command others[] = {
	{
		.name = "serve",
		.summary = "Stand in for a server, in one role: a real socket "
			   "to probe",
		.section = SECTION_STAND_IN,
		.operand = OPERAND_WORD,
		.word = serve_role,
		.run = cmd_serve,
		.help = cmd_serve_help,
		.groups = cmd_serve_groups,
	},
	{
		.name = "help",
		.summary = "This text, or that of a command",
		.section = SECTION_HELP,
		.operand = OPERAND_COMMAND,
		.run = cmd_help,
		.help = cmd_help_all,
		.groups = cmd_help_groups,
	},
};

/* A probe whose packets are the answer sends what the user says and judges
 * nothing. */
static struct command of_probe(const struct probe *p)
{
	return (struct command){
		.name = p->name,
		.summary = p->summary,
		.section = p->shows_packets ? SECTION_CRAFT : SECTION_PROBE,
		.operand = OPERAND_TARGETS,
		.probe = p,
	};
}

size_t command_count(void)
{
	return probes_n + ARRAY_LEN(others);
}

struct command command_at(size_t i)
{
	BUG_ON(i >= command_count());
	return i < probes_n ? of_probe(probes[i]) : others[i - probes_n];
}

static int unknown(const char *word, struct err *e)
{
	const char *names[NAMES_MAX], *near;
	size_t n = command_count();
	char safe[64];

	BUG_ON(n > ARRAY_LEN(names));
	for (size_t i = 0; i < n; i++)
		names[i] = command_at(i).name;
	near = options_nearest(word, names, n);
	escape_text(word, safe, sizeof(safe));
	if (near)
		return err_set(e, ERR_USAGE,
			       "unknown command \"%s\" (did you mean %s?)",
			       safe, near);
	return err_set(e, ERR_USAGE, "unknown command \"%s\"", safe);
}

int command_find(const char *name, struct command *out, struct err *e)
{
	const struct probe *p = probe_find(name);

	if (p) {
		*out = of_probe(p);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (strcmp(others[i].name, name) == 0) {
			*out = others[i];
			return 0;
		}
	}
	return unknown(name, e);
}

int command_run(const struct command *c, int argc, char **argv)
{
	return c->probe ? cmd_run(c->probe, argc, argv) : c->run(argc, argv);
}

void command_help(const struct command *c, FILE *out)
{
	if (c->probe)
		cmd_run_help(c->probe, out);
	else
		c->help(out);
}

size_t command_groups(const struct command *c,
		      struct opt_group groups[static COMMAND_GROUPS_MAX])
{
	return c->probe ? cmd_run_groups(c->probe, groups) : c->groups(groups);
}

struct opt_group command_instead_group(struct command_instead *settings)
{
	static const struct opt rows[] = {
		{ .letter = 'h',
		  .name = "help",
		  .type = OPT_HELP,
		  .help = "the commands, or the help of one",
		  .offset = offsetof(struct command_instead, help) },
		{ .letter = 'V',
		  .name = "version",
		  .type = OPT_FLAG,
		  .help = "the version of tcpprobe",
		  .offset = offsetof(struct command_instead, version) },
	};

	return (struct opt_group){
		.title = "Options",
		.rows = rows,
		.n = ARRAY_LEN(rows),
		.settings = settings,
	};
}
