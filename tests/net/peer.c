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
 */
#include <errno.h>
#include <netinet/in.h>
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

static uint16_t parse_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	errno = EINVAL;
	if (*end || !port || port > UINT16_MAX)
		fail(text);
	return (uint16_t)port;
}

static bool is(const char *role, const char *name)
{
	return strcmp(role, name) == 0;
}

int main(int argc, char **argv)
{
	const char *role = argc == 3 ? argv[1] : "";
	int fd;

	if (!is(role, "listen") && !is(role, "bound") && !is(role, "echo") &&
	    !is(role, "close")) {
		fputs("usage: peer listen|bound|echo|close PORT\n", stderr);
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open_bound(parse_port(argv[2]));
	if (!is(role, "bound") && listen(fd, BACKLOG))
		fail("listen");
	ready();
	if (is(role, "echo"))
		echo_all(fd);
	if (is(role, "close"))
		close_all(fd);
	stay();
}
