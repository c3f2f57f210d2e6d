/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way to an address, as the kernel's routing says (rtnetlink): interface,
 * source, gateway, MTU. Needs no privilege, and keeps what it found.
 */
#ifndef TP_IO_ROUTE_H
#define TP_IO_ROUTE_H

#include "engine/link.h"

struct routes;

int routes_open(struct routes **out, struct err *e) MUST_CHECK;
/* Accepts NULL. */
void routes_close(struct routes *r);

/* ERR_ROUTE, ERR_INTERFACE, ERR_HOST for a group of hosts (broadcast,
 * multicast), or ERR_USAGE when the wish contradicts itself. */
int routes_find(struct routes *r, const struct route_wish *wish,
		struct route *out, struct err *e) MUST_CHECK;

#endif
