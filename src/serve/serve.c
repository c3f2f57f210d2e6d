/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loop. epoll says what has happened; the connection and its role deal with
 * it; then either it is over, or the loop learns what it waits for next. Nobody
 * waits for anything else: not for a peer that does not read, and not for one
 * that does not speak.
 *
 * When no connection can be accepted (no descriptor is left, or there are as
 * many as there may be), the clients wait in the kernel's queue, and the
 * listening socket is not looked at until a connection ends or some time has
 * passed: looking at once would find the same, as fast as the processor can.
 */
#include "serve/serve.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "io/limit.h"
#include "io/sockaddr.h"
#include "serve/internal.h"

#define EVENTS_MAX 64
/* Accepted in one go, so that the connections have their turn too. */
#define ACCEPTS_MAX 64
#define AGAIN_NS TIME_S

static int64_t clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * TIME_S + ts.tv_nsec;
}

/* Events name what they are about: a connection, the server itself for its
 * listening socket, or nothing for the descriptor that stops it. */
static int watch(const struct serve *s, int operation, int fd, uint32_t events,
		 void *what)
{
	struct epoll_event event = { .events = events, .data.ptr = what };

	return epoll_ctl(s->epoll, operation, fd, &event);
}

/* --- accepting --------------------------------------------------------- */

static void accept_later(struct serve *s, const char *why)
{
	struct serve_event event = {
		.type = SERVE_FULL,
		.why = why,
		.connections = s->conns_n,
	};

	s->again_ns = s->now_ns + AGAIN_NS;
	watch(s, EPOLL_CTL_MOD, s->listener, 0, s);
	if (s->told_full || !s->config.told || s->failed)
		return;
	s->told_full = true;
	s->failed = s->config.told(s->config.arg, &event, s->e);
}

static void accept_again(struct serve *s)
{
	if (s->again_ns == TIME_NEVER)
		return;
	s->again_ns = TIME_NEVER;
	watch(s, EPOLL_CTL_MOD, s->listener, EPOLLIN, s);
}

/* The connection is over: or else what it waits for now is waited for. */
static void settle(struct serve *s, struct conn *c)
{
	uint32_t wants = conn_wants(c);
	int operation = c->known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (c->state != CONN_CLOSED && (!c->known || c->watched != wants)) {
		if (watch(s, operation, c->fd, wants, c))
			conn_reset(c);
		c->known = true;
		c->watched = wants;
	}
	if (c->state != CONN_CLOSED)
		return;
	conn_tell(c, SERVE_CLOSED);
	conn_free(c);
	accept_again(s);
}

/* NULL: one that has gone again is no reason not to take the next. */
static const char *why_not_accepted(int error)
{
	switch (error) {
	case EMFILE:
		return "the limit of open files is reached "
		       "(raise it: ulimit -n)";
	case ENFILE:
		return "the system's limit of open files is reached";
	case ENOBUFS:
	case ENOMEM:
		return "memory is short";
	}
	return NULL;
}

/* True when the next may be tried. */
static bool accept_one(struct serve *s, struct conn *c)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	struct endpoint peer;
	const char *why;
	int fd = accept4(s->listener, (struct sockaddr *)&sa, &len,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		why = why_not_accepted(errno);
		if (why)
			accept_later(s, why);
		free(c);
		return !why && errno != EAGAIN;
	}
	if (sockaddr_to((struct sockaddr *)&sa, &peer))
		peer = (struct endpoint){ 0 };
	peer.addr = addr_unmap(&peer.addr);
	conn_start(c, fd, &peer);
	settle(s, c);
	return !s->failed;
}

static void accept_all(struct serve *s)
{
	bool more = true;

	for (int i = 0; more && i < ACCEPTS_MAX; i++) {
		struct conn *c = NULL;

		if (s->conns_n >= s->config.options[SERVE_CONNECTIONS]) {
			accept_later(s, "as many connections are open as may "
					"be (--max-connections)");
			return;
		}
		/* Before the connection, so that none is lost for want of
		 * memory. */
		c = conn_new(s);
		if (!c) {
			accept_later(s, "memory is short");
			return;
		}
		more = accept_one(s, c);
	}
}

/* --- the loop ---------------------------------------------------------- */

/* To the next deadline, in whole milliseconds and never too early; -1: none. */
static int wait_ms(const struct serve *s)
{
	const struct timer *first = timers_first(&s->timers);
	int64_t at_ns = s->again_ns;
	int64_t ms;

	if (first && first->at_ns < at_ns)
		at_ns = first->at_ns;
	if (at_ns == TIME_NEVER)
		return -1;
	if (at_ns <= s->now_ns)
		return 0;
	ms = (at_ns - s->now_ns - 1) / TIME_MS + 1;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

static void expire(struct serve *s)
{
	struct timer *first;

	if (s->again_ns <= s->now_ns)
		accept_again(s);
	while ((first = timers_first(&s->timers)) &&
	       first->at_ns <= s->now_ns) {
		struct conn *c = CONTAINER_OF(first, struct conn, timer);

		timers_cancel(&s->timers, first);
		conn_expired(c);
		settle(s, c);
	}
}

static void happened(struct serve *s, const struct epoll_event *event)
{
	struct conn *c = event->data.ptr;

	if (!c) {
		s->stopped = true;
	} else if (event->data.ptr == s) {
		accept_all(s);
	} else {
		conn_happened(c, event->events);
		settle(s, c);
	}
}

static int turn(struct serve *s, struct err *e)
{
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(s->epoll, events, EVENTS_MAX, wait_ms(s));

	if (n < 0 && errno != EINTR)
		return err_set(e, ERR_IO, "wait for connections: %s",
			       strerror(errno));
	s->now_ns = clock_now();
	for (int i = 0; i < n && !s->failed; i++)
		happened(s, &events[i]);
	expire(s);
	return s->failed;
}

/* The listening socket first: nobody comes any more. */
static void close_all(struct serve *s)
{
	struct conn *next;

	close(s->listener);
	s->listener = -1;
	for (struct conn *c = s->conns; c; c = next) {
		next = c->next;
		conn_close(c);
		conn_tell(c, SERVE_CLOSED);
		conn_free(c);
	}
}

int serve_run(struct serve *s, int stop_fd, struct err *e)
{
	int ret = 0;

	s->e = e;
	s->now_ns = clock_now();
	if (watch(s, EPOLL_CTL_ADD, stop_fd, EPOLLIN, NULL))
		ret = err_set(e, ERR_IO, "wait for the end: %s",
			      strerror(errno));
	while (!ret && !s->stopped)
		ret = turn(s, e);
	close_all(s);
	return ret ? ret : s->failed;
}

/* --- its life ---------------------------------------------------------- */

struct serve_config serve_defaults(const struct serve_role *role)
{
	struct serve_config config = { .role = role };

	memcpy(config.options, role->defaults, sizeof(config.options));
	return config;
}

const struct serve_config *serve_config(const struct serve *s)
{
	return &s->config;
}

static int open_all(struct serve *s, struct err *e)
{
	limit_raise_files();
	s->listener = listener_open(&s->config, e);
	if (s->listener < 0)
		return s->listener;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0 || (s->config.role->depth == SERVE_ACCEPTS &&
			     watch(s, EPOLL_CTL_ADD, s->listener, EPOLLIN, s)))
		return err_set(e, ERR_IO, "prepare to wait: %s",
			       strerror(errno));
	return 0;
}

int serve_open(const struct serve_config *config, struct serve **out,
	       struct err *e)
{
	struct serve *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return err_set(e, ERR_MEMORY, "start a server: out of memory");
	s->config = *config;
	s->listener = s->epoll = -1;
	s->again_ns = TIME_NEVER;
	timers_init(&s->timers);
	ret = open_all(s, e);
	if (ret)
		serve_free(s);
	else
		*out = s;
	return ret;
}

void serve_free(struct serve *s)
{
	if (!s)
		return;
	if (s->listener >= 0)
		close(s->listener);
	if (s->epoll >= 0)
		close(s->epoll);
	timers_fini(&s->timers);
	free(s);
}
