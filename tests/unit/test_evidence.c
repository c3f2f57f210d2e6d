/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of packets: when it is touched, what is in it, what failures leave. */
#include "io/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tests/tap.h"

static char directory[] = "./test-evidence-XXXXXX";
static char path[64];

static void write_old(void)
{
	FILE *f = fopen(path, "w");

	BUG_ON(!f || fputs("an older file", f) < 0 || fclose(f));
}

/* Its bytes; returns how many. */
static size_t read_back(uint8_t *bytes, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n;

	BUG_ON(!f);
	n = fread(bytes, 1, size, f);
	fclose(f);
	return n;
}

static size_t size_now(void)
{
	struct stat st;

	BUG_ON(stat(path, &st));
	return (size_t)st.st_size;
}

/* The types of the blocks in a row, "SIPPP"; '?' where it is no pcapng. */
static const char *blocks(char out[static 64])
{
	static const char letters[] = "?I????P";
	uint8_t bytes[4096];
	struct rd r = rd_init(bytes, read_back(bytes, sizeof(bytes)));
	size_t n = 0;

	while (r.left && n < 62) {
		uint32_t type = rd_u32(&r), len = rd_u32(&r);

		if (type == 0x0a0d0d0a)
			out[n++] = 'S';
		else
			out[n++] = type < 7 ? letters[type] : '?';
		rd_bytes(&r, len - 12);
		if (rd_u32(&r) != len || r.bad)
			out[n++] = '?';
		if (r.bad)
			break;
	}
	out[n] = '\0';
	return out;
}

static void add_entry(struct trace *t, enum trace_dir dir, int64_t t_ns)
{
	static const uint8_t bytes[40] = { 0x45 };

	BUG_ON(!trace_add(t, dir, t_ns, bytes, sizeof(bytes), "a note"));
}

static bool contains(const char *what)
{
	uint8_t bytes[4096];
	size_t n = read_back(bytes, sizeof(bytes));

	return memmem(bytes, n, what, strlen(what)) != NULL;
}

static void test_run(void)
{
	struct evidence *v = NULL;
	struct trace t;
	struct err e;
	char types[64];

	write_old();
	CHECK_INT(evidence_open(path, &v, &e), 0);
	CHECK_MSG(contains("older"), "opening it destroys nothing");
	CHECK_INT(evidence_start(v, &e), 0);
	CHECK_TEXT(blocks(types), "S");
	CHECK(contains("tcpprobe "));

	trace_init(&t);
	CHECK_INT(evidence_add(v, "eth0", &t, &e), 0);
	add_entry(&t, TRACE_OUT, 0);
	CHECK_INT(evidence_add(v, "eth0", &t, &e), 0);
	CHECK_INT(evidence_flush(v, &e), 0);
	CHECK_MSG(strcmp(blocks(types), "S") == 0,
		  "what was on no wire is not there: %s", types);
	add_entry(&t, TRACE_OUT, 1);
	add_entry(&t, TRACE_IN, 2);
	add_entry(&t, TRACE_OUT, 0);
	t.entries[1].check = "some-check";
	CHECK_INT(evidence_add(v, "eth0", &t, &e), 0);
	CHECK_INT(evidence_add(v, "lo", &t, &e), 0);
	t.omitted = 1234;
	CHECK_INT(evidence_add(v, "eth0", &t, &e), 0);
	CHECK_INT(evidence_close(v, &e), 0);
	CHECK_TEXT(blocks(types), "SIPPIPPPP");
	CHECK(contains("some-check: a note"));
	CHECK(contains("1,234 more packets of this target were not kept"));
	trace_fini(&t);
}

/* A run that cannot begin leaves everything as it was. */
static void test_not_begun(void)
{
	struct evidence *v = NULL;
	struct err e;

	write_old();
	CHECK_INT(evidence_open(path, &v, &e), 0);
	CHECK_INT(evidence_close(v, &e), 0);
	CHECK(contains("an older file"));
	CHECK_INT(evidence_close(NULL, &e), 0);
}

static void test_refused(void)
{
	struct evidence *v = NULL;
	struct err e;

	CHECK_INT(evidence_open(".", &v, &e), -ERR_USAGE);
	CHECK_TEXT(e.text, "--write: open .: Is a directory");
	CHECK_INT(evidence_open("/nosuch\033/x", &v, &e), -ERR_USAGE);
	CHECK_TEXT(e.text, "--write: open /nosuch\\x1b/x: No such file or "
			   "directory");
	CHECK_INT(evidence_open("", &v, &e), -ERR_USAGE);
	CHECK(v == NULL);
}

/* Add and write until that fails, with a limit on the size of any file: what
 * the test itself prints may be one. */
static int fill(struct evidence *v, const struct trace *t, struct err *e)
{
	struct rlimit before, small = { .rlim_cur = 1000 };
	int ret;

	BUG_ON(getrlimit(RLIMIT_FSIZE, &before));
	small.rlim_max = before.rlim_max;
	BUG_ON(setrlimit(RLIMIT_FSIZE, &small));
	ret = evidence_start(v, e);
	for (int i = 0; !ret && i < 100; i++) {
		ret = evidence_add(v, "eth0", t, e);
		if (!ret)
			ret = evidence_flush(v, e);
	}
	BUG_ON(setrlimit(RLIMIT_FSIZE, &before));
	return ret;
}

/* As on a full disk: the file is emptied, and every call says so from then
 * on. */
static void test_full(void)
{
	struct evidence *v = NULL;
	struct trace t;
	struct err e;
	int ret, why;

	signal(SIGXFSZ, SIG_IGN);
	trace_init(&t);
	add_entry(&t, TRACE_OUT, 1);
	write_old();
	BUG_ON(evidence_open(path, &v, &e));
	ret = fill(v, &t, &e);
	why = errno;
	CHECK_INT(ret, -ERR_IO);
	CHECK_INT(why, EFBIG);
	CHECK_MSG(strstr(e.text, ": File too large; the file was emptied"),
		  "%s", e.text);
	CHECK_INT(size_now(), 0);
	e.text[0] = '\0';
	CHECK_INT(evidence_add(v, "eth0", &t, &e), -ERR_IO);
	CHECK_INT(evidence_flush(v, &e), -ERR_IO);
	CHECK_INT(evidence_close(v, &e), -ERR_IO);
	CHECK(strstr(e.text, "was emptied") != NULL);
	CHECK_INT(size_now(), 0);
	trace_fini(&t);
}

/* What is no file is not emptied. */
static void test_device(void)
{
	struct evidence *v = NULL;
	struct err e;

	if (access("/dev/full", W_OK)) {
		tap_skip("a full device", "no /dev/full");
		return;
	}
	CHECK_INT(evidence_open("/dev/full", &v, &e), 0);
	CHECK_INT(evidence_start(v, &e), -ERR_IO);
	CHECK_TEXT(e.text, "write /dev/full: No space left on device");
	CHECK_INT(evidence_close(v, &e), -ERR_IO);
}

static void test_pipe(void)
{
	struct evidence *v = NULL;
	struct err e;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	BUG_ON(unlink(path) || mkfifo(path, 0600));
	fd = open(path, O_RDWR);
	BUG_ON(fd < 0);
	CHECK_INT(evidence_open(path, &v, &e), 0);
	CHECK_INT(evidence_start(v, &e), 0);
	close(fd);
	CHECK_INT(evidence_start(v, &e), -ERR_IO);
	CHECK_TEXT(e.text + strlen("write ") + strlen(path), ": Broken pipe");
	errno = 0;
	CHECK_MSG(evidence_close(v, &e) == -ERR_IO && errno == EPIPE,
		  "the reader went away");
}

int main(void)
{
	BUG_ON(!mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/packets", directory);
	test_run();
	test_not_begun();
	test_refused();
	test_full();
	test_device();
	test_pipe();
	unlink(path);
	rmdir(directory);
	return tap_done();
}
