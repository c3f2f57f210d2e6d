/* SPDX-License-Identifier: BSD-2-Clause */
/* The data of a segment: each way to give it, and one at a time. */
#include "cli/payload.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tap.h"

static struct payload made;
static struct err error;

static int make(struct payload_spec spec)
{
	int ret;

	payload_free(&made);
	ret = payload_make(&spec, &made, &error);
	if (ret)
		CHECK(made.bytes == NULL && made.len == 0);
	return ret;
}

#define NO_SIZE .size = PAYLOAD_NO_SIZE

static bool is(const void *bytes, size_t len)
{
	return made.len == len && memcmp(made.bytes, bytes, len) == 0;
}

static void test_none(void)
{
	CHECK_INT(make((struct payload_spec){ NO_SIZE }), 0);
	CHECK_INT(made.len, 0);
}

static void test_text(void)
{
	CHECK_INT(make((struct payload_spec){ .text = "GET /\\r\\n\\0\\x7f\\\\",
					      NO_SIZE }),
		  0);
	CHECK(is("GET /\r\n\0\x7f\\", 10));
	CHECK_INT(make((struct payload_spec){ .text = "", NO_SIZE }), 0);
	CHECK_INT(made.len, 0);
	CHECK_INT(make((struct payload_spec){ .text = "a\\q", NO_SIZE }),
		  -ERR_USAGE);
	CHECK_TEXT(error.text, "--data: a backslash is only known in \\n, \\r, "
			       "\\t, \\0, \\\\ and \\xNN");
}

static void test_hex(void)
{
	CHECK_INT(make((struct payload_spec){ .hex = "00 ff:0d0a", NO_SIZE }),
		  0);
	CHECK(is("\0\xff\r\n", 4));
	CHECK_INT(make((struct payload_spec){ .hex = "abc", NO_SIZE }),
		  -ERR_USAGE);
	CHECK_TEXT(error.text, "--data-hex: \"abc\" is not pairs of "
			       "hexadecimal digits");
}

static void test_size(void)
{
	CHECK_INT(make((struct payload_spec){ .size = 12 }), 0);
	CHECK(is("012345678901", 12));
	CHECK_INT(make((struct payload_spec){ .size = 0 }), 0);
	CHECK_INT(made.len, 0);
	CHECK_INT(make((struct payload_spec){ .size = PAYLOAD_MAX }), 0);
	CHECK_INT(made.len, PAYLOAD_MAX);
	CHECK_INT(make((struct payload_spec){ .size = PAYLOAD_MAX + 1 }),
		  -ERR_USAGE);
	CHECK_TEXT(error.text, "--data-size: 65496 bytes do not fit into a "
			       "segment, which has room for 65495 at most");
}

static void write_file(const char *path, size_t len)
{
	FILE *file = fopen(path, "w");

	BUG_ON(!file);
	for (size_t i = 0; i < len; i++)
		putc((int)(i & 0xff), file);
	BUG_ON(fclose(file));
}

static void test_file(void)
{
	char dir[] = "/tmp/test_payload.XXXXXX", path[64], want[160];
	struct payload_spec spec = { .file = path, NO_SIZE };

	BUG_ON(!mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/data", dir);
	CHECK_INT(make(spec), -ERR_USAGE);
	snprintf(want, sizeof(want),
		 "--data-file: open %s: No such file or directory", path);
	CHECK_TEXT(error.text, want);
	write_file(path, 300);
	CHECK_INT(make(spec), 0);
	CHECK(made.len == 300 && made.bytes[299] == (299 & 0xff));
	write_file(path, PAYLOAD_MAX);
	CHECK_INT(make(spec), 0);
	CHECK_INT(made.len, PAYLOAD_MAX);
	write_file(path, PAYLOAD_MAX + 1);
	CHECK_INT(make(spec), -ERR_USAGE);
	snprintf(want, sizeof(want),
		 "--data-file: %s has more than the 65495 bytes that fit into "
		 "a segment at most",
		 path);
	CHECK_TEXT(error.text, want);
	unlink(path);
	spec.file = dir;
	CHECK_INT(make(spec), -ERR_USAGE);
	snprintf(want, sizeof(want), "--data-file: read %s: Is a directory",
		 dir);
	CHECK_TEXT(error.text, want);
	rmdir(dir);
}

static void test_stdin(void)
{
	int pipes[2];

	BUG_ON(pipe(pipes) || write(pipes[1], "a\0b", 3) != 3);
	close(pipes[1]);
	BUG_ON(dup2(pipes[0], STDIN_FILENO) < 0);
	CHECK_INT(make((struct payload_spec){ .file = "-", NO_SIZE }), 0);
	CHECK(is("a\0b", 3));
	close(pipes[0]);
}

static void test_one_of_them(void)
{
	static const struct payload_spec both[] = {
		{ .text = "a", .hex = "00", NO_SIZE },
		{ .text = "a", .file = "b", NO_SIZE },
		{ .hex = "00", .size = 0 },
		{ .file = "-", .size = 7 },
	};

	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		CHECK_INT(make(both[i]), -ERR_USAGE);
		CHECK_TEXT(error.text, "only one of --data, --data-hex, "
				       "--data-file and --data-size can be the "
				       "data");
	}
}

int main(void)
{
	test_none();
	test_text();
	test_hex();
	test_size();
	test_file();
	test_stdin();
	test_one_of_them();
	payload_free(&made);
	return tap_done();
}
