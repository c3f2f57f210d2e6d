/* SPDX-License-Identifier: BSD-2-Clause */
/* One run of one probe on any targets: what the stages of it share. */
#ifndef TP_CMD_RUN_H
#define TP_CMD_RUN_H

#include "cli/targets.h"
#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "cmd/settings.h"
#include "engine/engine.h"
#include "io/evidence.h"
#include "io/live.h"
#include "probe/hosts.h"
#include "report/report.h"

struct run {
	const struct probe *probe;
	struct settings settings;
	void *probe_settings;
	uint32_t interface; /* 0: from the route */
	struct targets *targets;
	bool blocks; /* of addresses, among the targets */
	uint64_t total;
	struct live *live;
	struct engine *engine;
	struct hosts *hosts;
	FILE *results;
	struct report *report;
	struct evidence *evidence; /* NULL: none is kept */
	struct progress progress;
	unsigned statuses; /* a bit for each exit status met */
	struct err output; /* why the results' stream failed */
	int signal;	   /* that ended the run; 0: none */
};

void run_status(struct run *run, int status);
/* The highest of 5, 3, 1, 4, 0, in that order. */
int run_worst(const struct run *run);
/* Are the packets of each conversation wanted? */
bool run_keeps_packets(const struct run *run);
/* The way to a target, as the user wants it. */
struct route_wish run_wish(const struct run *run, const struct addr *to);

/* sweep.c: all targets, one task each, results as they come. */
int run_sweep(struct run *run, struct err *e) MUST_CHECK;
/* Each target that is left gets its line: the error, or without one that the
 * deadline passed. */
void run_report_rest(struct run *run, const struct err *why);

#endif
