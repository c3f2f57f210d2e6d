/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this room share: the server, a connection, and what a role
 * can do with it. */
#ifndef TP_SERVE_INTERNAL_H
#define TP_SERVE_INTERNAL_H

#include <stdalign.h>

#include "engine/timer.h"
#include "serve/serve.h"

#define SERVE_BUFFER_SIZE 65536
/* Of roles that do not say otherwise. */
#define SERVE_BACKLOG_DEFAULT 128
#define SERVE_CONNECTIONS_DEFAULT 10000

/*
 * OPEN		the role speaks
 * FINISHING	it has said its last, but the kernel has not taken all of it
 * LINGERING	our FIN is sent; what the peer still says is read and dropped,
 *		until its FIN comes or patience ends
 * CLOSED	the descriptor is gone; freed as soon as the event is dealt with
 */
enum conn_state {
	CONN_OPEN,
	CONN_FINISHING,
	CONN_LINGERING,
	CONN_CLOSED,
};

struct conn {
	struct serve *serve;
	struct conn *next, *prev;
	int fd;
	enum conn_state state;
	bool ended;	  /* the peer has sent its FIN: no more to read */
	bool known;	  /* to epoll */
	uint32_t watched; /* the events that it waits for */
	struct timer timer;
	int64_t expected_ns; /* between two bytes; 0: however long */
	uint8_t *rest;	     /* what the kernel has not taken yet, or NULL */
	size_t rest_at, rest_len;
	int64_t opened_ns;
	struct serve_event about; /* what is to be told of it */
	alignas(max_align_t) unsigned char state_of_role[];
};

struct serve {
	struct serve_config config;
	int listener, epoll;
	int64_t now_ns; /* when the current events were fetched */
	struct conn *conns;
	size_t conns_n;
	struct timers timers;
	int64_t again_ns; /* when to accept again; TIME_NEVER: now */
	bool told_full;
	bool stopped;
	int failed; /* what `told` returned */
	struct err *e;
	uint8_t buffer[SERVE_BUFFER_SIZE];
};

/* --- listener.c -------------------------------------------------------- */

/* A socket that is bound, and listens if the role does; config->at becomes its
 * address. The descriptor or -code. */
int listener_open(struct serve_config *config, struct err *e) MUST_CHECK;

/* --- conn.c: what a role does with a connection ------------------------ */

/* Something has died of it: nothing more happens to a connection then. */
bool conn_is_open(const struct conn *c);
uint64_t conn_option(const struct conn *c, enum serve_option option);
/* Call the role when no byte has moved for so long; 0: never. */
void conn_expect(struct conn *c, int64_t ns);
/* As much as the kernel takes now; returns how much. */
size_t conn_push(struct conn *c, const void *bytes, size_t n);
/* All of it: what the kernel does not take now is kept, and until it is gone
 * nothing is read. Not while conn_is_busy(). */
void conn_send(struct conn *c, const void *bytes, size_t n);
bool conn_is_busy(const struct conn *c);
/* FIN, after all that was sent; then read what the peer still says, so that no
 * RST of ours overtakes what it has not read yet. */
void conn_finish(struct conn *c);
/* The same after these bytes, with the FIN on the last of them: a peer that
 * closes when it has read them does not come first. */
void conn_send_last(struct conn *c, const void *bytes, size_t n);
/* close(): FIN, unless the peer goes on speaking. */
void conn_close(struct conn *c);
/* RST. */
void conn_reset(struct conn *c);

/* --- conn.c: what the loop does with it -------------------------------- */

/* Takes over the descriptor; NULL and nothing taken when memory is short. */
struct conn *conn_new(struct serve *s);
void conn_start(struct conn *c, int fd, const struct endpoint *peer);
/* It is done with: forget it. The descriptor is closed already. */
void conn_free(struct conn *c);
/* The events to wait for, 0 for none. */
uint32_t conn_wants(const struct conn *c);
/* epoll's events have come. */
void conn_happened(struct conn *c, uint32_t events);
/* Its timer has run out. */
void conn_expired(struct conn *c);
/* Tell about it. */
void conn_tell(struct conn *c, enum serve_event_type type);

/* --- roles that have a file of their own ------------------------------- */

extern const struct serve_role role_http;
extern const struct serve_role role_keepalive;

#endif
