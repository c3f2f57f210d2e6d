/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dropping is done in the order in which each step can still be done: the
 * bounding set, groups and users while their capabilities are held, then all
 * capabilities, then the promise that no program that is run brings new ones,
 * then the sandbox. Before the sandbox closes, the drop is proved by trying to
 * undo it.
 *
 * In a user namespace or a container a step may be impossible: nobody is not
 * mapped, or there is no CAP_SETUID. Those are known and harmless, because the
 * capabilities go all the same; every other failure is fatal.
 */
#include "io/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/escape.h"
#include "io/sandbox.h"

#define NOBODY 65534
#define PATH_SHOWN_MAX 128

/* The path to name in the way out, quoted for a terminal. */
static const char *own_path(char shown[static PATH_SHOWN_MAX])
{
	char path[PATH_SHOWN_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path));

	if (len <= 0 || (size_t)len == sizeof(path))
		return "tcpprobe";
	return escape_bytes(path, (size_t)len, shown, PATH_SHOWN_MAX);
}

int privilege_check(struct err *e)
{
	char shown[PATH_SHOWN_MAX];

	if (!capng_get_caps_process()) {
		if (capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_RAW))
			return 0;
		if (capng_have_capability(CAPNG_PERMITTED, CAP_NET_RAW) &&
		    !capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, CAP_NET_RAW) &&
		    !capng_apply(CAPNG_SELECT_CAPS))
			return 0;
	}
	return err_set(e, ERR_PERMISSION,
		       "raw sockets need CAP_NET_RAW: run as root, or once "
		       "\"sudo setcap cap_net_raw+ep %s\", or in a container "
		       "--cap-add=NET_RAW", own_path(shown));
}

static int failed(const char *what, struct err *e)
{
	return err_set(e, ERR_PERMISSION, "drop privileges: %s: %s", what,
		       strerror(errno));
}

/* Not mapped in this user namespace, or no CAP_SETUID or CAP_SETGID. */
static bool tolerable(void)
{
	return errno == EINVAL || errno == EPERM;
}

static int drop_user(struct err *e)
{
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) && !tolerable())
		return failed("setgroups", e);
	if (setresgid(NOBODY, NOBODY, NOBODY) && !tolerable())
		return failed("setresgid", e);
	if (setresuid(NOBODY, NOBODY, NOBODY) && !tolerable())
		return failed("setresuid", e);
	return 0;
}

static int drop_capabilities(struct err *e)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return failed("ambient capabilities", e);
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return failed("capabilities", e);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return failed("no new privileges", e);
	return 0;
}

/* Without CAP_SETPCAP the bounding set stays; it only matters to programs
 * that are run, and those are forbidden anyway. */
static void drop_bounding(void)
{
	if (capng_get_caps_process() ||
	    !capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		return;
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

static int regained(const char *how, struct err *e)
{
	return err_set(e, ERR_PERMISSION,
		       "drop privileges: they come back by %s", how);
}

static int prove(struct err *e)
{
	int fd;

	if (capng_get_caps_process() ||
	    capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
		return err_set(e, ERR_PERMISSION,
			       "drop privileges: capabilities are left");
	capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW);
	if (!capng_apply(CAPNG_SELECT_CAPS))
		return regained("capset", e);
	if (getuid() != 0 && (!setresuid(0, 0, 0) || !setuid(0)))
		return regained("setuid", e);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return regained("execve", e);
	fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd >= 0) {
		close(fd);
		return regained("socket", e);
	}
	return 0;
}

static int drop(enum sandbox_for whom, struct err *e)
{
	int ret;

	/* libcap-ng remembers the process it was first used in, and the closer
	 * is a clone of that (io/closer.c). */
	capng_setpid(getpid());
	drop_bounding();
	ret = drop_user(e);
	if (!ret)
		ret = drop_capabilities(e);
	if (!ret)
		ret = prove(e);
	if (!ret)
		ret = sandbox_enter(whom, e);
	return ret;
}

int privilege_drop(struct err *e)
{
	return drop(SANDBOX_PROBE, e);
}

int privilege_drop_server(struct err *e)
{
	return drop(SANDBOX_SERVER, e);
}
