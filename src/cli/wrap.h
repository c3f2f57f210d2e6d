/* SPDX-License-Identifier: BSD-2-Clause */
/* Words broken into lines of a terminal's width, for help and reports. */
#ifndef TP_CLI_WRAP_H
#define TP_CLI_WRAP_H

#include <stdio.h>

#include "base/base.h"

#define WRAP_WIDTH 80
/* A blank that no line is broken at: U+00A0, printed as a plain blank. */
#define WRAP_GLUE "\xc2\xa0"

/* Columns that UTF-8 text takes: a character each, none of them is wide. */
size_t wrap_columns(const char *text);

/*
 * Print the words of `text` from `column`, where the cursor stands, and go on
 * at `indent` in each new line. A word that is too long for any line stands
 * alone. Runs of blanks become one; a newline in the text is kept. Ends with a
 * newline.
 */
void wrap_print(FILE *out, const char *text, size_t column, size_t indent);

/*
 * The same for one line at a time: the bytes of `text` that fit into `width`
 * columns, broken between words where that is possible, and in *next where the
 * following line begins. 0 at the end of the text.
 */
size_t wrap_line(const char *text, size_t width, const char **next);

#endif
