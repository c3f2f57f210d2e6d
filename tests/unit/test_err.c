/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors: codes, names, exit statuses, and sentences that are cut safely. */
#include "base/err.h"

#include <string.h>

#include "tests/tap.h"

static void test_codes(void)
{
	static const struct {
		enum err_code code;
		const char *name;
		int status;
	} want[] = {
		{ ERR_USAGE, "usage", 2 },
		{ ERR_PERMISSION, "permission", 3 },
		{ ERR_HOST, "host", 3 },
		{ ERR_ROUTE, "route", 3 },
		{ ERR_INTERFACE, "interface", 3 },
		{ ERR_UNSUPPORTED, "unsupported", 3 },
		{ ERR_BUSY, "busy", 3 },
		{ ERR_CAPTURE, "capture", 5 },
		{ ERR_SEND, "send", 5 },
		{ ERR_MEMORY, "memory", 5 },
		{ ERR_IO, "io", 5 },
	};

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		CHECK_TEXT(err_name(want[i].code), want[i].name);
		CHECK_INT(err_status(want[i].code), want[i].status);
	}
	CHECK_INT(ARRAY_LEN(want), ERR_CODE_N - 1);
	CHECK_INT(err_status(ERR_NONE), 0);
}

static void test_set(void)
{
	struct err e = { 0 };

	CHECK_INT(err_set(&e, ERR_HOST, "look up %s: %d", "web", 7), -ERR_HOST);
	CHECK_INT(e.code, ERR_HOST);
	CHECK_TEXT(e.text, "look up web: 7");
	CHECK_INT(err_set(NULL, ERR_IO, "nobody %s", "asks"), -ERR_IO);
	err_set(&e, ERR_SEND, "%s, once more: %s", e.text + 8, e.text);
	CHECK_TEXT(e.text, "web: 7, once more: look up web: 7");
}

static void test_prefix(void)
{
	struct err e = { 0 };

	err_set(&e, ERR_ROUTE, "no route");
	CHECK_INT(err_prefix(&e, "target %d", 2), -ERR_ROUTE);
	CHECK_TEXT(e.text, "target 2: no route");
	CHECK_INT(err_prefix(&e, "%s", e.text + 10), -ERR_ROUTE);
	CHECK_TEXT(e.text, "no route: target 2: no route");
	CHECK_INT(e.code, ERR_ROUTE);
}

static void test_cut(void)
{
	char longer[2 * ERR_TEXT_MAX];
	struct {
		struct err e;
		char behind[8];
	} box;

	memset(&box, 'z', sizeof(box));
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	err_set(&box.e, ERR_IO, "%s", longer);
	CHECK_INT(strlen(box.e.text), ERR_TEXT_MAX - 1);
	CHECK(memcmp(box.e.text, longer, ERR_TEXT_MAX - 1) == 0);
	err_prefix(&box.e, "read");
	CHECK_INT(strlen(box.e.text), ERR_TEXT_MAX - 1);
	CHECK(memcmp(box.e.text, "read: xxx", 9) == 0);
	err_prefix(&box.e, "%s", longer);
	CHECK_INT(strlen(box.e.text), ERR_TEXT_MAX - 1);
	CHECK(memcmp(box.behind, "zzzzzzzz", 8) == 0);
}

int main(void)
{
	test_codes();
	test_set();
	test_prefix();
	test_cut();
	return tap_done();
}
