/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules that checks judge by: one row each, known by their ids. */
#ifndef TP_PROBE_RULE_H
#define TP_PROBE_RULE_H

#include "base/base.h"

enum level { LEVEL_MUST, LEVEL_SHOULD, LEVEL_MAY, LEVEL_INFO, LEVEL_N };
const char *level_name(enum level l);

enum rule_id {
	RULE_CLOSED_SYN,
	RULE_CLOSED_SYN_LEN,
	RULE_CLOSED_NOACK_FLAGS,
	RULE_CLOSED_ACK_FLAGS,
	RULE_CLOSED_RST_SILENT,
	RULE_CLOSED_BAD_CHECKSUM,
	RULE_CLOSED_BAD_OPTIONS,
	RULE_CLOSED_RST_TS,
	RULE_LISTEN_BAD_CHECKSUM,
	RULE_LISTEN_SYNACK_SHAPE,
	RULE_N
};

struct rule {
	const char *id;	   /* "closed-syn" */
	const char *title; /* "SYN to a closed port is refused" */
	const char *ref;   /* "RFC 9293 3.10.7.1" */
	enum level level;
};

const struct rule *rule_get(enum rule_id id);
/* By its name, or NULL. */
const struct rule *rule_find(const char *id);

#endif
