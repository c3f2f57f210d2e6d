/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bounded readers and writers of big-endian bytes. A reader or writer that is
 * asked for more than there is turns bad, stays bad, and reads zeros or writes
 * nothing from then on: do a whole header, then test `bad` once.
 */
#ifndef TP_BASE_BYTES_H
#define TP_BASE_BYTES_H

#include "base/base.h"

struct rd {
	const uint8_t *at;
	size_t left;
	bool bad;
};

struct rd rd_init(const uint8_t *bytes, size_t len);
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16(struct rd *r);
uint32_t rd_u32(struct rd *r);
/* `n` bytes in place, or NULL when fewer are left. */
const uint8_t *rd_bytes(struct rd *r, size_t n);
/* A reader of the next `n` bytes alone; bad when fewer are left. */
struct rd rd_part(struct rd *r, size_t n);

struct wr {
	uint8_t *start;
	size_t len;  /* written so far */
	size_t size; /* room in all */
	bool bad;
};

struct wr wr_init(uint8_t *bytes, size_t size);
void wr_u8(struct wr *w, uint8_t v);
void wr_u16(struct wr *w, uint16_t v);
void wr_u32(struct wr *w, uint32_t v);
void wr_bytes(struct wr *w, const uint8_t *bytes, size_t n);
/* Overwrite two bytes that were written before, at offset `at`. */
void wr_patch_u16(struct wr *w, size_t at, uint16_t v);

#endif
