/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stand in a role: options in, a port opened, privileges dropped, a line when
 * it is ready; then whatever the role does, until a signal ends it.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "base/escape.h"
#include "base/line.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cmd/announce.h"
#include "cmd/cmd.h"
#include "io/interrupt.h"
#include "io/privilege.h"
#include "io/resolve.h"
#include "serve/serve.h"

/* An option of a role that is not on the command line. */
#define NOT_GIVEN UINT64_MAX

struct server {
	uint64_t port;
	const char *address;
	int output; /* index into output_names */
	bool verbose, quiet, help;
	/* As they are given; durations are 64 bits too. */
	uint64_t options[SERVE_OPTION_N];
	struct serve_config config;
	struct serve *serve;
	struct announcer announcer;
	int signal; /* that ended it; 0: none */
};

/* --- options ----------------------------------------------------------- */

enum { OUTPUT_TEXT, OUTPUT_JSON };

static const char *const output_names[] = {
	[OUTPUT_TEXT] = "text",
	[OUTPUT_JSON] = "json",
	NULL,
};

#define ROW(member) .offset = offsetof(struct server, member)

static const struct opt rows[] = {
	{
		.letter = 'p',
		.name = "port",
		.type = OPT_NUMBER,
		.arg = "PORT",
		ROW(port),
		.max = UINT16_MAX,
		.shown = "a free one",
		.help = "the port to stand on",
	},
	{
		.letter = 'a',
		.name = "address",
		.type = OPT_TEXT,
		.arg = "ADDR",
		ROW(address),
		.shown = "all of both families",
		.help = "an address or a name of this host",
		.hint = HINT_ADDRESS,
	},
	{
		.letter = 'o',
		.name = "output",
		.type = OPT_CHOICE,
		.arg = "FORMAT",
		ROW(output),
		.choices = output_names,
		.shown = "text",
		.help = "the format of the lines",
	},
	{
		.letter = 'v',
		.name = "verbose",
		.type = OPT_FLAG,
		ROW(verbose),
		.help = "a line for each connection that begins or ends",
	},
	{
		.letter = 'q',
		.name = "quiet",
		.type = OPT_FLAG,
		ROW(quiet),
		.help = "no lines at all",
	},
	{
		.letter = 'h',
		.name = "help",
		.type = OPT_HELP,
		ROW(help),
		.help = "this text",
	},
};

#define DAY_NS (UINT64_C(86400) * (uint64_t)TIME_S)

/* One for each enum serve_option, in that order. */
static const struct opt role_rows[] = {
	[SERVE_BACKLOG] = {
		.name = "backlog",
		.type = OPT_NUMBER,
		.arg = "N",
		ROW(options[SERVE_BACKLOG]),
		.max = INT32_MAX,
		.shown = "128",
		.help = "connections that may wait to be accepted "
			"(all that listen)",
	},
	[SERVE_CONNECTIONS] = {
		.name = "max-connections",
		.type = OPT_NUMBER,
		.arg = "N",
		ROW(options[SERVE_CONNECTIONS]),
		.min = 1,
		.max = INT32_MAX,
		.shown = "10000",
		.help = "connections to hold at once; others "
			"wait (all that hold any)",
	},
	[SERVE_REQUESTS] = {
		.name = "requests",
		.type = OPT_NUMBER,
		.arg = "N",
		ROW(options[SERVE_REQUESTS]),
		.max = INT32_MAX,
		.shown = "100",
		.help = "close after so many requests; 0 is "
			"never (http)",
	},
	[SERVE_IDLE] = {
		.name = "idle",
		.type = OPT_DURATION,
		.arg = "DURATION",
		ROW(options[SERVE_IDLE]),
		.max = DAY_NS,
		.shown = "5s; the kernel's",
		.help = "close after so long without a byte, 0 is "
			"never (http); probe the peer after so long "
			"(keepalive)",
	},
	[SERVE_INTERVAL] = {
		.name = "interval",
		.type = OPT_DURATION,
		.arg = "DURATION",
		ROW(options[SERVE_INTERVAL]),
		.max = DAY_NS,
		.shown = "the kernel's",
		.help = "between two probes (keepalive)",
	},
	[SERVE_COUNT] = {
		.name = "count",
		.type = OPT_NUMBER,
		.arg = "N",
		ROW(options[SERVE_COUNT]),
		.min = 1,
		.max = INT32_MAX,
		.shown = "the kernel's",
		.help = "probes without an answer before it gives "
			"up (keepalive)",
	},
	[SERVE_BYTES] = {
		.name = "bytes",
		.type = OPT_NUMBER,
		.arg = "N",
		ROW(options[SERVE_BYTES]),
		.max = INT64_MAX,
		.shown = "for ever",
		.help = "close after so many (stream)",
	},
};
static_assert(ARRAY_LEN(role_rows) == SERVE_OPTION_N, "a row for each");

size_t cmd_serve_groups(struct opt_group groups[static 2])
{
	groups[0] = (struct opt_group){ .title = "Options of some roles",
					.rows = role_rows,
					.n = ARRAY_LEN(role_rows) };
	groups[1] = (struct opt_group){ .title = "Options of every role",
					.rows = rows,
					.n = ARRAY_LEN(rows) };
	return 2;
}

void cmd_serve_help(FILE *out)
{
	struct opt_group groups[2];

	help_print(out, "tcpprobe serve [OPTION...] ROLE",
		   "Stand in for a server with a real kernel socket, in one "
		   "role, until a signal ends it: something to probe.",
		   groups, cmd_serve_groups(groups));
	fputs("\nRoles:\n", out);
	for (size_t i = 0; i < serve_roles_n; i++)
		fprintf(out, "  %-15s%s\n", serve_roles[i]->name,
			serve_roles[i]->summary);
	fputs("\nExit status: 2 misuse, 3 cannot stand there, 5 failed while "
	      "running,\n128+n ended by signal n. See tcpprobe(1), "
	      "tcpprobe-serve(1).\n",
	      out);
}

/* "bound, listen, …": those that use an option, or all for SERVE_OPTION_N. */
static void list_roles(enum serve_option option, char *out, size_t size)
{
	struct line l = line_init(out, size);

	for (size_t i = 0; i < serve_roles_n; i++) {
		if (option != SERVE_OPTION_N &&
		    !serve_role_uses(serve_roles[i], option))
			continue;
		line_add(&l, "%s%s", l.len ? ", " : "", serve_roles[i]->name);
	}
}

static int find_role(struct server *s, char *const *operands, int n,
		     struct err *e)
{
	const struct serve_role *role;
	char roles[160], safe[64];
	const char *near;

	list_roles(SERVE_OPTION_N, roles, sizeof(roles));
	if (n == 0)
		return err_set(e, ERR_USAGE, "no role given: one of %s", roles);
	escape_text(operands[n - 1], safe, sizeof(safe));
	if (n > 1)
		return err_set(e, ERR_USAGE,
			       "one role at a time: \"%s\" is "
			       "one too many",
			       safe);
	role = serve_role_find(operands[0]);
	if (role) {
		s->config = serve_defaults(role);
		return 0;
	}
	near = options_nearest(operands[0], serve_role_names, serve_roles_n);
	if (near)
		return err_set(e, ERR_USAGE,
			       "unknown role \"%s\" (did you mean %s?)", safe,
			       near);
	return err_set(e, ERR_USAGE, "unknown role \"%s\": it is none of %s",
		       safe, roles);
}

/* What was given goes into the configuration, if the role has a use for it. */
static int take_options(struct server *s, struct err *e)
{
	const struct serve_role *role = s->config.role;
	char roles[160];

	for (size_t i = 0; i < SERVE_OPTION_N; i++) {
		enum serve_option option = (enum serve_option)i;

		if (s->options[i] == NOT_GIVEN)
			continue;
		s->config.options[i] = s->options[i];
		if (serve_role_uses(role, option))
			continue;
		list_roles(option, roles, sizeof(roles));
		return err_set(e, ERR_USAGE,
			       "--%s is nothing to the role %s: it is for %s",
			       role_rows[i].name, role->name, roles);
	}
	return 0;
}

static int read_options(struct server *s, int argc, char **argv, struct err *e)
{
	struct opt_group groups[2];
	size_t n = cmd_serve_groups(groups);
	int operands;
	int ret;

	for (size_t i = 0; i < SERVE_OPTION_N; i++)
		s->options[i] = NOT_GIVEN;
	for (size_t i = 0; i < n; i++)
		groups[i].settings = s;
	operands = options_parse_args(groups, n, argc, argv, e);
	if (operands < 0)
		return operands;
	if (s->help)
		return 0;
	ret = find_role(s, argv, operands, e);
	if (!ret)
		ret = take_options(s, e);
	if (!ret && s->address)
		ret = resolve_host(NULL, s->address, FAMILY_ANY,
				   &s->config.at.addr, e);
	if (!ret && addr_is_group(&s->config.at.addr))
		ret = err_set(e, ERR_USAGE,
			      "--address: nobody can connect to a multicast or "
			      "broadcast address");
	s->config.at.port = (uint16_t)s->port;
	return ret;
}

/* --- the run ----------------------------------------------------------- */

/* What came of a line: a reader that has gone ends the run quietly. */
static int said(struct server *s, int ret)
{
	if (ret && errno == EPIPE)
		s->signal = SIGPIPE;
	return ret;
}

static int told(void *arg, const struct serve_event *event, struct err *e)
{
	struct server *s = arg;

	if (event->type == SERVE_FULL) {
		cmd_warn("accept a connection: %s: clients wait until another "
			 "ends",
			 event->why);
		return 0;
	}
	if (!s->verbose || s->quiet)
		return 0;
	return said(s, announce_event(&s->announcer, event, e));
}

/* The port, then no privilege any more, then the word that it is ready. */
static int start(struct server *s, int *stop_fd, struct err *e)
{
	int ret;

	s->config.told = told;
	s->config.arg = s;
	ret = serve_open(&s->config, &s->serve, e);
	if (ret)
		return ret;
	s->announcer = (struct announcer){ .out = stdout,
					   .json = s->output == OUTPUT_JSON,
					   .config = serve_config(s->serve) };
	*stop_fd = interrupt_open(e);
	if (*stop_fd < 0)
		return *stop_fd;
	ret = privilege_drop_server(e);
	if (!ret && !s->quiet)
		ret = said(s, announce_ready(&s->announcer, e));
	return ret;
}

int cmd_serve(int argc, char **argv)
{
	struct server s = { 0 };
	struct err err = { 0 };
	int stop_fd = -1;
	int ret = read_options(&s, argc, argv, &err);

	if (!ret && s.help) {
		cmd_serve_help(stdout);
		return STATUS_PASS;
	}
	if (!ret)
		ret = start(&s, &stop_fd, &err);
	if (!ret) {
		ret = serve_run(s.serve, stop_fd, &err);
		if (!ret)
			s.signal = interrupt_signal();
	}
	serve_free(s.serve);
	if (s.signal)
		interrupt_die(s.signal);
	if (ret == -ERR_USAGE)
		return cmd_misuse("serve", &err);
	if (ret)
		cmd_complain(&err);
	return ret ? err_status(err.code) : STATUS_PASS;
}
