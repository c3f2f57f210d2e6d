/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is left to a process that has dropped its privileges. Each try is made
 * in a process of its own, as root or as anybody.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "io/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

#ifndef TP_SANDBOX
#define TP_SANDBOX 1
#endif

#define KILLED (128 + SIGSYS)

/* How a process ends that drops its privileges by `drop` and runs `fn`: what
 * that returns, or 128 + the signal, or 99 when the drop failed. */
static int after(int (*drop)(struct err *e), int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	BUG_ON(pid < 0);
	if (pid == 0) {
		const struct rlimit no_core = { 0, 0 };
		struct err e = { 0 };

		setrlimit(RLIMIT_CORE, &no_core);
		if (!drop(&e))
			_exit(fn());
		fprintf(stderr, "# %s\n", e.text);
		_exit(99);
	}
	BUG_ON(waitpid(pid, &status, 0) != pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static int dropped(int (*fn)(void))
{
	return after(privilege_drop, fn);
}

static int served(int (*fn)(void))
{
	return after(privilege_drop_server, fn);
}

static int nothing(void)
{
	return 0;
}

static int raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_RAW) < 0 ? errno : 0;
}

static int packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) < 0 ? errno : 0;
}

static int datagram_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0) < 0 ? errno : 0;
}

static int tcp_sockets(void)
{
	int v4 = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return v4 < 0 || listen(v4, 0) || close(v4);
}

static int tcp_connect(void)
{
	const struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return connect(fd, (const struct sockaddr *)&to, sizeof(to)) ? errno
								     : 0;
}

static int open_file(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static int run_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int fork_again(void)
{
	return fork() < 0 ? errno : 0;
}

static int signal_parent(void)
{
	return kill(getppid(), 0) ? errno : 0;
}

static int executable_memory(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? errno : 0;
}

/* What the engine's stacks and the C library's allocator do. */
static int plain_memory(void)
{
	void *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return 1;
	at = mremap(at, 8192, 1 << 20, MREMAP_MAYMOVE);
	return at == MAP_FAILED || mprotect(at, 4096, PROT_NONE) ||
	       munmap(at, 1 << 20);
}

/* Open before, as every process of these tries inherits them. */
static int listener = -1, epoll = -1;

/* 0: somebody was there; an errno. */
static int take_connection(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	return fd < 0 ? errno : close(fd);
}

/* One client in the queue for each that is to be taken. */
static void open_listener(int clients)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct sockaddr *sa = (struct sockaddr *)&at;
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	BUG_ON(listener < 0 || bind(listener, sa, len) ||
	       listen(listener, clients) || getsockname(listener, sa, &len));
	epoll = epoll_create1(EPOLL_CLOEXEC);
	BUG_ON(epoll < 0);
	while (clients-- > 0) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		BUG_ON(fd < 0 || connect(fd, sa, len));
	}
}

static int wait_for_events(void)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) ||
	       epoll_wait(epoll, &event, 1, 0) != 1;
}

static int give_up(void)
{
	abort();
}

int main(void)
{
	open_listener(1);
	CHECK_INT(dropped(nothing), 0);
	CHECK_INT(dropped(plain_memory), 0);
	CHECK_INT(dropped(tcp_sockets), 0);
	CHECK_INT(dropped(give_up), 128 + SIGABRT);
	CHECK_INT(served(wait_for_events), 0);
	CHECK_INT(served(take_connection), 0);
	CHECK_INT(served(plain_memory), 0);
	CHECK_INT(served(give_up), 128 + SIGABRT);
	if (!TP_SANDBOX) {
		CHECK_INT(dropped(raw_socket), EPERM);
		CHECK_INT(dropped(packet_socket), EPERM);
		tap_skip("system calls", "built without the sandbox");
		return tap_done();
	}
	CHECK_INT(dropped(raw_socket), KILLED);
	CHECK_INT(dropped(packet_socket), KILLED);
	CHECK_INT(dropped(datagram_socket), KILLED);
	CHECK_INT(dropped(tcp_connect), KILLED);
	CHECK_INT(dropped(run_program), KILLED);
	CHECK_INT(dropped(fork_again), KILLED);
	CHECK_INT(dropped(signal_parent), KILLED);
	CHECK_INT(dropped(executable_memory), KILLED);
	CHECK_INT(dropped(open_file), EACCES);
	CHECK_INT(dropped(take_connection), KILLED);
	CHECK_INT(served(tcp_sockets), KILLED);
	CHECK_INT(served(tcp_connect), KILLED);
	CHECK_INT(served(raw_socket), KILLED);
	CHECK_INT(served(run_program), KILLED);
	CHECK_INT(served(open_file), EACCES);
	return tap_done();
}
