/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals that end a run, each in a process of its own. */
#include "io/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/tap.h"

/* How a process that runs `fn` ends: its status, or 128 + the signal. */
static int ending(void (*fn)(int signal), int signal)
{
	int status;
	pid_t pid = fork();

	BUG_ON(pid < 0);
	if (pid == 0) {
		fn(signal);
		_exit(0);
	}
	BUG_ON(waitpid(pid, &status, 0) != pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * TIME_S + now.tv_nsec;
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void first(int signal)
{
	int fd = interrupt_open(NULL);

	if (fd < 0 || readable(fd) || interrupt_signal())
		_exit(1);
	raise(signal);
	if (!readable(fd) || interrupt_signal() != signal)
		_exit(2);
}

/* What timeout(1) does: one wish, told twice. */
static void twice_at_once(int signal)
{
	(void)!interrupt_open(NULL);
	raise(signal);
	raise(SIGTERM);
	if (interrupt_signal() != signal)
		_exit(1);
}

static void insisting(int signal)
{
	int64_t until = monotonic_ns() + 10 * TIME_S;

	(void)!interrupt_open(NULL);
	raise(signal);
	while (monotonic_ns() < until) {
		raise(SIGTERM);
		poll(NULL, 0, 10);
	}
	_exit(1);
}

static void die(int signal)
{
	(void)!interrupt_open(NULL);
	raise(signal);
	interrupt_die(interrupt_signal());
}

static void ignored(int signal_number)
{
	signal(signal_number, SIG_IGN);
	if (interrupt_open(NULL) < 0)
		_exit(1);
	raise(signal_number);
	if (interrupt_signal())
		_exit(2);
}

static void broken_pipe(int signal_number)
{
	if (interrupt_open(NULL) < 0)
		_exit(1);
	raise(signal_number);
}

int main(void)
{
	CHECK_INT(ending(first, SIGINT), 0);
	CHECK_INT(ending(first, SIGTERM), 0);
	CHECK_INT(ending(first, SIGHUP), 0);
	CHECK_INT(ending(twice_at_once, SIGINT), 0);
	CHECK_INT(ending(insisting, SIGINT), 128 + SIGTERM);
	CHECK_INT(ending(die, SIGINT), 128 + SIGINT);
	CHECK_INT(ending(die, SIGHUP), 128 + SIGHUP);
	CHECK_INT(ending(ignored, SIGHUP), 0);
	CHECK_INT(ending(broken_pipe, SIGPIPE), 0);
	return tap_done();
}
