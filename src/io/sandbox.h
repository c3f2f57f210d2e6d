/* SPDX-License-Identifier: BSD-2-Clause */
/* The system calls that a process needs, and no others. */
#ifndef TP_IO_SANDBOX_H
#define TP_IO_SANDBOX_H

#include "base/err.h"

enum sandbox_for {
	SANDBOX_PROBE,	/* raw sockets that are open; guards to come */
	SANDBOX_SERVER, /* a listening socket that is open; its connections */
};

/*
 * From now on any other system call kills the process. Files cannot be opened
 * any more: such a call fails with EACCES, which the C library takes calmly
 * where it reads a file of its own accord.
 *
 * Built with TP_SANDBOX defined to 0 (--disable-sandbox, for sanitizers, which
 * make calls of their own) it does nothing.
 */
int sandbox_enter(enum sandbox_for whom, struct err *e) MUST_CHECK;

#endif
