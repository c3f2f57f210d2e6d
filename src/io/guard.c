/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: a listening socket on the port. The kernel hands every segment
 * for the port to it, and drops the segment there, before any answer, for one
 * of two reasons:
 *
 * - IP_MINTTL and IPV6_MINHOPCOUNT of 255 refuse what has a lower TTL, which
 *   is nearly everything;
 * - an MD5 key for every peer (TCP_MD5SIG_EXT, prefix length 0) refuses what
 *   carries no signature: the rest, a neighbour that sends with TTL 255.
 *
 * Without a listener the kernel would answer RST, and without the two options
 * it would answer a SYN-ACK with RST all the same. Neither needs a privilege,
 * and nothing outlives the process. Firewall rules and socket filters would
 * need CAP_NET_ADMIN.
 *
 * One dual-stack socket guards both families; its key for IPv4 is that of the
 * mapped address ::ffff:0.0.0.0. Where IPv6 is missing, an IPv4 socket does.
 */
#include "io/guard.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "io/limit.h"
#include "io/sockaddr.h"

#define PORTS_N 65536
#define HOPS_MAX 255
#define PRIVILEGED_END 1024

struct guard {
	enum family family;
	/* By port: the descriptor plus one, 0 where nothing is held, so that
	 * pages of ports that nobody uses are never touched. */
	int fd_plus_one[PORTS_N];
};

int guard_new(struct guard **out, struct err *e)
{
	struct guard *g = calloc(1, sizeof(*g));
	int fd;

	if (!g)
		return err_set(e, ERR_MEMORY, "hold ports: out of memory");
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g->family = fd < 0 ? FAMILY_IPV4 : FAMILY_IPV6;
	if (fd >= 0)
		close(fd);
	limit_raise_files();
	*out = g;
	return 0;
}

void guard_free(struct guard *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < PORTS_N; i++)
		if (g->fd_plus_one[i])
			close(g->fd_plus_one[i] - 1);
	free(g);
}

/*
 * Refuse every segment without a signature. Kernels without MD5 (or in FIPS
 * mode) cannot; the hop limits then guard against all but TTL 255, and that is
 * not worth failing for.
 */
static void refuse_unsigned(int fd, const struct endpoint *any)
{
	struct tcp_md5sig key = {
		.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX,
		.tcpm_prefixlen = 0,
		.tcpm_keylen = 1,
		.tcpm_key = { 1 },
	};

	sockaddr_from(any, &key.tcpm_addr);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &key, sizeof(key));
}

static int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* 0, or -1 with errno set. */
static int refuse_all(int fd, enum family family)
{
	const struct endpoint any = { .addr.family = (uint8_t)family };
	const struct endpoint mapped = {
		.addr = { .family = FAMILY_IPV6, .bytes[10] = 0xff,
			  .bytes[11] = 0xff },
	};

	if (set_int(fd, IPPROTO_IP, IP_MINTTL, HOPS_MAX))
		return -1;
	if (family == FAMILY_IPV6) {
		if (set_int(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, HOPS_MAX))
			return -1;
		refuse_unsigned(fd, &mapped);
	}
	refuse_unsigned(fd, &any);
	return 0;
}

static int hold_failed(uint16_t wanted, struct err *e)
{
	int why = errno;

	if (why == EADDRINUSE && wanted)
		return err_set(e, ERR_BUSY, "source port %u is in use here",
			       wanted);
	if (why == EADDRINUSE || why == EAGAIN)
		return err_set(e, ERR_BUSY, "no free source port is left");
	if (why == EMFILE || why == ENFILE)
		return err_set(e, ERR_BUSY,
			       "hold a source port: the limit of open files is "
			       "reached (raise it: ulimit -n)");
	if (why == EACCES && wanted < PRIVILEGED_END)
		return err_set(e, ERR_PERMISSION,
			       "source port %u needs CAP_NET_BIND_SERVICE: "
			       "take one from %u up", wanted, PRIVILEGED_END);
	if (why == ENOPROTOOPT)
		return err_set(e, ERR_UNSUPPORTED,
			       "hold a source port: this kernel has no minimum "
			       "hop limit (IP_MINTTL, IPV6_MINHOPCOUNT)");
	return err_set(e, ERR_BUSY, "hold a source port: %s", strerror(why));
}

/* Bind, refuse, listen: in this order nothing is ever answered. */
static int guard_socket(int fd, enum family family, uint16_t wanted,
			uint16_t *port)
{
	const struct endpoint any = { .addr.family = (uint8_t)family,
				      .port = wanted };
	struct sockaddr_storage sa;
	struct endpoint bound;
	socklen_t len = sizeof(sa);

	if (family == FAMILY_IPV6 && set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0))
		return -1;
	if (refuse_all(fd, family))
		return -1;
	len = sockaddr_from(&any, &sa);
	if (bind(fd, (struct sockaddr *)&sa, len))
		return -1;
	if (listen(fd, 0))
		return -1;
	len = sizeof(sa);
	if (getsockname(fd, (struct sockaddr *)&sa, &len) ||
	    sockaddr_to((struct sockaddr *)&sa, &bound))
		return -1;
	*port = bound.port;
	return 0;
}

int guard_hold(struct guard *g, uint16_t wanted, uint16_t *port, struct err *e)
{
	int domain = g->family == FAMILY_IPV6 ? AF_INET6 : AF_INET;
	int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ret;

	if (fd < 0)
		return hold_failed(wanted, e);
	if (guard_socket(fd, g->family, wanted, port)) {
		ret = hold_failed(wanted, e);
		close(fd);
		return ret;
	}
	g->fd_plus_one[*port] = fd + 1;
	return 0;
}

void guard_release(struct guard *g, uint16_t port)
{
	BUG_ON(!g->fd_plus_one[port]);
	close(g->fd_plus_one[port] - 1);
	g->fd_plus_one[port] = 0;
}

bool guard_holds(const struct guard *g, uint16_t port)
{
	return g->fd_plus_one[port] != 0;
}
