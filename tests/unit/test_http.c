/* SPDX-License-Identifier: BSD-2-Clause */
/* Heads of HTTP requests: good ones, bad ones, and those that are not whole. */
#include "serve/http.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

#define HOST "Host: here\r\n"

static int parse(const char *text, struct http_request *out)
{
	return http_parse(text, strlen(text), out);
}

/* What each head gets: its own length for 0. */
static void test_status(void)
{
	static const struct {
		const char *head;
		int want;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n" HOST "\r\n", 0 },
		{ "GET / HTTP/1.1\n" HOST "\n", 0 },
		{ "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 0 },
		{ "GET / HTTP/1.0\r\n\r\n", 0 },
		{ "GET / HTTP/1.7\r\n" HOST "\r\n", 0 },
		{ "POST /a?b=%20 HTTP/1.1\r\nhOST:\r\nX: \t y \t\r\n\r\n", 0 },
		{ "GET http://a/b HTTP/1.1\r\n" HOST "\r\n", 0 },
		{ "GET /\r\n\r\n", -HTTP_BAD_REQUEST },
		{ "GET  / HTTP/1.1\r\n" HOST "\r\n", -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.1 \r\n" HOST "\r\n", -HTTP_BAD_REQUEST },
		{ "GET /\tb HTTP/1.1\r\n" HOST "\r\n", -HTTP_BAD_REQUEST },
		{ " GET / HTTP/1.1\r\n" HOST "\r\n", -HTTP_BAD_REQUEST },
		{ "GET / http/1.1\r\n" HOST "\r\n", -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.1a\r\n" HOST "\r\n", -HTTP_BAD_REQUEST },
		{ "GET / HTTP/11\r\n" HOST "\r\n", -HTTP_BAD_REQUEST },
		{ "GET / HTTP/x.1\r\n" HOST "\r\n", -HTTP_BAD_REQUEST },
		{ "G(T / HTTP/1.1\r\n" HOST "\r\n", -HTTP_BAD_REQUEST },
		{ "SSH-2.0-OpenSSH_9.2\r\n", -HTTP_BAD_REQUEST },
		{ "\x16\x03\x01\x02", -HTTP_BAD_REQUEST },
		{ "GET /\x7f", -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.1\r\r\n", -HTTP_BAD_REQUEST },
		{ "get / HTTP/1.1\r\n" HOST "\r\n", -HTTP_NOT_IMPLEMENTED },
		{ "CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n",
		  -HTTP_NOT_IMPLEMENTED },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", -HTTP_VERSION },
		{ "GET / HTTP/0.9\r\n\r\n", -HTTP_VERSION },
		{ "GET / HTTP/1.1\r\n\r\n", -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.1\r\n" HOST HOST "\r\n", -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\nnonsense\r\n\r\n", -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\nA : b\r\n\r\n", -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\n: b\r\n\r\n", -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\nA: b\r\n c\r\n\r\n", -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\nA: \x01\r\n\r\n", -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\nContent-Length:\r\n\r\n",
		  -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\nContent-Length: +1\r\n\r\n",
		  -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\nContent-Length: 1 2\r\n\r\n",
		  -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\nContent-Length: 18446744073709551617\r\n"
		  "\r\n",
		  -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\nContent-Length: 1\r\n"
		  "Content-Length: 2\r\n\r\n",
		  -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.1\r\n" HOST
		  "Transfer-Encoding: chunked\r\n\r\n",
		  -HTTP_LENGTH_REQUIRED },
		{ "GET / HTTP/1.1\r\n" HOST
		  "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
		  -HTTP_BAD_REQUEST },
		{ "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
		  -HTTP_BAD_REQUEST },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_request r;
		int want = cases[i].want;

		if (!want)
			want = (int)strlen(cases[i].head);
		CHECK_INT(parse(cases[i].head, &r), want);
	}
}

/* The fields between a request line and the end: does the client go on? */
static void test_keep_alive(void)
{
	static const struct {
		const char *version, *fields;
		bool want;
	} cases[] = {
		{ "1.1", "", true },
		{ "1.1", "Connection: close\r\n", false },
		{ "1.1", "connection: CLOSE\r\n", false },
		{ "1.1", "Connection: upgrade,\t close \r\n", false },
		{ "1.1", "Connection: a\r\nConnection: close\r\n", false },
		{ "1.1", "Connection: closed\r\n", true },
		{ "1.1", "Connection: keep-alive, close\r\n", false },
		{ "1.1", "X-Connection: close\r\n", true },
		{ "1.0", "", false },
		{ "1.0", "Connection: keep-alive\r\n", true },
		{ "1.0", "Connection: Keep-Alive, close\r\n", false },
		{ "1.0", "Keep-Alive: timeout=5\r\n", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_request r;
		char head[200];

		snprintf(head, sizeof(head), "GET / HTTP/%s\r\n" HOST "%s\r\n",
			 cases[i].version, cases[i].fields);
		CHECK_INT(parse(head, &r), strlen(head));
		CHECK_MSG(r.keep_alive == cases[i].want, "HTTP/%s %s is %s",
			  cases[i].version, cases[i].fields,
			  cases[i].want ? "kept alive" : "the last");
		CHECK(r.old == (cases[i].version[2] == '0'));
	}
}

static void test_body(void)
{
	struct http_request r;

	CHECK(parse("HEAD / HTTP/1.1\r\n" HOST "\r\n", &r) > 0);
	CHECK(r.no_body && r.body == 0 && !r.waits);
	CHECK(parse("POST / HTTP/1.1\r\n" HOST "Content-Length: 012\r\n"
		    "Content-Length: 12\r\nExpect: 100-Continue\r\n\r\n",
		    &r) > 0);
	CHECK(!r.no_body && r.body == 12 && r.waits);
	CHECK(parse("POST / HTTP/1.0\r\nContent-Length: 999999999999999999\r\n"
		    "Expect: 100-continue\r\n\r\n",
		    &r) > 0);
	CHECK(r.body == 999999999999999999 && !r.waits);
	CHECK(parse("GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\n\r\n",
		    &r) > 0);
	CHECK_MSG(!r.waits, "without a body there is nothing to wait for");
}

/* Nothing is said of a head before its end, and nothing behind it counts. */
static void test_pieces(void)
{
	static const char two[] = "GET / HTTP/1.1\r\n" HOST "\r\n"
				  "HEAD / HTTP/1.0\r\n\r\n";
	size_t first = strlen("GET / HTTP/1.1\r\n" HOST "\r\n");
	struct http_request r;
	bool good = true;

	for (size_t len = 0; len < first; len++)
		good &= http_parse(two, len, &r) == 0;
	CHECK_MSG(good, "a part of a head is no head");
	CHECK_INT(parse(two, &r), first);
	CHECK(!r.no_body && r.keep_alive);
	CHECK_INT(parse(two + first, &r), strlen(two) - first);
	CHECK(r.no_body && !r.keep_alive);
}

int main(void)
{
	test_status();
	test_keep_alive();
	test_body();
	test_pieces();
	return tap_done();
}
