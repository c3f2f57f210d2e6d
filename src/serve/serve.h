/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A real kernel socket in one role: something to probe. In this order:
 *
 *	serve_open()	the port is held, clients can come
 *	serve_run()	until it is told to stop; all is closed then
 *	serve_free()
 *
 * One thread and one epoll loop, whatever the number of connections. Nothing is
 * printed: who wants to know what happens is called back.
 */
#ifndef TP_SERVE_SERVE_H
#define TP_SERVE_SERVE_H

#include "base/addr.h"
#include "base/err.h"
#include "serve/role.h"

enum serve_event_type {
	SERVE_ACCEPTED,
	SERVE_PEER_ENDED, /* the peer has sent its FIN, we go on */
	SERVE_CLOSED,
	SERVE_FULL, /* no more can be accepted for now; said once */
};

/* Whose FIN or RST was the first. */
enum serve_closer { SERVE_NOBODY, SERVE_PEER, SERVE_SERVER };

/* What the connection ended with. */
enum serve_how {
	SERVE_FIN,
	SERVE_RST,
	SERVE_TIMEOUT,	   /* the peer answers nothing any more */
	SERVE_UNREACHABLE, /* the network says that it cannot be reached */
	SERVE_HOW_N
};

struct serve_event {
	enum serve_event_type type;
	const char *why;      /* SERVE_FULL: a static text; else NULL */
	size_t connections;   /* that are open now */
	struct endpoint peer; /* this and the rest not of SERVE_FULL */
	enum serve_closer closer;
	enum serve_how how;
	uint64_t received, sent; /* bytes */
	uint64_t requests;	 /* that were answered, by the role http */
	int64_t open_ns;	 /* how long it was open */
};

struct serve_config {
	const struct serve_role *role;
	struct endpoint at; /* FAMILY_ANY and "::": both families; port 0: the
			       kernel chooses */
	uint64_t options[SERVE_OPTION_N];
	/* May be NULL. Not 0 ends the run with that, and *e. */
	int (*told)(void *arg, const struct serve_event *event, struct err *e);
	void *arg;
};

struct serve;

/* The role with its defaults, on all addresses and a port of the kernel's. */
struct serve_config serve_defaults(const struct serve_role *role);

/* Raises the process's limit of open files as far as it is allowed. ERR_BUSY,
 * ERR_PERMISSION, ERR_USAGE (no address of this host; keepalive times that are
 * none). */
int serve_open(const struct serve_config *config, struct serve **out,
	       struct err *e) MUST_CHECK;
/* Where it stands: the port that was chosen, options as the kernel has them. */
const struct serve_config *serve_config(const struct serve *s);
/*
 * Until `stop_fd` is readable or has been closed by its other end; or -code.
 * Connections that are open then are closed, with a FIN; those that were never
 * accepted are reset by the kernel. It can run only once.
 */
int serve_run(struct serve *s, int stop_fd, struct err *e) MUST_CHECK;
/* Accepts NULL. */
void serve_free(struct serve *s);

#endif
