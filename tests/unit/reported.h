/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings to report on, and the text that a report makes of them. */
#ifndef TP_TESTS_UNIT_REPORTED_H
#define TP_TESTS_UNIT_REPORTED_H

#include "report/report.h"

/* A probe with four verdicts: listening, refused, filtered, contradictory. */
extern const struct probe reported_probe;

struct endpoint reported_endpoint(const char *addr, uint16_t port);
/* About that target, asked from 10.9.0.1:41234 on eth0, 1.9004 ms long. */
void reported_begin(struct finding *f, const char *host, const char *addr,
		    uint16_t port);
/*
 * The whole report on `n` findings, to be freed; `out` and `probe` of the
 * config are filled in here. It is cut short where `cut` is not NULL.
 */
char *reported_text(const struct finding *f, size_t n,
		    struct report_config config, const char *cut);

#endif
