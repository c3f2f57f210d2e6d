/* SPDX-License-Identifier: BSD-2-Clause */
/* The socket that a role stands on: bound, and listening if the role does. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/sockaddr.h"
#include "serve/internal.h"

static int failed(const struct serve_config *config, struct err *e)
{
	const char *what =
		config->role->depth == SERVE_BINDS ? "bind to" : "listen on";
	char at[ENDPOINT_TEXT_MAX];
	int why = errno;

	endpoint_format(&config->at, at);
	if (why == EADDRINUSE && !config->at.port)
		return err_set(e, ERR_BUSY, "%s %s: no port is free", what, at);
	if (why == EADDRINUSE)
		return err_set(e, ERR_BUSY,
			       "%s %s: the port is in use (see by whom: "
			       "ss -ltnp 'sport = :%u')",
			       what, at, config->at.port);
	if (why == EACCES)
		return err_set(e, ERR_PERMISSION,
			       "%s %s: a port as low as that needs "
			       "CAP_NET_BIND_SERVICE: run as root, or take one "
			       "from 1024 up",
			       what, at);
	if (why == EADDRNOTAVAIL)
		return err_set(e, ERR_USAGE,
			       "%s %s: this host has no such address", what,
			       at);
	if (why == EINVAL && addr_is_link_local(&config->at.addr))
		return err_set(e, ERR_USAGE,
			       "%s %s: a link-local address needs its "
			       "interface (fe80::1%%eth0)",
			       what, at);
	if (why == EMFILE || why == ENFILE)
		return err_set(e, ERR_BUSY,
			       "%s %s: the limit of open files is reached "
			       "(raise it: ulimit -n)",
			       what, at);
	return err_set(e, ERR_UNSUPPORTED, "%s %s: %s", what, at,
		       strerror(why));
}

static int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* Of no family: one socket for both, or IPv4 where there is no IPv6. */
static int open_socket(struct addr *addr)
{
	const int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd;

	if (addr->family == FAMILY_IPV4)
		return socket(AF_INET, type, 0);
	fd = socket(AF_INET6, type, 0);
	if (fd >= 0 || addr->family != FAMILY_ANY || errno != EAFNOSUPPORT) {
		addr->family = FAMILY_IPV6;
		return fd;
	}
	addr->family = FAMILY_IPV4;
	return socket(AF_INET, type, 0);
}

/* 0, or -1 with errno set. */
static int stand(int fd, struct serve_config *config)
{
	int backlog = (int)config->options[SERVE_BACKLOG];
	struct sockaddr_storage sa;
	socklen_t len = sockaddr_from(&config->at, &sa);

	if (sa.ss_family == AF_INET6 &&
	    set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0))
		return -1;
	/* Connections in TIME_WAIT shall not hold up who starts it again. */
	if (set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
	    bind(fd, (struct sockaddr *)&sa, len))
		return -1;
	if (config->role->depth != SERVE_BINDS && listen(fd, backlog))
		return -1;
	len = sizeof(sa);
	if (getsockname(fd, (struct sockaddr *)&sa, &len))
		return -1;
	return sockaddr_to((struct sockaddr *)&sa, &config->at);
}

int listener_open(struct serve_config *config, struct err *e)
{
	int fd = open_socket(&config->at.addr);
	int ret = 0;

	if (fd < 0)
		return failed(config, e);
	if (config->role->prepare)
		ret = config->role->prepare(fd, config, e);
	if (!ret && stand(fd, config))
		ret = failed(config, e);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}
