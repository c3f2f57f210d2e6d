/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A seccomp filter: an allow-list, arguments checked where a call could open a
 * way out. What a run does after it has dropped its privileges: read and write
 * what is open, poll, send, hold ports, ask for routes, take memory, tell the
 * time, and end. A server opens no socket of its own any more, but takes those
 * that come.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "io/sandbox.h"

#ifndef TP_SANDBOX
#define TP_SANDBOX 1
#endif

#if TP_SANDBOX

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const int ALLOWED[] = {
	/* What is open. */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write),
	SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(close),
	SCMP_SYS(fstat), SCMP_SYS(ftruncate), SCMP_SYS(fsync),
	SCMP_SYS(fcntl),
	/* The network: captures, injectors, netlink, guards. */
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(sendmsg),
	SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
	/* Memory. */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* Time. */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	/* Signals, and the end. */
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
	/* What the C library does by itself. */
	SCMP_SYS(futex), SCMP_SYS(getrandom), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
	SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(sched_yield),
	SCMP_SYS(sysinfo), SCMP_SYS(uname),
	/* What 32-bit machines call some of these. */
	SCMP_SYS(_llseek), SCMP_SYS(fcntl64), SCMP_SYS(fstat64),
	SCMP_SYS(ftruncate64), SCMP_SYS(ppoll_time64), SCMP_SYS(futex_time64),
	SCMP_SYS(clock_gettime64), SCMP_SYS(clock_nanosleep_time64),
	SCMP_SYS(sigreturn),
};

/* Of a server besides. */
static const int SERVER[] = {
	SCMP_SYS(accept4), SCMP_SYS(shutdown), SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
};

/* They reach for files. */
static const int REFUSED[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(stat), SCMP_SYS(lstat),
	SCMP_SYS(statx), SCMP_SYS(getcwd),
};

/* Of a terminal: is it one, and how wide. */
static const uint64_t IOCTLS[] = {
	TCGETS,
	_IOC(_IOC_READ, 'T', 0x2a, 44), /* TCGETS2, of glibc 2.42 */
	TIOCGWINSZ,
};

#define TYPE_MASK 0xf

static struct scmp_arg_cmp arg_masked(unsigned arg, uint64_t mask,
				      uint64_t value)
{
	return (struct scmp_arg_cmp){ .arg = arg,
				      .op = SCMP_CMP_MASKED_EQ,
				      .datum_a = mask,
				      .datum_b = value };
}

static struct scmp_arg_cmp arg_is(unsigned arg, uint64_t value)
{
	return arg_masked(arg, UINT64_MAX, value);
}

static int allow_if(scmp_filter_ctx ctx, int call, struct scmp_arg_cmp arg)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 1, arg);
}

static int add_plain(scmp_filter_ctx ctx)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_LEN(ALLOWED); i++)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, ALLOWED[i], 0);
	for (size_t i = 0; !ret && i < ARRAY_LEN(REFUSED); i++)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), REFUSED[i],
				       0);
	return ret;
}

/* Nothing that could be run comes into memory any more. */
static int add_memory(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp no_exec = arg_masked(2, PROT_EXEC, 0);
	int ret = allow_if(ctx, SCMP_SYS(mmap), no_exec);

	if (!ret)
		ret = allow_if(ctx, SCMP_SYS(mmap2), no_exec);
	if (!ret)
		ret = allow_if(ctx, SCMP_SYS(mprotect), no_exec);
	return ret;
}

/* fstat() of the C library is newfstatat() with AT_EMPTY_PATH. */
static int add_stat(scmp_filter_ctx ctx)
{
	int ret = allow_if(ctx, SCMP_SYS(newfstatat),
			   arg_masked(3, AT_EMPTY_PATH, AT_EMPTY_PATH));

	if (!ret)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES),
				       SCMP_SYS(newfstatat), 1,
				       arg_masked(3, AT_EMPTY_PATH, 0));
	return ret;
}

/* New sockets: guards, which are TCP. */
static int add_socket(scmp_filter_ctx ctx)
{
	static const uint64_t DOMAINS[] = { AF_INET, AF_INET6 };
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_LEN(DOMAINS); i++)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket),
				       2, arg_is(0, DOMAINS[i]),
				       arg_masked(1, TYPE_MASK, SOCK_STREAM));
	return ret;
}

static int add_server(scmp_filter_ctx ctx)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_LEN(SERVER); i++)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SERVER[i], 0);
	return ret;
}

static int add_ioctl(scmp_filter_ctx ctx)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_LEN(IOCTLS); i++)
		ret = allow_if(ctx, SCMP_SYS(ioctl), arg_is(1, IOCTLS[i]));
	return ret;
}

/* Signals to nobody but ourselves: abort(), and dying of what ended us. */
static int add_kill(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp self = arg_is(0, (uint64_t)getpid());
	int ret = allow_if(ctx, SCMP_SYS(tgkill), self);

	if (!ret)
		ret = allow_if(ctx, SCMP_SYS(kill), self);
	return ret;
}

int sandbox_enter(enum sandbox_for whom, struct err *e)
{
	static int (*const PARTS[])(scmp_filter_ctx) = {
		add_plain, add_memory, add_stat, add_ioctl, add_kill,
	};
	bool probe = whom == SANDBOX_PROBE;
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int ret = ctx ? 0 : -ENOMEM;

	/* Nobody else of the same user shall reach into our raw sockets. A
	 * server has none, and its user may look whose its port is. */
	if (!ret && probe && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		ret = -errno;
	for (size_t i = 0; !ret && i < ARRAY_LEN(PARTS); i++)
		ret = PARTS[i](ctx);
	if (!ret)
		ret = probe ? add_socket(ctx) : add_server(ctx);
	if (!ret)
		ret = seccomp_load(ctx);
	if (ctx)
		seccomp_release(ctx);
	if (ret)
		return err_set(e, ERR_UNSUPPORTED,
			       "enter the system call sandbox: %s",
			       strerror(-ret));
	return 0;
}

#else

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

int sandbox_enter(enum sandbox_for whom, struct err *e)
{
	(void)whom;
	/* The leak check of a sanitizer traces its own process. */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
		return err_set(e, ERR_UNSUPPORTED, "stay dumpable: %s",
			       strerror(errno));
	return 0;
}

#endif
