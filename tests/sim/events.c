/* SPDX-License-Identifier: BSD-2-Clause */
/* A binary heap of what is going to happen in a simulation. */
#include "tests/sim/events.h"

#include <string.h>

void sim_events_fini(struct sim_events *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->heap[i]);
	free(e->heap);
	*e = (struct sim_events){ 0 };
}

static bool before(const struct sim_event *a, const struct sim_event *b)
{
	if (a->at_ns != b->at_ns)
		return a->at_ns < b->at_ns;
	return a->order < b->order;
}

static void swap(struct sim_events *e, size_t a, size_t b)
{
	struct sim_event *kept = e->heap[a];

	e->heap[a] = e->heap[b];
	e->heap[b] = kept;
}

static void grow(struct sim_events *e)
{
	if (e->n < e->size)
		return;
	e->size = e->size ? 2 * e->size : 64;
	e->heap = realloc(e->heap, e->size * sizeof(struct sim_event *));
	BUG_ON(!e->heap);
}

void sim_events_add(struct sim_events *e, enum sim_event_kind kind,
		    int64_t at_ns, const uint8_t *bytes, size_t len)
{
	struct sim_event *event = malloc(sizeof(*event) + len);
	size_t at = e->n;

	BUG_ON(!event);
	event->at_ns = at_ns;
	event->order = e->planned++;
	event->kind = kind;
	event->len = len;
	if (len)
		memcpy(event->bytes, bytes, len);
	grow(e);
	e->heap[e->n++] = event;
	while (at && before(e->heap[at], e->heap[(at - 1) / 2])) {
		swap(e, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
}

const struct sim_event *sim_events_first(const struct sim_events *e)
{
	return e->n ? e->heap[0] : NULL;
}

struct sim_event *sim_events_take(struct sim_events *e)
{
	struct sim_event *first = e->heap[0];
	size_t at = 0;

	BUG_ON(!e->n);
	e->heap[0] = e->heap[--e->n];
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= e->n)
			break;
		if (child + 1 < e->n &&
		    before(e->heap[child + 1], e->heap[child]))
			child++;
		if (!before(e->heap[child], e->heap[at]))
			break;
		swap(e, at, child);
		at = child;
	}
	return first;
}
