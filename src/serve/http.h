/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The head of an HTTP/1.x request, read from bytes that anybody may have sent
 * (RFC 9112): as much as a server must know that tells every client the same.
 */
#ifndef TP_SERVE_HTTP_H
#define TP_SERVE_HTTP_H

#include "base/base.h"

/* A head that is longer is refused with 431. */
#define HTTP_HEAD_MAX 8192

enum http_status {
	HTTP_OK = 200,
	HTTP_BAD_REQUEST = 400,
	HTTP_TIMEOUT = 408,
	HTTP_LENGTH_REQUIRED = 411,
	HTTP_HEAD_TOO_LARGE = 431,
	HTTP_NOT_IMPLEMENTED = 501,
	HTTP_VERSION = 505,
};

struct http_request {
	bool no_body;	 /* HEAD: the answer's body is left out */
	bool keep_alive; /* the client would go on with this connection */
	bool old;	 /* HTTP/1.0: closes unless it is told otherwise */
	bool waits;	 /* for 100 Continue, before it sends the body */
	uint64_t body;	 /* bytes that follow the head */
};

/*
 * The bytes that the head takes, with *out filled in; 0 when its end is not
 * there yet; or -status to refuse it with. Once it is no longer 0 the result is
 * the same however many bytes follow.
 */
int http_parse(const char *bytes, size_t len, struct http_request *out);

#endif
