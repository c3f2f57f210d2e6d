/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trials of TIME-WAIT: each brings a pair of its own there and puts one
 * question to it. One row a trial; a rule may take several.
 */
#ifndef TP_PROBE_TWTRIAL_H
#define TP_PROBE_TWTRIAL_H

#include "probe/timewait.h"
#include "probe/trial.h"
#include "probe/twpair.h"

enum twtrial_id {
	TWTRIAL_SYN_NEW, /* the verdict's question: made first, and alone */
	TWTRIAL_FIN,
	TWTRIAL_DATA,
	TWTRIAL_SYN_OLD,
	TWTRIAL_SYN_SAME,
	TWTRIAL_TS_NEWER,
	TWTRIAL_TS_OLDER,
	TWTRIAL_TS_GONE_HIGHER,
	TWTRIAL_TS_GONE_LOWER,
	TWTRIAL_TS_FIRST,
	TWTRIAL_RETURN,
	TWTRIAL_RST,
	TWTRIAL_LENGTH,
	TWTRIAL_N
};

/* What a SYN should come to. */
enum twtrial_want { WANT_REOPENED, WANT_KEPT, WANT_NOT_REOPENED };

struct twtrial_row {
	enum rule_id rule;
	trial_fn *fn; /* its `what` is a const struct twtrial */
	bool needs_timestamps;
	struct twpair_syn syn;
	enum twtrial_want want;
	const char *name; /* of the SYN, for people */
};
extern const struct twtrial_row twtrial_rows[TWTRIAL_N];

/* The rules that they serve, in the order of the results. */
#define TWTRIAL_RULES_N 9
extern const enum rule_id twtrial_rules[TWTRIAL_RULES_N];

/* What a trial saw, for facts and verdict: of its last run, but for counts. */
struct twtrial_seen {
	enum twpair_state state;
	enum reached reached;
	char why[TWPAIR_WHY_MAX]; /* of any state but THERE */
	struct endpoint local;
	bool timestamps;
	uint8_t ttl;
	bool asked;		    /* the stimulus was put */
	struct twpair_answer got;   /* and got this */
	struct twpair_answer again; /* SYN_OLD: the SYN after a client's RST */
	enum flow_life in_window, exact; /* RST: the pair after it */
	int64_t lasts_ns;		 /* LENGTH; 0: unknown */
	/* SYN_NEW: how often it came to what, of so many runs. */
	unsigned runs, accepted, refused, nothing;
};

/* A trial as its function gets it. */
struct twtrial {
	const struct twtrial_row *row;
	const struct timewait_settings *settings;
	struct twtrial_seen *seen;
};

#endif
