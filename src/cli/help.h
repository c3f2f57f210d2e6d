/* SPDX-License-Identifier: BSD-2-Clause */
/* --help from the same rows that parse. */
#ifndef TP_CLI_HELP_H
#define TP_CLI_HELP_H

#include <stdio.h>

#include "cli/options.h"

/*
 * "Usage: tcpprobe nolisten [OPTION...] TARGET...", the summary, the groups
 * with their rows in columns, 80 wide.
 */
void help_print(FILE *out, const char *usage, const char *summary,
		const struct opt_group *groups, size_t groups_n);

#endif
