/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A situation for the keepalive probe: what stands behind the port, what is on
 * the way, what is asked; and what must come of it.
 */
#ifndef TP_TESTS_SIM_SITUATION_H
#define TP_TESTS_SIM_SITUATION_H

#include "probe/keepalive.h"
#include "tests/sim/scene.h"

#define SITUATION_PORT 80

struct situation {
	struct scene_config scene;
	struct model_port port;	    /* of it the number is not looked at */
	enum model_fault faults[2]; /* 0, a fault of CLOSED: none */
	sim_hook *hook;
	void *hook_arg;
	struct keepalive_settings ask;
	bool leaves_open;
};

/* `f` must be finished by the test. */
void situation_run(const struct situation *at, struct finding *f);

/* The verdict, and these words in the summary. */
void expect_finding(const struct finding *f, const char *verdict,
		    const char *summary);
void expect_check(const struct finding *f, enum rule_id rule,
		  enum outcome outcome, const char *words);

/* Facts: a number, or -1; a text, or ""; is it null? */
int64_t fact_number(const struct finding *f, const char *name);
const char *fact_words(const struct finding *f, const char *name);
bool fact_is_null(const struct finding *f, const char *name);
bool fact_is_there(const struct finding *f, const char *name);
/* Within 5 %. */
bool is_near(int64_t got, int64_t want);

#define KEEPALIVE(idle_s, interval_s, n)                   \
	.keepalive = { .idle_ns = (idle_s)*TIME_S,         \
		       .interval_ns = (interval_s)*TIME_S, \
		       .count = n }

/* A hook: a box on the way with a memory of each connection. */
struct box {
	int64_t forgets_ns;   /* so long after the last segment */
	bool resets;	      /* what comes later; else it is dropped */
	uint8_t ttl;	      /* of its resets */
	int64_t resets_at_ns; /* by itself, so long after the handshake */
	struct {
		uint16_t port;
		int64_t seen_ns;
	} known[64];
	size_t n;
};
sim_hook box_hook; /* of a struct box */

#endif
