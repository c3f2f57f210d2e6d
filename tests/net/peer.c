/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A target for the tests: an ordinary socket in one role, both families. Says
 * "ready" when it is, and goes away with whoever started it.
 *
 *	peer listen PORT	listens and accepts nothing
 *	peer bound PORT		holds the port without listening
 *	peer echo PORT		accepts, sends back what comes, closes after
 *				the other end has
 *	peer close PORT		accepts, and closes at once
 *	peer defer PORT		echoes; its kernel takes a connection up only
 *				when data comes (TCP_DEFER_ACCEPT)
 *	peer alive PORT [IDLE INTERVAL COUNT]
 *				echoes, with keepalive: by the system's
 *				settings, or these (seconds)
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 128

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void reuse(int fd)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		fail("SO_REUSEADDR");
}

/* Dual-stack, or IPv4 where there is no IPv6. */
static int open_bound(uint16_t port)
{
	const struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
					  .sin6_port = htons(port) };
	const struct sockaddr_in in = { .sin_family = AF_INET,
					.sin_port = htons(port) };
	int off = 0;
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	if (fd < 0) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0)
			fail("socket");
		reuse(fd);
		if (bind(fd, (const struct sockaddr *)&in, sizeof(in)))
			fail("bind");
		return fd;
	}
	reuse(fd);
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) ||
	    bind(fd, (const struct sockaddr *)&in6, sizeof(in6)))
		fail("bind");
	return fd;
}

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

static _Noreturn void stay(void)
{
	for (;;)
		pause();
}

static void echo_one(int fd)
{
	char buffer[4096];
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t done = 0, w = 0; done < n; done += w) {
			w = write(fd, buffer + done, (size_t)(n - done));
			if (w <= 0)
				break;
		}
	close(fd);
}

/* A process a connection: one that hangs does not hold up the others. */
static _Noreturn void echo_all(int listener)
{
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(listener);
			echo_one(fd);
			_exit(0);
		}
		close(fd);
	}
}

static _Noreturn void close_all(int listener)
{
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0)
			close(fd);
	}
}

static void defer(int fd)
{
	int seconds = 30;

	if (setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds,
		       sizeof(seconds)))
		fail("TCP_DEFER_ACCEPT");
}

static uint16_t parse_number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	errno = EINVAL;
	if (*end || !n || n > UINT16_MAX)
		fail(text);
	return (uint16_t)n;
}

/* Sockets that are accepted have what the listener has. */
static void keep_alive(int fd, char **numbers, int n)
{
	static const int names[] = { TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT };
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)))
		fail("SO_KEEPALIVE");
	for (int i = 0; i < n; i++) {
		int value = parse_number(numbers[i]);

		if (setsockopt(fd, IPPROTO_TCP, names[i], &value,
			       sizeof(value)))
			fail("keepalive");
	}
}

static bool is(const char *role, const char *name)
{
	return strcmp(role, name) == 0;
}

static bool is_role(const char *role)
{
	return is(role, "listen") || is(role, "bound") || is(role, "echo") ||
	       is(role, "close") || is(role, "defer");
}

int main(int argc, char **argv)
{
	const char *role = argc == 3 || argc == 6 ? argv[1] : "";
	bool alive = is(role, "alive");
	int fd;

	if (!alive && (argc != 3 || !is_role(role))) {
		fputs("usage: peer listen|bound|echo|close|defer PORT\n"
		      "       peer alive PORT [IDLE INTERVAL COUNT]\n",
		      stderr);
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open_bound(parse_number(argv[2]));
	if (is(role, "defer"))
		defer(fd);
	if (alive)
		keep_alive(fd, argv + 3, argc - 3);
	if (!is(role, "bound") && listen(fd, BACKLOG))
		fail("listen");
	ready();
	if (alive || is(role, "echo") || is(role, "defer"))
		echo_all(fd);
	if (is(role, "close"))
		close_all(fd);
	stay();
}
