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
	[RULE_SYNRCVD_BAD_ACK] = {
		.id = "synrcvd-bad-ack",
		.title = "Unacceptable ACK is reset, the handshake survives",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_SYNRCVD_DUP_SYN] = {
		.id = "synrcvd-dup-syn",
		.title = "Duplicate SYN gets the same SYN-ACK",
		.ref = "RFC 9293 3.8.1",
		.level = LEVEL_SHOULD,
	},
	[RULE_SYNRCVD_SYN_OUT] = {
		.id = "synrcvd-syn-out",
		.title = "Different SYN outside the window does no harm",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_SHOULD,
	},
	[RULE_SYNRCVD_SYN_IN] = {
		.id = "synrcvd-syn-in",
		.title = "Different SYN inside the window",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_INFO,
	},
	[RULE_SYNRCVD_RST_EXACT] = {
		.id = "synrcvd-rst-exact",
		.title = "Exact RST returns to LISTEN",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_SYNRCVD_RST_INWINDOW] = {
		.id = "synrcvd-rst-inwindow",
		.title = "In-window RST gets a challenge ACK",
		.ref = "RFC 5961 3.2",
		.level = LEVEL_SHOULD,
	},
	[RULE_SYNRCVD_RST_OUT] = {
		.id = "synrcvd-rst-out",
		.title = "Out-of-window RST is ignored",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_SYNRCVD_NOACK_SEGMENT] = {
		.id = "synrcvd-noack-segment",
		.title = "Segment without ACK is dropped",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_RST_EXACT] = {
		.id = "estab-rst-exact",
		.title = "RST at RCV.NXT resets",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_RST_INWINDOW] = {
		.id = "estab-rst-inwindow",
		.title = "In-window RST gets one challenge ACK, no reset",
		.ref = "RFC 5961 3.2",
		.level = LEVEL_SHOULD,
	},
	[RULE_ESTAB_RST_OUT] = {
		.id = "estab-rst-out",
		.title = "Out-of-window RST is silently dropped",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_RST_PAWS] = {
		.id = "estab-rst-paws",
		.title = "PAWS is not applied to RST",
		.ref = "RFC 7323 5.2",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_SYN_CHALLENGE] = {
		.id = "estab-syn-challenge",
		.title = "SYN in any position gets a challenge ACK",
		.ref = "RFC 5961 4.2",
		.level = LEVEL_SHOULD,
	},
	[RULE_ESTAB_SYNACK_DUP] = {
		.id = "estab-synack-dup",
		.title = "Late SYN-ACK or SYN-FIN gets an ACK",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_HALF_OPEN] = {
		.id = "estab-half-open",
		.title = "A half-open connection is found and replaced",
		.ref = "RFC 9293 3.5.1",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_ACK_ABOVE] = {
		.id = "estab-ack-above",
		.title = "ACK above SND.NXT gets an ACK and is dropped",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_ACK_OLD] = {
		.id = "estab-ack-old",
		.title = "Data with ACK slightly below SND.UNA is accepted",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_ACK_TOO_OLD] = {
		.id = "estab-ack-too-old",
		.title = "Data with ACK far below SND.UNA is rejected",
		.ref = "RFC 5961 5.2",
		.level = LEVEL_SHOULD,
	},
	[RULE_ESTAB_NOACK_DROP] = {
		.id = "estab-noack-drop",
		.title = "Segment without ACK bit is dropped",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_SEQ_ABOVE] = {
		.id = "estab-seq-above",
		.title = "Data beyond the window gets an ACK, and is dropped",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_SEQ_OLD] = {
		.id = "estab-seq-old",
		.title = "Old duplicate data gets an immediate ACK",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_KEEPALIVE_0] = {
		.id = "estab-keepalive-0",
		.title = "Keepalive without data is answered",
		.ref = "RFC 9293 3.8.4",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_KEEPALIVE_1] = {
		.id = "estab-keepalive-1",
		.title = "Keepalive byte is answered and not delivered",
		.ref = "RFC 9293 3.8.4 MAY-6",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_CHALLENGE_RATE] = {
		.id = "estab-challenge-rate",
		.title = "Challenge ACKs are limited, not for the host",
		.ref = "RFC 5961 7",
		.level = LEVEL_SHOULD,
	},
	[RULE_ESTAB_BAD_CHECKSUM] = {
		.id = "estab-bad-checksum",
		.title = "Data with a bad checksum is ignored",
		.ref = "RFC 9293 3.1 MUST-3",
		.level = LEVEL_MUST,
	},
	[RULE_ESTAB_RESERVED_OPTS] = {
		.id = "estab-reserved-opts",
		.title = "Reserved bits and odd options do not disturb data",
		.ref = "RFC 9293 3.1 MUST-6",
		.level = LEVEL_MUST,
	},
	[RULE_TW_FIN_RTX] = {
		.id = "tw-fin-rtx",
		.title = "Repeated FIN is acknowledged",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_TW_LENGTH] = {
		.id = "tw-length",
		.title = "TIME-WAIT lasts 2 MSL",
		.ref = "RFC 9293 3.6.1 MUST-13",
		.level = LEVEL_SHOULD,
	},
	[RULE_TW_SYN_NEW] = {
		.id = "tw-syn-new",
		.title = "SYN with a higher sequence number may reopen",
		.ref = "RFC 9293 3.6.1 MAY-2",
		.level = LEVEL_INFO,
	},
	[RULE_TW_SYN_OLD] = {
		.id = "tw-syn-old",
		.title = "SYN with a lower sequence number does not reopen",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_TW_SYN_TS] = {
		.id = "tw-syn-ts",
		.title = "Newer timestamp reopens, an older one does not",
		.ref = "RFC 6191 2",
		.level = LEVEL_SHOULD,
	},
	[RULE_TW_SYN_TS_FROM_NOTS] = {
		.id = "tw-syn-ts-from-nots",
		.title = "Timestamp on the new SYN alone reopens",
		.ref = "RFC 6191 2",
		.level = LEVEL_SHOULD,
	},
	[RULE_TW_SYN_RETURN] = {
		.id = "tw-syn-return",
		.title = "RST to the new SYN-ACK returns to TIME-WAIT",
		.ref = "RFC 9293 3.6.1 MAY-2",
		.level = LEVEL_SHOULD,
	},
	[RULE_TW_RST] = {
		.id = "tw-rst",
		.title = "RST in TIME-WAIT (assassination)",
		.ref = "RFC 1337 3",
		.level = LEVEL_INFO,
	},
	[RULE_TW_DATA] = {
		.id = "tw-data",
		.title = "Data in TIME-WAIT gets an ACK",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_KA_DEFAULT] = {
		.id = "ka-default",
		.title = "Keepalive is off, or starts after two hours or more",
		.ref = "RFC 9293 3.8.4 MUST-26",
		.level = LEVEL_INFO,
	},
	[RULE_KA_PROBE_FORMAT] = {
		.id = "ka-probe-format",
		.title = "Keepalive probe is one below SND.NXT, without data",
		.ref = "RFC 9293 3.8.4 SHLD-12",
		.level = LEVEL_SHOULD,
	},
	[RULE_KA_ANSWERED] = {
		.id = "ka-answered",
		.title = "Answered probes keep the connection open",
		.ref = "RFC 9293 3.8.4",
		.level = LEVEL_MUST,
	},
	[RULE_KA_LOSSY] = {
		.id = "ka-lossy",
		.title = "One lost probe does not end the connection",
		.ref = "RFC 9293 3.8.4 MUST-29",
		.level = LEVEL_MUST,
	},
	[RULE_KA_SILENT] = {
		.id = "ka-silent",
		.title = "Number of probes, interval and end",
		.ref = "RFC 9293 3.8.4",
		.level = LEVEL_INFO,
	},
	[RULE_KA_RST] = {
		.id = "ka-rst",
		.title = "RST ends it at once, an in-window one does not",
		.ref = "RFC 9293 3.10.7.4",
		.level = LEVEL_MUST,
	},
	[RULE_APP_IDLE_TIMEOUT] = {
		.id = "app-idle-timeout",
		.title = "Idle timeout of the application",
		.ref = "RFC 9293 3.8.4",
		.level = LEVEL_INFO,
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
