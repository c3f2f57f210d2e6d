/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals that end a run. The first one leaves its number behind and writes a
 * byte to a pipe, and gives all of them their default back: a user who insists
 * is obeyed at once. What was ignored when we were started (nohup) stays so.
 */
#include "io/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int SIGNALS[] = { SIGINT, SIGTERM, SIGHUP };

/* A handler can be told nothing, so this is the state of the process. */
static volatile sig_atomic_t came;
static int pipe_write = -1;

static void restore_defaults(void)
{
	const struct sigaction standard = { .sa_handler = SIG_DFL };
	struct sigaction old;

	for (size_t i = 0; i < ARRAY_LEN(SIGNALS); i++)
		if (!sigaction(SIGNALS[i], NULL, &old) &&
		    old.sa_handler != SIG_IGN)
			sigaction(SIGNALS[i], &standard, NULL);
}

static void handle(int signal)
{
	int saved = errno;
	ssize_t written;

	came = signal;
	restore_defaults();
	/* The pipe takes a byte; nothing could be done if it did not. */
	written = write(pipe_write, "", 1);
	(void)written;
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
