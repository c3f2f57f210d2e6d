/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Injection by libnet, through a raw socket of one family: the datagram goes
 * out as it is, right or wrong, but for what the kernel insists on (IPv4:
 * total length, header checksum, and an ID of 0 is replaced).
 */
#ifndef TP_IO_INJECT_H
#define TP_IO_INJECT_H

#include "base/addr.h"
#include "base/err.h"

struct inject;

/* Needs CAP_NET_RAW. `interface`: leave through this one only; NULL: let the
 * routing decide. */
int inject_open(enum family family, const char *interface, struct inject **out,
		struct err *e) MUST_CHECK;
/* Accepts NULL. */
void inject_close(struct inject *i);

/* One datagram of the injector's family, now. */
int inject_send(struct inject *i, const uint8_t *bytes, size_t len,
		struct err *e) MUST_CHECK;

#endif
