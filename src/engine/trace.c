/* SPDX-License-Identifier: BSD-2-Clause */
/* The packets of one conversation, kept as they were. */
#include "engine/trace.h"

#include <string.h>

#include "base/line.h"

void trace_init(struct trace *t)
{
	*t = (struct trace){ 0 };
}

void trace_fini(struct trace *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->entries[i].bytes);
		free(t->entries[i].note);
	}
	free(t->entries);
	trace_init(t);
}

static bool room(struct trace *t)
{
	struct trace_entry *entries;
	size_t size = t->size ? t->size * 2 : 8;

	if (t->n < t->size)
		return true;
	if (t->n >= TRACE_ENTRIES_MAX)
		return false;
	entries = reallocarray(t->entries, size, sizeof(*entries));
	if (!entries)
		return false;
	t->entries = entries;
	t->size = size;
	return true;
}

struct trace_entry *trace_add(struct trace *t, enum trace_dir dir, int64_t t_ns,
			      const uint8_t *bytes, size_t len,
			      const char *note)
{
	uint8_t *copy = room(t) ? malloc(len ? len : 1) : NULL;

	if (!copy) {
		t->omitted++;
		return NULL;
	}
	memcpy(copy, bytes, len);
	t->entries[t->n] = (struct trace_entry){
		.t_ns = t_ns,
		.dir = dir,
		.note = note ? strdup(note) : NULL,
		.bytes = copy,
		.len = len,
	};
	return &t->entries[t->n++];
}

void trace_note(struct trace *t, size_t index, const char *note)
{
	if (index >= t->n)
		return;
	free(t->entries[index].note);
	t->entries[index].note = note ? strdup(note) : NULL;
}

const char *trace_remark(const struct trace_entry *entry,
			 char out[static TRACE_REMARK_MAX])
{
	struct line l = line_init(out, TRACE_REMARK_MAX);

	line_add(&l, "%s%s%s", entry->check ? entry->check : "",
		 entry->check && entry->note ? ": " : "",
		 entry->note ? entry->note : "");
	return line_text(&l);
}

/*
 * Insertion sort: entries come nearly in order (a segment of ours is added
 * when it is sent and stamped when it is seen leaving). What has no stamp goes
 * with the one before it.
 */
void trace_sort(struct trace *t)
{
	int64_t order = 0;

	for (size_t i = 0; i < t->n; i++) {
		struct trace_entry entry = t->entries[i];
		size_t at = i;

		if (entry.t_ns)
			order = entry.t_ns;
		entry.order_ns = order;
		while (at > 0 && t->entries[at - 1].order_ns > order) {
			t->entries[at] = t->entries[at - 1];
			at--;
		}
		t->entries[at] = entry;
	}
}
