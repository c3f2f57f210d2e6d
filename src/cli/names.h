/* SPDX-License-Identifier: BSD-2-Clause */
/* What became of each host name: looked up once, remembered by name. */
#ifndef TP_CLI_NAMES_H
#define TP_CLI_NAMES_H

#include "base/addr.h"
#include "base/base.h"
#include "base/err.h"

struct name {
	char *host;
	struct addr addr;  /* FAMILY_ANY: not found */
	struct err *error; /* why it was not found, else NULL */
};

struct names {
	struct name **slots; /* open addressing, a power of two */
	size_t n, size;
};

void names_init(struct names *t);
void names_fini(struct names *t);
/* NULL when it is not there. */
struct name *names_find(const struct names *t, const char *host);
/* A new one; it must not be there. NULL when memory is short. */
struct name *names_add(struct names *t, const char *host);

/* FNV-1a: `hash` goes on from an earlier part, NAMES_HASH_START begins. */
#define NAMES_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t names_hash(uint64_t hash, const char *text);

#endif
