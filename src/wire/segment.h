/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TCP segment with its IP header, as values and as bytes. What arrives is
 * parsed as far as it is whole; what leaves can be wrong on purpose: any
 * checksum, data offset, reserved bits and option bytes.
 */
#ifndef TP_WIRE_SEGMENT_H
#define TP_WIRE_SEGMENT_H

#include "base/addr.h"
#include "base/base.h"
#include "wire/ip.h"

/* The twelve bits behind the data offset. */
enum tcp_flag {
	TCP_FIN = 0x001,
	TCP_SYN = 0x002,
	TCP_RST = 0x004,
	TCP_PSH = 0x008,
	TCP_ACK = 0x010,
	TCP_URG = 0x020,
	TCP_ECE = 0x040,
	TCP_CWR = 0x080,
	TCP_AE = 0x100,
	TCP_RESERVED = 0xe00,
};
#define TCP_FLAGS_MASK 0xfff
#define TCP_HEADER_MIN 20
#define SEGMENT_MAX 65535
/* Building: the data offset 0, which is the wish for the right one. */
#define SEGMENT_DOFF_ZERO 16

/* How the TCP checksum of a built segment comes about. */
enum segment_sum {
	SEGMENT_SUM_GOOD,
	SEGMENT_SUM_XOR,   /* the right one, these bits of it flipped; never
			      all: 0 and 0xffff are the same sum */
	SEGMENT_SUM_VALUE, /* this value, right or wrong */
};

struct segment {
	struct addr src, dst;
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint16_t flags;
	uint16_t window; /* as on the wire, unscaled */
	uint16_t urgent;
	uint8_t doff; /* in words; building: 0 = what the options need */
	uint8_t ttl, tos;
	bool df;
	uint16_t id;
	uint32_t flow_label;
	const uint8_t *options; /* raw, in place */
	size_t options_len;	/* building: padded with zeros to a word */
	const uint8_t *payload; /* in place */
	size_t payload_len;
	/* Building: how to make the checksum. Parsed: its value, so that a
	 * parsed segment is built with the checksum that it came with. */
	enum segment_sum sum_mode;
	uint16_t sum;
	/* Parsed only. An unfinished checksum (offload: only the pseudo header
	 * is summed) counts as good: nothing was on a wire yet. So does one
	 * that cannot be judged, for bytes that it covers are not there. */
	bool sum_good;
	bool truncated; /* fewer bytes are there than the header promises */
};

enum segment_fault {
	SEGMENT_OK,
	SEGMENT_NOT_TCP, /* or no IP at all, or a later fragment */
	SEGMENT_SHORT,	 /* ends inside the TCP header */
	SEGMENT_DOFF,	 /* data offset below 5 or past the end */
	SEGMENT_FAULT_N
};

/*
 * `out` points into the bytes. On SEGMENT_SHORT and SEGMENT_DOFF the fields
 * that were there are filled (ports first), options and payload are empty.
 */
enum segment_fault segment_parse(const uint8_t *bytes, size_t len,
				 struct segment *out);
/* The same behind an IP header that is parsed already. */
enum segment_fault segment_parse_ip(const struct ip *ip, struct segment *out);
const char *segment_fault_text(enum segment_fault fault);

/* Bytes of the datagram, or 0 when it does not fit or contradicts itself
 * (families differ, more than 40 bytes of options, a data offset above
 * SEGMENT_DOFF_ZERO).
 * `out` must not overlap the options and the payload. */
size_t segment_build(const struct segment *s, uint8_t *out, size_t size);

/* SEG.LEN: payload, SYN and FIN count. */
uint32_t segment_len(const struct segment *s);

#endif
