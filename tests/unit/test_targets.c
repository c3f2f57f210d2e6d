/* SPDX-License-Identifier: BSD-2-Clause */
/* Targets: their syntax, and both passes over operands and files. */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/targets.h"
#include "tests/tap.h"

static struct target_spec spec;
static struct err error;

static int parse(const char *text, enum family family)
{
	memset(&error, 0, sizeof(error));
	return target_spec_parse(text, family, &spec, &error);
}

/* "host first/prefix: ports walked", or the error. */
static const char *told(const char *text)
{
	static char out[512];
	char addr[ADDR_TEXT_MAX] = "name";
	struct port_walk walk;
	uint16_t port;
	int n;

	if (parse(text, FAMILY_ANY))
		return error.text;
	if (spec.numeric)
		addr_format(&spec.first, addr);
	n = snprintf(out, sizeof(out), "%s %s/%u:", spec.host, addr,
		     spec.prefix);
	port_walk_start(&walk, spec.ports);
	while (port_walk_next(&walk, &port) && (size_t)n < sizeof(out))
		n += snprintf(out + n, sizeof(out) - (size_t)n, " %u", port);
	return out;
}

static void test_accepted(void)
{
	CHECK_TEXT(told("web:80"), "web name/0: 80");
	CHECK_TEXT(told("web:1"), "web name/0: 1");
	CHECK_TEXT(told("web:65535"), "web name/0: 65535");
	CHECK_TEXT(told("10.9.0.2:80,443"), "10.9.0.2 10.9.0.2/32: 80 443");
	CHECK_TEXT(told("[fd00::2]:22"), "fd00::2 fd00::2/128: 22");
	CHECK_TEXT(told("[FD00:0::2]:22"), "FD00:0::2 fd00::2/128: 22");
	CHECK_TEXT(told("a:80,443,8000-8003"),
		   "a name/0: 80 443 8000 8001 8002 8003");
	CHECK_TEXT(told("a:7-7,65534-65535"), "a name/0: 7 65534 65535");
	CHECK_TEXT(told("[fe80::1%eth0]:80"), "fe80::1%eth0 name/0: 80");
	CHECK_TEXT(told("my-host_1.example.:80"),
		   "my-host_1.example. name/0: 80");
	CHECK_TEXT(told("b\xc3\xbc"
			"cher.example:80"),
		   "b\xc3\xbc"
		   "cher.example name/0: 80");
}

static void test_blocks(void)
{
	CHECK_TEXT(told("10.9.0.0/28:80"), "10.9.0.0 10.9.0.0/28: 80");
	CHECK_TEXT(told("10.9.0.21/28:80"), "10.9.0.21 10.9.0.16/28: 80");
	CHECK_TEXT(told("10.9.0.1/32:80"), "10.9.0.1 10.9.0.1/32: 80");
	CHECK_TEXT(told("10.9.0.1/0:80"), "10.9.0.1 0.0.0.0/0: 80");
	CHECK_TEXT(told("[fd00::]/120:80"), "fd00:: fd00::/120: 80");
	CHECK_TEXT(told("[fd00::/120]:80"), "fd00:: fd00::/120: 80");
	CHECK_TEXT(told("[fd00::ff/128]:80"), "fd00::ff fd00::ff/128: 80");
	CHECK_TEXT(told("10.9.0.0/33:80"),
		   "\"10.9.0.0/33:80\": \"33\" is no prefix length (0 to 32)");
	CHECK_TEXT(told("[fd00::]/129:80"),
		   "\"[fd00::]/129:80\": \"129\" is no prefix length "
		   "(0 to 128)");
	CHECK_TEXT(told("10.9.0.0/:80"),
		   "\"10.9.0.0/:80\": \"\" is no prefix length (0 to 32)");
	CHECK_TEXT(told("10.9.0.0/-1:80"),
		   "\"10.9.0.0/-1:80\": \"-1\" is no prefix length (0 to 32)");
	CHECK_TEXT(told("10.9.0.0/255.255.255.0:80"),
		   "\"10.9.0.0/255.255.255.0:80\": \"255.255.255.0\" is no "
		   "prefix length (0 to 32)");
	CHECK_TEXT(told("[fd00::/64]/64:80"),
		   "\"[fd00::/64]/64:80\": junk behind the bracket");
	CHECK_TEXT(told("web/24:80"),
		   "\"web/24:80\": a block needs an address, not a name");
}

static void test_no_port(void)
{
	CHECK_TEXT(told("web"), "\"web\": no port (write web:80)");
	CHECK_TEXT(told("web:"), "\"web:\": no port (write web:80)");
	CHECK_TEXT(told("10.9.0.0/24"),
		   "\"10.9.0.0/24\": no port (write 10.9.0.0/24:80)");
	CHECK_TEXT(told("[fd00::2]"),
		   "\"[fd00::2]\": no port (write [fd00::2]:80)");
	CHECK_TEXT(told("[fd00::]/64:"),
		   "\"[fd00::]/64:\": no port (write [fd00::]/64:80)");
	CHECK_TEXT(told(":80"), "\":80\": no host (write HOST:PORT)");
	CHECK_TEXT(told(""), "\"\": no host (write HOST:PORT)");
	CHECK_TEXT(told("[]:80"), "\"[]:80\": no host (write HOST:PORT)");
}

static void test_bad_ports(void)
{
	static const char *const items[] = {
		"0",   "65536",	 "-1",	     "+80",
		"80x", "0x50",	 "http",     "80-",
		"-80", "80--90", "1-2-3",    "99999999999999999999",
		"8 0", "80-0",	 "80-65536",
	};

	for (size_t i = 0; i < ARRAY_LEN(items); i++) {
		char text[64], want[128];

		snprintf(text, sizeof(text), "web:%s", items[i]);
		snprintf(want, sizeof(want),
			 "\"%s\": \"%s\" is no port (1 to 65535)", text,
			 items[i]);
		CHECK_TEXT(told(text), want);
	}
	CHECK_TEXT(told("web:80,"),
		   "\"web:80,\": \"\" is no port (1 to 65535)");
	CHECK_TEXT(told("web:,80"),
		   "\"web:,80\": \"\" is no port (1 to 65535)");
	CHECK_TEXT(told("web:1,,2"),
		   "\"web:1,,2\": \"\" is no port (1 to 65535)");
	CHECK_TEXT(told("web:1,90-80"),
		   "\"web:1,90-80\": the range 90-80 runs backwards");
}

static void test_bad_hosts(void)
{
	char text[400];

	CHECK_TEXT(told("fd00::2"), "\"fd00::2\": an IPv6 address needs "
				    "brackets (write [ADDRESS]:PORT)");
	CHECK_TEXT(told("fd00::2:80"), "\"fd00::2:80\": an IPv6 address needs "
				       "brackets (write [ADDRESS]:PORT)");
	CHECK_TEXT(told("web:80:90"),
		   "\"web:80:90\": too many colons (an IPv6 address is written "
		   "[ADDRESS]:PORT)");
	CHECK_TEXT(told("[fd00::2:80"), "\"[fd00::2:80\": no closing bracket");
	CHECK_TEXT(told("[fd00::2]80"),
		   "\"[fd00::2]80\": junk behind the bracket");
	CHECK_TEXT(told("[10.9.0.2]:80"),
		   "\"[10.9.0.2]:80\": brackets are for IPv6 addresses");
	CHECK_TEXT(told("[web]:80"),
		   "\"[web]:80\": no IPv6 address in the brackets");
	CHECK_TEXT(told("10.9.0.256:80"), "\"10.9.0.256:80\": no IPv4 address");
	CHECK_TEXT(told("10.9:80"), "\"10.9:80\": no IPv4 address");
	CHECK_TEXT(told("167772161:80"), "\"167772161:80\": no IPv4 address");
	CHECK_TEXT(told("we b:80"), "\"we b:80\": a host has no blanks or "
				    "control characters");
	CHECK_TEXT(told("\033[1m:80"), "\"\\x1b[1m:80\": a host has no blanks "
				       "or control characters");
	memset(text, 'a', 256);
	memcpy(text + 256, ":80", 4);
	CHECK(strstr(told(text), "\": the host is longer than 255 characters"));
	memmove(text, text + 1, 300);
	CHECK_INT(parse(text, FAMILY_ANY), 0);
	CHECK_INT(strlen(spec.host), 255);
}

static void test_family(void)
{
	CHECK_INT(parse("10.9.0.2:80", FAMILY_IPV4), 0);
	CHECK_INT(parse("[fd00::2]:80", FAMILY_IPV6), 0);
	CHECK_INT(parse("web:80", FAMILY_IPV6), 0);
	CHECK_INT(parse("10.9.0.2:80", FAMILY_IPV6), -ERR_USAGE);
	CHECK_TEXT(error.text,
		   "\"10.9.0.2:80\": an IPv4 address, but -6 was given");
	CHECK_INT(parse("[fd00::/64]:80", FAMILY_IPV4), -ERR_USAGE);
	CHECK_TEXT(error.text,
		   "\"[fd00::/64]:80\": an IPv6 address, but -4 was given");
}

/* A resolver that knows "web" and "db", and counts. */
static unsigned lookups;

static int lookup(void *arg, const char *host, enum family family,
		  struct addr *out, struct err *e)
{
	(void)family;
	BUG_ON(arg != &lookups);
	lookups++;
	if (strcmp(host, "web") == 0 || host[0] == 'n')
		return addr_parse("10.9.0.2", out);
	if (strcmp(host, "db") == 0)
		return addr_parse("10.9.0.3", out);
	return err_set(e, ERR_HOST, "look up %s: no such host", host);
}

/* What `each` was called for, in a line. */
static char calls[512];
static unsigned calls_n;
static int call_result;

static int each(void *arg, const struct addr *a, struct err *e)
{
	char text[ADDR_TEXT_MAX];
	size_t len = strlen(calls);

	BUG_ON(arg != calls);
	calls_n++;
	/* Of millions only the first are told. */
	if (len < sizeof(calls) - ADDR_TEXT_MAX)
		snprintf(calls + len, sizeof(calls) - len, "%s ",
			 addr_format(a, text));
	if (call_result)
		return err_set(e, ERR_ROUTE, "no way");
	return 0;
}

#define OPERANDS_MAX 8

/* Operands are separated by a blank; NULL: none. They live until the next. */
static struct targets *open_with(const char *line, const char *file)
{
	static char words[256];
	static char *operands[OPERANDS_MAX];
	struct targets_config config = {
		.operands = operands,
		.file = file,
		.lookup = lookup,
		.lookup_arg = &lookups,
	};
	struct targets *t = NULL;

	snprintf(words, sizeof(words), "%s", line ? line : "");
	for (char *at = line ? words : NULL; at;) {
		BUG_ON(config.operands_n == OPERANDS_MAX);
		operands[config.operands_n++] = at;
		at = strchr(at, ' ');
		if (at)
			*at++ = '\0';
	}
	memset(&error, 0, sizeof(error));
	lookups = calls_n = 0;
	calls[0] = '\0';
	if (targets_open(&config, &t, &error))
		return NULL;
	return t;
}

static int check(struct targets *t, uint64_t *count)
{
	return targets_check(t, each, calls, count, &error);
}

/* All targets in a line; the result of the last targets_next behind it. */
static const char *all(struct targets *t)
{
	static char out[2048];
	struct target target;
	size_t len = 0;
	int ret;

	while ((ret = targets_next(t, &target, &error)) == 1 &&
	       len < sizeof(out) - 200) {
		char at[ENDPOINT_TEXT_MAX] = "?";

		if (target.at.addr.family)
			endpoint_format(&target.at, at);
		len += (size_t)snprintf(out + len, sizeof(out) - len,
					"%s=%s%s ", target.host, at,
					target.error.code ? "!" : "");
	}
	snprintf(out + len, sizeof(out) - len, "%d", ret);
	return out;
}

static void test_operands(void)
{
	struct targets *t = open_with("web:80,81 10.9.0.5/30:7,9 nosuch:1 "
				      "[fd00::]/127:3",
				      NULL);
	uint64_t count;

	CHECK_INT(check(t, &count), 0);
	CHECK_INT(count, 2 + 8 + 1 + 2);
	CHECK_TEXT(calls, "10.9.0.2 10.9.0.4 10.9.0.2 fd00:: ");
	CHECK_TEXT(all(t), "web=10.9.0.2:80 web=10.9.0.2:81 "
			   "10.9.0.4=10.9.0.4:7 10.9.0.4=10.9.0.4:9 "
			   "10.9.0.5=10.9.0.5:7 10.9.0.5=10.9.0.5:9 "
			   "10.9.0.6=10.9.0.6:7 10.9.0.6=10.9.0.6:9 "
			   "10.9.0.7=10.9.0.7:7 10.9.0.7=10.9.0.7:9 "
			   "nosuch=10.9.0.2:1 "
			   "fd00::=[fd00::]:3 fd00::1=[fd00::1]:3 0");
	targets_close(t);

	t = open_with("web:82", NULL);
	call_result = 1;
	CHECK_INT(check(t, &count), -ERR_ROUTE);
	CHECK_TEXT(error.text, "no way");
	call_result = 0;
	targets_close(t);
}

static void test_lookup_fails(void)
{
	struct targets *t = open_with("gone:80,81 web:1 gone:82", NULL);
	struct target target;
	uint64_t count;

	CHECK_INT(check(t, &count), 0);
	CHECK_INT(count, 4);
	CHECK_INT(lookups, 2);
	CHECK_TEXT(calls, "10.9.0.2 ");
	CHECK_INT(targets_next(t, &target, &error), 1);
	CHECK_INT(target.at.addr.family, FAMILY_ANY);
	CHECK_INT(target.at.port, 80);
	CHECK(!target.of_block);
	CHECK_INT(target.error.code, ERR_HOST);
	CHECK_TEXT(target.error.text, "look up gone: no such host");
	CHECK_TEXT(all(t), "gone=?! web=10.9.0.2:1 gone=?! 0");
	targets_close(t);
}

static void test_counts(void)
{
	struct targets *t = open_with("10.0.0.0/8:1-65535", NULL);
	struct target target;
	uint64_t count;

	CHECK_INT(check(t, &count), 0);
	CHECK(count == UINT64_C(16777216) * 65535);
	CHECK_INT(calls_n, 65536);
	CHECK_INT(targets_next(t, &target, &error), 1);
	CHECK_TEXT(target.host, "10.0.0.0");
	CHECK(target.of_block);
	targets_close(t);

	t = open_with("[::/0]:1-65535 web:1", NULL);
	CHECK_INT(check(t, &count), 0);
	CHECK(count == UINT64_MAX);
	CHECK_TEXT(calls, ":: 10.9.0.2 ");
	targets_close(t);

	t = open_with("[fd00::/65]:1", NULL);
	CHECK_INT(check(t, &count), 0);
	CHECK(count == UINT64_C(1) << 63);
	targets_close(t);

	/* A call for every /24: too long where every instruction counts. */
	if (getenv("TP_MEMCHECK"))
		return;
	t = open_with("0.0.0.0/0:80", NULL);
	CHECK_INT(check(t, &count), 0);
	CHECK(count == UINT64_C(1) << 32);
	CHECK_INT(calls_n, 1 << 24);
	targets_close(t);
}

#define FILE_NAME_MAX 64
static char path[FILE_NAME_MAX];

static void write_file(const char *bytes, size_t len)
{
	FILE *f = fopen(path, "w");

	BUG_ON(!f || fwrite(bytes, 1, len, f) != len);
	BUG_ON(fclose(f));
}

static void write_text(const char *text)
{
	write_file(text, strlen(text));
}

static struct targets *open_text(const char *text)
{
	write_text(text);
	return open_with(NULL, path);
}

static void test_file(void)
{
	struct targets *t = open_text("\xef\xbb\xbfweb:80\r\n"
				      "\n"
				      "  # a comment\n"
				      "\t db:1-2 \t # another\r\n"
				      "[fd00::2]:443");
	uint64_t count;

	CHECK_INT(check(t, &count), 0);
	CHECK_INT(count, 4);
	CHECK_TEXT(all(t), "web=10.9.0.2:80 db=10.9.0.3:1 db=10.9.0.3:2 "
			   "fd00::2=[fd00::2]:443 0");
	targets_close(t);

	t = open_with("10.9.0.9:5", path);
	CHECK_INT(check(t, &count), 0);
	CHECK_INT(count, 5);
	CHECK_MSG(strncmp(all(t), "10.9.0.9=10.9.0.9:5 web=", 24) == 0,
		  "operands come before the file");
	targets_close(t);
}

static void file_refused(const char *bytes, size_t len, const char *why)
{
	char want[256];
	struct targets *t;
	uint64_t count;

	write_file(bytes, len);
	t = open_with(NULL, path);
	CHECK_INT(check(t, &count), -ERR_USAGE);
	snprintf(want, sizeof(want), "%s%s", path, why);
	CHECK_TEXT(error.text, want);
	targets_close(t);
}

static void test_bad_file(void)
{
	char want[256];
	struct targets *t;
	uint64_t count;
	char *huge;

	file_refused("web:80\n\nweb\n", 12,
		     ":3: \"web\": no port (write "
		     "web:80)");
	file_refused("a\033:1", 4,
		     ":1: \"a\\x1b:1\": a host has no blanks or "
		     "control characters");
	file_refused("web:1\nweb:\0002\n", 13,
		     ":2: a zero byte; this is no "
		     "text");
	huge = malloc(2000000);
	BUG_ON(!huge);
	memset(huge, 'a', 2000000);
	file_refused(huge, 2000000, ":1: the line is too long");
	free(huge);

	t = open_text("# nothing\n\n");
	CHECK_INT(check(t, &count), -ERR_USAGE);
	snprintf(want, sizeof(want), "no targets in %s", path);
	CHECK_TEXT(error.text, want);
	targets_close(t);
	t = open_text("");
	CHECK_INT(check(t, &count), -ERR_USAGE);
	targets_close(t);

	CHECK(open_with(NULL, "no/such\033file") == NULL);
	CHECK_INT(error.code, ERR_USAGE);
	CHECK_TEXT(error.text, "--targets: open no/such\\x1bfile: "
			       "No such file or directory");
	t = open_with(NULL, ".");
	CHECK_INT(t ? check(t, &count) : -(int)error.code, -ERR_IO);
	CHECK_TEXT(error.text, "read .: Is a directory");
	targets_close(t);

	t = open_with(NULL, NULL);
	CHECK_INT(check(t, &count), -ERR_USAGE);
	CHECK_TEXT(error.text, "no target (write HOST:PORT)");
	targets_close(t);
}

/* The file is `before` in the first pass and `after` in the second. */
static void check_changed(const char *before, const char *after,
			  const char *handed_out)
{
	struct targets *t = open_text(before);
	char want[256];
	uint64_t count;

	CHECK_INT(check(t, &count), 0);
	write_text(after);
	snprintf(want, sizeof(want), "%s%d", handed_out, -ERR_IO);
	CHECK_TEXT(all(t), want);
	snprintf(want, sizeof(want), "%s: changed while it was being read",
		 path);
	CHECK_TEXT(error.text, want);
	targets_close(t);
}

static void test_changed(void)
{
	check_changed("web:1\nweb:2\n", "web:1\n", "web=10.9.0.2:1 ");
	check_changed("web:1\n", "web:1\nweb:2\n", "web=10.9.0.2:1 ");
	check_changed("web:1\nweb:2\n", "web:1\nweb\n", "web=10.9.0.2:1 ");
	check_changed("web:1\nweb:2\n", "web:1\ndb:2\n", "web=10.9.0.2:1 ");
	check_changed("web:1\n", "", "");
	check_changed("web:1\nweb:2\n", "web:1\nweb:3\n",
		      "web=10.9.0.2:1 web=10.9.0.2:3 ");
}

/* `text` comes out of a descriptor that can be read only once. */
static void check_once(const char *text, bool as_stdin)
{
	char name[32] = "-";
	struct targets *t;
	uint64_t count;
	int ends[2];

	BUG_ON(pipe(ends));
	BUG_ON(write(ends[1], text, strlen(text)) != (ssize_t)strlen(text));
	close(ends[1]);
	if (as_stdin)
		BUG_ON(dup2(ends[0], STDIN_FILENO) < 0);
	else
		snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
	clearerr(stdin);
	t = open_with(NULL, name);
	CHECK(t != NULL);
	CHECK_INT(check(t, &count), 0);
	CHECK_INT(count, 3);
	CHECK_TEXT(all(t), "web=10.9.0.2:80 db=10.9.0.3:1 db=10.9.0.3:2 0");
	targets_close(t);
	close(ends[0]);
}

static void test_stdin(void)
{
	struct targets *t;
	uint64_t count;

	check_once("web:80\ndb:1-2\n", true);
	check_once("web:80\ndb:1-2\n", false);

	BUG_ON(!freopen("/dev/null", "r", stdin));
	t = open_with(NULL, "-");
	CHECK_INT(check(t, &count), -ERR_USAGE);
	CHECK_TEXT(error.text, "no targets in standard input");
	targets_close(t);

	write_text("web:80\nweb\n");
	BUG_ON(!freopen(path, "r", stdin));
	t = open_with(NULL, "-");
	CHECK_INT(check(t, &count), -ERR_USAGE);
	CHECK_TEXT(error.text,
		   "standard input:2: \"web\": no port (write web:80)");
	targets_close(t);
}

/* So many lines, or a tenth where every instruction is counted. */
static size_t many(void)
{
	return getenv("TP_MEMCHECK") ? 20000 : 200000;
}

/* Two passes over many lines: one lookup, and no memory per line. */
static void test_many_lines(void)
{
	FILE *f = fopen(path, "w");
	struct target target;
	struct targets *t;
	uint64_t count;
	size_t before, after, n = many(), seen = 0;
	int ret;

	BUG_ON(!f);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "web:%zu\n", i % 65535 + 1);
	BUG_ON(fclose(f));

	t = open_with(NULL, path);
	before = mallinfo2().uordblks;
	CHECK_INT(check(t, &count), 0);
	CHECK_INT(count, n);
	CHECK_INT(lookups, 1);
	CHECK_INT(calls_n, 1);
	while ((ret = targets_next(t, &target, &error)) == 1) {
		if (target.at.port != seen % 65535 + 1)
			break;
		seen++;
	}
	after = mallinfo2().uordblks;
	CHECK_INT(ret, 0);
	CHECK_INT(seen, n);
	CHECK_MSG(after - before < 16384 || after < before,
		  "memory does not grow with the lines");
	targets_close(t);
}

/* Names are many: each is looked up once, and found again. */
static void test_many_names(void)
{
	FILE *f = fopen(path, "w");
	struct target target;
	struct targets *t;
	uint64_t count;
	size_t good = 0, n = 0;

	BUG_ON(!f);
	for (unsigned i = 0; i < 20000; i++)
		fprintf(f, "%c%u:80\n", i % 5000 % 2 ? 'n' : 'x', i % 5000);
	BUG_ON(fclose(f));
	t = open_with(NULL, path);
	CHECK_INT(check(t, &count), 0);
	CHECK_INT(lookups, 5000);
	while (targets_next(t, &target, &error) == 1) {
		char want[TARGET_HOST_MAX + 40];
		bool known = n % 5000 % 2;

		snprintf(want, sizeof(want), "look up %s: no such host",
			 target.host);
		good += known ? target.error.code == ERR_NONE
			      : strcmp(target.error.text, want) == 0;
		n++;
	}
	CHECK_INT(n, 20000);
	CHECK_INT(good, 20000);
	targets_close(t);
}

int main(void)
{
	int fd;

	snprintf(path, sizeof(path), "test_targets.XXXXXX");
	fd = mkstemp(path);
	BUG_ON(fd < 0);
	close(fd);

	test_accepted();
	test_blocks();
	test_no_port();
	test_bad_ports();
	test_bad_hosts();
	test_family();
	test_operands();
	test_lookup_fails();
	test_counts();
	test_file();
	test_bad_file();
	test_changed();
	test_stdin();
	test_many_lines();
	test_many_names();
	unlink(path);
	targets_close(NULL);
	return tap_done();
}
