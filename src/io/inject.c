/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Raw sockets rather than the link layer: the kernel finds the neighbour's
 * address, loopback works, and connection tracking sees the segments in both
 * directions.
 *
 * The socket is bound to its interface so that a datagram leaves where the
 * capture looks; a link-local address needs that anyway. It does not block: a
 * queue that stays full must not hold up everybody's deadlines.
 */
#include "io/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <libnet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "wire/ip.h"

/* A full queue is tried again so often, so many milliseconds apart. */
#define RETRIES_MAX 50
#define RETRY_MS 1

struct inject {
	libnet_t *net;
	int fd;
	enum family family;
};

/* 0, or -1 with errno set. */
static int prepare(int fd, enum family family, const char *interface)
{
	int level = family == FAMILY_IPV4 ? IPPROTO_IP : IPPROTO_IPV6;
	int option = family == FAMILY_IPV4 ? IP_RECVERR : IPV6_RECVERR;
	int on = 1;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC))
		return -1;
	/* Without it the kernel calls a segment sent that its own queue had
	 * no room for. */
	if (setsockopt(fd, level, option, &on, sizeof(on)))
		return -1;
	if (!interface)
		return 0;
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
			  (socklen_t)strlen(interface));
}

int inject_open(enum family family, const char *interface, struct inject **out,
		struct err *e)
{
	int type = family == FAMILY_IPV4 ? LIBNET_RAW4_ADV : LIBNET_RAW6_ADV;
	char why[LIBNET_ERRBUF_SIZE] = "";
	struct inject *i = calloc(1, sizeof(*i));

	if (!i)
		return err_set(e, ERR_MEMORY, "open a raw socket: no memory");
	i->family = family;
	i->net = libnet_init(type, NULL, why);
	if (!i->net) {
		free(i);
		return err_set(e, ERR_PERMISSION, "open a raw IPv%d socket: %s",
			       (int)family, why);
	}
	i->fd = libnet_getfd(i->net);
	if (prepare(i->fd, family, interface)) {
		int code = errno == ENODEV ? ERR_INTERFACE : ERR_PERMISSION;

		err_set(e, (enum err_code)code, "raw IPv%d socket on %s: %s",
			(int)family, interface ? interface : "any interface",
			strerror(errno));
		inject_close(i);
		return -code;
	}
	*out = i;
	return 0;
}

void inject_close(struct inject *i)
{
	if (!i)
		return;
	libnet_destroy(i->net);
	free(i);
}

static int write_once(struct inject *i, const uint8_t *bytes, size_t len)
{
	if (i->family == FAMILY_IPV4)
		return libnet_adv_write_raw_ipv4(i->net, bytes, (uint32_t)len);
	return libnet_write_raw_ipv6(i->net, bytes, (uint32_t)len);
}

/* Wait a moment for room: in the socket's buffer, which poll() shows, or in
 * the interface's queue, which nothing shows. */
static void wait_for_room(int fd, int why)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	poll(&p, why == ENOBUFS ? 0 : 1, RETRY_MS);
}

static int send_failed(const uint8_t *bytes, size_t len, int why,
		       struct err *e)
{
	char to[ADDR_TEXT_MAX];
	struct ip ip;

	ip_parse(bytes, len, &ip);
	addr_format(&ip.dst, to);
	switch (why) {
	case EPERM:
	case EACCES:
		return err_set(e, ERR_PERMISSION,
			       "send to %s: a local firewall refuses it", to);
	case ENETUNREACH:
	case EHOSTUNREACH:
		return err_set(e, ERR_ROUTE, "send to %s: %s", to,
			       strerror(why));
	case ENETDOWN:
	case ENODEV:
	case ENXIO:
		return err_set(e, ERR_INTERFACE, "send to %s: the interface "
			       "is down or gone", to);
	case EMSGSIZE:
		return err_set(e, ERR_SEND, "send to %s: %zu bytes are more "
			       "than the interface takes", to, len);
	default:
		return err_set(e, ERR_SEND, "send to %s: %s", to,
			       strerror(why));
	}
}

int inject_send(struct inject *i, const uint8_t *bytes, size_t len,
		struct err *e)
{
	int why = EINVAL;

	for (int n = 0; n < RETRIES_MAX; n++) {
		if (write_once(i, bytes, len) == (int)len)
			return 0;
		why = errno;
		if (why == ENOBUFS || why == EAGAIN)
			wait_for_room(i->fd, why);
		else if (why != EINTR)
			break;
	}
	return send_failed(bytes, len, why, e);
}
