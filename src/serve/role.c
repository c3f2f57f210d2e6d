/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of roles, and those that are a line or two. */
#include "serve/role.h"

#include <string.h>

#include "serve/internal.h"

/* Of roles that only listen, or close at once, as of those that hold. */
#define LISTENS_USES (1u << SERVE_BACKLOG)
#define HOLDS_USES (LISTENS_USES | 1u << SERVE_CONNECTIONS)
#define COMMON_DEFAULTS                          \
	[SERVE_BACKLOG] = SERVE_BACKLOG_DEFAULT, \
	[SERVE_CONNECTIONS] = SERVE_CONNECTIONS_DEFAULT

static const struct serve_role role_bound = {
	.name = "bound",
	.summary = "binds the port and never listens",
	.depth = SERVE_BINDS,
};

static const struct serve_role role_listen = {
	.name = "listen",
	.summary = "listens and never accepts: the kernel alone answers",
	.depth = SERVE_LISTENS,
	.uses = LISTENS_USES,
	.defaults = { COMMON_DEFAULTS },
};

static const struct serve_role role_accept = {
	.name = "accept",
	.summary = "accepts, reads, never sends, closes after the peer",
	.depth = SERVE_ACCEPTS,
	.uses = HOLDS_USES,
	.defaults = { COMMON_DEFAULTS },
	.ended = conn_close,
};

static void echo(struct conn *c, const uint8_t *bytes, size_t n)
{
	conn_send(c, bytes, n);
}

static const struct serve_role role_echo = {
	.name = "echo",
	.summary = "sends back what comes, closes after the peer",
	.depth = SERVE_ACCEPTS,
	.uses = HOLDS_USES,
	.defaults = { COMMON_DEFAULTS },
	.got = echo,
	.ended = conn_finish,
};

static const struct serve_role role_close = {
	.name = "close",
	.summary = "accepts and closes at once: FIN",
	.depth = SERVE_ACCEPTS,
	.uses = LISTENS_USES,
	.defaults = { COMMON_DEFAULTS },
	.opened = conn_close,
};

static const struct serve_role role_reset = {
	.name = "reset",
	.summary = "accepts and resets at once: RST (SO_LINGER of 0)",
	.depth = SERVE_ACCEPTS,
	.uses = LISTENS_USES,
	.defaults = { COMMON_DEFAULTS },
	.opened = conn_reset,
};

static const struct serve_role role_stuck = {
	.name = "stuck",
	.summary = "reads to the end and never closes: CLOSE_WAIT for ever",
	.depth = SERVE_ACCEPTS,
	.uses = HOLDS_USES,
	.defaults = { COMMON_DEFAULTS },
};

/* --- stream ------------------------------------------------------------ */

/* The byte at offset n of a stream is the (n mod 64)th of these. */
static const char line[] = "0123456789abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ+\n";
#define LINE_LEN (sizeof(line) - 1)
static_assert(SERVE_BUFFER_SIZE % LINE_LEN == 0, "whole lines in the buffer");

/* Nothing is kept that the kernel does not take: it is made anew. */
static void stream(struct conn *c)
{
	uint8_t *buffer = c->serve->buffer;
	uint64_t limit = conn_option(c, SERVE_BYTES);
	uint64_t left = limit - c->about.sent;
	size_t start = (size_t)(c->about.sent % LINE_LEN);
	size_t n = SERVE_BUFFER_SIZE - start;

	for (size_t i = 0; i < SERVE_BUFFER_SIZE; i += LINE_LEN)
		memcpy(buffer + i, line, LINE_LEN);
	if (limit && left <= n)
		conn_send_last(c, buffer + start, (size_t)left);
	else
		conn_push(c, buffer + start, n);
}

static const struct serve_role role_stream = {
	.name = "stream",
	.summary = "sends for ever, or so many bytes and closes",
	.depth = SERVE_ACCEPTS,
	.uses = HOLDS_USES | 1u << SERVE_BYTES,
	.defaults = { COMMON_DEFAULTS },
	.writable = stream,
};

/* --- the table --------------------------------------------------------- */

/* In the order of what happens to a connection. */
const struct serve_role *const serve_roles[] = {
	&role_bound, &role_listen, &role_accept,    &role_echo,	 &role_http,
	&role_close, &role_reset,  &role_keepalive, &role_stuck, &role_stream,
};
const size_t serve_roles_n = ARRAY_LEN(serve_roles);

const char *const serve_role_names[] = {
	"bound", "listen",    "accept", "echo",	  "http", "close",
	"reset", "keepalive", "stuck",	"stream", NULL,
};
static_assert(ARRAY_LEN(serve_role_names) == ARRAY_LEN(serve_roles) + 1,
	      "a name for every role");

const struct serve_role *serve_role_find(const char *name)
{
	for (size_t i = 0; i < serve_roles_n; i++) {
		if (strcmp(serve_roles[i]->name, name) == 0)
			return serve_roles[i];
	}
	return NULL;
}

bool serve_role_uses(const struct serve_role *role, enum serve_option option)
{
	return role->uses >> option & 1;
}
