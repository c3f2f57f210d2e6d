/* SPDX-License-Identifier: BSD-2-Clause */
/* From what the user gave to the segment that it means on a pair now. */
#ifndef TP_PROBE_SENDCRAFT_H
#define TP_PROBE_SENDCRAFT_H

#include "engine/flow.h"
#include "probe/send.h"

/* Its stimulus points into itself: a copy is good for its numbers only. */
struct send_crafted {
	struct stimulus stimulus; /* but for its `why` */
	uint32_t seq, ack;	  /* that will be in it */
	uint16_t id;
	uint8_t options[OPTIONS_MAX];
};

/* The kth segment. With --repeat its numbers are those of `first`, which is
 * NULL for the first one. */
void send_craft(const struct send_settings *s, struct flow *f, size_t k,
		const struct send_crafted *first, struct send_crafted *out);

#endif
