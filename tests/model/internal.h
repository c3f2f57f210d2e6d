/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of the model, shared by its files:
 *
 *	model.c     life, demultiplexing, deadlines, what tests ask
 *	closed.c    CLOSED, LISTEN, resets
 *	request.c   SYN-RECEIVED, SYN cookies
 *	input.c     the synchronized states
 *	receive.c   text: reassembly, SACK, what to acknowledge
 *	output.c    segments, windows, retransmission
 *	timewait.c  TIME-WAIT, and FIN-WAIT-2 without an application
 *	service.c   the applications
 */
#ifndef TP_TESTS_MODEL_INTERNAL_H
#define TP_TESTS_MODEL_INTERNAL_H

#include "tests/model/model.h"
#include "wire/options.h"
#include "wire/segment.h"
#include "wire/seq.h"

#define MODEL_PORTS_MAX 64
#define MODEL_SACK_MAX 4
/* Headers of the largest kind in front of the largest segment. */
#define MODEL_DATAGRAM_MAX (SEGMENT_MAX + 40)

/* Of a connection. RTX is the SYN-ACK's in SYN-RECEIVED; IDLE ends the
 * application's patience, LIFE TIME-WAIT and an orphan's FIN-WAIT-2. */
enum model_timer {
	MODEL_TIMER_RTX,
	MODEL_TIMER_PERSIST,
	MODEL_TIMER_ACK,
	MODEL_TIMER_KEEPALIVE,
	MODEL_TIMER_APP,
	MODEL_TIMER_IDLE,
	MODEL_TIMER_LIFE,
	MODEL_TIMER_N
};

struct model_bytes {
	uint8_t *bytes;
	size_t len, size;
};

/* Text above a gap, sorted by seq; they may overlap. */
struct model_piece {
	struct model_piece *next;
	uint32_t seq;
	uint32_t end; /* with the FIN */
	bool fin;
	uint8_t bytes[];
};

struct model_block {
	uint32_t left, right;
};

/* A port and what its applications have read. */
struct model_door {
	struct model_port spec;
	struct model_bytes heard;
	int64_t cookies_until_ns; /* ACKs may be answers to cookies */
};

/* Of the connection in TIME-WAIT that a new one took the place of. */
struct model_before {
	bool returns, ts;
	uint32_t snd_nxt, rcv_nxt, ts_recent;
};

/* The names of RFC 9293 3.3.1 where it has one. */
struct model_conn {
	struct model_conn *next;
	struct endpoint local, remote;
	struct model_door *door;
	enum model_state state;
	int64_t at[MODEL_TIMER_N];

	uint32_t iss, snd_una, snd_nxt, snd_wnd, snd_wl1, snd_wl2;
	uint32_t max_wnd; /* the largest that was offered */
	uint64_t acked;	  /* bytes */
	struct model_bytes out; /* from snd_una on */
	bool fin_queued, fin_sent, fin_acked;

	uint32_t irs, rcv_nxt;
	uint32_t rcv_wup; /* RCV.NXT of the last segment that we sent */
	uint32_t rcv_wnd; /* and its window */
	struct model_bytes in; /* in order, not yet read */
	struct model_piece *queue;
	struct model_block sack[MODEL_SACK_MAX]; /* newest first */
	unsigned sack_n;
	struct model_block dsack;
	bool has_dsack, fin_received;
	bool ack_now, ack_due;
	uint32_t quick_acks; /* before ACKs are delayed */

	bool ts, sack_ok, wscale;
	uint8_t snd_shift, rcv_shift;
	uint16_t mss; /* of payload, that we send */
	uint32_t ts_recent, ts_offset;
	int64_t ts_recent_at_ns;
	uint16_t ip_id;

	int64_t synack_at_ns; /* the first one */
	bool synack_repeated; /* to a repeated SYN */
	int64_t srtt_ns, rttvar_ns, rto_ns;
	unsigned tries; /* retransmissions, probes of a zero window */
	unsigned backoff;
	bool timing; /* timed_seq was sent once, at timed_ns */
	uint32_t timed_seq;
	int64_t timed_ns;
	uint32_t cwnd;
	unsigned duplicates;
	/* Lost are all up to here: 0 none, RTO go-back-N, fast one by one. */
	enum { MODEL_NO_LOSS, MODEL_RTO_LOSS, MODEL_FAST_LOSS } loss;
	uint32_t recover, rtx_nxt;

	bool oow_known; /* of the limit of challenge and duplicate ACKs */
	int64_t oow_at_ns;
	int64_t heard_ns; /* for keepalive */
	unsigned probes;

	struct model_before before;
	bool opened;  /* its application has it */
	bool replied; /* its application has said what it has to say */
	bool closed;  /* its application has closed the sending side */
	bool orphan;  /* its application is gone */
};

struct model {
	struct model_config config;
	int64_t now_ns;
	uint64_t secret[2];
	bool faults[MODEL_FAULT_N];
	bool dead; /* an illegal option was too much */
	struct model_door doors[MODEL_PORTS_MAX];
	size_t doors_n;
	struct model_conn *conns;
	int64_t budget_at_ns; /* of MODEL_CHALLENGE_HOST_LIMIT */
	unsigned budget;
	uint8_t buffer[MODEL_DATAGRAM_MAX];
};

/* A segment that has arrived. */
struct model_in {
	struct segment s;
	struct options o;
};

static inline bool model_broken(const struct model *m, enum model_fault fault)
{
	return m->faults[fault];
}

static inline bool model_gone(const struct model_conn *c)
{
	return c->state == MODEL_STATE_CLOSED;
}

/* model.c */
struct model_conn *model_conn_new(struct model *m, struct model_door *door,
				  const struct model_in *in);
/* Freed when the input or deadline that ended it is done. */
void model_conn_kill(struct model_conn *c);
void model_bytes_add(struct model_bytes *b, const void *bytes, size_t len);
void model_bytes_drop(struct model_bytes *b, size_t len); /* from the front */
/* A keyed hash of both ends. */
uint64_t model_hash(const struct model *m, const struct endpoint *local,
		    const struct endpoint *remote, unsigned purpose);
size_t model_count(const struct model *m, const struct model_door *door,
		   bool requests);

/* closed.c */
void model_closed_input(struct model *m, const struct model_in *in);
void model_listen_input(struct model *m, struct model_door *door,
			const struct model_in *in);
/* The reset that answers a segment, RFC 9293 3.10.7.1. */
void model_reset(struct model *m, const struct model_in *in);

/* request.c */
/* `isn`: the one to use, or NULL. */
struct model_conn *model_request_new(struct model *m, struct model_door *door,
				     const struct model_in *in,
				     const uint32_t *isn);
void model_request_input(struct model *m, struct model_conn *c,
			 const struct model_in *in);
void model_request_expire(struct model *m, struct model_conn *c);
void model_synack(struct model *m, struct model_conn *c, uint16_t reserved);
/* The answer to a SYN without keeping anything. */
void model_cookie_send(struct model *m, struct model_door *door,
		       const struct model_in *in);
/* True when the ACK brought a cookie back, and a connection is made of it. */
bool model_cookie_accept(struct model *m, struct model_door *door,
			 const struct model_in *in);

/* input.c */
void model_conn_input(struct model *m, struct model_conn *c,
		      struct model_in *in);
/* May an answer to an out-of-window segment be sent? Counts it. */
bool model_oow_allowed(struct model *m, struct model_conn *c,
		       const struct model_in *in);
/* How much older than what we saw last its timestamp is; 0 without. */
int32_t model_paws_age(const struct model_conn *c, const struct model_in *in);
/* Linux's tcp_in_window(), for half-open and half-dead connections. */
bool model_in_window(const struct segment *s, uint32_t first, uint32_t len);

/* receive.c */
void model_receive(struct model *m, struct model_conn *c,
		   const struct model_in *in);
uint32_t model_receive_window(const struct model_conn *c);
void model_dsack(struct model_conn *c, uint32_t left, uint32_t right);
void model_acknowledge(struct model *m, struct model_conn *c);
void model_queue_free(struct model_conn *c);

/* output.c */
/* Fills ttl, DF and addresses' rest, builds and sends. */
void model_emit(struct model *m, struct segment *s);
void model_ack(struct model *m, struct model_conn *c);
/* RST+ACK of our own accord; the connection is gone. */
void model_abort(struct model *m, struct model_conn *c);
uint32_t model_timestamp(const struct model *m, const struct model_conn *c);
/* Send what may be sent, and set the timers for it. */
void model_push(struct model *m, struct model_conn *c);
/* SND.UNA has moved to `ack`. */
void model_acked(struct model *m, struct model_conn *c, uint32_t ack,
		 const struct model_in *in);
void model_duplicate_ack(struct model *m, struct model_conn *c);
void model_rtt_sample(struct model_conn *c, int64_t rtt_ns);
void model_rtx_expire(struct model *m, struct model_conn *c);
void model_persist_expire(struct model *m, struct model_conn *c);
void model_keepalive_expire(struct model *m, struct model_conn *c);
/* How long nothing may be heard before the first probe. */
int64_t model_keepalive_idle(const struct model *m, const struct model_conn *c);

/* timewait.c */
void model_timewait_enter(struct model *m, struct model_conn *c);
/* Back: the SYN that reopened it was an old duplicate. */
void model_timewait_return(struct model *m, struct model_conn *c);
/* FIN-WAIT-2 of an orphan. */
void model_finwait2_enter(struct model *m, struct model_conn *c);
void model_timewait_input(struct model *m, struct model_conn *c,
			  const struct model_in *in);

/* service.c */
void model_app_open(struct model *m, struct model_conn *c);
/* There may be something to read. */
void model_app_run(struct model *m, struct model_conn *c);
void model_app_expire(struct model *m, struct model_conn *c);
void model_app_hear(struct model_conn *c, const uint8_t *bytes, size_t len);
void model_app_close(struct model *m, struct model_conn *c);

#endif
