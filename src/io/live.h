/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The real link: libnet sends, libpcap captures, rtnetlink finds the way, and
 * listening sockets guard our ports (engine/link.h is what it implements).
 *
 *	live_new      a netlink socket; no privilege is needed yet
 *	live_want     for every address that will be talked to: which interface
 *	live_start    injectors and captures; here CAP_NET_RAW is needed
 *	privilege_drop
 *	live_link     the link, for an engine
 *	live_free     does not wait for the captures to close: a process of its
 *		      own does, which ends by itself
 */
#ifndef TP_IO_LIVE_H
#define TP_IO_LIVE_H

#include "base/addr.h"
#include "base/err.h"
#include "engine/link.h"

struct live;

int live_new(struct live **out, struct err *e) MUST_CHECK;
/* The index of an interface, for a route_wish; ERR_INTERFACE. */
int live_interface(const char *name, uint32_t *index, struct err *e) MUST_CHECK;
/* Look up the way and remember its interface for live_start(). */
int live_want(struct live *l, const struct route_wish *wish, struct route *out,
	      struct err *e) MUST_CHECK;
/*
 * This host's own addresses may be among the targets too, unseen by
 * live_want(): they lie in a block. They lead over the loopback interface.
 */
int live_want_own(struct live *l, enum family family, struct err *e) MUST_CHECK;
/*
 * Hold one port now that may not be held once privileges are gone, because it
 * is below 1024; the link's hold() of it is granted later.
 */
int live_reserve(struct live *l, uint16_t port, struct err *e) MUST_CHECK;
/* `interrupt_fd` readable means LINK_INTERRUPTED; -1: none. */
int live_start(struct live *l, int interrupt_fd, struct err *e) MUST_CHECK;
struct link *live_link(struct live *l);
void live_free(struct live *l);

#endif
