/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packets of a run, kept in a file of pcapng with a comment on each.
 *
 *	evidence_open    with the user's rights; what the file held stays
 *	evidence_start   the run begins: the file is emptied, and begun
 *	evidence_add     the packets of each target
 *	evidence_flush   at leisure
 *	evidence_close
 *
 * Only whole blocks are written, so that a run may end anywhere. What could
 * not be written whole is taken back: a file that lacks packets and does not
 * say so is worse than none. After a failure all calls return it again, and
 * errno is what it was then (EPIPE: nobody reads).
 */
#ifndef TP_IO_EVIDENCE_H
#define TP_IO_EVIDENCE_H

#include "base/err.h"
#include "engine/trace.h"

struct evidence;

/* "-" is the standard output. ERR_USAGE when it cannot be opened, or is a
 * terminal. */
int evidence_open(const char *path, struct evidence **out,
		  struct err *e) MUST_CHECK;
int evidence_start(struct evidence *v, struct err *e) MUST_CHECK;
/* What was seen on that interface; what never left it is left out. */
int evidence_add(struct evidence *v, const char *interface,
		 const struct trace *t, struct err *e) MUST_CHECK;
int evidence_flush(struct evidence *v, struct err *e) MUST_CHECK;
/* Frees. What was never begun stays as it was. Accepts NULL. */
int evidence_close(struct evidence *v, struct err *e) MUST_CHECK;

#endif
