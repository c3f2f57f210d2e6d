/* SPDX-License-Identifier: BSD-2-Clause */
/* Sequence numbers compare on a circle (RFC 9293 3.4). */
#ifndef TP_WIRE_SEQ_H
#define TP_WIRE_SEQ_H

#include "base/base.h"

/* How far `a` is ahead of `b`; negative when it is behind. */
static inline int32_t seq_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

static inline bool seq_lt(uint32_t a, uint32_t b)
{
	return seq_diff(a, b) < 0;
}

static inline bool seq_le(uint32_t a, uint32_t b)
{
	return seq_diff(a, b) <= 0;
}

/* first <= a < first + len */
static inline bool seq_in(uint32_t a, uint32_t first, uint32_t len)
{
	return a - first < len;
}

#endif
