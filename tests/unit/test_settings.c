/* SPDX-License-Identifier: BSD-2-Clause */
/* What the rows of the common options cannot check alone. */
#include "cmd/settings.h"

#include "tests/tap.h"

static int finish(struct settings *s, struct err *e)
{
	return settings_finish(s, probe_find("nolisten"), e);
}

static void test_expect(void)
{
	struct settings s;
	struct err e;

	settings_init(&s);
	s.expect = "refused,listening,refused";
	CHECK_INT(finish(&s, &e), 0);
	CHECK_INT(s.expected_n, 2);
	CHECK(settings_expects(&s, "listening"));
	CHECK(!settings_expects(&s, "filtered"));
	CHECK(!settings_expects(&s, NULL));

	settings_init(&s);
	s.expect = "refused,lisening";
	CHECK_INT(finish(&s, &e), -ERR_USAGE);
	CHECK_TEXT(e.text, "--expect: \"lisening\" is no verdict of nolisten "
			   "(did you mean listening?)");
	settings_init(&s);
	s.expect = "";
	CHECK_INT(finish(&s, &e), -ERR_USAGE);
}

static void test_source(void)
{
	struct settings s;
	struct err e;

	settings_init(&s);
	s.source = "fd00:9::1";
	CHECK_INT(finish(&s, &e), 0);
	CHECK_INT(s.family, FAMILY_IPV6);
	settings_init(&s);
	s.source = "10.9.0.1";
	s.family = FAMILY_IPV6;
	CHECK_INT(finish(&s, &e), -ERR_USAGE);
	settings_init(&s);
	s.source = "web";
	CHECK_INT(finish(&s, &e), -ERR_USAGE);
	CHECK_TEXT(e.text, "--source: \"web\" is no address");
}

int main(void)
{
	test_expect();
	test_source();
	return tap_done();
}
