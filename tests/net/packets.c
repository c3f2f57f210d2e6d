/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads what -w wrote, and forgives nothing: a file that breaks the format or
 * a promise of the man page ends it with status 1 and a sentence. It was
 * written from the draft, and shares no line with the writer.
 *
 *	packets FILE	a line a packet: number, interface, direction, stamp,
 *			length, and its comments between bars
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTERFACES_MAX 16
#define COMMENTS_MAX 1024
#define SECOND_NS 1000000000

static uint8_t file[64 * 1024 * 1024];
static char interfaces[INTERFACES_MAX][32];
static unsigned interfaces_n, packets_n;

static _Noreturn void __attribute__((format(printf, 1, 2)))
fail(const char *fmt, ...)
{
	va_list args;

	printf("packet %u: ", packets_n);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	exit(1);
}

static unsigned be16(const uint8_t *at)
{
	return (unsigned)at[0] * 256 + at[1];
}

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)be16(at) * 65536 + be16(at + 2);
}

static size_t filled(size_t len)
{
	return (len + 3) / 4 * 4;
}

struct option {
	unsigned code;
	size_t len;
	const uint8_t *value;
};

/* The next one of a list; false at its end, which must be there. */
static bool next_option(const uint8_t **at, size_t *left, struct option *o)
{
	if (*left < 4)
		fail("options without an end");
	o->code = be16(*at);
	o->len = be16(*at + 2);
	o->value = *at + 4;
	if (o->code == 0) {
		if (o->len || *left != 4)
			fail("something behind the options");
		return false;
	}
	if (filled(o->len) > *left - 4)
		fail("option %u is longer than its block", o->code);
	for (size_t i = o->len; i < filled(o->len); i++) {
		if (o->value[i])
			fail("option %u is filled up with junk", o->code);
	}
	*at += 4 + filled(o->len);
	*left -= 4 + filled(o->len);
	return true;
}

static void read_section(const uint8_t *body, size_t len)
{
	bool named = false;
	struct option o;

	if (len < 20 || be32(body) != 0x1a2b3c4d)
		fail("no section in this byte order");
	if (be16(body + 4) != 1 || be16(body + 6) != 0)
		fail("not version 1.0");
	body += 16;
	len -= 16;
	while (next_option(&body, &len, &o))
		named |= o.code == 4 && o.len > 9 &&
			 memcmp(o.value, "tcpprobe ", 9) == 0;
	if (!named)
		fail("the section does not say who wrote it");
}

static void read_interface(const uint8_t *body, size_t len)
{
	char *name = interfaces[interfaces_n];
	bool nanoseconds = false;
	struct option o;

	if (len < 12 || be16(body) != 101)
		fail("not an interface of link type RAW");
	if (interfaces_n == INTERFACES_MAX)
		fail("too many interfaces");
	body += 8;
	len -= 8;
	while (next_option(&body, &len, &o)) {
		if (o.code == 2 && o.len < sizeof(interfaces[0]))
			memcpy(name, o.value, o.len);
		nanoseconds |= o.code == 9 && o.len == 1 && *o.value == 9;
	}
	if (!*name || !nanoseconds)
		fail("an interface without a name or without nanoseconds");
	for (unsigned i = 0; i < interfaces_n; i++) {
		if (strcmp(interfaces[i], name) == 0)
			fail("interface %s twice", name);
	}
	interfaces_n++;
}

/* A datagram says itself how long it is. */
static void check_datagram(const uint8_t *bytes, size_t len)
{
	size_t said = 0;

	if (len >= 20 && bytes[0] >> 4 == 4)
		said = be16(bytes + 2);
	else if (len >= 40 && bytes[0] >> 4 == 6)
		said = 40 + be16(bytes + 4);
	if (!said || said != len)
		fail("no whole datagram: %zu bytes of %zu", len, said);
}

/* "out" or "in"; the comments in a row, each between bars. */
static const char *read_said(const uint8_t *at, size_t left,
			     char comments[static COMMENTS_MAX])
{
	static const char *const directions[] = { NULL, "in", "out" };
	const char *direction = NULL;
	struct option o;
	size_t n = 0;

	while (next_option(&at, &left, &o)) {
		if (o.code == 1 && n < COMMENTS_MAX)
			n += (size_t)snprintf(comments + n, COMMENTS_MAX - n,
					      " |%.*s|", (int)o.len,
					      (const char *)o.value);
		if (o.code == 2 && o.len == 4 && be32(o.value) < 3)
			direction = directions[be32(o.value)];
	}
	if (!direction)
		fail("no direction");
	if (!n)
		fail("no comment");
	return direction;
}

static void read_packet(const uint8_t *body, size_t len)
{
	char comments[COMMENTS_MAX];
	const char *direction;
	uint64_t stamp;
	size_t bytes;

	packets_n++;
	if (len < 24)
		fail("a short block");
	if (be32(body) >= interfaces_n)
		fail("interface %" PRIu32 " is not there", be32(body));
	stamp = (uint64_t)be32(body + 4) << 32 | be32(body + 8);
	bytes = be32(body + 12);
	if (bytes != be32(body + 16) || filled(bytes) > len - 20)
		fail("cut to %zu bytes", bytes);
	if (stamp / SECOND_NS < 1600000000)
		fail("a stamp of long ago");
	check_datagram(body + 20, bytes);
	direction = read_said(body + 20 + filled(bytes),
			      len - 20 - filled(bytes), comments);
	printf("%u %s %s %" PRIu64 ".%09" PRIu64 " %zu%s\n", packets_n,
	       interfaces[be32(body)], direction, stamp / SECOND_NS,
	       stamp % SECOND_NS, bytes, comments);
}

static size_t read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		fail("cannot open %s", path);
	n = fread(file, 1, sizeof(file), f);
	if (ferror(f) || n == sizeof(file))
		fail("cannot read %s", path);
	fclose(f);
	return n;
}

/* One block, whole; its length. */
static size_t read_block(const uint8_t *at, size_t left)
{
	uint32_t type, len;

	if (left < 12)
		fail("half a block");
	type = be32(at);
	len = be32(at + 4);
	if (len < 12 || len % 4 || len > left || be32(at + len - 4) != len)
		fail("a block of %" PRIu32 " bytes", len);
	if ((at == file) != (type == 0x0a0d0d0a))
		fail("a section that does not begin the file");
	if (type == 0x0a0d0d0a)
		read_section(at + 8, len - 12);
	else if (type == 1)
		read_interface(at + 8, len - 12);
	else if (type == 6)
		read_packet(at + 8, len - 12);
	else
		fail("block type %" PRIu32, type);
	return len;
}

int main(int argc, char **argv)
{
	size_t n;

	if (argc != 2)
		fail("usage: packets FILE");
	n = read_file(argv[1]);
	if (!n)
		fail("an empty file");
	for (size_t at = 0; at < n;)
		at += read_block(file + at, n - at);
	return 0;
}
