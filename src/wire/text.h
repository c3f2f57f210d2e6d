/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets in one line, in tcpdump's manner; safe for a terminal. */
#ifndef TP_WIRE_TEXT_H
#define TP_WIRE_TEXT_H

#include "base/base.h"
#include "wire/segment.h"

/* Enough for any packet. */
#define TEXT_LINE_MAX 640
#define TEXT_FLAGS_MAX 16

/* "S.", "R", "FP.", "none"; letters S F R P . U E W e, reserved bits as /N. */
const char *text_flags(uint16_t flags, char out[static TEXT_FLAGS_MAX]);

/* "SYN-ACK", "RST", "FIN-PSH-URG", "no flags", "SYN-reserved:4". */
#define TEXT_FLAG_NAMES_MAX 56
const char *text_flag_names(uint16_t flags,
			    char out[static TEXT_FLAG_NAMES_MAX]);

/*
 * "Flags [S.], seq 7, ack 2, win 64240, options [mss 1460], length 0", and what
 * is wrong with it in brackets. For parsed segments: in others sum_good says
 * nothing yet.
 */
const char *text_segment(const struct segment *s, char *out, size_t size);

/* Any datagram: addresses, then the segment, ICMP, or what is wrong. */
const char *text_packet(const uint8_t *bytes, size_t len, char *out,
			size_t size);

#endif
