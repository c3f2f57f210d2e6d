/* SPDX-License-Identifier: BSD-2-Clause */
/* The role http: what a client gets, byte for byte, and who closes when. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "serve/http.h"
#include "tests/serving.h"
#include "tests/tap.h"

#define GET "GET / HTTP/1.1\r\nHost: here\r\n\r\n"
#define LAST "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
#define OLD "GET / HTTP/1.0\r\n\r\n"
#define OLD_KEPT "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
#define HEAD_OK \
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 41\r\n"
#define CLOSE "Connection: close\r\n"
#define BODY(n) "\r\nrequest " #n " of this connection to tcpprobe\n"
#define ERROR(status, length)                                 \
	"HTTP/1.1 " status "\r\nContent-Type: text/plain\r\n" \
	"Content-Length: " length "\r\n" CLOSE "\r\n" status "\n"

static struct serve_config web(uint64_t requests, uint64_t idle_ns)
{
	struct serve_config config = serve_defaults(serve_role_find("http"));

	config.options[SERVE_REQUESTS] = requests;
	config.options[SERVE_IDLE] = idle_ns;
	return config;
}

/* The lines with the time of day: every answer has one, of 37 bytes. */
static void cut_dates(char *text)
{
	char *date;

	while ((date = strstr(text, "Date: "))) {
		char *end = strstr(date, " GMT\r\n");

		BUG_ON(!end || end + 6 - date != 37);
		memmove(date, end + 6, strlen(end + 6) + 1);
	}
}

/* What comes back until the server closes; how that went. */
static struct serve_event exchange(const struct serving *b, const char *request,
				   char *answer, size_t size)
{
	int fd = client_connect(b);
	struct serve_event event;

	client_say(fd, request);
	CHECK_INT(client_hear(fd, answer, size), 0);
	close(fd);
	cut_dates(answer);
	event = serving_event(b, SERVE_CLOSED);
	CHECK(event.closer == SERVE_SERVER && event.how == SERVE_FIN);
	return event;
}

/* The server closes after the last of these, and answers no more. */
static void test_answers(void)
{
	static const struct {
		const char *request, *answer;
		unsigned requests;
	} cases[] = {
		{ LAST, HEAD_OK CLOSE BODY(1), 1 },
		{ LAST GET, HEAD_OK CLOSE BODY(1), 1 },
		{ GET GET LAST,
		  HEAD_OK BODY(1) HEAD_OK BODY(2) HEAD_OK CLOSE BODY(3), 3 },
		{ OLD, HEAD_OK CLOSE BODY(1), 1 },
		{ OLD_KEPT OLD,
		  HEAD_OK "Connection: keep-alive\r\n" BODY(1)
			  HEAD_OK CLOSE BODY(2),
		  2 },
		{ "HEAD / HTTP/1.0\r\n\r\n", HEAD_OK CLOSE "\r\n", 1 },
		{ "HEAD / HTTP/1.1\r\nHost: here\r\n\r\n" LAST,
		  HEAD_OK "\r\n" HEAD_OK CLOSE BODY(2), 2 },
		{ "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 7\r\n\r\n"
		  "GET\r\n\r\n" LAST,
		  HEAD_OK BODY(1) HEAD_OK CLOSE BODY(2), 2 },
		/* A client that has sent its body does not have to be asked. */
		{ "POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n"
		  "Expect: 100-continue\r\nConnection: close\r\n\r\n!\n",
		  HEAD_OK CLOSE BODY(1), 1 },
		{ GET "nonsense\r\n",
		  HEAD_OK BODY(1) ERROR("400 Bad Request", "16"), 1 },
		{ "PUT / HTTP/1.1\r\nHost: here\r\n\r\n" GET,
		  ERROR("501 Not Implemented", "20"), 0 },
		{ "POST / HTTP/1.1\r\nHost: here\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		  ERROR("411 Length Required", "20"), 0 },
		{ "GET / HTTP/3.0\r\n\r\n",
		  ERROR("505 HTTP Version Not Supported", "31"), 0 },
	};
	struct serve_config config = web(100, 0);
	struct serving b;

	serving_start(&b, &config);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char answer[2000];
		struct serve_event event =
			exchange(&b, cases[i].request, answer, sizeof(answer));

		CHECK_TEXT(answer, cases[i].answer);
		CHECK_INT(event.requests, cases[i].requests);
	}
	CHECK_INT(serving_stop(&b), 0);
}

static void test_limit(void)
{
	struct serve_config config = web(2, 0);
	struct serving b;
	char answer[2000];

	serving_start(&b, &config);
	exchange(&b, GET GET GET, answer, sizeof(answer));
	CHECK_TEXT(answer, HEAD_OK BODY(1) HEAD_OK CLOSE BODY(2));
	CHECK_INT(serving_stop(&b), 0);
}

/* Byte by byte, and the answer as soon as the head is there. */
static void test_pieces(void)
{
	struct serve_config config = web(0, 0);
	char answer[400];
	struct serving b;
	int fd;

	serving_start(&b, &config);
	fd = client_connect(&b);
	for (const char *c = GET; *c; c++) {
		CHECK(!serving_is_readable(fd));
		client_say(fd, (const char[]){ *c, '\0' });
	}
	client_hear_n(fd, answer, strlen(HEAD_OK BODY(1)) + 37);
	cut_dates(answer);
	CHECK_TEXT(answer, HEAD_OK BODY(1));

	client_say(fd, "POST / HTTP/1.1\r\nHost: here\r\n"
		       "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
	client_hear_n(fd, answer, strlen("HTTP/1.1 100 Continue\r\n\r\n"));
	CHECK_TEXT(answer, "HTTP/1.1 100 Continue\r\n\r\n");
	client_say(fd, "ab");
	client_say(fd, "c" LAST);
	CHECK_INT(client_hear(fd, answer, sizeof(answer)), 0);
	cut_dates(answer);
	CHECK_TEXT(answer, HEAD_OK BODY(2) HEAD_OK CLOSE BODY(3));
	close(fd);
	CHECK_INT(serving_stop(&b), 0);
}

/* "GET /aaa… HTTP/1.1", a head of `len` bytes. */
static void fill_head(char *out, size_t len)
{
	static const char end[] = " HTTP/1.0\r\n\r\n";
	size_t end_at = len - strlen(end);
	int n = snprintf(out, len, "GET /");

	memset(out + n, 'a', end_at - (size_t)n);
	memcpy(out + end_at, end, sizeof(end));
}

static void test_long_head(void)
{
	static char head[3 * HTTP_HEAD_MAX];
	struct serve_config config = web(0, 0);
	struct serving b;
	char answer[400];

	serving_start(&b, &config);
	fill_head(head, HTTP_HEAD_MAX);
	exchange(&b, head, answer, sizeof(answer));
	CHECK_TEXT(answer, HEAD_OK CLOSE BODY(1));
	fill_head(head, HTTP_HEAD_MAX + 1);
	exchange(&b, head, answer, sizeof(answer));
	CHECK_TEXT(answer, ERROR("431 Request Header Fields Too Large", "36"));
	CHECK_INT(serving_stop(&b), 0);
}

/* A close() with unread bytes would be a RST, which takes away what the peer
 * has not read yet: here it goes on speaking long after it was refused. */
static void test_lingers(void)
{
	static char noise[1 << 20];
	struct serve_config config = web(0, 0);
	struct serve_event event;
	char answer[400];
	struct serving b;
	int fd;

	serving_start(&b, &config);
	fd = client_connect(&b);
	client_say(fd, "nonsense\r\n");
	memset(noise, 'x', sizeof(noise) - 1);
	client_say(fd, noise);
	CHECK_INT(client_hear(fd, answer, sizeof(answer)), 0);
	cut_dates(answer);
	CHECK_TEXT(answer, ERROR("400 Bad Request", "16"));
	client_say(fd, noise);
	close(fd);
	event = serving_event(&b, SERVE_CLOSED);
	CHECK(event.closer == SERVE_SERVER && event.how == SERVE_FIN);
	CHECK_INT(event.received, 10 + 2 * (sizeof(noise) - 1));
	CHECK_INT(serving_stop(&b), 0);
}

/* 8 MB of answers, more than the kernel keeps for a server (tcp_wmem: 4), to
 * one who reads as late as he can. */
static void test_pipeline(void)
{
	enum { REQUESTS = 60000, LEN = sizeof(GET) - 1 };
	static char requests[REQUESTS * LEN], answers[REQUESTS * 160];
	const struct client_load load = { requests, sizeof(requests), answers,
					  sizeof(answers) };
	struct serve_config config = web(REQUESTS, 0);
	struct serve_event event;
	struct serving b;
	size_t got;

	for (size_t i = 0; i < REQUESTS; i++)
		memcpy(requests + i * LEN, GET, LEN);
	serving_start(&b, &config);
	got = client_press(&b, &load);
	CHECK(got > 8000000);
	event = serving_event(&b, SERVE_CLOSED);
	CHECK_INT(event.requests, REQUESTS);
	CHECK_INT(event.received, sizeof(requests));
	CHECK_INT(event.sent, got);
	CHECK_INT(serving_stop(&b), 0);
}

/* Silence, or silence in the middle of a request. All at the same time. */
static void test_idle(void)
{
	static const struct {
		const char *request, *answer;
	} cases[] = {
		{ "", "" },
		{ GET, HEAD_OK BODY(1) },
		{ "GET / HTTP/1.1\r\n", ERROR("408 Request Timeout", "20") },
		{ "POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n!",
		  ERROR("408 Request Timeout", "20") },
	};
	struct serve_config config = web(0, TIME_S);
	int fds[ARRAY_LEN(cases)];
	struct serve_event event;
	char answer[400];
	struct serving b;

	serving_start(&b, &config);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fds[i] = client_connect(&b);
		client_say(fds[i], cases[i].request);
	}
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_INT(client_hear(fds[i], answer, sizeof(answer)), 0);
		cut_dates(answer);
		CHECK_TEXT(answer, cases[i].answer);
		close(fds[i]);
		event = serving_event(&b, SERVE_CLOSED);
		CHECK(event.closer == SERVE_SERVER && event.how == SERVE_FIN);
		CHECK(event.open_ns >= TIME_S);
	}
	CHECK_INT(serving_stop(&b), 0);
}

int main(void)
{
	test_answers();
	test_limit();
	test_pieces();
	test_long_head();
	test_lingers();
	test_pipeline();
	test_idle();
	return tap_done();
}
