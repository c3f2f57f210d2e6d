/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands. */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/options.h"
#include "cmd/cmd.h"
#include "probe/probe.h"

#define COMMANDS_MAX 32

static void print_help(FILE *out)
{
	fputs("Usage: tcpprobe COMMAND [OPTION...] [TARGET...]\n"
	      "       tcpprobe help [COMMAND]\n"
	      "       tcpprobe --version\n\n"
	      "Ask a TCP a question with hand-built segments, and see what it "
	      "answers.\n\n"
	      "Commands:\n",
	      out);
	for (size_t i = 0; i < probes_n; i++)
		fprintf(out, "  %-15s%s\n", probes[i]->name,
			probes[i]->summary);
	fputs("  help           This text, or that of a command\n\n"
	      "TARGET is HOST:PORT or [IPV6]:PORT. "
	      "See tcpprobe(1).\n",
	      out);
}

static int unknown_command(const char *word)
{
	const char *names[COMMANDS_MAX];
	const char *near;
	struct err err;
	char safe[64];
	size_t n = 0;

	for (; n < probes_n && n < ARRAY_LEN(names) - 1; n++)
		names[n] = probes[n]->name;
	names[n++] = "help";
	near = options_nearest(word, names, n);
	escape_text(word, safe, sizeof(safe));
	if (near)
		err_set(&err, ERR_USAGE,
			"unknown command \"%s\" (did you mean %s?)", safe,
			near);
	else
		err_set(&err, ERR_USAGE, "unknown command \"%s\"", safe);
	return cmd_misuse(NULL, &err);
}

static int help(int argc, char **argv)
{
	const struct probe *p;

	if (argc < 2) {
		print_help(stdout);
		return STATUS_PASS;
	}
	p = probe_find(argv[1]);
	if (!p)
		return unknown_command(argv[1]);
	cmd_run_help(p, stdout);
	return STATUS_PASS;
}

static int dispatch(int argc, char **argv)
{
	const struct probe *p;
	struct err err;

	if (argc < 2) {
		err_set(&err, ERR_USAGE, "no command given");
		return cmd_misuse(NULL, &err);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return STATUS_PASS;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("tcpprobe " PACKAGE_VERSION);
		return STATUS_PASS;
	}
	if (strcmp(argv[1], "help") == 0)
		return help(argc - 1, argv + 1);
	p = probe_find(argv[1]);
	return p ? cmd_run(p, argc - 1, argv + 1) : unknown_command(argv[1]);
}

/*
 * A stream that was closed for us must not become a socket of ours: it is
 * taken by what cannot be used as such, so that writing results fails.
 */
static void keep_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

int main(int argc, char **argv)
{
	int status;

	keep_streams();
	status = dispatch(argc, argv);

	/* What was printed must have arrived. */
	if (fflush(stdout) || ferror(stdout)) {
		cmd_warn("write to standard output: it failed");
		return 5;
	}
	return status;
}
