/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fuzz target without a fuzzer, so that any compiler can exercise it: each
 * seed as it is, cut at every length, and with bits flipped; the same inputs
 * in every run.
 *
 *	fuzz_ip [SEED|DIRECTORY...]	default: its own seeds
 *	fuzz_ip --corpus DIRECTORY	write the seeds there, for libFuzzer
 *
 * A seed named *.hex is text: hexadecimal bytes, and comments from # to the end
 * of the line. Any other is taken as it is.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "tests/tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum {
	SEED_MAX = 65536,
	PATH_SIZE = 4096,
	/* Beyond this byte single bits are left alone: it takes too long. */
	FLIP_BYTES = 512,
	FLIP_ROUNDS = 300,
	FLIPS = 8,
};

struct seed {
	char path[PATH_SIZE];
	uint8_t bytes[SEED_MAX];
	size_t len;
};

static unsigned seeds_n;

/* In memory of its own, so that a byte read past the end is noticed. */
static void run(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	BUG_ON(!copy);
	memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void flip(struct seed *s, size_t bit)
{
	s->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

static unsigned run_flipped(struct seed *s)
{
	size_t bits = 8 * (s->len < FLIP_BYTES ? s->len : FLIP_BYTES);
	struct random r;

	for (size_t i = 0; i < bits; i++) {
		flip(s, i);
		run(s->bytes, s->len);
		flip(s, i);
	}
	if (!bits)
		return 0;
	random_seed(&r, s->len);
	for (unsigned i = 0; i < FLIP_ROUNDS; i++) {
		size_t at[FLIPS];
		size_t n = 2 + random_below(&r, FLIPS - 1);

		for (size_t j = 0; j < n; j++) {
			at[j] = random_below(&r, (uint32_t)s->len * 8);
			flip(s, at[j]);
		}
		run(s->bytes, s->len);
		for (size_t j = 0; j < n; j++)
			flip(s, at[j]);
	}
	return (unsigned)bits + FLIP_ROUNDS;
}

static void try_seed(struct seed *s)
{
	const char *name = strrchr(s->path, '/');
	unsigned n = (unsigned)s->len + 1;

	for (size_t len = 0; len <= s->len; len++)
		run(s->bytes, len);
	n += run_flipped(s);
	CHECK_MSG(true, "%s: %u inputs", name ? name + 1 : s->path, n);
}

/* Blank out the comments: what is left is for tap_hex(). */
static void strip_comments(char *text)
{
	for (char *c = text; *c; c++) {
		if (*c != '#')
			continue;
		while (*c && *c != '\n')
			*c++ = ' ';
		if (!*c)
			break;
	}
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static bool read_seed(struct seed *s, const char *path)
{
	static char text[SEED_MAX + 1];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f) {
		CHECK_MSG(false, "open %s: %s", path, strerror(errno));
		return false;
	}
	n = fread(text, 1, SEED_MAX, f);
	fclose(f);
	text[n] = '\0';
	snprintf(s->path, sizeof(s->path), "%s", path);
	s->len = n;
	if (ends_with(path, ".hex")) {
		strip_comments(text);
		s->len = tap_hex(text, s->bytes, sizeof(s->bytes));
	} else {
		memcpy(s->bytes, text, n);
	}
	return true;
}

static void write_seed(const struct seed *s, const char *corpus)
{
	char path[PATH_SIZE];
	bool written = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%03u", corpus, seeds_n);
	f = fopen(path, "wb");
	if (f) {
		written = fwrite(s->bytes, 1, s->len, f) == s->len;
		written = fclose(f) == 0 && written;
	}
	CHECK_MSG(written, "%s becomes %s", s->path, path);
}

static void take_seed(const char *path, const char *corpus)
{
	static struct seed seed;

	if (!read_seed(&seed, path))
		return;
	seeds_n++;
	if (corpus)
		write_seed(&seed, corpus);
	else
		try_seed(&seed);
}

/* A file, or all files of a directory. */
static void take(const char *path, const char *corpus)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);

	if (n < 0) {
		take_seed(path, corpus);
		return;
	}
	for (int i = 0; i < n; i++) {
		char inner[PATH_SIZE];

		if (entries[i]->d_name[0] != '.') {
			snprintf(inner, sizeof(inner), "%s/%s", path,
				 entries[i]->d_name);
			take_seed(inner, corpus);
		}
		free(entries[i]);
	}
	free(entries);
}

/* tests/fuzz/seeds/ip for a program named fuzz_ip. */
static void take_own(const char *program, const char *corpus)
{
	const char *top = getenv("abs_srcdir");
	const char *name = strstr(program, "fuzz_");
	char path[PATH_SIZE];

	for (const char *next = name; next; next = strstr(next + 1, "fuzz_"))
		name = next;
	if (!name) {
		CHECK_MSG(false, "%s is not named fuzz_...", program);
		return;
	}
	snprintf(path, sizeof(path), "%s/tests/fuzz/seeds/%s", top ? top : ".",
		 name + strlen("fuzz_"));
	take(path, corpus);
}

int main(int argc, char **argv)
{
	const char *corpus = NULL;
	int i = 1;

	if (argc > 2 && strcmp(argv[1], "--corpus") == 0) {
		corpus = argv[2];
		i = 3;
	}
	if (i == argc)
		take_own(argv[0], corpus);
	for (; i < argc; i++)
		take(argv[i], corpus);
	CHECK_MSG(seeds_n > 0, "%u seeds", seeds_n);
	return tap_done();
}
