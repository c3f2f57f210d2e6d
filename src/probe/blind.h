/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segments that somebody who sees nothing of a connection could forge, and
 * others that are out of place in it: a row each, with what RFC 9293 and
 * RFC 5961 want of an ESTABLISHED connection, and one function that puts them.
 */
#ifndef TP_PROBE_BLIND_H
#define TP_PROBE_BLIND_H

#include "probe/subject.h"

/* In each case but the last the connection lives on. */
enum blind_want {
	WANT_CHALLENGE, /* what was acknowledged before, once more */
	WANT_ACK,	/* the same; nobody challenges, it is ordinary */
	WANT_SILENCE,
	WANT_TAKEN, /* its data is acknowledged */
	WANT_RESET, /* no matter what is answered, it is gone */
};

struct blind_row {
	const char *id; /* of the stimulus, in facts */
	enum rule_id rule;
	enum blind_want want;
	/* Numbers count as in struct stimulus: from the target's RCV.NXT and
	 * SND.NXT; `why` says which, for people. */
	struct stimulus s;
	bool past_window; /* seq counts from behind the offered window */
	bool in_window;	  /* RFC 793 let such a RST or SYN reset */
	bool informs;	  /* a fact only: the check does not depend on it */
	bool timestamps;  /* makes sense only where they are negotiated */
	bool invalid;	  /* a stateful filter would call it that */
};

extern const struct blind_row blind_rows[];
extern const size_t blind_rows_n;

/* A trial_fn; `what` is a struct question with a row of blind_rows. */
trial_fn blind_trial;

/* What of an answer's name a fact says, with the row's meaning of it. */
const char *blind_got(const struct blind_row *row, const struct seen *seen);

/*
 * Learn for the stand what answers to stimuli tell of the way there, before any
 * is judged: does a filter swallow some, does the trigger make the service
 * speak? In a task.
 */
void blind_calibrate(struct stand *st);

#endif
