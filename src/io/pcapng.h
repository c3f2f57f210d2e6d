/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks of pcapng (draft-ietf-opsawg-pcapng), as wireshark, tshark and
 * tcpdump read it. Each function writes one whole block to a stream in memory;
 * ferror() tells afterwards whether all went well.
 */
#ifndef TP_IO_PCAPNG_H
#define TP_IO_PCAPNG_H

#include <stdio.h>

#include "base/base.h"

/* What begins a file: who wrote it, and on which system. */
void pcapng_section(FILE *out, const char *system, const char *application);

/* A capture on that interface; the first has number 0. Its packets begin with
 * the IP header, and their stamps are nanoseconds. */
void pcapng_interface(FILE *out, const char *name);

/* Longer comments are cut. */
#define PCAPNG_COMMENT_MAX 400
#define PCAPNG_COMMENTS_MAX 2

struct pcapng_packet {
	uint32_t interface; /* its number */
	int64_t t_ns;	    /* since the epoch */
	bool out;	    /* it left through the interface */
	const uint8_t *bytes;
	size_t len;
	const char *comments[PCAPNG_COMMENTS_MAX]; /* NULL or "": none */
};
void pcapng_packet(FILE *out, const struct pcapng_packet *p);

#endif
