/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports are held and given back. That the guard keeps silent is tests/net's. */
#include "io/guard.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/sockaddr.h"
#include "tests/tap.h"

/* Can somebody else have the port? 0 or the errno of bind(). */
static int bind_other(uint16_t port, enum family family)
{
	const struct endpoint any = { .addr.family = (uint8_t)family,
				      .port = port };
	struct sockaddr_storage sa;
	socklen_t len = sockaddr_from(&any, &sa);
	int fd = socket(sa.ss_family, SOCK_STREAM, 0);
	int ret = bind(fd, (struct sockaddr *)&sa, len) ? errno : 0;

	close(fd);
	return ret;
}

static void test_hold(void)
{
	struct guard *g = NULL;
	struct err e = { 0 };
	uint16_t port = 0, again = 0;

	BUG_ON(guard_new(&g, &e));
	CHECK_MSG(!guard_hold(g, 0, &port, &e), "the kernel chooses: %s",
		  e.text);
	CHECK(port != 0 && guard_holds(g, port));
	CHECK_INT(bind_other(port, FAMILY_IPV4), EADDRINUSE);
	CHECK_INT(guard_hold(g, port, &again, &e), -ERR_BUSY);
	CHECK_MSG(strstr(e.text, "in use"), "says so: %s", e.text);
	guard_release(g, port);
	CHECK(!guard_holds(g, port));
	CHECK_INT(guard_hold(g, port, &again, &e), 0);
	CHECK_INT(again, port);
	guard_free(g);
	CHECK_MSG(bind_other(port, FAMILY_IPV4) == 0, "all is given back");
	guard_free(NULL);
}

static void test_many(void)
{
	struct guard *g = NULL;
	struct err e = { 0 };
	uint16_t port;
	bool good = true;

	BUG_ON(guard_new(&g, &e));
	for (int i = 0; i < 100; i++)
		good &= !guard_hold(g, 0, &port, &e);
	CHECK_MSG(good, "a hundred ports");
	guard_free(g);
}

static void test_file_limit(void)
{
	struct guard *g = NULL;
	struct err e = { 0 };
	struct rlimit limit;
	uint16_t port;

	BUG_ON(guard_new(&g, &e) || getrlimit(RLIMIT_NOFILE, &limit));
	CHECK_MSG(limit.rlim_cur == limit.rlim_max, "the limit was raised");
	limit.rlim_cur = 3;
	BUG_ON(setrlimit(RLIMIT_NOFILE, &limit));
	CHECK_INT(guard_hold(g, 0, &port, &e), -ERR_BUSY);
	CHECK_MSG(strstr(e.text, "ulimit -n"), "with the way out: %s", e.text);
	limit.rlim_cur = limit.rlim_max;
	BUG_ON(setrlimit(RLIMIT_NOFILE, &limit));
	guard_free(g);
}

int main(void)
{
	test_hold();
	test_many();
	test_file_limit();
	return tap_done();
}
