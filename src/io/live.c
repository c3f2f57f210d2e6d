/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts put together: per interface that is wanted a capture and, per
 * family, an injector; one guard; one table of routes.
 *
 * Opening a capture waits 5 to 20 ms for the kernel. Each is opened by a
 * thread of its own, so that they wait at the same time, and the injectors are
 * made meanwhile; the threads are gone before live_start() returns.
 */
#include "io/live.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"
#include "io/capture.h"
#include "io/closer.h"
#include "io/filter.h"
#include "io/guard.h"
#include "io/inject.h"
#include "io/route.h"

/* Interfaces of one run: each costs a ring of 2 MB. */
#define INTERFACES_MAX 16
static_assert(INTERFACES_MAX <= CLOSER_FDS_MAX, "the closer holds them all");

struct live_interface {
	uint32_t index;
	char name[LINK_NAME_MAX];
	bool loopback;
	bool ipv4, ipv6; /* wanted */
	struct capture *capture;
	struct inject *inject4, *inject6;
	/* While the capture is opened. */
	pthread_t opener;
	bool opening;
	int opened;
	struct err error;
};

struct live {
	struct link link;
	struct routes *routes;
	struct guard *guard;
	struct filter filter;
	struct live_interface interface[INTERFACES_MAX];
	size_t n;
	uint16_t reserved; /* a port that hold() has yet to grant, or 0 */
	int interrupt_fd;  /* -1 once it was reported */
	int closer_fd;
};

static struct live *live_of(struct link *link)
{
	return CONTAINER_OF(link, struct live, link);
}

static int64_t read_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * TIME_S + ts.tv_nsec;
}

static int64_t live_now(struct link *link)
{
	(void)link;
	return read_clock(CLOCK_MONOTONIC);
}

static int64_t live_wall(struct link *link)
{
	(void)link;
	return read_clock(CLOCK_REALTIME);
}

static struct live_interface *find_interface(struct live *l, uint32_t index)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->interface[i].index == index)
			return &l->interface[i];
	return NULL;
}

static int live_route(struct link *link, const struct route_wish *wish,
		      struct route *out, struct err *e)
{
	struct live *l = live_of(link);
	char to[ADDR_TEXT_MAX];
	int ret = routes_find(l->routes, wish, out, e);

	if (ret || find_interface(l, out->interface))
		return ret;
	return err_set(e, ERR_INTERFACE,
		       "the way to %s is over %s, which was not opened at the "
		       "start", addr_format(&wish->to, to),
		       out->interface_name);
}

static int follow_port(struct live *l, uint16_t port, struct err *e)
{
	int ret = 0;

	if (!filter_add(&l->filter, port))
		return 0;
	for (size_t i = 0; !ret && i < l->n; i++)
		ret = capture_filter(l->interface[i].capture, &l->filter, e);
	return ret;
}

static int live_hold(struct link *link, uint16_t wanted, uint16_t *port,
		     struct err *e)
{
	struct live *l = live_of(link);
	int ret;

	if (wanted && wanted == l->reserved) {
		l->reserved = 0;
		*port = wanted;
	} else {
		ret = guard_hold(l->guard, wanted, port, e);
		if (ret)
			return ret;
	}
	ret = follow_port(l, *port, e);
	if (ret)
		guard_release(l->guard, *port);
	return ret;
}

/* The filter keeps the port: seeing too much does no harm. */
static void live_release(struct link *link, uint16_t port)
{
	guard_release(live_of(link)->guard, port);
}

static int live_send(struct link *link, const struct route *route,
		     const uint8_t *bytes, size_t len, struct err *e)
{
	struct live_interface *on =
		find_interface(live_of(link), route->interface);
	struct inject *inject = NULL;

	if (on && len)
		inject = bytes[0] >> 4 == 4 ? on->inject4 : on->inject6;
	if (!inject)
		return err_set(e, ERR_INTERFACE,
			       "send on %s: it was not opened for this family "
			       "at the start", route->interface_name);
	return inject_send(inject, bytes, len, e);
}

/* What is left until then, for ppoll(); NULL is for ever. */
static const struct timespec *time_left(int64_t until_ns, struct timespec *ts)
{
	int64_t left;

	if (until_ns == TIME_NEVER)
		return NULL;
	left = until_ns - read_clock(CLOCK_MONOTONIC);
	if (left < 0)
		left = 0;
	ts->tv_sec = left / TIME_S;
	ts->tv_nsec = left % TIME_S;
	return ts;
}

/* Waits; returns what ppoll() does, with the captures in front. */
static int wait_for(struct live *l, int64_t until_ns,
		    struct pollfd fds[static INTERFACES_MAX + 1])
{
	struct timespec ts;
	int ready;

	for (size_t i = 0; i < l->n; i++)
		fds[i] = (struct pollfd){
			.fd = capture_fd(l->interface[i].capture),
			.events = POLLIN,
		};
	fds[l->n] = (struct pollfd){ .fd = l->interrupt_fd, .events = POLLIN };
	do {
		ready = ppoll(fds, l->n + 1, time_left(until_ns, &ts), NULL);
	} while (ready < 0 && errno == EINTR);
	return ready;
}

static enum link_event live_receive(struct link *link, int64_t until_ns,
				    link_sink *sink, void *arg, struct err *e)
{
	struct live *l = live_of(link);
	struct pollfd fds[INTERFACES_MAX + 1];
	int handed = 0, ready, ret;

	for (;;) {
		ready = wait_for(l, until_ns, fds);
		if (ready < 0) {
			err_set(e, ERR_CAPTURE, "wait for packets: %s",
				strerror(errno));
			return LINK_LOST;
		}
		for (size_t i = 0; i < l->n; i++) {
			if (!fds[i].revents)
				continue;
			ret = capture_drain(l->interface[i].capture, sink, arg,
					    e);
			if (ret < 0)
				return LINK_LOST;
			handed += ret;
		}
		if (fds[l->n].revents) {
			/* Said once: who ends the run still receives. */
			l->interrupt_fd = -1;
			return LINK_INTERRUPTED;
		}
		if (handed)
			return LINK_TRAFFIC;
		if (!ready)
			return LINK_QUIET;
	}
}

static void live_health(struct link *link, struct link_health *out)
{
	struct live *l = live_of(link);

	out->dropped = 0;
	for (size_t i = 0; i < l->n; i++)
		out->dropped += capture_dropped(l->interface[i].capture);
}

static const struct link_ops LIVE_OPS = {
	.now = live_now,
	.wall = live_wall,
	.route = live_route,
	.hold = live_hold,
	.release = live_release,
	.send = live_send,
	.receive = live_receive,
	.health = live_health,
};

int live_new(struct live **out, struct err *e)
{
	struct live *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return err_set(e, ERR_MEMORY, "the link: out of memory");
	l->link.ops = &LIVE_OPS;
	l->interrupt_fd = -1;
	l->closer_fd = -1;
	ret = routes_open(&l->routes, e);
	if (!ret)
		ret = guard_new(&l->guard, e);
	if (ret) {
		live_free(l);
		return ret;
	}
	*out = l;
	return 0;
}

int live_interface(const char *name, uint32_t *index, struct err *e)
{
	char shown[64];

	*index = if_nametoindex(name);
	if (*index)
		return 0;
	return err_set(e, ERR_INTERFACE, "no interface \"%s\"",
		       escape_text(name, shown, sizeof(shown)));
}

int live_want(struct live *l, const struct route_wish *wish, struct route *out,
	      struct err *e)
{
	struct live_interface *on;
	int ret = routes_find(l->routes, wish, out, e);

	if (ret)
		return ret;
	on = find_interface(l, out->interface);
	if (!on) {
		if (l->n == INTERFACES_MAX)
			return err_set(e, ERR_UNSUPPORTED,
				       "the targets are behind more than %d "
				       "interfaces", INTERFACES_MAX);
		on = &l->interface[l->n++];
		on->index = out->interface;
		on->loopback = out->loopback;
		memcpy(on->name, out->interface_name, sizeof(on->name));
	}
	if (wish->to.family == FAMILY_IPV4)
		on->ipv4 = true;
	else
		on->ipv6 = true;
	return 0;
}

int live_want_own(struct live *l, enum family family, struct err *e)
{
	struct route_wish wish = { .to.family = (uint8_t)family };
	struct route route;

	if (family == FAMILY_IPV4)
		wish.to.bytes[0] = 127;
	wish.to.bytes[addr_size(family) - 1] = 1;
	return live_want(l, &wish, &route, e);
}

int live_reserve(struct live *l, uint16_t port, struct err *e)
{
	int ret;

	BUG_ON(l->reserved);
	ret = guard_hold(l->guard, port, &port, e);
	if (!ret)
		l->reserved = port;
	return ret;
}

static void *open_capture(void *arg)
{
	struct live_interface *on = arg;

	on->opened = capture_open(on->name, &on->capture, &on->error);
	return NULL;
}

/* Loopback is not bound: the kernel's table of its own addresses knows each
 * by the interface that has it. */
static int open_injectors(struct live_interface *on, struct err *e)
{
	const char *bind = on->loopback ? NULL : on->name;
	int ret = 0;

	if (on->ipv4)
		ret = inject_open(FAMILY_IPV4, bind, &on->inject4, e);
	if (!ret && on->ipv6)
		ret = inject_open(FAMILY_IPV6, bind, &on->inject6, e);
	return ret;
}

/* Every thread is joined, whatever else fails; the first error counts. */
static int open_all(struct live *l, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct live_interface *on = &l->interface[i];

		on->opening = !pthread_create(&on->opener, NULL, open_capture,
					      on);
	}
	for (size_t i = 0; !ret && i < l->n; i++)
		ret = open_injectors(&l->interface[i], e);
	for (size_t i = 0; i < l->n; i++) {
		struct live_interface *on = &l->interface[i];

		if (on->opening)
			pthread_join(on->opener, NULL);
		else
			open_capture(on);
		if (!ret && on->opened) {
			ret = on->opened;
			*e = on->error;
		}
	}
	return ret;
}

int live_start(struct live *l, int interrupt_fd, struct err *e)
{
	int fds[INTERFACES_MAX];
	int ret = open_all(l, e);

	if (ret)
		return ret;
	for (size_t i = 0; i < l->n; i++)
		fds[i] = capture_fd(l->interface[i].capture);
	if (l->n)
		l->closer_fd = closer_start(fds, l->n);
	l->interrupt_fd = interrupt_fd;
	return 0;
}

struct link *live_link(struct live *l)
{
	return &l->link;
}

void live_free(struct live *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n; i++) {
		capture_close(l->interface[i].capture);
		inject_close(l->interface[i].inject4);
		inject_close(l->interface[i].inject6);
	}
	guard_free(l->guard);
	routes_close(l->routes);
	/* Last: until now the closer kept the captures from closing. */
	if (l->closer_fd >= 0)
		close(l->closer_fd);
	free(l);
}
