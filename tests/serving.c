/* SPDX-License-Identifier: BSD-2-Clause */
/* A server that is forked off, and the sockets of its clients. */
#include "tests/serving.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/sockaddr.h"
#include "tests/tap.h"

/* Whatever is waited for comes; this is for a machine that is busy. */
#define PATIENCE_MS 60000

int serving_tell(void *arg, const struct serve_event *event, struct err *e)
{
	const int *fd = arg;

	if (write(*fd, event, sizeof(*event)) != (ssize_t)sizeof(*event))
		return err_set(e, ERR_IO, "nobody listens to what happens");
	return 0;
}

/* exit() in the child: a sanitizer looks for leaks then. */
void serving_start(struct serving *b, struct serve_config *config)
{
	struct endpoint loopback = { 0 };
	struct serve *s = NULL;
	struct err e = { 0 };
	int stop[2], events[2];

	BUG_ON(addr_parse("127.0.0.1", &loopback.addr));
	BUG_ON(pipe(stop) || pipe(events));
	config->at = loopback;
	if (!config->told)
		config->told = serving_tell;
	config->arg = &events[1];
	if (serve_open(config, &s, &e)) {
		tap_note("%s", e.text);
		abort();
	}
	b->port = serve_config(s)->at.port;
	fflush(stdout);
	b->pid = fork();
	BUG_ON(b->pid < 0);
	if (b->pid == 0) {
		int ret;

		signal(SIGPIPE, SIG_IGN);
		close(stop[1]);
		close(events[0]);
		ret = serve_run(s, stop[0], &e);
		serve_free(s);
		exit(-ret);
	}
	serve_free(s);
	close(stop[0]);
	close(events[1]);
	b->stop = stop[1];
	b->events = events[0];
}

void serving_start_role(struct serving *b, const char *name)
{
	struct serve_config config = serve_defaults(serve_role_find(name));

	serving_start(b, &config);
}

void serving_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int serving_stop(struct serving *b)
{
	int status;

	serving_close(&b->stop);
	BUG_ON(waitpid(b->pid, &status, 0) != b->pid);
	serving_close(&b->events);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void serving_await(int fd, short what)
{
	struct pollfd p = { .fd = fd, .events = what };

	BUG_ON(poll(&p, 1, PATIENCE_MS) != 1);
}

bool serving_is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

struct serve_event serving_event(const struct serving *b,
				 enum serve_event_type type)
{
	struct serve_event event;

	do {
		serving_await(b->events, POLLIN);
		BUG_ON(read(b->events, &event, sizeof(event)) !=
		       (ssize_t)sizeof(event));
	} while (event.type != type);
	return event;
}

/* --- a client ---------------------------------------------------------- */

static int open_client(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	BUG_ON(fd < 0);
	return fd;
}

static int connect_client(int fd, uint16_t port)
{
	struct endpoint to = { .port = port };
	struct sockaddr_storage sa;
	socklen_t len;

	BUG_ON(addr_parse("127.0.0.1", &to.addr));
	len = sockaddr_from(&to, &sa);
	return connect(fd, (struct sockaddr *)&sa, len);
}

int client_try(uint16_t port)
{
	int fd = open_client();

	if (!connect_client(fd, port))
		return fd;
	close(fd);
	return -1;
}

int client_connect(const struct serving *b)
{
	int fd = client_try(b->port);

	BUG_ON(fd < 0);
	return fd;
}

void client_say(int fd, const char *text)
{
	size_t n = strlen(text);

	BUG_ON(send(fd, text, n, MSG_NOSIGNAL) != (ssize_t)n);
}

int client_hear(int fd, char *out, size_t size)
{
	size_t len = 0;
	ssize_t n;

	do {
		serving_await(fd, POLLIN);
		n = recv(fd, out + len, size - 1 - len, 0);
		len += n > 0 ? (size_t)n : 0;
		BUG_ON(len == size - 1);
	} while (n > 0);
	out[len] = '\0';
	return n < 0 ? errno : 0;
}

void client_hear_n(int fd, char *out, size_t n)
{
	serving_await(fd, POLLIN);
	BUG_ON(recv(fd, out, n, MSG_WAITALL) != (ssize_t)n);
	out[n] = '\0';
}

/* A client with little room, so that the server's side fills up soon. */
static int open_small_client(const struct serving *b)
{
	const int little = 4096;
	int fd = open_client();

	BUG_ON(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little)));
	BUG_ON(connect_client(fd, b->port));
	return fd;
}

size_t client_press(const struct serving *b, const struct client_load *load)
{
	const int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
	int fd = open_small_client(b);
	size_t sent = 0, got = 0;
	ssize_t n;

	do {
		n = send(fd, load->bytes + sent, load->n - sent, flags);
		sent += n > 0 ? (size_t)n : 0;
		if (n > 0 && sent < load->n)
			continue;
		if (sent == load->n)
			shutdown(fd, SHUT_WR);
		BUG_ON(got == load->size);
		serving_await(fd, POLLIN);
		n = recv(fd, load->back + got, load->size - got, 0);
		BUG_ON(n < 0);
		got += (size_t)n;
	} while (n > 0);
	close(fd);
	return got;
}
