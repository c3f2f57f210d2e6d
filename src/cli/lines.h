/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The meaningful lines of a file, read twice: comments, blanks and line ends
 * are gone, every line has its number. What can be read only once (standard
 * input, a pipe) is spooled first.
 */
#ifndef TP_CLI_LINES_H
#define TP_CLI_LINES_H

#include "base/base.h"
#include "base/err.h"

struct lines;

/* "-" is standard input. */
int lines_open(const char *path, struct lines **out, struct err *e) MUST_CHECK;
void lines_close(struct lines *l);
/* To the beginning. */
int lines_rewind(struct lines *l, struct err *e) MUST_CHECK;
/* 1 and *line, valid until the next call; 0 at the end; -code. */
int lines_next(struct lines *l, char **line, struct err *e) MUST_CHECK;
/* Of the line that was read last, from 1. */
uint64_t lines_number(const struct lines *l);
/* How messages call the file: escaped, or "standard input". */
const char *lines_name(const struct lines *l);

#endif
