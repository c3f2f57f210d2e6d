/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounded readers and writers of big-endian bytes. */
#include "base/bytes.h"

#include <string.h>

struct rd rd_init(const uint8_t *bytes, size_t len)
{
	return (struct rd){ .at = bytes, .left = len };
}

const uint8_t *rd_bytes(struct rd *r, size_t n)
{
	const uint8_t *at = r->at;

	if (r->bad || n > r->left) {
		r->bad = true;
		return NULL;
	}
	/* Nothing may be added to the NULL of an empty reader, not even 0. */
	if (n)
		r->at += n;
	r->left -= n;
	return at;
}

uint8_t rd_u8(struct rd *r)
{
	const uint8_t *at = rd_bytes(r, 1);

	return at ? at[0] : 0;
}

uint16_t rd_u16(struct rd *r)
{
	const uint8_t *at = rd_bytes(r, 2);

	if (!at)
		return 0;
	return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t rd_u32(struct rd *r)
{
	const uint8_t *at = rd_bytes(r, 4);

	if (!at)
		return 0;
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

struct rd rd_part(struct rd *r, size_t n)
{
	struct rd part = { .at = rd_bytes(r, n), .left = n };

	if (r->bad)
		part = (struct rd){ .bad = true };
	return part;
}

struct wr wr_init(uint8_t *bytes, size_t size)
{
	return (struct wr){ .start = bytes, .size = size };
}

/* Room for `n` more bytes, or NULL when there is none; n > 0. */
static uint8_t *wr_take(struct wr *w, size_t n)
{
	uint8_t *at;

	if (w->bad || n > w->size - w->len) {
		w->bad = true;
		return NULL;
	}
	at = w->start + w->len;
	w->len += n;
	return at;
}

void wr_u8(struct wr *w, uint8_t v)
{
	uint8_t *at = wr_take(w, 1);

	if (at)
		at[0] = v;
}

void wr_u16(struct wr *w, uint16_t v)
{
	uint8_t *at = wr_take(w, 2);

	if (!at)
		return;
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

void wr_u32(struct wr *w, uint32_t v)
{
	uint8_t *at = wr_take(w, 4);

	if (!at)
		return;
	at[0] = (uint8_t)(v >> 24);
	at[1] = (uint8_t)(v >> 16);
	at[2] = (uint8_t)(v >> 8);
	at[3] = (uint8_t)v;
}

void wr_bytes(struct wr *w, const uint8_t *bytes, size_t n)
{
	uint8_t *at;

	if (!n)
		return;
	at = wr_take(w, n);
	if (at)
		memcpy(at, bytes, n);
}

void wr_patch_u16(struct wr *w, size_t at, uint16_t v)
{
	if (w->bad)
		return;
	BUG_ON(at > w->len || w->len - at < 2);
	w->start[at] = (uint8_t)(v >> 8);
	w->start[at + 1] = (uint8_t)v;
}
