/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which packets the kernel hands to a capture: TCP from or to one of our
 * ports, and the ICMP that may speak of it. A pure function of the ports.
 */
#ifndef TP_IO_FILTER_H
#define TP_IO_FILTER_H

#include <linux/filter.h>

#include "base/base.h"

/*
 * Ranges of ports that are told apart; more collapse into one that covers
 * all. Bounded by the eight bits of a jump in the program.
 */
#define FILTER_RANGES_MAX 32
#define FILTER_PROGRAM_MAX 192

struct filter {
	struct {
		uint16_t low, high;
	} range[FILTER_RANGES_MAX]; /* ascending, never adjacent */
	size_t n;
};

/* Returns true when the program has to be built anew. */
bool filter_add(struct filter *f, uint16_t port);

/*
 * The program, for packets whose IP header begins at `offset`; it lets
 * `snaplen` bytes pass. Returns the number of instructions.
 */
size_t filter_build(const struct filter *f, uint32_t offset, uint32_t snaplen,
		    struct sock_filter out[static FILTER_PROGRAM_MAX]);

#endif
