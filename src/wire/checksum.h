/* SPDX-License-Identifier: BSD-2-Clause */
/* The Internet checksum (RFC 1071), in parts: start at 0, add, finish. */
#ifndef TP_WIRE_CHECKSUM_H
#define TP_WIRE_CHECKSUM_H

#include "base/addr.h"
#include "base/base.h"

/* Every part but the last must be of even length. */
uint64_t checksum_add(uint64_t sum, const uint8_t *bytes, size_t len);
/* The pseudo header of TCP, ICMPv6 and friends. */
uint64_t checksum_pseudo(const struct addr *src, const struct addr *dst,
			 uint8_t protocol, uint32_t len);
/* Folded until nothing remains, complemented; ready for the wire. */
uint16_t checksum_finish(uint64_t sum);

#endif
