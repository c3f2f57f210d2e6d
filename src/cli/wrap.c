/* SPDX-License-Identifier: BSD-2-Clause */
/* Words broken into lines: greedy, one character a column. */
#include "cli/wrap.h"

#include <string.h>

/* Bytes behind the first of a UTF-8 character take no column. */
static bool starts_column(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static size_t columns_of(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += starts_column(text[i]);
	return n;
}

size_t wrap_columns(const char *text)
{
	return columns_of(text, strlen(text));
}

static void print_word(FILE *out, const char *word, size_t len)
{
	const size_t glue = strlen(WRAP_GLUE);

	while (len) {
		if (len >= glue && memcmp(word, WRAP_GLUE, glue) == 0) {
			putc(' ', out);
			word += glue;
			len -= glue;
			continue;
		}
		putc(*word++, out);
		len--;
	}
}

void wrap_print(FILE *out, const char *text, size_t column, size_t indent)
{
	bool first = true; /* word in its line */

	for (;;) {
		size_t blanks = strspn(text, " "), len, wide;
		size_t gap = first ? 0 : 1;

		text += blanks;
		len = strcspn(text, " \n");
		wide = columns_of(text, len);
		if (len && !first && column + gap + wide > WRAP_WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
			gap = 0;
		}
		if (len) {
			fprintf(out, "%*s", (int)gap, "");
			print_word(out, text, len);
			column += gap + wide;
			first = false;
			text += len;
		}
		if (*text == '\0')
			break;
		if (*text == '\n') {
			text++;
			fprintf(out, "\n%*s", *text == '\n' ? 0 : (int)indent,
				"");
			column = indent;
			first = true;
		}
	}
	putc('\n', out);
}

size_t wrap_line(const char *text, size_t width, const char **next)
{
	size_t fits = 0, column = 0, at = 0;

	/* `fits`: the last place where a word ended within the width. */
	for (; text[at]; at++) {
		if (text[at] == ' ')
			fits = at;
		if (starts_column(text[at]) && column++ == width)
			break;
	}
	if (!text[at] || !fits)
		fits = at;
	*next = text + fits + strspn(text + fits, " ");
	return fits;
}
