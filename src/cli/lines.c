/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of a file that is read twice. */
#include "cli/lines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/escape.h"

/* All ports one by one take 382,106 characters; no honest line has more. */
#define LINE_MAX_BYTES ((size_t)1 << 20)
#define LINE_FIRST 256
#define NAME_SHOWN_MAX 160

struct lines {
	FILE *file;
	char *line;
	size_t size;
	uint64_t number;
	char name[NAME_SHOWN_MAX];
};

static int io_error(const struct lines *l, struct err *e, const char *what)
{
	return err_set(e, ERR_IO, "%s %s: %s", what, l->name, strerror(errno));
}

/* A file without a name; in memory where there is no directory for it. */
static FILE *nameless_file(void)
{
	FILE *file = tmpfile();
	int fd;

	if (file)
		return file;
	fd = memfd_create("targets", MFD_CLOEXEC);
	if (fd < 0)
		return NULL;
	file = fdopen(fd, "w+");
	if (!file)
		close(fd);
	return file;
}

/* Copy all of `from` to a file that can be rewound, and read that one. */
static int spool(struct lines *l, FILE *from, struct err *e)
{
	char block[16384];
	size_t n;

	l->file = nameless_file();
	if (!l->file)
		return io_error(l, e, "spool");
	while ((n = fread(block, 1, sizeof(block), from)) > 0) {
		if (fwrite(block, 1, n, l->file) != n)
			return io_error(l, e, "spool");
	}
	if (ferror(from))
		return io_error(l, e, "read");
	if (fflush(l->file))
		return io_error(l, e, "spool");
	return lines_rewind(l, e);
}

static int open_file(struct lines *l, const char *path, struct err *e)
{
	FILE *file = fopen(path, "re");
	int ret;

	/* Whoever names a file that is not there has mistyped it. */
	if (!file)
		return err_set(e, ERR_USAGE, "--targets: open %s: %s", l->name,
			       strerror(errno));
	if (fseeko(file, 0, SEEK_SET) == 0) {
		l->file = file;
		return 0;
	}
	ret = spool(l, file, e);
	fclose(file);
	return ret;
}

int lines_open(const char *path, struct lines **out, struct err *e)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct lines *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return err_set(e, ERR_MEMORY, "read targets: out of memory");
	escape_text(is_stdin ? "standard input" : path, l->name,
		    sizeof(l->name));
	ret = is_stdin ? spool(l, stdin, e) : open_file(l, path, e);
	if (ret) {
		lines_close(l);
		return ret;
	}
	*out = l;
	return 0;
}

void lines_close(struct lines *l)
{
	if (!l)
		return;
	if (l->file)
		fclose(l->file);
	free(l->line);
	free(l);
}

int lines_rewind(struct lines *l, struct err *e)
{
	l->number = 0;
	if (fseeko(l->file, 0, SEEK_SET))
		return io_error(l, e, "rewind");
	/* A seek within the buffer would show the first pass's bytes. */
	if (fflush(l->file))
		return io_error(l, e, "rewind");
	return 0;
}

uint64_t lines_number(const struct lines *l)
{
	return l->number;
}

const char *lines_name(const struct lines *l)
{
	return l->name;
}

/* Room for `need` bytes. */
static int grow(struct lines *l, size_t need, struct err *e)
{
	size_t size = l->size ? l->size : LINE_FIRST;
	char *moved;

	if (need <= l->size)
		return 0;
	while (size < need)
		size *= 2;
	moved = realloc(l->line, size);
	if (!moved)
		return err_set(e, ERR_MEMORY, "read %s: out of memory",
			       l->name);
	l->line = moved;
	l->size = size;
	return 0;
}

static int refuse(const struct lines *l, struct err *e, const char *why)
{
	return err_set(e, ERR_USAGE, "%s:%llu: %s", l->name,
		       (unsigned long long)l->number, why);
}

/* The next line as it stands, without its newline: 1, 0 at the end, -code. */
static int read_raw(struct lines *l, size_t *len, struct err *e)
{
	int c = getc_unlocked(l->file), ret;

	*len = 0;
	if (c != EOF)
		l->number++;
	for (; c != EOF && c != '\n'; c = getc_unlocked(l->file)) {
		if (c == '\0')
			return refuse(l, e, "a zero byte; this is no text");
		if (*len == LINE_MAX_BYTES)
			return refuse(l, e, "the line is too long");
		ret = grow(l, *len + 2, e);
		if (ret)
			return ret;
		l->line[(*len)++] = (char)c;
	}
	if (ferror(l->file))
		return io_error(l, e, "read");
	if (c == EOF && *len == 0)
		return 0;
	ret = grow(l, *len + 1, e);
	if (ret)
		return ret;
	l->line[*len] = '\0';
	return 1;
}

/* Without comment, line end and blanks at both ends. */
static char *trim(char *line)
{
	static const char blanks[] = " \t\r\v\f";
	size_t len;

	line += strspn(line, blanks);
	len = strcspn(line, "#");
	while (len && strchr(blanks, line[len - 1]))
		len--;
	line[len] = '\0';
	return line;
}

int lines_next(struct lines *l, char **line, struct err *e)
{
	static const char bom[] = "\xef\xbb\xbf";
	size_t len;
	int ret;

	while ((ret = read_raw(l, &len, e)) == 1) {
		char *start = l->line;

		if (l->number == 1 && strncmp(start, bom, strlen(bom)) == 0)
			start += strlen(bom);
		*line = trim(start);
		if (**line)
			return 1;
	}
	return ret;
}
