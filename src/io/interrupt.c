/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals that end a run. The first one leaves its number behind and writes a
 * byte to a pipe; a later one kills as it always did: a user who insists is
 * obeyed at once. What comes within a moment of the first is no insistence:
 * timeout(1) signals its child, and then the group that the child is in. What
 * was ignored when we were started (nohup) stays so.
 */
#include "io/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const int SIGNALS[] = { SIGINT, SIGTERM, SIGHUP };

/* A handler can be told nothing, so this is the state of the process. */
static volatile sig_atomic_t came;
static struct timespec came_at;
static int pipe_write = -1;

#define SAME_SIGNAL_NS (200 * TIME_MS)

/* Is this the first one's echo? */
static bool at_once(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - came_at.tv_sec) * TIME_S + now.tv_nsec -
		       came_at.tv_nsec <
	       SAME_SIGNAL_NS;
}

static void handle(int signal)
{
	const struct sigaction standard = { .sa_handler = SIG_DFL };
	int saved = errno;

	if (!came) {
		came = signal;
		clock_gettime(CLOCK_MONOTONIC, &came_at);
		/* The pipe takes a byte; nothing could be done if not. */
		(void)!write(pipe_write, "", 1);
	} else if (!at_once()) {
		sigaction(signal, &standard, NULL);
		raise(signal); /* as soon as we return */
	}
	errno = saved;
}

int interrupt_open(struct err *e)
{
	struct sigaction action = { .sa_handler = handle };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction old;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		return err_set(e, ERR_IO, "open a pipe for signals: %s",
			       strerror(errno));
	pipe_write = fds[1];
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(SIGNALS); i++)
		sigaddset(&action.sa_mask, SIGNALS[i]);
	for (size_t i = 0; i < ARRAY_LEN(SIGNALS); i++)
		if (!sigaction(SIGNALS[i], NULL, &old) &&
		    old.sa_handler != SIG_IGN)
			sigaction(SIGNALS[i], &action, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	return fds[0];
}

int interrupt_signal(void)
{
	return came;
}

void interrupt_die(int signal)
{
	const struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigaction(signal, &standard, NULL);
	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(signal);
	/* Only where the signal is ignored or kept from us. */
	_exit(128 + signal);
}
