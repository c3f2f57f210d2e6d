/* SPDX-License-Identifier: BSD-2-Clause */
/* Data from a text, from hexadecimal digits, from a file, or made up. */
#include "cli/payload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "cli/craft.h"

#define NAME_SHOWN_MAX 160

static int too_long(const char *option, size_t len, struct err *e)
{
	return err_set(e, ERR_USAGE,
		       "%s: %zu bytes do not fit into a segment, which has "
		       "room for %d at most",
		       option, len, PAYLOAD_MAX);
}

/* Room for as much as `text` can mean; it is no shorter. */
static int reserve(struct payload *out, size_t len, struct err *e)
{
	out->bytes = malloc(len ? len : 1);
	if (!out->bytes)
		return err_set(e, ERR_MEMORY, "read the data: out of memory");
	return 0;
}

static int from_text(const char *text, struct payload *out, struct err *e)
{
	size_t size = strlen(text);
	int ret = reserve(out, size, e);

	if (ret)
		return ret;
	if (!escape_read(text, out->bytes, size, &out->len))
		return err_set(e, ERR_USAGE,
			       "--data: a backslash is only known in \\n, \\r, "
			       "\\t, \\0, \\\\ and \\xNN");
	return out->len > PAYLOAD_MAX ? too_long("--data", out->len, e) : 0;
}

static int from_hex(const char *hex, struct payload *out, struct err *e)
{
	char quoted[NAME_SHOWN_MAX];
	size_t size = strlen(hex) / 2;
	int ret = reserve(out, size, e);

	if (ret)
		return ret;
	if (!craft_hex(hex, out->bytes, size, &out->len))
		return err_set(e, ERR_USAGE,
			       "--data-hex: \"%s\" is not pairs of hexadecimal "
			       "digits",
			       escape_text(hex, quoted, sizeof(quoted)));
	return out->len > PAYLOAD_MAX ? too_long("--data-hex", out->len, e) : 0;
}

static int read_all(FILE *file, const char *name, struct payload *out,
		    struct err *e)
{
	int ret = reserve(out, PAYLOAD_MAX + 1, e);

	if (ret)
		return ret;
	errno = 0;
	out->len = fread(out->bytes, 1, PAYLOAD_MAX + 1, file);
	if (ferror(file))
		return err_set(e, ERR_USAGE, "--data-file: read %s: %s", name,
			       strerror(errno));
	if (out->len > PAYLOAD_MAX)
		return err_set(e, ERR_USAGE,
			       "--data-file: %s has more than the %d bytes "
			       "that fit into a segment at most",
			       name, PAYLOAD_MAX);
	return 0;
}

static int from_file(const char *path, struct payload *out, struct err *e)
{
	char name[NAME_SHOWN_MAX];
	FILE *file;
	int ret;

	if (strcmp(path, "-") == 0)
		return read_all(stdin, "standard input", out, e);
	escape_text(path, name, sizeof(name));
	file = fopen(path, "re");
	if (!file)
		return err_set(e, ERR_USAGE, "--data-file: open %s: %s", name,
			       strerror(errno));
	ret = read_all(file, name, out, e);
	fclose(file);
	return ret;
}

/* A reader sees at once how far a cut went. */
static int from_size(uint64_t size, struct payload *out, struct err *e)
{
	int ret;

	if (size > PAYLOAD_MAX)
		return too_long("--data-size", size, e);
	ret = reserve(out, size, e);
	if (ret)
		return ret;
	out->len = size;
	for (size_t i = 0; i < size; i++)
		out->bytes[i] = (uint8_t)('0' + i % 10);
	return 0;
}

int payload_make(const struct payload_spec *spec, struct payload *out,
		 struct err *e)
{
	bool sized = spec->size != PAYLOAD_NO_SIZE;
	int ways = !!spec->text + !!spec->hex + !!spec->file + sized;
	int ret = 0;

	*out = (struct payload){ 0 };
	if (ways > 1)
		return err_set(e, ERR_USAGE,
			       "only one of --data, --data-hex, --data-file "
			       "and --data-size can be the data");
	if (spec->text)
		ret = from_text(spec->text, out, e);
	else if (spec->hex)
		ret = from_hex(spec->hex, out, e);
	else if (spec->file)
		ret = from_file(spec->file, out, e);
	else if (sized)
		ret = from_size(spec->size, out, e);
	if (ret)
		payload_free(out);
	return ret;
}

void payload_free(struct payload *p)
{
	free(p->bytes);
	*p = (struct payload){ 0 };
}
