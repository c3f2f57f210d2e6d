/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Findings as people and programs read them. One report a run: opened, given
 * each finding as soon as it is done, closed with the sums. Nothing is kept
 * of a finding but counters, so a run may have any number of targets.
 */
#ifndef TP_REPORT_REPORT_H
#define TP_REPORT_REPORT_H

#include <stdio.h>

#include "base/base.h"
#include "base/err.h"
#include "probe/finding.h"
#include "probe/probe.h"

enum report_format {
	REPORT_TEXT,
	REPORT_JSON,
	REPORT_TAP,
	REPORT_JUNIT,
	REPORT_FORMAT_N
};

/* NULL-terminated, in the order of the enum: the choices of -o. */
extern const char *const report_format_names[];

struct report_config {
	enum report_format format;
	FILE *out;
	const struct probe *probe;
	bool verbose; /* with the conversation's packets */
	bool quiet;   /* print nothing */
	bool color;
	bool unicode;
	uint64_t expected;  /* targets in all: one is told at length */
	const char *expect; /* the verdicts, as the user wrote them; or NULL */
};

struct report;

int report_open(const struct report_config *config, struct report **out,
		struct err *e) MUST_CHECK;
/* 0, or -ERR_IO when the stream fails (errno is EPIPE: nobody reads). */
int report_finding(struct report *r, const struct finding *f) MUST_CHECK;
/* The run ended before all was done, and why (copied): a reader of the report
 * must not take it for whole. */
void report_cut_short(struct report *r, const char *why);
/* The sums, and what else belongs at the end. Then frees. */
int report_close(struct report *r, struct err *e) MUST_CHECK;

#endif
