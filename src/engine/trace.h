/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packets of one conversation as evidence: raw datagrams, oldest first,
 * each with its capture stamp, direction, the check it serves, and a note: what
 * it was sent for, or what an answer was taken for.
 */
#ifndef TP_ENGINE_TRACE_H
#define TP_ENGINE_TRACE_H

#include "base/base.h"

enum trace_dir { TRACE_OUT, TRACE_IN };

/* A flood must not eat the memory: what comes later is only counted. */
#define TRACE_ENTRIES_MAX 4096

struct trace_entry {
	int64_t t_ns;	  /* the capture's stamp; 0: sent, never seen leaving */
	int64_t order_ns; /* of trace_sort() alone */
	enum trace_dir dir;
	bool foreign;	   /* from our address, but not sent by us */
	const char *check; /* its id, static; NULL: it serves none */
	char *note;	   /* NULL: none, or no memory for it */
	uint8_t *bytes;	   /* from the IP header on */
	size_t len;
};

struct trace {
	struct trace_entry *entries;
	size_t n, size;
	size_t omitted; /* beyond TRACE_ENTRIES_MAX, or out of memory */
};

void trace_init(struct trace *t);
void trace_fini(struct trace *t);
/* Copies the bytes and the note (may be NULL). The new entry, or NULL when it
 * was omitted. The pointer lives until the next trace_add. */
struct trace_entry *trace_add(struct trace *t, enum trace_dir dir, int64_t t_ns,
			      const uint8_t *bytes, size_t len,
			      const char *note);
/* Another note for an entry; nothing happens when there is no such entry. */
void trace_note(struct trace *t, size_t index, const char *note);
/* The check and the note in one line, "" without either:
 * "closed-syn: SYN-FIN (try 2)". Returns `out`. */
#define TRACE_REMARK_MAX 256
const char *trace_remark(const struct trace_entry *entry,
			 char out[static TRACE_REMARK_MAX]);
/* By capture stamp; what was never seen leaving goes with the one before. */
void trace_sort(struct trace *t);

#endif
