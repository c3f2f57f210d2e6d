/* SPDX-License-Identifier: BSD-2-Clause */
/* Any text as each field of a segment: what is accepted keeps its promises. */
#include <string.h>

#include "cli/craft.h"
#include "cli/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Refused is refused with a sentence, as misuse. */
static bool accepted(int ret, const struct err *e)
{
	BUG_ON(ret &&
	       (ret != -ERR_USAGE || e->code != ERR_USAGE || !e->text[0]));
	return ret == 0;
}

static void try_numbers(const char *text)
{
	struct craft_number n = { 0 };
	uint8_t first = 0, last = 0;
	enum segment_sum mode;
	uint16_t flags, sum;
	struct err e = { 0 };

	if (accepted(craft_flags(text, &flags, &e), &e))
		BUG_ON(flags & (TCP_RESERVED | ~TCP_FLAGS_MASK));
	if (accepted(craft_number("--seq", text, &n, &e), &e)) {
		BUG_ON(!n.given || n.windows < -1 || n.windows > 1);
		BUG_ON(n.windows && !n.relative);
		/* Ten further on is ten further on, if it counts at all. */
		BUG_ON(craft_number_at(&n, 10, 3) - craft_number_at(&n, 0, 3) !=
		       (n.relative ? 10 : 0));
	}
	if (accepted(craft_ttl(text, &first, &last, &e), &e))
		BUG_ON(!first || first > last);
	if (accepted(craft_sum(text, &mode, &sum, &e), &e))
		BUG_ON(mode == SEGMENT_SUM_XOR && (!sum || sum == 0xffff));
}

static void try_options(const char *text)
{
	static const uint32_t none[CRAFT_BASE_N],
		ones[CRAFT_BASE_N] = { 1, 1, 1 };
	uint8_t bytes[OPTIONS_MAX], counted[OPTIONS_MAX];
	char shown[OPTIONS_TEXT_MAX];
	struct craft_options o;
	struct options parsed;
	struct err e = { 0 };

	if (!accepted(craft_options(text, &o, &e), &e))
		return;
	BUG_ON(!o.given || o.len > OPTIONS_MAX);
	BUG_ON(o.counted_n > ARRAY_LEN(o.counted));
	for (size_t i = 0; i < o.counted_n; i++)
		BUG_ON(o.counted[i].at + 4U > o.len);
	craft_options_fill(&o, none, bytes);
	BUG_ON(memcmp(bytes, o.bytes, o.len) != 0);
	craft_options_fill(&o, ones, counted);
	BUG_ON(!o.counted_n && memcmp(bytes, counted, o.len) != 0);
	options_parse(bytes, o.len, &parsed);
	options_text(bytes, o.len, shown, sizeof(shown));
}

static void try_payload(const char *text)
{
	struct payload_spec as_text = { .text = text, .size = PAYLOAD_NO_SIZE };
	struct payload_spec as_hex = { .hex = text, .size = PAYLOAD_NO_SIZE };
	struct payload p;
	struct err e = { 0 };

	if (accepted(payload_make(&as_text, &p, &e), &e))
		BUG_ON(p.len > strlen(text));
	payload_free(&p);
	if (accepted(payload_make(&as_hex, &p, &e), &e))
		BUG_ON(p.len > strlen(text) / 2);
	payload_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);

	BUG_ON(!text);
	if (len)
		memcpy(text, bytes, len);
	text[len] = '\0';
	try_numbers(text);
	try_options(text);
	try_payload(text);
	free(text);
	return 0;
}
