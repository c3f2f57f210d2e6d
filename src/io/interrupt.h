/* SPDX-License-Identifier: BSD-2-Clause */
/* SIGINT, SIGTERM and SIGHUP as a readable descriptor; SIGPIPE is ignored. */
#ifndef TP_IO_INTERRUPT_H
#define TP_IO_INTERRUPT_H

#include "base/err.h"

/* From now on the first such signal makes the returned descriptor readable;
 * a later one, unless it comes at once, kills as it always did. -code on
 * failure. */
int interrupt_open(struct err *e) MUST_CHECK;
/* The signal that came, or 0. */
int interrupt_signal(void);
/* Restore the signal's default and die of it. */
_Noreturn void interrupt_die(int signal);

#endif
