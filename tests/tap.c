/* SPDX-License-Identifier: BSD-2-Clause */
/* Test Anything Protocol for the tests that are written in C. */
#include "tests/tap.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct {
	unsigned points, failed;
} tap;

static bool point(bool ok, const char *file, int line, const char *name)
{
	tap.points++;
	printf("%sok %u - %s\n", ok ? "" : "not ", tap.points, name);
	if (!ok) {
		tap.failed++;
		printf("# at %s:%d\n", file, line);
	}
	fflush(stdout);
	return ok;
}

bool tap_ok(bool ok, const char *file, int line, const char *fmt, ...)
{
	char name[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	for (char *c = name; *c; c++) {
		if (*c == '#' || *c == '\n')
			*c = ' ';
	}
	return point(ok, file, line, name);
}

bool tap_int(int64_t got, int64_t want, const char *file, int line,
	     const char *what)
{
	bool ok = tap_ok(got == want, file, line, "%s", what);

	if (!ok)
		printf("# got %" PRId64 ", want %" PRId64 "\n", got, want);
	return ok;
}

bool tap_text(const char *got, const char *want, const char *file, int line,
	      const char *what)
{
	bool ok = got && want ? strcmp(got, want) == 0 : got == want;

	tap_ok(ok, file, line, "%s", what);
	if (!ok)
		printf("#  got: %s\n# want: %s\n", got ? got : "(null)",
		       want ? want : "(null)");
	return ok;
}

void tap_note(const char *fmt, ...)
{
	va_list args;

	fputs("# ", stdout);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

void tap_skip(const char *what, const char *why)
{
	printf("ok %u - %s # SKIP %s\n", ++tap.points, what, why);
}

int tap_done(void)
{
	printf("1..%u\n", tap.points);
	return tap.failed || !tap.points ? 1 : 0;
}

size_t tap_hex(const char *hex, uint8_t *out, size_t size)
{
	size_t n = 0;
	int high = -1;

	for (; *hex; hex++) {
		unsigned char c = (unsigned char)*hex;
		int digit;

		if (isspace(c))
			continue;
		BUG_ON(!isxdigit(c));
		digit = isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
		if (high < 0) {
			high = digit;
			continue;
		}
		BUG_ON(n == size);
		out[n++] = (uint8_t)(high << 4 | digit);
		high = -1;
	}
	BUG_ON(high >= 0);
	return n;
}

int tap_words(char *line, char **words, int max)
{
	int n = 0;

	while (line) {
		BUG_ON(n == max);
		words[n++] = line;
		line = strchr(line, ' ');
		if (line)
			*line++ = '\0';
	}
	return n;
}
