/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks are gathered in memory and written in one piece when there are many,
 * or when the run has nothing else to do.
 */
#include "config.h"

#include "io/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/num.h"
#include "io/pcapng.h"

#define MANY_BYTES ((size_t)64 * 1024)
#define NAME_MAX_SHOWN 160
#define INTERFACE_NAME_MAX 16

struct evidence {
	int fd;
	bool standard_output;
	bool regular; /* a file, which can be emptied and synced */
	bool started;
	char shown[NAME_MAX_SHOWN];
	/* The interface blocks that were written: their numbers. */
	char (*interfaces)[INTERFACE_NAME_MAX];
	size_t interfaces_n;
	FILE *memory;
	char *bytes; /* what `memory` holds, `len` after a flush */
	size_t len;
	struct err failed; /* what went wrong first */
	int failed_errno;
};

static int open_file(struct evidence *v, const char *path, struct err *e)
{
	struct stat st;

	v->standard_output = strcmp(path, "-") == 0;
	if (v->standard_output) {
		v->fd = STDOUT_FILENO;
		snprintf(v->shown, sizeof(v->shown), "standard output");
	} else {
		escape_text(path, v->shown, sizeof(v->shown));
		v->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY,
			     0666);
		if (v->fd < 0)
			return err_set(e, ERR_USAGE, "--write: open %s: %s",
				       v->shown, strerror(errno));
	}
	if (isatty(v->fd))
		return err_set(e, ERR_USAGE,
			       "--write: %s is a terminal: pipe it, for "
			       "example into \"tshark -r -\"",
			       v->shown);
	v->regular = !fstat(v->fd, &st) && S_ISREG(st.st_mode);
	return 0;
}

static void evidence_free(struct evidence *v)
{
	if (v->memory)
		fclose(v->memory);
	free(v->bytes);
	free(v->interfaces);
	free(v);
}

int evidence_open(const char *path, struct evidence **out, struct err *e)
{
	struct evidence *v = calloc(1, sizeof(*v));
	int ret;

	*out = NULL;
	if (v)
		v->memory = open_memstream(&v->bytes, &v->len);
	if (!v || !v->memory) {
		free(v);
		return err_set(e, ERR_MEMORY, "keep packets: out of memory");
	}
	ret = open_file(v, path, e);
	if (ret) {
		if (v->fd > STDERR_FILENO)
			close(v->fd);
		evidence_free(v);
		return ret;
	}
	*out = v;
	return 0;
}

static int failed_before(const struct evidence *v, struct err *e)
{
	if (v->failed.code) {
		*e = v->failed;
		errno = v->failed_errno;
	}
	return -(int)v->failed.code;
}

/*
 * Keep what went wrong, and take back what was written: nobody can remove the
 * file any more, for want of privileges, but it can be emptied. What is behind
 * the standard output is not ours to empty.
 */
static int fail(struct evidence *v, enum err_code code, struct err *e)
{
	const char *taken_back = "";

	v->failed_errno = code == ERR_MEMORY ? ENOMEM : errno;
	if (v->regular && !v->standard_output && !ftruncate(v->fd, 0))
		taken_back = "; the file was emptied, for it lacked packets";
	err_set(&v->failed, code, "write %s: %s%s", v->shown,
		strerror(v->failed_errno), taken_back);
	return failed_before(v, e);
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

int evidence_flush(struct evidence *v, struct err *e)
{
	int ret = failed_before(v, e);

	if (ret)
		return ret;
	if (fflush(v->memory) || ferror(v->memory))
		return fail(v, ERR_MEMORY, e);
	if (write_all(v->fd, v->bytes, v->len))
		return fail(v, ERR_IO, e);
	rewind(v->memory);
	return 0;
}

int evidence_start(struct evidence *v, struct err *e)
{
	struct utsname name;
	char system[sizeof(name.sysname) + sizeof(name.release)] = "";

	v->started = true;
	if (v->regular && !v->standard_output && ftruncate(v->fd, 0))
		return fail(v, ERR_IO, e);
	if (!uname(&name))
		snprintf(system, sizeof(system), "%s %s", name.sysname,
			 name.release);
	pcapng_section(v->memory, system, "tcpprobe " PACKAGE_VERSION);
	return evidence_flush(v, e);
}

/* Its number; the block is written when it is met first. */
static int number_of(struct evidence *v, const char *interface,
		     uint32_t *number)
{
	char(*moved)[INTERFACE_NAME_MAX];
	size_t n = v->interfaces_n;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(v->interfaces[i], interface) == 0) {
			*number = (uint32_t)i;
			return 0;
		}
	}
	moved = reallocarray(v->interfaces, n + 1, sizeof(*moved));
	if (!moved)
		return -1;
	v->interfaces = moved;
	snprintf(moved[n], sizeof(*moved), "%s", interface);
	pcapng_interface(v->memory, interface);
	v->interfaces_n++;
	*number = (uint32_t)n;
	return 0;
}

/* Where the last packet that was seen stands, or `n`. */
static size_t last_seen(const struct trace *t)
{
	for (size_t i = t->n; i > 0; i--) {
		if (t->entries[i - 1].t_ns)
			return i - 1;
	}
	return t->n;
}

static void add_packets(struct evidence *v, uint32_t number,
			const struct trace *t, size_t last)
{
	char count[NUM_COUNT_TEXT_MAX], omitted[NUM_COUNT_TEXT_MAX + 64];

	snprintf(omitted, sizeof(omitted),
		 "%s more packets of this target were not kept",
		 num_format_count(t->omitted, count));
	for (size_t i = 0; i <= last; i++) {
		const struct trace_entry *entry = &t->entries[i];
		char remark[TRACE_REMARK_MAX];

		if (!entry->t_ns)
			continue;
		pcapng_packet(v->memory,
			      &(struct pcapng_packet){
				      .interface = number,
				      .t_ns = entry->t_ns,
				      .out = entry->dir == TRACE_OUT,
				      .bytes = entry->bytes,
				      .len = entry->len,
				      .comments = {
					      trace_remark(entry, remark),
					      i == last && t->omitted
						      ? omitted
						      : NULL,
				      },
			      });
	}
}

int evidence_add(struct evidence *v, const char *interface,
		 const struct trace *t, struct err *e)
{
	int ret = failed_before(v, e);
	size_t last = last_seen(t);
	uint32_t number;

	if (ret || last == t->n)
		return ret;
	if (number_of(v, interface, &number))
		return fail(v, ERR_MEMORY, e);
	add_packets(v, number, t, last);
	if (ftell(v->memory) >= (long)MANY_BYTES)
		ret = evidence_flush(v, e);
	return ret;
}

/* The last blocks, and that all of them have reached the disk. */
static int finish(struct evidence *v, struct err *e)
{
	int ret = evidence_flush(v, e);

	if (!ret && v->regular && fsync(v->fd))
		ret = fail(v, ERR_IO, e);
	return ret;
}

int evidence_close(struct evidence *v, struct err *e)
{
	int ret = 0, saved;

	if (!v)
		return 0;
	if (v->started)
		ret = finish(v, e);
	saved = errno;
	if (!v->standard_output && close(v->fd) && !ret) {
		saved = errno;
		ret = err_set(e, ERR_IO, "close %s: %s", v->shown,
			      strerror(saved));
	}
	evidence_free(v);
	errno = saved;
	return ret;
}
