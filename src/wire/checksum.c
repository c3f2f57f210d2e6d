/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Internet checksum (RFC 1071): the ones' complement of the ones'
 * complement sum of 16-bit words. The 64-bit sum cannot overflow below 2^48
 * words, so the carries are folded once, at the end.
 */
#include "wire/checksum.h"

uint64_t checksum_add(uint64_t sum, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += (uint64_t)bytes[i] << 8 | bytes[i + 1];
	if (i < len)
		sum += (uint64_t)bytes[i] << 8;
	return sum;
}

uint64_t checksum_pseudo(const struct addr *src, const struct addr *dst,
			 uint8_t protocol, uint32_t len)
{
	uint64_t sum = (uint64_t)protocol + len;

	/* The length is 32 bits in IPv6 and 16 in IPv4: folded it is the same
	 * sum. */
	sum = checksum_add(sum, src->bytes, addr_size(src->family));
	return checksum_add(sum, dst->bytes, addr_size(dst->family));
}

uint16_t checksum_finish(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}
