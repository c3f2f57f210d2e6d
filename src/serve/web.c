/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The role http: every GET, HEAD and POST gets the same small answer. What
 * matters is when the connection ends, and who ends it: the client, or the
 * server, because it was asked to (Connection: close, or HTTP/1.0 without
 * keep-alive), because of the limit of requests, or of the idle time.
 *
 * Requests may come in any number of pieces, and many at once. They are
 * answered one by one: the next is looked at when the kernel has taken the
 * answer to the one before.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/line.h"
#include "serve/http.h"
#include "serve/internal.h"

#define REQUESTS_DEFAULT 100
#define IDLE_DEFAULT (5 * TIME_S)
/* At least this much is free whenever more is read. */
#define READ_MAX 4096
#define ANSWER_MAX 512

struct web {
	struct http_request request; /* the current one */
	bool asked;		     /* there is one, and no answer yet */
	uint64_t body_left;	     /* of it, still to come */
	size_t len;		     /* of what has not been looked at */
	char bytes[HTTP_HEAD_MAX + READ_MAX];
};

static struct web *web_of(struct conn *c)
{
	return (struct web *)(void *)c->state_of_role;
}

/* --- answers ----------------------------------------------------------- */

static const char *reason(enum http_status status)
{
	switch (status) {
	case HTTP_OK:
		return "OK";
	case HTTP_BAD_REQUEST:
		return "Bad Request";
	case HTTP_TIMEOUT:
		return "Request Timeout";
	case HTTP_LENGTH_REQUIRED:
		return "Length Required";
	case HTTP_HEAD_TOO_LARGE:
		return "Request Header Fields Too Large";
	case HTTP_NOT_IMPLEMENTED:
		return "Not Implemented";
	case HTTP_VERSION:
		return "HTTP Version Not Supported";
	}
	return "";
}

/* RFC 9110 6.6.1: "Sun, 06 Nov 1994 08:49:37 GMT". No locale is ever loaded. */
static void add_date(struct line *l)
{
	time_t now = time(NULL);
	char date[64];
	struct tm tm;

	if (gmtime_r(&now, &tm) &&
	    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm))
		line_add(l, "Date: %s\r\n", date);
}

static void answer(struct conn *c, enum http_status status, bool last,
		   const char *body)
{
	const struct http_request *request = &web_of(c)->request;
	char text[ANSWER_MAX];
	struct line l = line_init(text, sizeof(text));

	line_add(&l, "HTTP/1.1 %d %s\r\n", (int)status, reason(status));
	add_date(&l);
	line_add(&l, "Content-Type: text/plain\r\nContent-Length: %zu\r\n",
		 strlen(body));
	/* What each version takes for granted goes without saying. */
	if (last)
		line_add(&l, "Connection: close\r\n");
	else if (request->old)
		line_add(&l, "Connection: keep-alive\r\n");
	line_add(&l, "\r\n%s", request->no_body ? "" : body);
	BUG_ON(l.cut);
	if (last)
		conn_send_last(c, text, l.len);
	else
		conn_send(c, text, l.len);
}

static void refuse(struct conn *c, enum http_status status)
{
	char body[64];

	snprintf(body, sizeof(body), "%d %s\n", (int)status, reason(status));
	answer(c, status, true, body);
}

static void answer_request(struct conn *c)
{
	struct web *w = web_of(c);
	uint64_t limit = conn_option(c, SERVE_REQUESTS);
	uint64_t n = ++c->about.requests;
	bool last = !w->request.keep_alive || (limit && n == limit);
	char body[80];

	snprintf(body, sizeof(body),
		 "request %" PRIu64 " of this connection to tcpprobe\n", n);
	w->asked = false;
	answer(c, HTTP_OK, last, body);
}

/* --- requests ---------------------------------------------------------- */

static void take(struct web *w, size_t n)
{
	w->len -= n;
	memmove(w->bytes, w->bytes + n, w->len);
}

/* The next head: false when there is none yet, or none that is any good. */
static bool begin(struct conn *c)
{
	struct web *w = web_of(c);
	size_t len = w->len < HTTP_HEAD_MAX ? w->len : HTTP_HEAD_MAX;
	int n = http_parse(w->bytes, len, &w->request);

	if (n < 0) {
		refuse(c, (enum http_status) - n);
	} else if (n == 0 && len == HTTP_HEAD_MAX) {
		refuse(c, HTTP_HEAD_TOO_LARGE);
	} else if (n > 0) {
		take(w, (size_t)n);
		w->asked = true;
		w->body_left = w->request.body;
	}
	if (n > 0 && w->request.waits && !w->len)
		conn_send(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
	return n > 0;
}

static void skip_body(struct web *w)
{
	size_t n = w->len < w->body_left ? w->len : (size_t)w->body_left;

	take(w, n);
	w->body_left -= n;
}

static void go_on(struct conn *c)
{
	struct web *w = web_of(c);

	while (conn_is_open(c) && !conn_is_busy(c)) {
		if (!w->asked && !begin(c))
			return;
		skip_body(w);
		if (w->body_left)
			return;
		if (conn_is_open(c) && !conn_is_busy(c))
			answer_request(c);
	}
}

static void got(struct conn *c, const uint8_t *bytes, size_t n)
{
	struct web *w = web_of(c);

	BUG_ON(n > sizeof(w->bytes) - w->len);
	memcpy(w->bytes + w->len, bytes, n);
	w->len += n;
	go_on(c);
}

static void opened(struct conn *c)
{
	struct web *w = web_of(c);

	w->request = (struct http_request){ 0 };
	w->asked = false;
	w->body_left = 0;
	w->len = 0;
	conn_expect(c, (int64_t)conn_option(c, SERVE_IDLE));
}

/* Between two requests it is simply over. */
static void idle(struct conn *c)
{
	struct web *w = web_of(c);

	if (conn_is_busy(c))
		conn_close(c);
	else if (w->asked || w->len)
		refuse(c, HTTP_TIMEOUT);
	else
		conn_finish(c);
}

const struct serve_role role_http = {
	.name = "http",
	.summary = "HTTP/1.1 and 1.0, with keep-alive and its limits",
	.depth = SERVE_ACCEPTS,
	.uses = 1u << SERVE_BACKLOG | 1u << SERVE_CONNECTIONS |
		1u << SERVE_REQUESTS | 1u << SERVE_IDLE,
	.defaults = {
		[SERVE_BACKLOG] = SERVE_BACKLOG_DEFAULT,
		[SERVE_CONNECTIONS] = SERVE_CONNECTIONS_DEFAULT,
		[SERVE_REQUESTS] = REQUESTS_DEFAULT,
		[SERVE_IDLE] = IDLE_DEFAULT,
	},
	.state_size = sizeof(struct web),
	.read_max = READ_MAX,
	.opened = opened,
	.got = got,
	.sent = go_on,
	.ended = conn_finish,
	.idle = idle,
};
