/* SPDX-License-Identifier: BSD-2-Clause */
/* Craft any segment, and show every answer. */
#ifndef TP_PROBE_SEND_H
#define TP_PROBE_SEND_H

#include "cli/craft.h"
#include "cli/payload.h"
#include "probe/probe.h"
#include "probe/trigger.h"

/* Of a number or a duration that was not given. */
#define SEND_UNSET UINT64_MAX
#define SEND_UNSET_NS (-1)

struct send_settings {
	/* As given; texts may be NULL. */
	const char *flags_text, *seq_text, *ack_text, *ttl_text;
	const char *checksum_text, *options_text;
	uint64_t reserved;
	uint64_t window, urgent, data_offset, tos, ip_id, flow_label;
	int ecn; /* index of its names; -1: not given */
	bool no_df;
	struct payload_spec data;
	uint64_t count;
	int64_t interval_ns;
	bool same_pair, until_answer;
	bool connected, repeat, no_ack;
	struct trigger trigger;

	/* Worked out by prepare(). */
	uint16_t flags;
	struct craft_number seq, ack;
	uint8_t ttl_first, ttl_last; /* 0: the usual one */
	enum segment_sum sum_mode;
	uint16_t sum;
	struct craft_options options;
	struct payload payload;
	size_t total; /* segments: the count times the TTLs */
};

extern const struct probe send_probe;

#endif
