/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The roles that a server can stand in. A role is a row: what it does when
 * something happens on a connection, and which options it looks at.
 */
#ifndef TP_SERVE_ROLE_H
#define TP_SERVE_ROLE_H

#include "base/base.h"
#include "base/err.h"

struct conn;
struct serve_config;

/* What some roles can be told, as numbers. */
enum serve_option {
	SERVE_BACKLOG,	   /* connections that wait to be accepted */
	SERVE_CONNECTIONS, /* that are held at once; the others wait */
	SERVE_REQUESTS,	   /* answered on one connection; 0: no limit */
	SERVE_IDLE,	   /* ns without a byte: then it is closed (http; 0:
			      never), or the peer is probed (keepalive) */
	SERVE_INTERVAL,	   /* ns between two keepalive probes */
	SERVE_COUNT,	   /* keepalive probes before giving up */
	SERVE_BYTES,	   /* to send; 0: for ever */
	SERVE_OPTION_N
};

/* Whatever the kernel does by itself. */
#define SERVE_KERNEL UINT64_MAX

/* How far a role goes. */
enum serve_depth {
	SERVE_BINDS,
	SERVE_LISTENS,
	SERVE_ACCEPTS,
};

struct serve_role {
	const char *name;
	const char *summary;
	enum serve_depth depth;
	unsigned uses; /* a bit for each enum serve_option */
	uint64_t defaults[SERVE_OPTION_N];
	size_t state_size; /* of what it knows of each connection */
	size_t read_max;   /* bytes that it is given at once; 0: any number */

	/* What happens, and what is done then; NULL: nothing. */

	/* The socket is to be bound: set it up. What was set is left in the
	 * configuration. 0 or -code. */
	int (*prepare)(int fd, struct serve_config *config, struct err *e);
	/* A connection was accepted. */
	void (*opened)(struct conn *c);
	/* Bytes have come; without this they are thrown away. */
	void (*got)(struct conn *c, const uint8_t *bytes, size_t n);
	/* All that conn_send() was given is on its way. */
	void (*sent)(struct conn *c);
	/* The kernel takes more to send: called for as long as it does. */
	void (*writable)(struct conn *c);
	/* The peer has sent its FIN. */
	void (*ended)(struct conn *c);
	/* No byte has moved for as long as conn_expect() allows. */
	void (*idle)(struct conn *c);
};

extern const struct serve_role *const serve_roles[];
extern const size_t serve_roles_n;
/* Their names, in the same order; NULL-terminated. */
extern const char *const serve_role_names[];

/* NULL when there is none. */
const struct serve_role *serve_role_find(const char *name);
bool serve_role_uses(const struct serve_role *role, enum serve_option option);

#endif
