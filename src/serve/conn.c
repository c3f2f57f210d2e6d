/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One connection. What a role asks for is done at once, up to the close of the
 * descriptor; the memory stays until the loop has seen it, so that a role may
 * go on to look at its connection.
 */
#include "serve/internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long the peer may take to close after our FIN, and speak until then. */
#define LINGER_NS (5 * TIME_S)
/* Buffers full of what nobody wants any more, read before close(): enough for
 * all that a peer has under way, and an end to one that never stops. */
#define DROPS_MAX 16

/* --- how it ends ------------------------------------------------------- */

static enum serve_how how_of(int error)
{
	if (error == ETIMEDOUT)
		return SERVE_TIMEOUT;
	if (error == EHOSTUNREACH || error == ENETUNREACH)
		return SERVE_UNREACHABLE;
	return SERVE_RST;
}

static void shut(struct conn *c)
{
	close(c->fd);
	c->fd = -1;
	c->state = CONN_CLOSED;
	timers_cancel(&c->serve->timers, &c->timer);
}

/* The kernel has given the connection up. */
static void die(struct conn *c, int error)
{
	c->about.how = how_of(error);
	if (c->about.closer == SERVE_NOBODY && c->about.how == SERVE_RST)
		c->about.closer = SERVE_PEER;
	shut(c);
}

/* Our FIN is due, but that of the peer may have come unread. */
static void note_closer(struct conn *c)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (c->about.closer != SERVE_NOBODY)
		return;
	c->about.closer = SERVE_SERVER;
	if (!getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) &&
	    info.tcpi_state == TCP_CLOSE_WAIT)
		c->about.closer = SERVE_PEER;
}

/* close() with something unread is a RST. */
static void drop_input(struct conn *c)
{
	for (int i = 0; i < DROPS_MAX && !c->ended; i++) {
		ssize_t n = recv(c->fd, c->serve->buffer, SERVE_BUFFER_SIZE, 0);

		if (n < 0)
			return;
		c->about.received += (uint64_t)n;
		c->ended = n == 0;
	}
}

void conn_close(struct conn *c)
{
	if (c->state == CONN_CLOSED)
		return;
	note_closer(c);
	drop_input(c);
	shut(c);
}

void conn_reset(struct conn *c)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (c->state == CONN_CLOSED)
		return;
	note_closer(c);
	c->about.how = SERVE_RST;
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	shut(c);
}

static void set_timer(struct conn *c, int64_t ns)
{
	struct serve *s = c->serve;

	if (timers_set(&s->timers, &c->timer, s->now_ns + ns))
		conn_reset(c);
}

static void send_fin(struct conn *c)
{
	if (c->ended) {
		conn_close(c);
		return;
	}
	note_closer(c);
	shutdown(c->fd, SHUT_WR);
	c->state = CONN_LINGERING;
	set_timer(c, LINGER_NS);
}

/* --- sending ----------------------------------------------------------- */

bool conn_is_open(const struct conn *c)
{
	return c->state == CONN_OPEN;
}

bool conn_is_busy(const struct conn *c)
{
	return c->rest_len > 0;
}

uint64_t conn_option(const struct conn *c, enum serve_option option)
{
	return c->serve->config.options[option];
}

/* A byte has moved. */
static void touch(struct conn *c)
{
	if (c->expected_ns && c->state != CONN_LINGERING)
		set_timer(c, c->expected_ns);
}

void conn_expect(struct conn *c, int64_t ns)
{
	c->expected_ns = ns;
	touch(c);
}

size_t conn_push(struct conn *c, const void *bytes, size_t n)
{
	/* What is followed by a FIN may wait for it. */
	int more = c->state == CONN_FINISHING ? MSG_MORE : 0;
	ssize_t taken;

	if (c->state == CONN_CLOSED)
		return 0;
	taken = send(c->fd, bytes, n, MSG_NOSIGNAL | more);
	if (taken < 0) {
		if (errno != EAGAIN && errno != EINTR)
			die(c, errno);
		return 0;
	}
	c->about.sent += (uint64_t)taken;
	touch(c);
	return (size_t)taken;
}

void conn_send(struct conn *c, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;
	size_t taken;

	BUG_ON(conn_is_busy(c));
	taken = conn_push(c, bytes, n);
	if (c->state == CONN_CLOSED || taken == n)
		return;
	c->rest = malloc(n - taken);
	if (!c->rest) {
		conn_reset(c);
		return;
	}
	memcpy(c->rest, at + taken, n - taken);
	c->rest_at = 0;
	c->rest_len = n - taken;
}

void conn_finish(struct conn *c)
{
	if (c->state != CONN_OPEN)
		return;
	c->state = CONN_FINISHING;
	if (!conn_is_busy(c))
		send_fin(c);
}

void conn_send_last(struct conn *c, const void *bytes, size_t n)
{
	if (c->state != CONN_OPEN)
		return;
	c->state = CONN_FINISHING;
	conn_send(c, bytes, n);
	if (c->state == CONN_FINISHING && !conn_is_busy(c))
		send_fin(c);
}

static void send_rest(struct conn *c)
{
	size_t taken = conn_push(c, c->rest + c->rest_at, c->rest_len);

	c->rest_at += taken;
	c->rest_len -= taken;
	if (conn_is_busy(c))
		return;
	free(c->rest);
	c->rest = NULL;
}

/* --- what the loop brings ---------------------------------------------- */

static void take_room(struct conn *c)
{
	const struct serve_role *role = c->serve->config.role;

	if (!conn_is_busy(c)) {
		if (c->state == CONN_OPEN && role->writable)
			role->writable(c);
		return;
	}
	send_rest(c);
	if (conn_is_busy(c))
		return;
	if (c->state == CONN_FINISHING)
		send_fin(c);
	else if (c->state == CONN_OPEN && role->sent)
		role->sent(c);
}

static void take_end(struct conn *c)
{
	const struct serve_role *role = c->serve->config.role;

	c->ended = true;
	if (c->about.closer == SERVE_NOBODY)
		c->about.closer = SERVE_PEER;
	if (c->state == CONN_LINGERING) {
		conn_close(c);
		return;
	}
	if (role->ended)
		role->ended(c);
	if (c->state != CONN_CLOSED)
		conn_tell(c, SERVE_PEER_ENDED);
}

static void take_input(struct conn *c)
{
	const struct serve_role *role = c->serve->config.role;
	uint8_t *buffer = c->serve->buffer;
	size_t max = role->read_max ? role->read_max : SERVE_BUFFER_SIZE;
	ssize_t n = recv(c->fd, buffer, max, 0);

	if (n == 0) {
		take_end(c);
	} else if (n > 0) {
		c->about.received += (uint64_t)n;
		touch(c);
		if (c->state == CONN_OPEN && role->got)
			role->got(c, buffer, (size_t)n);
	} else if (errno != EAGAIN && errno != EINTR) {
		die(c, errno);
	}
}

uint32_t conn_wants(const struct conn *c)
{
	bool writes = c->state == CONN_OPEN && c->serve->config.role->writable;
	uint32_t events = 0;

	if (!c->ended && !conn_is_busy(c))
		events |= EPOLLIN;
	if (writes || conn_is_busy(c))
		events |= EPOLLOUT;
	return events;
}

/* What is pending at a socket that nobody reads: it would be told for ever. */
static int pending_error(const struct conn *c)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

void conn_happened(struct conn *c, uint32_t events)
{
	const uint32_t over = EPOLLERR | EPOLLHUP;

	if (events & EPOLLOUT && !(events & over))
		take_room(c);
	if (c->state == CONN_CLOSED)
		return;
	/* What came before a RST is read before it. */
	if (events & (EPOLLIN | over) && conn_wants(c) & EPOLLIN)
		take_input(c);
	else if (events & over)
		die(c, pending_error(c));
}

void conn_expired(struct conn *c)
{
	const struct serve_role *role = c->serve->config.role;

	if (c->state == CONN_OPEN)
		role->idle(c);
	else
		conn_close(c);
}

/* --- its life ---------------------------------------------------------- */

struct conn *conn_new(struct serve *s)
{
	struct conn *c = malloc(sizeof(*c) + s->config.role->state_size);

	/* The role's own part is as large as it is seldom full. */
	if (c)
		*c = (struct conn){ .serve = s, .fd = -1 };
	return c;
}

void conn_start(struct conn *c, int fd, const struct endpoint *peer)
{
	struct serve *s = c->serve;

	c->fd = fd;
	c->opened_ns = s->now_ns;
	c->about.peer = *peer;
	c->next = s->conns;
	if (c->next)
		c->next->prev = c;
	s->conns = c;
	s->conns_n++;
	conn_tell(c, SERVE_ACCEPTED);
	if (s->config.role->opened)
		s->config.role->opened(c);
}

void conn_free(struct conn *c)
{
	struct serve *s = c->serve;

	if (c->next)
		c->next->prev = c->prev;
	if (c->prev)
		c->prev->next = c->next;
	else
		s->conns = c->next;
	s->conns_n--;
	free(c->rest);
	free(c);
}

void conn_tell(struct conn *c, enum serve_event_type type)
{
	struct serve *s = c->serve;

	if (!s->config.told || s->failed)
		return;
	c->about.type = type;
	c->about.connections = s->conns_n - (type == SERVE_CLOSED);
	c->about.open_ns = s->now_ns - c->opened_ns;
	s->failed = s->config.told(s->config.arg, &c->about, s->e);
}
