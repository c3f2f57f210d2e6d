/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The role keepalive. Its connections inherit from the listening socket what is
 * set there, so that even those are probed that nobody has accepted yet.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/num.h"
#include "serve/internal.h"

/* MAX_TCP_KEEPIDLE and its kin of the kernel's tcp.h. */
#define SECONDS_MAX 32767
#define COUNT_MAX 127

static const struct setting {
	enum serve_option option;
	int name;	    /* of the socket option */
	uint64_t unit, max; /* it counts these, from 1 up to that */
	const char *what;
} settings[] = {
	{ SERVE_IDLE, TCP_KEEPIDLE, TIME_S, SECONDS_MAX, "idle time" },
	{ SERVE_INTERVAL, TCP_KEEPINTVL, TIME_S, SECONDS_MAX, "interval" },
	{ SERVE_COUNT, TCP_KEEPCNT, 1, COUNT_MAX, "count" },
};

static int refuse(const struct setting *s, uint64_t value, struct err *e)
{
	char text[NUM_DURATION_TEXT_MAX];

	if (s->unit == 1)
		return err_set(e, ERR_USAGE,
			       "a keepalive %s of %" PRIu64
			       ": it goes from 1 to %" PRIu64,
			       s->what, value, s->max);
	return err_set(
		e, ERR_USAGE,
		"a keepalive %s of %s: it is in whole seconds, from 1 to "
		"%" PRIu64,
		s->what, num_format_duration((int64_t)value, text), s->max);
}

static int failed(const char *what, struct err *e)
{
	return err_set(e, ERR_UNSUPPORTED, "set the keepalive %s: %s", what,
		       strerror(errno));
}

/* Set it, unless it is left to the kernel, and see what it is then. */
static int apply(int fd, const struct setting *s, uint64_t *value,
		 struct err *e)
{
	int n = (int)(*value / s->unit);
	socklen_t len = sizeof(n);

	if (*value != SERVE_KERNEL) {
		if (*value % s->unit || *value / s->unit < 1 ||
		    *value / s->unit > s->max)
			return refuse(s, *value, e);
		if (setsockopt(fd, IPPROTO_TCP, s->name, &n, sizeof(n)))
			return failed(s->what, e);
	}
	if (getsockopt(fd, IPPROTO_TCP, s->name, &n, &len))
		return failed(s->what, e);
	*value = (uint64_t)n * s->unit;
	return 0;
}

static int prepare(int fd, struct serve_config *config, struct err *e)
{
	const int on = 1;
	int ret = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)))
		return failed("timer", e);
	for (size_t i = 0; !ret && i < ARRAY_LEN(settings); i++)
		ret = apply(fd, &settings[i],
			    &config->options[settings[i].option], e);
	return ret;
}

const struct serve_role role_keepalive = {
	.name = "keepalive",
	.summary = "accepts, says nothing, and has the kernel probe the peer",
	.depth = SERVE_ACCEPTS,
	.uses = 1u << SERVE_BACKLOG | 1u << SERVE_CONNECTIONS |
		1u << SERVE_IDLE | 1u << SERVE_INTERVAL | 1u << SERVE_COUNT,
	.defaults = {
		[SERVE_BACKLOG] = SERVE_BACKLOG_DEFAULT,
		[SERVE_CONNECTIONS] = SERVE_CONNECTIONS_DEFAULT,
		[SERVE_IDLE] = SERVE_KERNEL,
		[SERVE_INTERVAL] = SERVE_KERNEL,
		[SERVE_COUNT] = SERVE_KERNEL,
	},
	.prepare = prepare,
	.ended = conn_close,
};
