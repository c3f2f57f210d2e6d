/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP and ICMPv6: errors with the segment they quote, and echo. */
#ifndef TP_WIRE_ICMP_H
#define TP_WIRE_ICMP_H

#include "base/addr.h"
#include "base/base.h"
#include "wire/ip.h"

enum icmp_what {
	ICMP_OTHER,
	ICMP_ERROR,
	ICMP_ECHO_REQUEST,
	ICMP_ECHO_REPLY,
};

struct icmp {
	enum icmp_what what;
	struct addr src, dst;
	uint8_t ttl;
	uint8_t type, code;
	uint16_t id, seq; /* echo */
	uint32_t mtu;	  /* fragmentation needed, packet too big; else 0 */
	struct {
		bool tcp; /* src, dst, ports and seq are filled */
		struct addr src, dst;
		uint16_t sport, dport;
		uint32_t seq;
		uint8_t ttl;
	} quote; /* ICMP_ERROR */
};

/* 0, or -1 when it is no ICMP, too short or its checksum is wrong. */
int icmp_parse(const struct ip *ip, struct icmp *out) MUST_CHECK;

/* An error that says that the datagram's hop limit was used up on the way. */
bool icmp_is_hop_limit(const struct icmp *icmp);

/* "host unreachable", "administratively prohibited", …; never NULL. */
const char *icmp_text(enum family family, uint8_t type, uint8_t code);

/*
 * Both return the bytes of the datagram, or 0 when it does not fit or
 * contradicts itself. Of *echo they look at src, dst, ttl (0: 64), what, id and
 * seq; of *error at src, dst, ttl, type, code and mtu.
 */
/* An echo request or reply. */
size_t icmp_build_echo(const struct icmp *echo, const uint8_t *payload,
		       size_t payload_len, uint8_t *out, size_t size);
/* An error that quotes as much of the start of a datagram as it may. */
size_t icmp_build_error(const struct icmp *error, const uint8_t *quoted,
			size_t quoted_len, uint8_t *out, size_t size);

#endif
