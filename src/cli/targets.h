/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Targets as users write them: HOST:PORT, [IPV6]:PORT, ports as lists and
 * ranges, CIDR blocks, files of such lines. Every pair is handed out one after
 * the other, never all at once: a /8 takes no more memory than one host, and a
 * file of a million lines no more than one of ten.
 *
 * Two passes. The first (targets_check) reads everything once: syntax, the
 * lookup of every name, and a call for each address block, so that routes and
 * interfaces are known before privileges are dropped. The second hands out.
 * Names are kept from the first to the second.
 */
#ifndef TP_CLI_TARGETS_H
#define TP_CLI_TARGETS_H

#include "base/addr.h"
#include "base/base.h"
#include "base/err.h"

#define TARGET_HOST_MAX 256

/* One target specification, parsed but not looked up. */
struct target_spec {
	char host[TARGET_HOST_MAX]; /* as written, without brackets */
	bool numeric;		    /* `first` holds the address */
	struct addr first;	    /* of the block */
	unsigned prefix;	    /* bits; the full width for one address */
	const char *ports;	    /* "80,443,8000-8010", in the text */
};

/* 0, or -ERR_USAGE and a sentence that quotes the text. */
int target_spec_parse(const char *text, enum family family,
		      struct target_spec *out, struct err *e) MUST_CHECK;

/* Walks "80,443,8000-8010": false at the end. *at is NULL to begin with. */
struct port_walk {
	const char *rest;
	uint32_t next, last;
};
void port_walk_start(struct port_walk *w, const char *ports);
bool port_walk_next(struct port_walk *w, uint16_t *port);

struct targets;

/* Looks a name up: 0 and its first address of the family, or an error. */
typedef int targets_lookup(void *arg, const char *host, enum family family,
			   struct addr *out, struct err *e);

struct targets_config {
	char *const *operands; /* must live as long as the targets */
	size_t operands_n;
	const char *file; /* --targets; "-" is standard input; may be NULL */
	enum family family;
	targets_lookup *lookup;
	void *lookup_arg;
};

int targets_open(const struct targets_config *config, struct targets **out,
		 struct err *e) MUST_CHECK;
void targets_close(struct targets *t);

/*
 * First pass. `each` is called for every address of a name or single address
 * and for the first address of every /24 (IPv4) or of the whole block (IPv6);
 * what it returns other than 0 ends the pass. A name that is not known does
 * not end it: the target will be handed out with an error. *count is the
 * number of pairs in all (saturating).
 */
int targets_check(struct targets *t,
		  int (*each)(void *arg, const struct addr *a, struct err *e),
		  void *arg, uint64_t *count, struct err *e) MUST_CHECK;

/* Second pass: one pair. */
struct target {
	/* As the user wrote it; of a block, the address. */
	char host[TARGET_HOST_MAX];
	struct endpoint at; /* family FAMILY_ANY when the lookup failed */
	bool of_block;	    /* nobody asked for this very address */
	struct err error;   /* of the lookup */
};
/* 1 and *out, 0 at the end, or a negative code (file changed, read error). */
int targets_next(struct targets *t, struct target *out,
		 struct err *e) MUST_CHECK;

#endif
