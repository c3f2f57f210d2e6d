/* SPDX-License-Identifier: BSD-2-Clause */
/* Names to addresses, by the system's resolver. */
#ifndef TP_IO_RESOLVE_H
#define TP_IO_RESOLVE_H

#include "base/addr.h"
#include "base/err.h"

/* The first address of the family; ERR_HOST. Fits targets_lookup (arg is not
 * used). A "%interface" behind a link-local address becomes its scope. */
int resolve_host(void *arg, const char *host, enum family family,
		 struct addr *out, struct err *e);

#endif
