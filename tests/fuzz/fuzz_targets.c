/* SPDX-License-Identifier: BSD-2-Clause */
/* Any text as a target: what is accepted must hold what it promises. */
#include <string.h>

#include "cli/targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_accepted(const char *text, const struct target_spec *spec)
{
	struct port_walk walk;
	uint64_t n = 0;
	uint16_t port;

	BUG_ON(spec->ports < text || spec->ports > text + strlen(text));
	BUG_ON(!spec->host[0] || !memchr(spec->host, '\0', TARGET_HOST_MAX));
	if (spec->numeric)
		BUG_ON(spec->prefix >
		       addr_size((enum family)spec->first.family) * 8);
	port_walk_start(&walk, spec->ports);
	while (n < 1000000 && port_walk_next(&walk, &port)) {
		BUG_ON(port == 0);
		n++;
	}
	/* The walk reaches the end of what was accepted. */
	BUG_ON(n == 0 || (n < 1000000 && *walk.rest));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const enum family families[] = {
		FAMILY_ANY,
		FAMILY_IPV4,
		FAMILY_IPV6,
	};
	char *text = malloc(len + 1);

	BUG_ON(!text);
	if (len)
		memcpy(text, bytes, len);
	text[len] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct target_spec spec;
		struct err e = { 0 };

		if (target_spec_parse(text, families[i], &spec, &e) == 0)
			check_accepted(text, &spec);
		else
			BUG_ON(e.code != ERR_USAGE || !e.text[0]);
	}
	free(text);
	return 0;
}
