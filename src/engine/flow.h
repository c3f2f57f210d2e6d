/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One crafted conversation: our end of a 4-tuple, seen from a probe.
 *
 *	struct flow *f;
 *	if (flow_open(engine, &(struct flow_spec){ … }, &f, &err)) …
 *	flow_send(f, &(struct stimulus){ .flags = TCP_SYN, .why = "…" });
 *	switch (flow_wait(f, &(struct flow_expect){ .set = TCP_ACK },
 *			  timeout, &reply)) …
 *	flow_end(f);
 *
 * The names of the numbers are those of RFC 9293 3.3.1, seen from our end.
 * RCV.NXT of the target is our snd_nxt, its SND.NXT our rcv_nxt.
 *
 * A reply is valid until the next wait on the same flow. All verbs that wait
 * return FLOW_STOPPED at once when the run ends; the probe then ends its flows
 * and returns.
 */
#ifndef TP_ENGINE_FLOW_H
#define TP_ENGINE_FLOW_H

#include "base/addr.h"
#include "base/err.h"
#include "engine/engine.h"
#include "engine/link.h"
#include "engine/trace.h"
#include "wire/icmp.h"
#include "wire/options.h"
#include "wire/segment.h"

struct flow;

struct flow_spec {
	struct endpoint remote;
	const struct route *route; /* source address, MTU; copied */
	struct trace *trace;	   /* evidence goes here; NULL: none kept */
	/* Which of the held ports to try first: conversations with one target
	 * count up, so that each has a pair of its own. */
	unsigned nth;
	uint16_t mss;	    /* to announce; 0 = what the MTU allows */
	bool no_timestamps; /* do not offer them */
	bool no_sack;
	bool no_wscale;
	bool echo; /* ICMP echo instead of TCP: only flow_ping() works */
};

/*
 * What the other end holds of this flow, as far as we know:
 *   NEW          nothing was sent; ends without a word
 *   SYN_SENT     perhaps a half-open connection; ends with RST seq iss+1
 *   SYN_ACKED    a half-open connection; RST seq iss+1
 *   ESTABLISHED  a connection; RST seq snd_nxt
 *   GONE         a reset went one way or the other, or our SYN came no farther
 *                than a router; ends without a word
 * What of ours is not acknowledged when it ends is worth a second RST: the
 * other end may have got it or not.
 */
enum flow_stage {
	FLOW_NEW,
	FLOW_SYN_SENT,
	FLOW_SYN_ACKED,
	FLOW_ESTABLISHED,
	FLOW_GONE,
	FLOW_STAGE_N
};

struct flow_numbers {
	enum flow_stage stage;
	struct endpoint local, remote;
	uint32_t iss;	    /* our initial sequence number */
	uint32_t snd_nxt;   /* next of ours; the target's RCV.NXT */
	uint32_t snd_una;   /* oldest of ours that is not acknowledged */
	uint32_t irs;	    /* the target's initial sequence number */
	uint32_t rcv_nxt;   /* next of the target's; its SND.NXT */
	uint32_t window;    /* the target's last offered window, scaled */
	bool wscale_on;	    /* window scaling was negotiated */
	uint8_t wscale;	    /* the target's shift, 0 unless negotiated */
	bool timestamps;    /* negotiated */
	uint32_t ts_recent; /* the target's last TSval */
	bool sack;	    /* negotiated */
	bool their_fin;	    /* came in sequence: rcv_nxt is behind it */
	bool sacks;	    /* it has sent SACK blocks */
	uint8_t ttl;	    /* of the SYN-ACK; 0 before */
	uint8_t last_ttl;   /* of its last segment, a reset included */
	uint8_t rst_ttl;    /* of the reset that ended it; 0: none came */
	int64_t ended_ns;   /* when a FIN or reset of its ended it; 0: not */
	int64_t rtt_ns;	    /* SYN to SYN-ACK, both by the capture; 0 unknown */
};
const struct flow_numbers *flow_numbers(const struct flow *f);

/* What a sequence or acknowledgement number of a stimulus counts from. */
enum flow_base {
	FLOW_NEXT,     /* seq: snd_nxt, ack: rcv_nxt */
	FLOW_ISN,      /* seq: iss, ack: irs */
	FLOW_ABSOLUTE, /* zero */
};

#define FLOW_WINDOW_ZERO (-1)
#define FLOW_WINDOW_DEFAULT 64240

/*
 * One segment to send. Zeros mean the ordinary thing: numbers in sequence, the
 * options that belong there (on a SYN those of the flow_spec; otherwise
 * timestamps where negotiated), right checksum and data offset.
 */
struct stimulus {
	uint16_t flags;
	uint32_t seq, ack;
	enum flow_base seq_from, ack_from;
	const void *payload;
	size_t payload_len;
	/* Ours from now on: the flow's snd_nxt moves behind it. Without it the
	 * flow's numbers stay as they are, whatever the segment says. */
	bool counts;
	int32_t window; /* 0: default; FLOW_WINDOW_ZERO */
	uint16_t urgent;
	const uint8_t *options; /* instead of the ordinary ones */
	size_t options_len;
	/* The options do not take the ordinary ones' place: they follow. */
	bool more_options;
	bool no_options; /* none at all */
	uint8_t doff;	 /* 0: right */
	enum segment_sum sum_mode;
	uint16_t sum;
	uint8_t ttl; /* 0: 64 */
	uint8_t tos;
	bool no_df;	     /* IPv4: may be fragmented */
	const uint16_t *id;  /* IPv4; NULL: random */
	uint32_t flow_label; /* IPv6 */
	int32_t ts_shift_ms; /* of the timestamp in the ordinary options */
	/* Evidence: what it is sent for, and the id (static) of the check that
	 * it and all that follows on the flow serve; NULL: as before. */
	const char *why, *check;
};

struct reply {
	int64_t t_ns;	 /* the capture's stamp */
	size_t evidence; /* its index in the trace; SIZE_MAX: not kept */
	struct segment segment;
	struct options options;
	struct icmp icmp;
};

enum flow_event {
	FLOW_SEGMENT,
	FLOW_ICMP, /* an ICMP error that quotes a segment of this flow */
	FLOW_ECHO, /* the answer to flow_ping() */
	FLOW_TIMEOUT,
	FLOW_STOPPED,
};

/* Which of what arrives a wait is for; the rest is evidence only. */
struct flow_expect {
	uint16_t set;	/* flags that must be there */
	uint16_t clear; /* flags that must not */
	bool icmp;	/* ICMP errors too */
	bool (*accept)(const struct flow *f, const struct segment *s,
		       const void *arg);
	const void *arg;
};

int flow_open(struct engine *e, const struct flow_spec *spec, struct flow **out,
	      struct err *err) MUST_CHECK;

/*
 * Send one segment, when the rate allows it. 0, or a negative code when the
 * segment could not leave; flow_error() keeps the sentence. While the run is
 * ending nothing is sent: the next wait says so.
 */
int flow_send(struct flow *f, const struct stimulus *s);
const struct err *flow_error(const struct flow *f);

/* The next thing that `expect` (NULL: anything) wants, waiting for it. */
enum flow_event flow_wait(struct flow *f, const struct flow_expect *expect,
			  int64_t within_ns, const struct reply **reply);

/*
 * Send until answered: the stimulus, the configured timeout and retries. The
 * repeats are the same segment. FLOW_TIMEOUT after the last one, or when it
 * could not leave (flow_error() is set then).
 */
enum flow_event flow_ask(struct flow *f, const struct stimulus *s,
			 const struct flow_expect *expect,
			 const struct reply **reply);
/* The same with tries that are at least so far apart: what a rate limit may
 * swallow the answer of. */
enum flow_event flow_ask_every(struct flow *f, const struct stimulus *s,
			       const struct flow_expect *expect,
			       int64_t every_ns, const struct reply **reply);

/* SYN, SYN-ACK, ACK. FLOW_SEGMENT with stage ESTABLISHED when that worked,
 * otherwise whatever came instead. */
enum flow_event flow_handshake(struct flow *f, const struct reply **reply);

/*
 * Is the connection alive? One garbage byte below the window: never
 * rate-limited, never delivered (RFC 9293 3.8.4). Spends the retries.
 */
enum flow_life { FLOW_ALIVE, FLOW_DEAD, FLOW_MUTE, FLOW_UNKNOWN };
enum flow_life flow_alive(struct flow *f);
/* What an answer, or none, to a question that a living connection acknowledges
 * and a dead one resets says. */
enum flow_life flow_judge_life(struct flow *f, enum flow_event event,
			       const struct reply *reply);

/*
 * Take in what the other end sends, in sequence, and acknowledge it: until
 * nothing has come for `quiet_ns` (FLOW_TIMEOUT), the other end has closed or
 * the connection was reset (FLOW_SEGMENT; heard->fin or heard->rst), or in all
 * `within_ns` are over (FLOW_TIMEOUT). heard adds up over several calls.
 */
#define FLOW_HEARD_MAX 128
struct flow_heard {
	uint64_t bytes;	   /* of data, in sequence */
	unsigned segments; /* with data or a FIN, repeats included */
	bool fin, rst;
	int64_t t_ns;	 /* capture stamp of the last of them; 0: none */
	uint8_t rst_ttl; /* of the reset */
	/* The first bytes. */
	uint8_t data[FLOW_HEARD_MAX];
	size_t data_len;
};
enum flow_event flow_absorb(struct flow *f, int64_t quiet_ns, int64_t within_ns,
			    struct flow_heard *heard);

/*
 * A new incarnation of the same pair: numbers and stage start over, with this
 * initial sequence number. What the other end still holds of the old one is
 * the caller's to end.
 */
void flow_renew(struct flow *f, uint32_t iss);
/* Back to an earlier incarnation, which the other end still holds: numbers and
 * stage are what they were. */
void flow_resume(struct flow *f, const struct flow_numbers *earlier);

/* One ICMP echo, and the wait for its reply. */
enum flow_event flow_ping(struct flow *f, int64_t within_ns,
			  const struct reply **reply);

/* Throw away what arrived and was not waited for. */
void flow_drain(struct flow *f);
/* What the last reply was taken for, instead of "an answer": evidence. */
void flow_note(struct flow *f, const char *text);
/* When the last segment of ours was seen leaving, capture stamp; 0: never. */
int64_t flow_left_ns(const struct flow *f);
/* Wait until all of ours have been seen leaving; a moment at most. True when
 * they have been. */
bool flow_settle(struct flow *f);
/* Our timestamp, as the ordinary options would carry it now. */
uint32_t flow_tsval(struct flow *f);

/* What was counted so far. */
struct flow_counts {
	uint32_t sent;	    /* segments of ours */
	uint32_t seen;	    /* of them seen leaving by the capture */
	uint32_t received;  /* segments of the target's */
	uint32_t malformed; /* of them not parsable */
	uint32_t unmatched; /* of them nobody waited for */
	uint32_t lost;	    /* came faster than they could be kept */
	uint32_t foreign; /* left from our pair, not sent by us: our kernel's */
};
void flow_counts(const struct flow *f, struct flow_counts *out);

/*
 * After FLOW_TIMEOUT: may silence be believed? SILENCE_REAL, or why not.
 */
enum flow_silence {
	SILENCE_REAL,
	SILENCE_NOT_SEEN_LEAVING, /* our own stimulus never left */
	SILENCE_CAPTURE_DROPPED,  /* the capture lost packets meanwhile */
	SILENCE_FLOODED,	  /* noise on the pair was dropped unread */
	SILENCE_OWN_KERNEL,	  /* our kernel answered on the pair */
	SILENCE_STOPPED,
};
enum flow_silence flow_silence(const struct flow *f);
const char *flow_silence_text(enum flow_silence s);

/*
 * Reset the other end now, by the stage and whatever the pace: nothing stays
 * open there while the probe goes on thinking.
 */
void flow_reset(struct flow *f);

/*
 * End politely (flow_reset()), and free. The pair stays known for a while: what
 * still arrives on it is reset, so that nothing stays open on the target.
 */
void flow_end(struct flow *f);

#endif
