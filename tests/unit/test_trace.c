/* SPDX-License-Identifier: BSD-2-Clause */
/* Evidence is kept, ordered, and bounded. */
#include "engine/trace.h"

#include <string.h>

#include "tests/tap.h"

static void test_keep(void)
{
	uint8_t bytes[3] = { 1, 2, 3 };
	struct trace_entry *entry;
	struct trace t;

	trace_init(&t);
	entry = trace_add(&t, TRACE_OUT, 5, bytes, sizeof(bytes), "why");
	CHECK(entry != NULL);
	bytes[0] = 9;
	CHECK(entry && entry->bytes[0] == 1 && entry->len == 3);
	CHECK_TEXT(entry ? entry->note : NULL, "why");
	CHECK(trace_add(&t, TRACE_IN, 6, bytes, 0, NULL) != NULL);
	CHECK_INT(t.n, 2);
	trace_fini(&t);
	trace_fini(&t);
	CHECK_INT(t.n, 0);
}

static void test_notes(void)
{
	char note[] = "SYN", remark[TRACE_REMARK_MAX];
	struct trace t;

	trace_init(&t);
	trace_add(&t, TRACE_OUT, 5, (const uint8_t *)"", 0, note);
	memset(note, 'x', 3);
	CHECK_TEXT(t.entries[0].note, "SYN");
	CHECK_TEXT(trace_remark(&t.entries[0], remark), "SYN");
	t.entries[0].check = "closed-syn";
	CHECK_TEXT(trace_remark(&t.entries[0], remark), "closed-syn: SYN");
	trace_note(&t, 0, "SYN (try 2)");
	CHECK_TEXT(t.entries[0].note, "SYN (try 2)");
	trace_note(&t, 0, NULL);
	CHECK_TEXT(trace_remark(&t.entries[0], remark), "closed-syn");
	t.entries[0].check = NULL;
	CHECK_TEXT(trace_remark(&t.entries[0], remark), "");
	trace_note(&t, 1, "nothing is there");
	CHECK_INT(t.n, 1);
	trace_fini(&t);
}

/* What was never seen leaving has no stamp and stays where it was. */
static void test_sort(void)
{
	static const int64_t stamps[] = { 30, 0, 10, 20 };
	static const int64_t sorted[] = { 10, 20, 30, 0 };
	struct trace t;

	trace_init(&t);
	for (size_t i = 0; i < ARRAY_LEN(stamps); i++)
		trace_add(&t, TRACE_IN, stamps[i], (const uint8_t *)"", 0,
			  NULL);
	trace_sort(&t);
	for (size_t i = 0; i < ARRAY_LEN(sorted); i++)
		CHECK_INT(t.entries[i].t_ns, sorted[i]);
	trace_fini(&t);
}

static void test_flood(void)
{
	struct trace t;

	trace_init(&t);
	for (int i = 0; i < TRACE_ENTRIES_MAX + 10; i++)
		trace_add(&t, TRACE_IN, i, (const uint8_t *)"x", 1, NULL);
	CHECK_INT(t.n, TRACE_ENTRIES_MAX);
	CHECK_INT(t.omitted, 10);
	trace_fini(&t);
}

int main(void)
{
	test_keep();
	test_notes();
	test_sort();
	test_flood();
	return tap_done();
}
