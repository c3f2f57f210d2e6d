/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP options: walk them, read them into a struct, write them. One iterator
 * walks; it refuses length 0 and 1 and whatever runs past the end.
 */
#ifndef TP_WIRE_OPTIONS_H
#define TP_WIRE_OPTIONS_H

#include "base/base.h"
#include "base/bytes.h"

enum option_kind {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WSCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_SACK = 5,
	OPTION_TIMESTAMPS = 8,
	OPTION_MD5 = 19,
	OPTION_USER_TIMEOUT = 28,
	OPTION_AO = 29,
	OPTION_MPTCP = 30,
	OPTION_FAST_OPEN = 34,
	OPTION_ACCECN0 = 172,
	OPTION_ACCECN1 = 174,
};

#define OPTIONS_MAX 40 /* bytes: data offset 15 less the fixed header */
#define OPTION_SACK_MAX 4
#define OPTION_COOKIE_MAX 16

struct option {
	uint8_t kind;
	uint8_t len; /* of `data`: without kind and length byte */
	const uint8_t *data;
};

/* Returns true and *out while there are options; false at the end or at the
 * first fault, which leaves r->bad set. NOPs are returned too, END is not. */
bool option_next(struct rd *r, struct option *out);

/* What the options of one segment say. */
struct options {
	bool has_mss, has_wscale, has_timestamps, has_user_timeout;
	bool sack_permitted, has_md5, has_ao, has_mptcp, has_fast_open;
	bool has_accecn;
	bool malformed; /* the walk ended at a fault */
	bool padded;	/* bytes behind END are not all zero */
	uint16_t mss;
	uint8_t wscale; /* as sent; RFC 7323 2.3 uses at most 14 */
	uint32_t tsval, tsecr;
	uint16_t user_timeout; /* as sent: granularity bit and 15 bits */
	uint8_t mptcp_subtype;
	uint8_t sack_n;
	struct {
		uint32_t left, right;
	} sack[OPTION_SACK_MAX];
	uint8_t cookie_len; /* of the fast open option; 0 is a request */
	uint8_t cookie[OPTION_COOKIE_MAX];
	uint8_t unknown_n; /* options of kinds not listed above */
};

/*
 * A known option of a wrong length counts as absent (RFC 9293 MUST-6/7); of
 * several of one kind the last counts. Fast open is also seen in its
 * experimental form (kinds 253 and 254, RFC 7413 A).
 */
void options_parse(const uint8_t *bytes, size_t len, struct options *out);

void option_write(struct wr *w, uint8_t kind, const uint8_t *data, size_t len);
void option_write_mss(struct wr *w, uint16_t mss);
void option_write_wscale(struct wr *w, uint8_t shift);
void option_write_sack_permitted(struct wr *w);
void option_write_timestamps(struct wr *w, uint32_t tsval, uint32_t tsecr);
void option_write_sack(struct wr *w, uint32_t left, uint32_t right);
/* NOPs up to a multiple of four. */
void option_write_padding(struct wr *w);

/* Enough for the text of OPTIONS_MAX bytes, whatever they are. */
#define OPTIONS_TEXT_MAX 320
/* "mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7", in the order they stand. */
const char *options_text(const uint8_t *bytes, size_t len, char *out,
			 size_t size);

#endif
