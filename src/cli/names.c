/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash table of host names: open addressing, at most half full. */
#include "cli/names.h"

#include <string.h>

#define SLOTS_FIRST 64

void names_init(struct names *t)
{
	*t = (struct names){ 0 };
}

static void name_free(struct name *name)
{
	if (!name)
		return;
	free(name->host);
	free(name->error);
	free(name);
}

void names_fini(struct names *t)
{
	for (size_t i = 0; i < t->size; i++)
		name_free(t->slots[i]);
	free(t->slots);
	names_init(t);
}

uint64_t names_hash(uint64_t hash, const char *text)
{
	for (; *text; text++) {
		hash ^= (unsigned char)*text;
		hash *= UINT64_C(0x100000001b3);
	}
	return hash;
}

/* Where the name is, or the free slot where it belongs. */
static struct name **find_slot(struct name **slots, size_t size,
			       const char *host)
{
	size_t i = (size_t)names_hash(NAMES_HASH_START, host) & (size - 1);

	while (slots[i] && strcmp(slots[i]->host, host) != 0)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

struct name *names_find(const struct names *t, const char *host)
{
	return t->size ? *find_slot(t->slots, t->size, host) : NULL;
}

static bool make_room(struct names *t)
{
	size_t size = t->size ? t->size * 2 : SLOTS_FIRST;
	struct name **slots;

	if ((t->n + 1) * 2 <= t->size)
		return true;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = 0; i < t->size; i++) {
		if (t->slots[i])
			*find_slot(slots, size, t->slots[i]->host) =
				t->slots[i];
	}
	free(t->slots);
	t->slots = slots;
	t->size = size;
	return true;
}

struct name *names_add(struct names *t, const char *host)
{
	struct name *name = calloc(1, sizeof(*name));
	char *copy = strdup(host);

	if (!name || !copy || !make_room(t)) {
		free(copy);
		free(name);
		return NULL;
	}
	name->host = copy;
	*find_slot(t->slots, t->size, host) = name;
	t->n++;
	return name;
}
