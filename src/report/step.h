/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets of a trace made ready to be drawn: parsed, and said in words with
 * sequence numbers that count from each side's beginning.
 */
#ifndef TP_REPORT_STEP_H
#define TP_REPORT_STEP_H

#include "base/addr.h"
#include "base/base.h"
#include "engine/trace.h"
#include "wire/icmp.h"
#include "wire/segment.h"

enum step_kind { STEP_SEGMENT, STEP_ICMP, STEP_MALFORMED };

/* Who talks: port 0 where there is none, family FAMILY_ANY when unknown. */
struct step_pair {
	struct endpoint ours, theirs;
};

struct step {
	const struct trace_entry *entry;
	enum step_kind kind;
	struct segment segment; /* STEP_SEGMENT */
	struct icmp icmp;	/* STEP_ICMP */
	const char *fault;	/* STEP_MALFORMED */
	struct step_pair pair;
	bool drawn;
};

/* What is known of one side while its steps are told. */
struct step_side {
	uint32_t isn[2]; /* the newest first: a pair may be used again */
	unsigned isn_n;
	uint8_t ttl; /* of its last segment; 0: none yet */
};

struct step_sides {
	struct step_side ours, theirs;
};

/* `before` is the pair of the step before it, for what cannot be told. */
void step_read(struct step *s, const struct trace_entry *entry,
	       const struct step_pair *before);
bool step_pair_equal(const struct step_pair *a, const struct step_pair *b);

/* "SYN-ACK seq=7 ack=1 win=64240", and the options where they matter (else
 * ""). Told in order: the sides learn from each step. */
#define STEP_TEXT_MAX 320
void step_tell(const struct step *s, struct step_sides *sides,
	       char label[static STEP_TEXT_MAX],
	       char options[static STEP_TEXT_MAX]);

#endif
