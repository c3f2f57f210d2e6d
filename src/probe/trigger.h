/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bringing a target's service to the state that a probe needs: a connection
 * that stays open, or one that the target has closed first. One way to say how
 * for all probes: --trigger.
 */
#ifndef TP_PROBE_TRIGGER_H
#define TP_PROBE_TRIGGER_H

#include "probe/probe.h"

enum trigger_kind {
	TRIGGER_AUTO, /* wait briefly, then try HTTP */
	TRIGGER_HTTP, /* a minimal request that asks to close */
	TRIGGER_SEND, /* what the user gives */
	TRIGGER_WAIT, /* the service speaks or closes by itself */
	TRIGGER_NONE,
};

struct trigger {
	const char *text; /* as given; NULL: auto */
	enum trigger_kind kind;
	uint8_t *payload; /* TRIGGER_SEND */
	size_t payload_len;
};

/* The option's row, in a struct of settings that has a struct trigger. */
#define TRIGGER_ROW(settings, member)                                     \
	{                                                                 \
		.name = "trigger", .type = OPT_TEXT, .arg = "HOW",        \
		.shown = "auto",                                          \
		.help = "how to make the service speak and close: http, " \
			"send:TEXT, wait, none or auto",                  \
		.offset = offsetof(settings, member) +                    \
			  offsetof(struct trigger, text),                 \
	}

/* For prepare() and release(): reads trigger->text. */
int trigger_prepare(struct trigger *t, struct err *e) MUST_CHECK;
void trigger_release(struct trigger *t);

/* How far a service was brought. */
enum reached {
	REACHED,	 /* the state is there */
	REACHED_REFUSED, /* RST to the SYN: nobody listens */
	REACHED_BLOCKED, /* an ICMP error instead */
	REACHED_SILENCE, /* no answer to the SYN, proved */
	REACHED_RESET,	 /* the connection was reset on the way */
	REACHED_CLOSED,	 /* the service closed it, and it was to stay */
	REACHED_OPEN,	 /* the service keeps it, and it was to close */
	REACHED_NOTHING, /* we cannot tell, or the run was stopped */
};

struct reach {
	enum reached how;
	struct flow_heard heard;
	/* When a connection that is to stay was last used: capture stamp of
	 * what we said or acknowledged. */
	int64_t last_ns;
	/* "the service closed by itself", "nobody listens: RST to the SYN":
	 * one phrase, how the state was reached or why not. */
	char why[FINDING_SUMMARY_MAX / 2];
};

/*
 * A connection that is ESTABLISHED and quiet: what the service says first is
 * absorbed and acknowledged. The flow is NULL only when none could be opened
 * (the finding is an error then); otherwise the caller ends it.
 */
struct flow *reach_established(struct probe_job *job, const struct trigger *t,
			       struct reach *out);
/* The same on a flow that is there already, in stage NEW. */
void reach_on(struct probe_job *job, struct flow *f, const struct trigger *t,
	      struct reach *out);

/*
 * Once more what send: gives, on a connection that was reached with it, and
 * what comes of it: as of flow_absorb(), out->heard adds up.
 */
enum flow_event reach_again(struct probe_job *job, struct flow *f,
			    const struct trigger *t, struct reach *out);
/* Has the service sent back what send: gave, at the end of what it said? Only
 * known of short texts: FLOW_HEARD_MAX. */
bool reach_echoed(const struct trigger *t, const struct reach *r);

/*
 * A connection whose other end has closed first: its FIN is acknowledged, our
 * end is open still (CLOSE-WAIT here, FIN-WAIT-2 there).
 */
struct flow *reach_closed_first(struct probe_job *job, const struct trigger *t,
				struct reach *out);
/* The same on a flow that is there already, in stage NEW. */
void reach_closed_first_on(struct probe_job *job, struct flow *f,
			   const struct trigger *t, struct reach *out);

/*
 * The handshake alone, on a flow in stage NEW: for a service that is known to
 * wait for its client. REACHED, or why not.
 */
void reach_handshake(struct flow *f, struct reach *out);
/*
 * Ask the service on a connection that is open, with what TRIGGER_HTTP or
 * TRIGGER_SEND say: true as soon as some of an answer has come. The others have
 * nothing to ask with: false.
 */
bool reach_answers(struct probe_job *job, struct flow *f,
		   const struct trigger *t);

#endif
