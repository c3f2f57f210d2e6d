/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks of a port that refuses: what RFC 9293 3.10.7.1 wants of CLOSED, and
 * what it wants of a SYN whose checksum is wrong, listener or not.
 */
#ifndef TP_PROBE_CLOSED_H
#define TP_PROBE_CLOSED_H

#include "probe/probe.h"

/* The SYN that was sent and the RST that answered it. */
struct closed_answer {
	uint32_t iss;
	uint32_t seq, ack;
	uint16_t flags, window;
	uint8_t ttl;
	int64_t rtt_ns; /* 0: unknown */
};

/* closed-syn, confirmed on fresh pairs when it is violated; with `all` also a
 * SYN whose sequence number is the last before zero. */
void closed_check_syn(struct probe_job *job, const struct closed_answer *a,
		      bool all);
/* All other closed-* checks; false when the run was stopped meanwhile. */
bool closed_check_all(struct probe_job *job, const struct closed_answer *a);

/*
 * SYNs with wrong checksums, then a good one as control: the rule's id says
 * for which kind of port. Was a wrong one answered?
 */
enum bad_sum { BAD_SUM_UNDECIDED, BAD_SUM_SILENT, BAD_SUM_ANSWERED };
enum bad_sum closed_check_checksum(struct probe_job *job, enum rule_id id,
				   int64_t rtt_ns);

#endif
