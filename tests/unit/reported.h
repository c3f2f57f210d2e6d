/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings to report on, and the text that a report makes of them. */
#ifndef TP_TESTS_UNIT_REPORTED_H
#define TP_TESTS_UNIT_REPORTED_H

#include "report/report.h"
#include "wire/segment.h"

/* A probe with four verdicts: listening, refused, filtered, contradictory. */
extern const struct probe reported_probe;

struct endpoint reported_endpoint(const char *addr, uint16_t port);
/* About that target, asked from 10.9.0.1:41234 on eth0, 1.9004 ms long. */
void reported_begin(struct finding *f, const char *host, const char *addr,
		    uint16_t port);
/* What a segment of a conversation is made of. */
struct reported_packet {
	bool in;
	uint16_t port; /* ours */
	uint16_t flags;
	uint32_t seq, ack;
	const char *payload;
	enum segment_sum sum_mode;
	bool options;
	uint8_t ttl;
};

#define REPORTED_T0 INT64_C(1795213246001804000)

/* Into the trace; the new entry, until the next is added. */
struct trace_entry *reported_add(struct finding *f, int64_t t_ns,
				 const char *note, struct reported_packet p);
/* One conversation that lives, one that is refused, one that gets nowhere. */
void reported_converse(struct finding *f);

/*
 * The whole report on `n` findings, to be freed; `out` of the config is filled
 * in here, and `probe` where it is NULL. It is cut short where `cut` is not
 * NULL.
 */
char *reported_text(const struct finding *f, size_t n,
		    struct report_config config, const char *cut);
/* A test point: no line is beyond 80 columns, UTF-8 counted by characters. */
void reported_check_width(const char *text);

#endif
