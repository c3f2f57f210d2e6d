/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages on stderr: one line, one write. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"

static void say(const char *text)
{
	char line[ERR_TEXT_MAX + 64];
	int len = snprintf(line, sizeof(line), "tcpprobe: %s\n", text);

	if (len >= (int)sizeof(line)) {
		len = (int)sizeof(line) - 1;
		line[len - 1] = '\n';
	}
	/* There is nowhere to complain about a stderr that is gone. */
	if (write(STDERR_FILENO, line, (size_t)len) < 0)
		return;
}

void cmd_complain(const struct err *e)
{
	say(e->text);
}

void cmd_warn(const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	say(text);
}

int cmd_misuse(const char *command, const struct err *e)
{
	char text[128];

	cmd_complain(e);
	if (command)
		snprintf(text, sizeof(text), "try \"tcpprobe %s --help\"",
			 command);
	else
		snprintf(text, sizeof(text), "try \"tcpprobe --help\"");
	say(text);
	return STATUS_USAGE;
}
