/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as the head of an HTTP request: the answer is one that is known,
 * and what has been said of a beginning holds whatever follows it.
 */
#include <string.h>

#include "serve/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_request(const struct http_request *r)
{
	BUG_ON(r->body > 999999999999999999);
	BUG_ON(r->waits && (!r->body || r->old));
}

static void check_result(int result, size_t len)
{
	switch (-result) {
	case 0:
	case HTTP_BAD_REQUEST:
	case HTTP_LENGTH_REQUIRED:
	case HTTP_NOT_IMPLEMENTED:
	case HTTP_VERSION:
		return;
	}
	BUG_ON(result < 0 || (size_t)result > len);
}

/* The first `len` bytes alone, whose end nothing may read past. */
static int parse_start(const char *text, size_t len)
{
	struct http_request request;
	char *copy = malloc(len ? len : 1);
	int result;

	BUG_ON(!copy);
	memcpy(copy, text, len);
	result = http_parse(copy, len, &request);
	free(copy);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	struct http_request request;
	int whole = http_parse(text, len, &request);

	check_result(whole, len);
	if (whole > 0)
		check_request(&request);
	for (size_t n = len; n-- > 0;) {
		int part = parse_start(text, n);

		check_result(part, n);
		BUG_ON(part != 0 && part != whole);
		BUG_ON(part == 0 && whole > 0 && n >= (size_t)whole);
	}
	return 0;
}
