/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of rules, and finding one in it. */
#include "probe/rule.h"

#include <string.h>

static const char *const level_names[] = {
	[LEVEL_MUST] = "must",
	[LEVEL_SHOULD] = "should",
	[LEVEL_MAY] = "may",
	[LEVEL_INFO] = "info",
};
static_assert(ARRAY_LEN(level_names) == LEVEL_N, "a level without a name");

static const struct rule rules[] = {
	[RULE_CLOSED_SYN] = {
		.id = "closed-syn",
		.title = "SYN to a closed port is refused",
		.ref = "RFC 9293 3.10.7.1",
		.level = LEVEL_MUST,
	},
	[RULE_CLOSED_SYN_LEN] = {
		.id = "closed-syn-len",
		.title = "RST acks SYN, FIN and payload length",
		.ref = "RFC 9293 3.10.7.1",
		.level = LEVEL_MUST,
	},
	[RULE_CLOSED_NOACK_FLAGS] = {
		.id = "closed-noack-flags",
		.title = "FIN / NULL / Xmas / PSH without ACK are reset",
		.ref = "RFC 9293 3.10.7.1",
		.level = LEVEL_MUST,
	},
	[RULE_CLOSED_ACK_FLAGS] = {
		.id = "closed-ack-flags",
		.title = "RST to an ACK-bearing segment takes seq from SEG.ACK",
		.ref = "RFC 9293 3.10.7.1",
		.level = LEVEL_MUST,
	},
	[RULE_CLOSED_RST_SILENT] = {
		.id = "closed-rst-silent",
		.title = "Never answer RST with RST",
		.ref = "RFC 9293 3.10.7.1",
		.level = LEVEL_MUST,
	},
	[RULE_CLOSED_BAD_CHECKSUM] = {
		.id = "closed-bad-checksum",
		.title = "Checksum is verified before replying",
		.ref = "RFC 9293 3.1 MUST-3",
		.level = LEVEL_MUST,
	},
	[RULE_CLOSED_BAD_OPTIONS] = {
		.id = "closed-bad-options",
		.title = "Illegal option length does not upset CLOSED",
		.ref = "RFC 9293 3.1 MUST-7",
		.level = LEVEL_INFO,
	},
	[RULE_CLOSED_RST_TS] = {
		.id = "closed-rst-ts",
		.title = "RST echoes the Timestamps option",
		.ref = "RFC 7323 5.2",
		.level = LEVEL_SHOULD,
	},
	[RULE_LISTEN_BAD_CHECKSUM] = {
		.id = "listen-bad-checksum",
		.title = "Bad checksum SYN ignored",
		.ref = "RFC 9293 3.1 MUST-3",
		.level = LEVEL_MUST,
	},
	[RULE_LISTEN_SYNACK_SHAPE] = {
		.id = "listen-synack-shape",
		.title = "SYN-ACK is well formed",
		.ref = "RFC 9293 3.10.7.2",
		.level = LEVEL_MUST,
	},
};
static_assert(ARRAY_LEN(rules) == RULE_N, "a rule without a row");

const char *level_name(enum level l)
{
	BUG_ON((unsigned)l >= LEVEL_N);
	return level_names[l];
}

const struct rule *rule_get(enum rule_id id)
{
	BUG_ON((unsigned)id >= RULE_N);
	return &rules[id];
}

const struct rule *rule_find(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		if (strcmp(rules[i].id, id) == 0)
			return &rules[i];
	}
	return NULL;
}
