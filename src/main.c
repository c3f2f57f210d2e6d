/* SPDX-License-Identifier: BSD-2-Clause */
/* From the first word to a row in the table of commands. */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/command.h"

static int no_command(void)
{
	struct err err;

	err_set(&err, ERR_USAGE, "no command given");
	return cmd_misuse(NULL, &err);
}

/* "tcpprobe --help nolisten" is "tcpprobe help nolisten". */
static int option_instead(int argc, char **argv)
{
	struct command_instead wanted = { 0 };
	struct opt_group group = command_instead_group(&wanted);
	char *words[] = { argv[0], argv[1] };
	struct err err;

	if (options_parse_args(&group, 1, ARRAY_LEN(words), words, &err) < 0) {
		err_prefix(&err, "before the command");
		return cmd_misuse(NULL, &err);
	}
	if (wanted.help)
		return cmd_help(argc - 1, argv + 1);
	if (!wanted.version)
		return no_command();
	puts("tcpprobe " PACKAGE_VERSION);
	return STATUS_PASS;
}

static int dispatch(int argc, char **argv)
{
	struct command command;
	struct err err;

	if (argc < 2)
		return no_command();
	/* For the scripts in completions/: not in --help, nobody types it. */
	if (strcmp(argv[1], "--complete") == 0) {
		cmd_complete(argc - 1, argv + 1, stdout);
		return STATUS_PASS;
	}
	if (argv[1][0] == '-' && argv[1][1])
		return option_instead(argc, argv);
	if (command_find(argv[1], &command, &err))
		return cmd_misuse(NULL, &err);
	return command_run(&command, argc - 1, argv + 1);
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

	/* What was printed must have arrived; a run has said so itself. */
	if ((fflush(stdout) || ferror(stdout)) && status != STATUS_FAILED) {
		cmd_warn("write to standard output: it failed");
		return STATUS_FAILED;
	}
	return status;
}
