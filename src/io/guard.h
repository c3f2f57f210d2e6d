/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guard: holds source ports so that our own kernel, which knows nothing of
 * the crafted connections, answers nothing that arrives for them.
 */
#ifndef TP_IO_GUARD_H
#define TP_IO_GUARD_H

#include "base/err.h"

struct guard;

/* Raises the process's limit of open files as far as it is allowed. */
int guard_new(struct guard **out, struct err *e) MUST_CHECK;
/* Releases all. Accepts NULL. */
void guard_free(struct guard *g);

/* `wanted` 0: the kernel chooses. ERR_BUSY, ERR_PERMISSION (below 1024). */
int guard_hold(struct guard *g, uint16_t wanted, uint16_t *port,
	       struct err *e) MUST_CHECK;
void guard_release(struct guard *g, uint16_t port);
bool guard_holds(const struct guard *g, uint16_t port);

#endif
