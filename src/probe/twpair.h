/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pair of ours that the target keeps in TIME-WAIT: how it gets there, and
 * what can be asked of it. The target closes first, our FIN completes the
 * close, and the same FIN once more proves that something is kept: TIME-WAIT
 * acknowledges it again (RFC 9293 3.10.7.4), CLOSED and LISTEN reset it.
 *
 * Questions about a pair that is not there (state other than TWPAIR_THERE)
 * must not be asked. RCV.NXT and SND.NXT are the target's.
 */
#ifndef TP_PROBE_TWPAIR_H
#define TP_PROBE_TWPAIR_H

#include "probe/probe.h"
#include "probe/trigger.h"

enum twpair_state {
	TWPAIR_UNKNOWN,	   /* nobody can tell */
	TWPAIR_NOT_CLOSED, /* the service did not close first: see reach */
	TWPAIR_ABORTED,	   /* it did, and reset the connection then */
	TWPAIR_NOTHING,	   /* it did, and nothing is kept of the pair */
	TWPAIR_THERE,	   /* proved */
};

#define TWPAIR_WHY_MAX (FINDING_SUMMARY_MAX / 2)

struct twpair {
	struct probe_job *job;
	struct flow *flow;	     /* NULL: none could be opened */
	struct flow_numbers numbers; /* of the connection that was closed */
	struct reach reach;
	enum twpair_state state;
	char why[TWPAIR_WHY_MAX]; /* of any other state than THERE */
	int64_t since_ns; /* its clock was started last, of engine_now() */
	uint8_t ttl;	  /* of what answered our FIN */
};

/* Ends with twpair_end() whatever became of it. */
void twpair_enter(struct twpair *p, struct probe_job *job,
		  const struct trigger *trigger,
		  const struct flow_spec *offers);
/* An exact RST ends what is left on the target, unless RFC 1337 is kept. */
void twpair_end(struct twpair *p);

/* Let what is still under way arrive, and be forgotten: `at_least_ns` or a few
 * round trips. False when the run is being stopped. */
bool twpair_rest(struct twpair *p, int64_t at_least_ns);
#define TWPAIR_SETTLE_NS (200 * TIME_MS)
/* Linux answers a SYN or a bare ACK in TIME-WAIT every 500 ms only. */
#define TWPAIR_LIMIT_NS (600 * TIME_MS)

/* What a stimulus got; the names are those of facts. */
enum twpair_got {
	TWPAIR_SILENCE,
	TWPAIR_SYN_ACK,
	TWPAIR_CHALLENGE_ACK, /* the old connection's last ACK, to a SYN */
	TWPAIR_ACK,
	TWPAIR_RST,
	TWPAIR_GOT_N
};
const char *twpair_got_name(enum twpair_got got);

struct twpair_answer {
	enum twpair_got got;
	uint32_t seq, ack;
	const char *doubt; /* why nothing follows from it, static; else NULL */
};

/* A segment of the closed connection, which an ACK or a RST answers. */
void twpair_ask(struct twpair *p, const struct stimulus *s,
		struct twpair_answer *out);

/* A SYN for the pair. Its timestamp is newer by the time that has passed: one
 * ahead of its time would outlive the RST behind it, which Linux drops in
 * SYN-RECEIVED when its timestamp is the older one. */
enum twpair_stamp {
	TWPAIR_NEWER, /* goes on from the old connection's */
	TWPAIR_OLDER,
	TWPAIR_NO_STAMP,
	TWPAIR_FIRST_STAMP, /* where the old connection had none */
};
struct twpair_syn {
	int32_t distance; /* of its sequence number from RCV.NXT */
	enum twpair_stamp stamp;
	const char *why;
};
/*
 * Where it is accepted the flow is the new connection, half open; otherwise it
 * is the old one still. The same SYN may be put again.
 */
void twpair_ask_syn(struct twpair *p, const struct twpair_syn *syn,
		    struct twpair_answer *out);
/* The same once, without repeats. */
void twpair_ask_syn_once(struct twpair *p, const struct twpair_syn *syn,
			 int64_t within_ns, struct twpair_answer *out);

/* RSTs at this distance from RCV.NXT until the pair is gone (FLOW_DEAD), as
 * often as a lost one would be repeated (FLOW_ALIVE). */
enum flow_life twpair_reset(struct twpair *p, uint32_t distance,
			    const char *why);

#endif
