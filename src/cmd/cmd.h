/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands: options in, a run, a report, an exit status out. */
#ifndef TP_CMD_CMD_H
#define TP_CMD_CMD_H

#include <stdio.h>

#include "base/err.h"
#include "cli/options.h"
#include "probe/probe.h"

/* Exit statuses that are not an error's (err_status()). */
enum {
	STATUS_PASS = 0,
	STATUS_FAIL = 1,
	STATUS_USAGE = 2,
	STATUS_INCONCLUSIVE = 4,
	STATUS_FAILED = 5, /* while running: err_status() has it too */
};

/* "tcpprobe: …" as one line and one write. */
void cmd_complain(const struct err *e);
void cmd_warn(const char *fmt, ...) PRINTF(1, 2);
/* Misuse: the complaint, then where help is; STATUS_USAGE. */
int cmd_misuse(const char *command, const struct err *e);

/* Run a probe: argv[0] is its name. */
int cmd_run(const struct probe *p, int argc, char **argv);
void cmd_run_help(const struct probe *p, FILE *out);
/* The options of a probe's command, to be shown; returns their number. */
size_t cmd_run_groups(const struct probe *p, struct opt_group groups[static 2]);

/* What the help of more than one command says. */
extern const char cmd_target_help[];
extern const char cmd_status_help[];

/* Stand in a role: argv[0] is "serve". */
int cmd_serve(int argc, char **argv);
void cmd_serve_help(FILE *out);
/* Its rows, without settings; returns how many groups there are. */
size_t cmd_serve_groups(struct opt_group groups[static 2]);

#endif
