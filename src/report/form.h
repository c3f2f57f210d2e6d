/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The forms that a report can take, for report.c: each writes one finding, and
 * perhaps the sums, to a stream in memory that cannot fail but for want of it.
 */
#ifndef TP_REPORT_FORM_H
#define TP_REPORT_FORM_H

#include <stdio.h>

#include "report/report.h"

/* More verdicts than any probe has. */
#define REPORT_VERDICTS_MAX 16

struct report_sums {
	uint64_t targets;
	uint64_t errors;			/* of them */
	uint64_t verdicts[REPORT_VERDICTS_MAX]; /* as the probe's rows */
	uint64_t others; /* without a verdict, or of none of the rows */
};

/* What a form knows of the run; `width` is the text form's own. */
struct report_state {
	struct report_config config;
	struct report_sums sums;
	size_t width; /* of the widest target so far */
};

/* Is there anything to write of this finding? Cheap: a sweep asks for each. */
bool text_wants(const struct report_state *s, const struct finding *f);
void text_finding(struct report_state *s, FILE *out, const struct finding *f);
void text_sums(const struct report_state *s, FILE *out);

/* 0 or -ERR_MEMORY. */
int json_finding(const struct report_state *s, FILE *out,
		 const struct finding *f) MUST_CHECK;

#endif
