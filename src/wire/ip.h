/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The IP layer of a datagram: IPv4 with options, IPv6 with extension headers.
 * Pure functions of bytes and length; all that arrives is hostile.
 */
#ifndef TP_WIRE_IP_H
#define TP_WIRE_IP_H

#include "base/addr.h"
#include "base/base.h"
#include "base/bytes.h"

enum { IP_PROTO_ICMP = 1, IP_PROTO_TCP = 6, IP_PROTO_ICMPV6 = 58 };

/* Which rule a datagram breaks; IP_OK is none. */
enum ip_fault {
	IP_OK,
	IP_SHORT,    /* ends inside a header */
	IP_VERSION,  /* neither 4 nor 6 */
	IP_HEADER,   /* a header length below the minimum or past the end */
	IP_FRAGMENT, /* not the first fragment: no transport header in it */
	IP_FAULT_N
};

struct ip {
	struct addr src, dst;
	uint8_t protocol; /* of the payload, behind all extension headers */
	uint8_t ttl;	  /* hop limit */
	uint8_t tos;	  /* traffic class */
	bool df;	  /* IPv4: don't fragment; IPv6: always true */
	bool more_fragments;
	uint16_t id;
	uint32_t flow_label;
	const uint8_t *payload; /* in place */
	size_t payload_len;	/* bytes that are there */
	bool truncated; /* the header promises more bytes than are there */
	bool offloaded; /* the header claims a length of 0, see below */
};

/*
 * `out` is filled as far as the parse came; without IP_OK it has no payload. A
 * length of 0 (segments larger than the MTU or than 64 KiB, seen before the
 * kernel's offload cuts them) means "to the end of the buffer". Trailing
 * link-layer padding is cut off.
 */
enum ip_fault ip_parse(const uint8_t *bytes, size_t len, struct ip *out);
const char *ip_fault_text(enum ip_fault fault);

/*
 * Write the header of a datagram that carries `payload_len` bytes of
 * `ip->protocol`; of *ip, payload, truncated and offloaded are not looked at,
 * and for IPv6 df and more_fragments neither. The writer turns bad when the
 * families differ or the length does not fit the header.
 */
void ip_write_header(struct wr *w, const struct ip *ip, size_t payload_len);

#endif
