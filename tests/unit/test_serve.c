/* SPDX-License-Identifier: BSD-2-Clause */
/* A server in each role, as a client meets it; its limits; its end. */
#include "serve/serve.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/random.h"
#include "tests/serving.h"
#include "tests/tap.h"

/* --- roles ------------------------------------------------------------- */

static void test_table(void)
{
	for (size_t i = 0; i < serve_roles_n; i++) {
		const struct serve_role *role = serve_roles[i];

		CHECK_TEXT(serve_role_names[i], role->name);
		CHECK(serve_role_find(role->name) == role);
		CHECK_MSG(role->summary && role->summary[0], "%s is told",
			  role->name);
		CHECK_MSG(role->depth == SERVE_ACCEPTS || !role->opened,
			  "%s: what never happens is not waited for",
			  role->name);
	}
	CHECK(!serve_role_names[serve_roles_n]);
	CHECK(!serve_role_find("server"));
}

static void test_not_accepting(void)
{
	struct serving b;
	int fd;

	serving_start_role(&b, "bound");
	CHECK(client_try(b.port) == -1 && errno == ECONNREFUSED);
	CHECK_INT(serving_stop(&b), 0);

	serving_start_role(&b, "listen");
	fd = client_connect(&b);
	client_say(fd, "nobody reads this");
	CHECK(!serving_is_readable(fd) && !serving_is_readable(b.events));
	CHECK_INT(serving_stop(&b), 0);
	serving_await(fd, POLLIN);
	CHECK_MSG(recv(fd, &b, 1, 0) < 0 && errno == ECONNRESET,
		  "what was never accepted is reset in the end");
	close(fd);
}

static void test_accept(void)
{
	struct serve_event event;
	struct serving b;
	char text[16];
	int fd;

	serving_start_role(&b, "accept");
	fd = client_connect(&b);
	event = serving_event(&b, SERVE_ACCEPTED);
	CHECK_INT(event.connections, 1);
	CHECK(event.peer.addr.family == FAMILY_IPV4 && event.peer.port);
	client_say(fd, "hello");
	shutdown(fd, SHUT_WR);
	CHECK_INT(client_hear(fd, text, sizeof(text)), 0);
	CHECK_TEXT(text, "");
	event = serving_event(&b, SERVE_CLOSED);
	CHECK_INT(event.connections, 0);
	CHECK_INT(event.closer, SERVE_PEER);
	CHECK_INT(event.how, SERVE_FIN);
	CHECK(event.received == 5 && event.sent == 0);
	close(fd);
	CHECK_INT(serving_stop(&b), 0);
}

/* 6 MB, more than the kernel keeps for a server (tcp_wmem: 4), from a client
 * that reads as late as it can. */
static void test_echo(void)
{
	enum { SIZE = 6 << 20 };
	static char bytes[SIZE], back[SIZE + 1];
	const struct client_load load = { bytes, SIZE, back, sizeof(back) };
	struct serve_event event;
	struct random random;
	struct serving b;

	random_seed(&random, SIZE);
	for (size_t i = 0; i < SIZE; i += sizeof(uint64_t)) {
		uint64_t some = random_u64(&random);

		memcpy(bytes + i, &some, sizeof(some));
	}
	serving_start_role(&b, "echo");
	CHECK_INT(client_press(&b, &load), SIZE);
	CHECK_MSG(memcmp(bytes, back, SIZE) == 0, "it comes back as it was");
	event = serving_event(&b, SERVE_CLOSED);
	CHECK(event.received == SIZE && event.sent == SIZE);
	CHECK(event.closer == SERVE_PEER && event.how == SERVE_FIN);
	CHECK_INT(serving_stop(&b), 0);
}

static void test_closing(void)
{
	struct serve_event event;
	struct serving b;
	char text[16];
	int fd;

	serving_start_role(&b, "close");
	fd = client_connect(&b);
	CHECK_INT(client_hear(fd, text, sizeof(text)), 0);
	event = serving_event(&b, SERVE_CLOSED);
	CHECK(event.closer == SERVE_SERVER && event.how == SERVE_FIN);
	close(fd);
	CHECK_INT(serving_stop(&b), 0);

	serving_start_role(&b, "reset");
	fd = client_connect(&b);
	CHECK_INT(client_hear(fd, text, sizeof(text)), ECONNRESET);
	event = serving_event(&b, SERVE_CLOSED);
	CHECK(event.closer == SERVE_SERVER && event.how == SERVE_RST);
	close(fd);
	CHECK_INT(serving_stop(&b), 0);
}

static void reset(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void test_stuck(void)
{
	struct serve_event event;
	struct serving b;
	char text[16];
	int fd;

	serving_start_role(&b, "stuck");
	fd = client_connect(&b);
	client_say(fd, "hello");
	shutdown(fd, SHUT_WR);
	event = serving_event(&b, SERVE_PEER_ENDED);
	CHECK(event.received == 5 && event.connections == 1);
	CHECK_MSG(!serving_is_readable(fd), "it does not close after the peer");
	CHECK_INT(serving_stop(&b), 0);
	CHECK_MSG(client_hear(fd, text, sizeof(text)) == 0,
		  "only with its process");
	close(fd);

	serving_start_role(&b, "stuck");
	fd = client_connect(&b);
	shutdown(fd, SHUT_WR);
	serving_event(&b, SERVE_PEER_ENDED);
	reset(fd);
	event = serving_event(&b, SERVE_CLOSED);
	CHECK_MSG(event.how == SERVE_RST, "a RST leaves nothing to hold");
	CHECK_INT(serving_stop(&b), 0);
}

static void test_stream(void)
{
	struct serve_config config = serve_defaults(serve_role_find("stream"));
	static char text[300000];
	struct serve_event event;
	struct serving b;
	bool good = true;
	int fd;

	config.options[SERVE_BYTES] = 200001;
	serving_start(&b, &config);
	fd = client_connect(&b);
	CHECK_INT(client_hear(fd, text, sizeof(text)), 0);
	CHECK_INT(strlen(text), 200001);
	for (size_t i = 64; i < 200001; i++)
		good &= text[i] == text[i % 64];
	CHECK_MSG(good && memcmp(text, "0123", 4) == 0,
		  "every byte is that of its offset");
	close(fd);
	event = serving_event(&b, SERVE_CLOSED);
	CHECK(event.closer == SERVE_SERVER && event.how == SERVE_FIN);
	CHECK_INT(event.sent, 200001);
	CHECK_INT(serving_stop(&b), 0);

	/* One that does not read, and one that goes away in mid-stream. */
	serving_start_role(&b, "stream");
	fd = client_connect(&b);
	reset(client_connect(&b));
	event = serving_event(&b, SERVE_CLOSED);
	CHECK(event.closer == SERVE_PEER && event.how == SERVE_RST);
	client_hear_n(fd, text, 1000);
	CHECK_MSG(text[999] == text[999 % 64], "the other gets its stream");
	CHECK_INT(serving_stop(&b), 0);
	close(fd);
}

/* --- limits ------------------------------------------------------------ */

static void test_most_connections(void)
{
	struct serve_config config = serve_defaults(serve_role_find("echo"));
	struct serve_event event;
	char text[8];
	struct serving b;
	int fds[3];

	config.options[SERVE_CONNECTIONS] = 2;
	serving_start(&b, &config);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = client_connect(&b);
		client_say(fds[i], "?");
	}
	event = serving_event(&b, SERVE_FULL);
	CHECK_INT(event.connections, 2);
	client_hear_n(fds[0], text, 1);
	client_hear_n(fds[1], text, 1);
	CHECK_MSG(!serving_is_readable(fds[2]), "the third waits");
	close(fds[0]);
	client_hear_n(fds[2], text, 1);
	CHECK_MSG(text[0] == '?', "until another has gone");
	close(fds[1]);
	close(fds[2]);
	CHECK_INT(serving_stop(&b), 0);
}

static void limit_files(rlim_t n)
{
	struct rlimit limit;

	BUG_ON(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = n ? n : limit.rlim_max;
	BUG_ON(setrlimit(RLIMIT_NOFILE, &limit));
}

/* In the server: after the first connection there is no descriptor left, and
 * there are some again as soon as one was missed. */
static int miss_one(void *arg, const struct serve_event *event, struct err *e)
{
	if (event->type == SERVE_ACCEPTED && event->connections == 1) {
		int next = dup(0);

		BUG_ON(next < 0);
		close(next);
		limit_files((rlim_t)next);
	} else if (event->type == SERVE_FULL) {
		limit_files(0);
	}
	return serving_tell(arg, event, e);
}

static void test_files(void)
{
	struct serve_config config = serve_defaults(serve_role_find("echo"));
	int first, second;
	char text[8];
	struct serving b;

	if (getenv("TP_MEMCHECK")) {
		tap_skip("no descriptor left", "valgrind has its own limit");
		return;
	}
	config.told = miss_one;
	serving_start(&b, &config);
	first = client_connect(&b);
	serving_event(&b, SERVE_ACCEPTED);
	second = client_connect(&b);
	client_say(second, "?");
	serving_event(&b, SERVE_FULL);
	client_hear_n(second, text, 1);
	CHECK_MSG(text[0] == '?',
		  "who waits is accepted later, though nobody has gone");
	client_say(first, "!");
	client_hear_n(first, text, 1);
	CHECK_INT(serving_stop(&b), 0);
	close(first);
	close(second);
}

static void test_stop(void)
{
	struct serve_event event;
	struct serving b;
	char text[8];
	int fd;

	serving_start_role(&b, "echo");
	fd = client_connect(&b);
	client_say(fd, "?");
	client_hear_n(fd, text, 1);
	serving_close(&b.stop);
	event = serving_event(&b, SERVE_CLOSED);
	CHECK(event.closer == SERVE_SERVER && event.how == SERVE_FIN);
	CHECK_MSG(client_hear(fd, text, sizeof(text)) == 0,
		  "open ones get a FIN");
	CHECK_INT(serving_stop(&b), 0);
	close(fd);

	serving_start_role(&b, "echo");
	serving_close(&b.events);
	fd = client_connect(&b);
	CHECK_MSG(client_hear(fd, text, sizeof(text)) == 0,
		  "nobody to be told: it ends");
	CHECK_INT(serving_stop(&b), ERR_IO);
	close(fd);
}

/* --- what cannot be opened --------------------------------------------- */

static int open_failure(const struct serve_config *config, struct err *e)
{
	struct serve *s = NULL;
	int ret = serve_open(config, &s, e);

	serve_free(s);
	return ret;
}

static void test_address(void)
{
	struct serve_config config = serve_defaults(serve_role_find("listen"));
	struct serve *s = NULL;
	struct err e = { 0 };

	BUG_ON(serve_open(&config, &s, &e));
	CHECK(serve_config(s)->at.port != 0);
	config.at.port = serve_config(s)->at.port;
	CHECK_INT(open_failure(&config, &e), -ERR_BUSY);
	CHECK_MSG(strstr(e.text, "in use") && strstr(e.text, "ss -ltnp"),
		  "with the way to find out: %s", e.text);
	serve_free(s);
	CHECK_MSG(open_failure(&config, &e) == 0, "it is given back");

	BUG_ON(addr_parse("192.0.2.1", &config.at.addr));
	CHECK_INT(open_failure(&config, &e), -ERR_USAGE);
	CHECK_MSG(strstr(e.text, "192.0.2.1"), "is named: %s", e.text);
	BUG_ON(addr_parse("fe80::1", &config.at.addr));
	CHECK_INT(open_failure(&config, &e), -ERR_USAGE);
	CHECK_MSG(strstr(e.text, "interface"), "needs one: %s", e.text);
}

static void test_keepalive(void)
{
	static const struct {
		enum serve_option option;
		uint64_t value;
		int want;
	} cases[] = {
		{ SERVE_IDLE, 1 * TIME_S, 0 },
		{ SERVE_IDLE, 32767 * TIME_S, 0 },
		{ SERVE_IDLE, 32768 * TIME_S, -ERR_USAGE },
		{ SERVE_IDLE, 0, -ERR_USAGE },
		{ SERVE_IDLE, 1500 * TIME_MS, -ERR_USAGE },
		{ SERVE_INTERVAL, TIME_MS, -ERR_USAGE },
		{ SERVE_COUNT, 127, 0 },
		{ SERVE_COUNT, 128, -ERR_USAGE },
	};
	const struct serve_role *role = serve_role_find("keepalive");
	struct serve_config config = serve_defaults(role);
	struct serve *s = NULL;
	struct err e = { 0 };

	config.options[SERVE_IDLE] = 7 * TIME_S;
	config.options[SERVE_COUNT] = 3;
	BUG_ON(serve_open(&config, &s, &e));
	CHECK_INT(serve_config(s)->options[SERVE_IDLE], 7 * TIME_S);
	CHECK_INT(serve_config(s)->options[SERVE_COUNT], 3);
	CHECK_MSG(serve_config(s)->options[SERVE_INTERVAL] != SERVE_KERNEL,
		  "what the kernel does by itself is known afterwards");
	serve_free(s);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		config = serve_defaults(role);
		config.options[cases[i].option] = cases[i].value;
		CHECK_INT(open_failure(&config, &e), cases[i].want);
	}
}

int main(void)
{
	test_table();
	test_not_accepting();
	test_accept();
	test_echo();
	test_closing();
	test_stuck();
	test_stream();
	test_most_connections();
	test_files();
	test_stop();
	test_address();
	test_keepalive();
	return tap_done();
}
