/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Privileges: all that is needed is CAP_NET_RAW while sockets are opened. After
 * that everything is dropped, the drop is proved, and a seccomp filter leaves
 * only the system calls of a run.
 */
#ifndef TP_IO_PRIVILEGE_H
#define TP_IO_PRIVILEGE_H

#include "base/err.h"

/* CAP_NET_RAW is there, or ERR_PERMISSION with the three ways out. */
int privilege_check(struct err *e) MUST_CHECK;
/* Failure is fatal to the run: nothing from the network may be read then. */
int privilege_drop(struct err *e) MUST_CHECK;
/* The same for a server whose port is open: what it accepts is all that it
 * gets from then on. */
int privilege_drop_server(struct err *e) MUST_CHECK;

#endif
