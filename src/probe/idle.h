/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Idle connections, watched: does the target probe whether we are there, when,
 * how often, and what comes of it? Several at the same time, because the way
 * may lose probes (probe/schedule.h).
 */
#ifndef TP_PROBE_IDLE_H
#define TP_PROBE_IDLE_H

#include "base/line.h"
#include "probe/probe.h"
#include "probe/schedule.h"
#include "probe/trigger.h"

/* What the target sees of us once the connection is idle. */
enum idle_play {
	IDLE_ALIVE,    /* each probe is answered */
	IDLE_REBOOTED, /* with RST: we know nothing of the connection */
	IDLE_GONE,     /* nothing is answered */
	IDLE_LOSSY,    /* the second of two: the first was lost */
	IDLE_PLAYS_N
};
extern const char *const idle_play_names[]; /* ends with NULL */

struct idle_question {
	enum idle_play play;
	int64_t within_ns; /* no longer than that */
	const struct trigger *trigger;
};

/* What a segment means that comes on an idle connection. */
enum idle_arrival {
	IDLE_NOTHING,
	IDLE_SYNACK,	 /* again: our ACK of it was lost, or put off */
	IDLE_PROBE,	 /* one below what is next, no data */
	IDLE_PROBE_BYTE, /* the same with a byte */
	IDLE_PROBE_ODD,	 /* an ACK that nothing called for */
	IDLE_DATA,	 /* or a FIN, new or repeated */
	IDLE_RESET,
};
/* `nxt` is what was next before the segment came; `quiet`: nothing has gone
 * either way for so long that an ACK can be no answer any more. */
enum idle_arrival idle_classify(const struct flow *f, const struct segment *s,
				uint32_t nxt, bool quiet);

/*
 * Is the other end there, where a keepalive gets no answer? A FIN must be
 * acknowledged, and passes whatever may swallow a keepalive. It is the last
 * question that a connection can be asked. `check` is evidence, or NULL.
 */
enum flow_life idle_ask_by_fin(struct flow *f, const char *check);

/*
 * The course of one watch:
 *   NEVER     there was no connection to watch; why
 *   WATCHING
 *   OPEN      it lives
 *   CLOSED    the target has sent a FIN
 *   RESET     a RST came by itself
 *   OURS      our RST has ended it
 *   DEAD      asked at the end, the target knew it no longer: RST
 *   MUTE      asked at the end, nothing answered
 *   UNKNOWN   nothing can be said; why
 */
enum vigil_state {
	VIGIL_NEVER,
	VIGIL_WATCHING,
	VIGIL_OPEN,
	VIGIL_CLOSED,
	VIGIL_RESET,
	VIGIL_OURS,
	VIGIL_DEAD,
	VIGIL_MUTE,
	VIGIL_UNKNOWN,
};

struct vigil {
	struct probe_job *job;
	const struct idle_question *question;
	unsigned nth;	/* of those that watch together; 0 tells how far */
	bool in_window; /* REBOOTED: its RST has not the exact number */

	struct flow *flow;
	uint32_t nxt;	    /* of the target's */
	int64_t begun_ns;   /* engine_now() */
	int64_t sight_ns;   /* of the last probe; engine_now() */
	int64_t arrival_ns; /* of the last segment; capture stamp */
	int64_t served_ns;  /* when the service was last given or took
			     * anything; capture stamp */
	int64_t before_ns;  /* the same, one time before */
	uint32_t data_seq;  /* of the last data */
	unsigned pending;   /* probes in a row that we did not answer */

	enum vigil_state state;
	struct schedule_line line;
	unsigned with_byte, odd; /* of the probes */
	unsigned answered;	 /* by us */
	unsigned spoke;		 /* so often data came by itself */
	unsigned resets;	 /* that we sent */
	int64_t watched_ns;
	int64_t end_ns;	      /* CLOSED, RESET: since served_ns … */
	int64_t end_idle_ns;  /* … and since our last segment */
	uint8_t ttl, rst_ttl; /* of the SYN-ACK, of the RST */
	bool foreign;	      /* they do not come from the same box */
	bool settled;	      /* GONE: the probes have ended */
	bool deferred;	      /* the target opened it later than we did */
	const char *doubt;    /* why probes may have come unseen; NULL: none */
	char why[FINDING_SUMMARY_MAX];
};

#define IDLE_VIGILS 3

struct idle {
	struct probe_job *job;
	struct idle_question question;
	/* In REBOOTED one more, with a RST in the window. */
	struct vigil vigils[IDLE_VIGILS + 1];
	size_t n;
	/* Resets that came count from our last segment, not from the service's:
	 * a keepalive's. */
	bool from_us;
	struct schedule schedule;
};

/* NULL when memory is short: the finding is an error then. */
struct idle *idle_new(struct probe_job *job, const struct idle_question *q);
void idle_free(struct idle *idle);
/* Watch to the end; a task_fn, of a struct idle. */
void idle_watch(void *arg);

/* What came of it: idle_judge.c. */
bool idle_probed(const struct idle *idle);
void idle_facts(const struct idle *idle, struct finding *f);
void idle_checks(const struct idle *idle, struct finding *f);
/* A phrase for the summary. */
void idle_describe(const struct idle *idle, struct line *l);

#endif
