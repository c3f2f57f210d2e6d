/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A model of a host's TCP, to be probed: RFC 9293 with 5961, 7323, 6528, 2018,
 * 2883 and 6298, and where these leave a choice, what Linux 6.18 does. It
 * plays whatever address it is spoken to. Healthy it breaks no rule that a
 * stock Linux keeps; each switch of faults.h makes it break one.
 *
 * It has no clock and no network: time is an argument, datagrams go in through
 * model_input() and out through the callback, which may not call back in. Call
 * model_expire() when the time that model_deadline() names has come.
 *
 * Left out: ECN, urgent data (taken for ordinary data), tail loss probes, SACK
 * based recovery (it retransmits by RTO and by the third duplicate ACK), ICMP
 * errors, IP fragments.
 */
#ifndef TP_TESTS_MODEL_MODEL_H
#define TP_TESTS_MODEL_MODEL_H

#include "base/addr.h"
#include "base/base.h"
#include "tests/model/faults.h"

struct model;

/*
 * CLOSED is a connection that is no more. FIN-WAIT-2 and what follows it hold
 * no data any more.
 */
enum model_state {
	MODEL_STATE_CLOSED,
	MODEL_SYN_RECEIVED,
	MODEL_ESTABLISHED,
	MODEL_FIN_WAIT_1,
	MODEL_FIN_WAIT_2,
	MODEL_CLOSE_WAIT,
	MODEL_CLOSING,
	MODEL_LAST_ACK,
	MODEL_TIME_WAIT,
	MODEL_STATE_N
};
const char *model_state_name(enum model_state state);

struct model_config {
	uint64_t seed;
	void (*output)(void *arg, const uint8_t *bytes, size_t len);
	void *arg;
	uint16_t mtu;	/* 0 = 1500 */
	uint8_t ttl;	/* 0 = 64 */
	uint8_t wscale; /* to offer; 0 = 7 */
	bool no_wscale, no_sack, no_timestamps; /* not even when offered */
	bool rst_timestamps; /* on resets too (7323 5.2); Linux: not */
	bool no_ping;
	/* A first timestamp reopens a pair in TIME-WAIT (6191 2), and a reset
	 * of what was reopened returns there (9293 MAY-2); Linux: neither. */
	bool tw_first_stamp, tw_returns;
	/* So many pairs in TIME-WAIT at most: one more ends the one that has
	 * been there longest, as small stacks do. 0 = any number. */
	unsigned time_waits;
	/* Delay ACKs after the first 16 by 40 ms, or to every second full
	 * segment; without it each is acknowledged at once. */
	bool delayed_ack;
	/* No SYN cookies when the SYN queue is full: SYNs are dropped then. */
	bool no_cookies;
	bool abort_on_overflow; /* RST when the accept queue is full */
	int64_t time_wait_ns;	/* 0 = 60 s */
	int64_t fin_timeout_ns; /* of an orphan's FIN-WAIT-2; 0 = 60 s */
	int64_t challenge_ns;	/* between challenge ACKs; 0 = 500 ms */
	unsigned synack_retries; /* 0 = 5 */
	unsigned retries;	 /* of data and FIN; 0 = 15 */
	unsigned orphan_retries; /* when the application has gone; 0 = 8 */
};

/* What stands behind a port. Ports not named are MODEL_CLOSED. */
enum model_role {
	MODEL_CLOSED,
	MODEL_BOUND,	/* not listening: the same as closed, from outside */
	MODEL_FILTERED, /* nothing that is sent there arrives */
	MODEL_LISTEN,	/* listens, and never accepts */
	MODEL_SINK,	/* reads; closes at the peer's FIN */
	MODEL_ECHO,	/* sends back; closes at the peer's FIN */
	MODEL_HOLD,	/* reads; never closes */
	MODEL_CLOSER,	/* closes `after_ns` after accepting */
	MODEL_HTTP,	/* answers the first request and closes */
	MODEL_BANNER,	/* says `banner` first, then sinks */
	MODEL_STREAM,	/* sends `bytes` bytes when anything has come */
	MODEL_ROLE_N
};

struct model_keepalive {
	int64_t idle_ns; /* 0 = no keepalive */
	int64_t interval_ns;
	unsigned count;
};

struct model_port {
	uint16_t port;
	enum model_role role;
	unsigned backlog;     /* 0 = 128 */
	int64_t after_ns;     /* CLOSER; others: how long they think */
	const char *banner;   /* static; NULL = "220 model\r\n" */
	size_t bytes;	      /* STREAM; 0 = 100,000 */
	size_t buffer;	      /* for receiving; 0 = 65160 */
	bool closes;	      /* STREAM, BANNER: close when all is said */
	bool half_close;      /* closes its sending side only */
	bool abortive;	      /* closes with RST */
	bool deaf;	      /* never reads, until model_read() */
	bool defers; /* half-open until data comes (TCP_DEFER_ACCEPT) */
	int64_t patience_ns;  /* closes what is idle for so long; 0: never */
	struct model_keepalive keepalive;
};

/* Aborts when memory is short, as all of this does. */
struct model *model_new(const struct model_config *config);
void model_free(struct model *m);
void model_port(struct model *m, const struct model_port *port);
void model_break(struct model *m, enum model_fault fault);
void model_repair(struct model *m, enum model_fault fault);

/* A datagram has reached the host. */
void model_input(struct model *m, int64_t now_ns, const uint8_t *bytes,
		 size_t len);
/* When model_expire() wants to be called; TIME_NEVER when nothing waits. */
int64_t model_deadline(const struct model *m);
void model_expire(struct model *m, int64_t now_ns);

/* The host restarts: all connections are forgotten, nobody is told. */
void model_reboot(struct model *m);
/* The application behind a port is killed: its connections are closed, what
 * it had not read is reset. */
void model_kill(struct model *m, int64_t now_ns, uint16_t port);
/* The deaf application reads all it has, once. */
void model_read(struct model *m, int64_t now_ns, uint16_t port);

/* What a test asks. */

size_t model_connections(const struct model *m, enum model_state state);
/* In any state but TIME-WAIT. */
size_t model_open_connections(const struct model *m);

struct model_view {
	enum model_state state;
	uint32_t iss, snd_una, snd_nxt;
	uint32_t irs, rcv_nxt, rcv_window;
	bool timestamps, sack;
	uint8_t snd_shift, rcv_shift;
	uint16_t mss; /* of payload, that it sends at most */
};
/* The connection between a port of the host and a remote end. */
bool model_look(const struct model *m, uint16_t port,
		const struct endpoint *remote, struct model_view *view);

/* What applications behind a port have read in all; the first
 * MODEL_HEARD_MAX bytes of it. */
#define MODEL_HEARD_MAX 4096
const uint8_t *model_heard(const struct model *m, uint16_t port, size_t *len);

#endif
