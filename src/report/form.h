/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The forms that a report can take, for report.c: each writes one finding, and
 * perhaps a beginning and an end, to a stream in memory that cannot fail but
 * for want of it.
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

/* What a form knows of the run. */
struct report_state {
	struct report_config config;
	struct report_sums sums;
	const char *cut_short; /* what ended the run too early; NULL: nothing */
	size_t width;	       /* text: of the widest target so far */
	uint64_t points;       /* TAP: written so far */
};

/* Is there anything to write of this finding? Cheap: a sweep asks for each. */
bool text_wants(const struct report_state *s, const struct finding *f);
void text_finding(struct report_state *s, FILE *out, const struct finding *f);
void text_end(const struct report_state *s, FILE *out);

/* 0 or -ERR_MEMORY, as all that follow. */
int json_finding(const struct report_state *s, FILE *out,
		 const struct finding *f) MUST_CHECK;

void tap_begin(FILE *out);
int tap_finding(struct report_state *s, FILE *out,
		const struct finding *f) MUST_CHECK;
void tap_end(const struct report_state *s, FILE *out);

void junit_begin(FILE *out);
int junit_finding(const struct report_state *s, FILE *out,
		  const struct finding *f) MUST_CHECK;
void junit_end(const struct report_state *s, FILE *out);

/* --- what several forms say alike: form.c ------------------------------ */

/* "10.9.0.2:80", "10.9.0.2:80 (web)", "web:80" when it was not found: an
 * endpoint, and a host name that may be escaped all over. Returns `out`. */
#define FORM_TARGET_MAX 512
const char *form_target(const struct finding *f,
			char out[static FORM_TARGET_MAX]);
/* The verdict, or the outcome where there is none. */
const char *form_verdict(const struct finding *f);
/* The summary, or what prevented it. */
const char *form_sentence(const struct finding *f);

/* "2026-11-20T22:20:46", in UTC; "" for what no calendar knows. */
#define FORM_TIME_MAX 32
const char *form_time(int64_t ns, char out[static FORM_TIME_MAX]);

/* "65,535 targets: 3 listening, 65,532 refused", "1 of 2 targets: 1 error". */
void form_sums(const struct report_state *s, FILE *out);

/*
 * How a check counts in TAP and JUnit, whose readers count failures: these and
 * the exit status must agree, and that one minds violated MUSTs alone. What
 * breaks another rule is excused, what nothing can be said of is skipped, and
 * each says why.
 */
enum form_count { FORM_PASSED, FORM_FAILED, FORM_EXCUSED, FORM_SKIPPED };
enum form_count form_count(const struct check *c);
/* Why it does not count: "should: 0 of 2 resets echo the timestamp". */
#define FORM_REASON_MAX 512
const char *form_reason(const struct check *c,
			char out[static FORM_REASON_MAX]);

/*
 * Why a whole target does not pass: "refused, expected listening; violates
 * closed-syn", or its sentence.
 */
const char *form_blame(const struct report_state *s, const struct finding *f,
		       char out[static FORM_REASON_MAX]);

/* The conversation drawn in plain ASCII, to be freed; "" when it is not
 * wanted; NULL when memory is short. */
char *form_ladder(const struct report_state *s,
		  const struct finding *f) MUST_CHECK;

#endif
