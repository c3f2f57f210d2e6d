/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block is its type, its length, what it holds, and its length again; every
 * part is filled up to a multiple of four bytes. The byte order is the
 * writer's choice, which the section's magic number tells: big-endian here,
 * as all that is written with struct wr.
 */
#include "io/pcapng.h"

#include <string.h>

#include "base/bytes.h"

enum { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_PACKET = 6 };

enum {
	OPTION_COMMENT = 1, /* of any block */
	SECTION_OS = 3,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_TSRESOL = 9,
	PACKET_FLAGS = 2,
};

#define MAGIC 0x1a2b3c4d
#define LINKTYPE_RAW 101
#define TSRESOL_NS 9
#define FLAG_INBOUND 1
#define FLAG_OUTBOUND 2
/* Type and length before a block's parts, and the length behind them. */
#define FRAME_LEN 12
/* Of any block: flags, and what PCAPNG_COMMENT_MAX bounds. */
#define OPTIONS_ROOM 1024
static_assert(PCAPNG_COMMENTS_MAX * (PCAPNG_COMMENT_MAX + 8) + 16 <=
		      OPTIONS_ROOM,
	      "all options have room");

struct part {
	const uint8_t *bytes;
	size_t len;
};

static size_t padding(size_t len)
{
	return (4 - len % 4) % 4;
}

static void put_part(FILE *out, const struct part *p)
{
	static const uint8_t zeros[4];

	fwrite(p->bytes, 1, p->len, out);
	fwrite(zeros, 1, padding(p->len), out);
}

static void put_block(FILE *out, uint32_t type, const struct part *parts,
		      size_t n)
{
	uint8_t frame[FRAME_LEN];
	struct wr w = wr_init(frame, sizeof(frame));
	size_t len = FRAME_LEN;

	for (size_t i = 0; i < n; i++)
		len += parts[i].len + padding(parts[i].len);
	wr_u32(&w, type);
	wr_u32(&w, (uint32_t)len);
	wr_u32(&w, (uint32_t)len);
	fwrite(frame, 1, 8, out);
	for (size_t i = 0; i < n; i++)
		put_part(out, &parts[i]);
	fwrite(frame + 8, 1, 4, out);
}

static void add_option(struct wr *w, uint16_t code, const void *value,
		       size_t len)
{
	wr_u16(w, code);
	wr_u16(w, (uint16_t)len);
	wr_bytes(w, value, len);
	for (size_t i = padding(len); i; i--)
		wr_u8(w, 0);
}

static void add_text(struct wr *w, uint16_t code, const char *text)
{
	if (text && *text)
		add_option(w, code, text, strnlen(text, PCAPNG_COMMENT_MAX));
}

/* The list has an end of its own: what was built is a part then. */
static struct part options_end(struct wr *w)
{
	wr_u32(w, 0);
	BUG_ON(w->bad);
	return (struct part){ w->start, w->len };
}

void pcapng_section(FILE *out, const char *system, const char *application)
{
	uint8_t fixed[16], room[OPTIONS_ROOM];
	struct wr head = wr_init(fixed, sizeof(fixed));
	struct wr options = wr_init(room, sizeof(room));

	wr_u32(&head, MAGIC);
	wr_u16(&head, 1); /* version 1.0 */
	wr_u16(&head, 0);
	wr_u32(&head, UINT32_MAX); /* of unknown length */
	wr_u32(&head, UINT32_MAX);
	add_text(&options, SECTION_OS, system);
	add_text(&options, SECTION_APPLICATION, application);
	put_block(out, BLOCK_SECTION,
		  (struct part[]){ { fixed, head.len }, options_end(&options) },
		  2);
}

void pcapng_interface(FILE *out, const char *name)
{
	static const uint8_t resolution = TSRESOL_NS;
	uint8_t fixed[8], room[OPTIONS_ROOM];
	struct wr head = wr_init(fixed, sizeof(fixed));
	struct wr options = wr_init(room, sizeof(room));

	wr_u16(&head, LINKTYPE_RAW);
	wr_u16(&head, 0);
	wr_u32(&head, 0); /* packets are not cut */
	add_text(&options, INTERFACE_NAME, name);
	add_option(&options, INTERFACE_TSRESOL, &resolution, 1);
	put_block(out, BLOCK_INTERFACE,
		  (struct part[]){ { fixed, head.len }, options_end(&options) },
		  2);
}

void pcapng_packet(FILE *out, const struct pcapng_packet *p)
{
	const uint8_t flags[] = { 0, 0, 0,
				  p->out ? FLAG_OUTBOUND : FLAG_INBOUND };
	uint8_t fixed[20], room[OPTIONS_ROOM];
	struct wr head = wr_init(fixed, sizeof(fixed));
	struct wr options = wr_init(room, sizeof(room));

	wr_u32(&head, p->interface);
	wr_u32(&head, (uint32_t)((uint64_t)p->t_ns >> 32));
	wr_u32(&head, (uint32_t)p->t_ns);
	wr_u32(&head, (uint32_t)p->len); /* as captured, and as it was */
	wr_u32(&head, (uint32_t)p->len);
	for (size_t i = 0; i < PCAPNG_COMMENTS_MAX; i++)
		add_text(&options, OPTION_COMMENT, p->comments[i]);
	add_option(&options, PACKET_FLAGS, flags, sizeof(flags));
	put_block(out, BLOCK_PACKET,
		  (struct part[]){ { fixed, head.len },
				   { p->bytes, p->len },
				   options_end(&options) },
		  3);
}
