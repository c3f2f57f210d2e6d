/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server in a process of its own, on a port of the kernel's on loopback, and
 * clients that talk to it. What happens to the server is told through a pipe.
 * Whatever is waited for comes, or the test is aborted.
 */
#ifndef TP_TESTS_SERVING_H
#define TP_TESTS_SERVING_H

#include <sys/types.h>

#include "serve/serve.h"

struct serving {
	uint16_t port;
	pid_t pid;
	int stop;   /* closed: the server is to end; -1: it was */
	int events; /* what it tells; -1: nobody listens */
};

/* Where it stands and whom it tells is filled in; who wants to be told first,
 * in the server's process, passes on what he hears to serving_tell(). */
int serving_tell(void *arg, const struct serve_event *event, struct err *e);
void serving_start(struct serving *b, struct serve_config *config);
void serving_start_role(struct serving *b, const char *name);
/* The exit status: 0, or the error code of the run. */
int serving_stop(struct serving *b);
/* One of the two descriptors, before the end. */
void serving_close(int *fd);
/* The next event of that type; the others are passed over. */
struct serve_event serving_event(const struct serving *b,
				 enum serve_event_type type);
/* Until poll() says so. */
void serving_await(int fd, short what);
bool serving_is_readable(int fd);

struct client_load {
	const char *bytes;
	size_t n;
	char *back; /* room for what comes back */
	size_t size;
};

/* Connected, or -1 with errno. */
int client_try(uint16_t port);
int client_connect(const struct serving *b);
void client_say(int fd, const char *text);
/* All until the end, as a string; 0 for a FIN, or the errno. */
int client_hear(int fd, char *out, size_t size);
/* So many bytes, and a zero. */
void client_hear_n(int fd, char *out, size_t n);
/* Send all and then a FIN, but read nothing before all is sent, or the server
 * takes no more. Returns how many bytes came back. */
size_t client_press(const struct serving *b, const struct client_load *load);

#endif
