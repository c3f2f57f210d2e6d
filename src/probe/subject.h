/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections to put segments to, and what becomes of them.
 *
 * The stand is what was learnt of a target before anything was judged: does its
 * service speak first, does something swallow what a stateful filter calls
 * invalid? It has a control connection that nothing is done to: what that one
 * suffers is the service's doing, and no stimulus's.
 *
 * A subject is one connection of its own: opened, proved alive, given a
 * stimulus, and asked whether it lives.
 */
#ifndef TP_PROBE_SUBJECT_H
#define TP_PROBE_SUBJECT_H

#include "probe/trial.h"
#include "probe/trigger.h"

/*
 * Stimuli whose answers may be rate-limited are so far apart on a connection:
 * Linux answers one of them in 500 ms.
 */
#define SUBJECT_LIMIT_NS (600 * TIME_MS)

struct stand;

struct subject {
	struct stand *stand;
	struct flow *flow; /* NULL: none could be opened */
	struct flow_heard heard;
	int64_t opened_ns;
	uint8_t ttl; /* of the target's own segments */
	bool opened; /* the handshake was made */
	bool lives;  /* as far as we know */
	bool turn;   /* it has one of the stand's turns */
};

enum stand_state {
	STAND_READY,
	STAND_NUMB,    /* connections open, and show no sign of life */
	STAND_NOTHING, /* there is no connection; stand.why tells why */
};

struct stand {
	struct probe_job *job;
	const struct trigger *trigger;
	enum stand_state state;
	struct trial why;
	struct subject control;
	struct engine_turns control_turn; /* to ask whether it lives */
	int64_t rtt_ns;
	bool banner;   /* the service speaks first */
	bool sacks;    /* a connection that was taken up sends DSACK */
	bool deferred; /* it is taken up only when data comes */
	bool answers;  /* the trigger makes the service speak */
	bool filtered; /* what a stateful filter calls invalid is swallowed */
	bool relayed;  /* another box makes the handshake */
	bool dead;     /* the host answered, and answers no more */
	unsigned refused; /* handshakes that failed, in a row */
	/* To be half-open at the target: with a short backlog few of them make
	 * a listener go over to SYN cookies, and then other rules hold. */
	struct engine_turns half_open;
	/* Does it repeat its SYN-ACK? Asked by the first that wants to know. */
	struct engine_gate repeats_known;
	bool repeats_asked, repeats;
};

/* Opens the control connection and learns what it tells. */
void stand_open(struct stand *st, struct probe_job *job,
		const struct trigger *trigger);
/* Ends the control connection. */
void stand_close(struct stand *st);

/* What one stimulus got. */
enum got {
	GOT_SILENCE,
	GOT_SYN_ACK,
	GOT_CHALLENGE_ACK, /* what was acknowledged before, once more */
	GOT_ACK,	   /* of what was new */
	GOT_RST,
	GOT_N
};
const char *got_name(enum got got);

struct seen {
	bool put; /* the stimulus left, and was given its time */
	enum got got;
	uint32_t taken; /* so many bytes of it were acknowledged */
	uint8_t ttl;	/* of the answer */
	bool dsack;	/* the answer has SACK blocks */
	enum flow_life life;
	bool closed; /* the service closed meanwhile */
	bool mute;   /* it lives, but its service answers no more */
};

/* False when there is none to put anything to; out is UNKNOWN then. The
 * subject must be ended in any case. */
bool subject_open(struct stand *st, struct subject *s, struct trial *out);

/* SYN, SYN-ACK, and no ACK: as subject_open(). */
bool subject_half_open(struct stand *st, struct subject *s, struct trial *out);

/* Send it twice, against its loss; false when it could not leave. */
bool subject_say_twice(struct subject *s, const struct stimulus *what);

/*
 * Put a stimulus, `copies` times at once, and see what it gets: an answer, or
 * silence for probe_patience(); then ask whether the connection lives. What of
 * it was acknowledged counts as ours from then on.
 */
void subject_put(struct subject *s, const struct stimulus *what,
		 unsigned copies, struct seen *out);
/* The same for a stimulus that wants an answer: repeated, at the pace of
 * SUBJECT_LIMIT_NS, once more than any unanswered segment. */
void subject_ask(struct subject *s, const struct stimulus *what,
		 struct seen *out);
/* Before the next stimulus on it, after one that left at `put_ns`. */
void subject_pause(struct subject *s, int64_t put_ns);

/* May nothing be concluded from what was seen? Then out is UNKNOWN. */
bool subject_doubt(const struct subject *s, const struct seen *seen,
		   struct trial *out);
/* Did somebody else say `what` for the target, by its TTL? As above. */
bool subject_not_target(const struct subject *s, const char *what, uint8_t ttl,
			struct trial *out);
/* Silence proves nothing where something swallows segments: as above. */
bool subject_silence_doubt(const struct subject *s, struct trial *out);

/* Reset it, whatever it believes. */
void subject_end(struct subject *s);

/* One trial's question: what a trial_fn of these connections gets. */
struct question {
	struct stand *stand;
	const void *row;   /* of the table that the function knows */
	struct seen *seen; /* of the last stimulus */
};

#endif
