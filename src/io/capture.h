/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A capture on one interface, by libpcap: what belongs to our ports, ours
 * leaving and others' arriving, with the kernel's nanosecond stamps.
 */
#ifndef TP_IO_CAPTURE_H
#define TP_IO_CAPTURE_H

#include "base/err.h"
#include "engine/link.h"
#include "io/filter.h"

struct capture;

/* Needs CAP_NET_RAW. Waits for the kernel, 5 to 20 ms. */
int capture_open(const char *interface, struct capture **out,
		 struct err *e) MUST_CHECK;
/* Accepts NULL. */
void capture_close(struct capture *c);

/* Readable when there is something to drain, or something is wrong. */
int capture_fd(const struct capture *c);

/* From now on these ports; nothing is lost while the filter changes. */
int capture_filter(struct capture *c, const struct filter *f,
		   struct err *e) MUST_CHECK;

/*
 * Hand a batch of what has arrived to the sink; never waits. Returns how many
 * were handed over, or a negative code when the capture is lost for good.
 */
int capture_drain(struct capture *c, link_sink *sink, void *arg,
		  struct err *e) MUST_CHECK;

/* Packets that the kernel had no room for, since the start. */
uint64_t capture_dropped(struct capture *c);

#endif
