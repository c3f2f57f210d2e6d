/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields of a segment as a user writes them, checked whole. Readers return
 * 0, or a negative code (-ERR_USAGE mostly) with a sentence that names the
 * option and quotes what is wrong with it.
 */
#ifndef TP_CLI_CRAFT_H
#define TP_CLI_CRAFT_H

#include "base/base.h"
#include "base/err.h"
#include "wire/options.h"
#include "wire/segment.h"

/* --flags: "S", "S.", "FPU", "syn,ack", "none". */
int craft_flags(const char *text, uint16_t *flags, struct err *e) MUST_CHECK;

/*
 * --seq and --ack: absolute ("7", "0x7f"), or counted from what is next ("+1",
 * "-1"), or from a window's width away of that ("+win", "-win", "+win+1").
 */
struct craft_number {
	bool given;
	bool relative;
	int windows; /* -1, 0 or 1 */
	uint32_t n;  /* modulo 2^32 */
};
int craft_number(const char *option, const char *text, struct craft_number *out,
		 struct err *e) MUST_CHECK;
/* What it comes to. */
uint32_t craft_number_at(const struct craft_number *n, uint32_t next,
			 uint32_t window);

/* --ttl: "5", "1-30"; from 1 to 255, upwards. */
int craft_ttl(const char *text, uint8_t *first, uint8_t *last,
	      struct err *e) MUST_CHECK;

/* --checksum: "bad", which is never right, or a value, which may be. */
int craft_sum(const char *text, enum segment_sum *mode, uint16_t *sum,
	      struct err *e) MUST_CHECK;

/* What numbers within options may count from. */
enum craft_base {
	CRAFT_TSVAL,   /* our timestamp clock */
	CRAFT_TSECR,   /* the target's last timestamp */
	CRAFT_RCV_NXT, /* the target's next sequence number */
	CRAFT_BASE_N
};

/* --options: the bytes, and the words among them that are still to be counted
 * from a base. */
struct craft_options {
	bool given;
	uint8_t bytes[OPTIONS_MAX];
	size_t len;
	struct {
		uint8_t at;
		uint8_t base; /* enum craft_base */
	} counted[OPTIONS_MAX / 4];
	size_t counted_n;
};
int craft_options(const char *text, struct craft_options *out,
		  struct err *e) MUST_CHECK;
bool craft_options_count_from(const struct craft_options *o,
			      enum craft_base base);
/* The bytes as they are now. */
void craft_options_fill(const struct craft_options *o,
			const uint32_t bases[static CRAFT_BASE_N],
			uint8_t out[static OPTIONS_MAX]);

/*
 * Bytes from hexadecimal digits, with blanks and colons between the bytes or
 * without. *len counts all of them, also those that do not fit into `size`;
 * false when the text is anything else.
 */
bool craft_hex(const char *text, uint8_t *out, size_t size,
	       size_t *len) MUST_CHECK;

#endif
