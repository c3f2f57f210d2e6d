/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process is a clone that sends no signal when it ends, so no wait() of
 * ours ever finds it; when we end first, as is the rule, init buries it. In a
 * session of its own and with every signal blocked, what a terminal sends to
 * our process group does not end it before us.
 */
#include "io/closer.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/privilege.h"

static int compare_fds(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Close all but these; they are put in order. */
static void close_others(int *keep, size_t n)
{
	unsigned from = 0;

	qsort(keep, n, sizeof(*keep), compare_fds);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned)keep[i] > from)
			close_range(from, (unsigned)keep[i] - 1, 0);
		from = (unsigned)keep[i] + 1;
	}
	close_range(from, UINT_MAX, 0);
}

static _Noreturn void closer_run(int pipe_read, const int *fds, size_t n)
{
	int keep[CLOSER_FDS_MAX + 1];
	size_t kept = 0;
	sigset_t all;
	char byte;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	while (kept < n) {
		keep[kept] = fds[kept];
		kept++;
	}
	keep[kept++] = pipe_read;
	close_others(keep, kept);
	if (privilege_drop(NULL))
		_exit(1);
	/* Nothing is ever written: it ends with the other end. */
	(void)!read(pipe_read, &byte, 1);
	_exit(0);
}

/*
 * Is there an init that buries what we leave behind? In the machine's own PID
 * namespace there is. In a container process 1 may be anything, and a check
 * that runs every few seconds would fill the process table.
 */
static bool has_init(void)
{
	/* PROC_PID_INIT_INO of the kernel's proc_ns.h. */
	const ino_t machines_own = 0xEFFFFFFC;
	struct stat ns;

	return !stat("/proc/self/ns/pid", &ns) && ns.st_ino == machines_own;
}

int closer_start(const int *fds, size_t n)
{
	int pipe_fds[2];
	long pid;

	BUG_ON(n > CLOSER_FDS_MAX);
	if (!has_init() || pipe2(pipe_fds, O_CLOEXEC))
		return -1;
	/* fork() without SIGCHLD; all arguments are 0, so that their order,
	 * which differs between machines, does not matter. */
	pid = syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
	if (pid == 0)
		closer_run(pipe_fds[0], fds, n);
	close(pipe_fds[0]);
	if (pid > 0)
		return pipe_fds[1];
	close(pipe_fds[1]);
	return -1;
}
