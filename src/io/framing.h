/* SPDX-License-Identifier: BSD-2-Clause */
/* What an interface puts before the IP header, and how to get rid of it. */
#ifndef TP_IO_FRAMING_H
#define TP_IO_FRAMING_H

#include "base/base.h"

enum framing {
	FRAMING_NONE,	  /* IP begins at once */
	FRAMING_ETHERNET, /* perhaps with VLAN tags */
	FRAMING_FAMILY,	  /* four bytes of address family (BSD loopback) */
	FRAMING_COOKED,	  /* Linux cooked capture */
	FRAMING_COOKED2,  /* its second version */
	FRAMING_N
};

/*
 * The IP datagram in a captured frame and its length, or NULL when there is
 * none that belongs to the interface: another protocol, too short, or a VLAN
 * other than 0, which is an interface of its own.
 */
const uint8_t *framing_strip(enum framing framing, const uint8_t *frame,
			     size_t len, size_t *datagram_len);

#endif
