/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a model TCP can do wrong: one row a switch, by name and with the rule
 * that it breaks. Rows marked "variant" break none; other stacks are like that.
 */
#ifndef TP_TESTS_MODEL_FAULTS_H
#define TP_TESTS_MODEL_FAULTS_H

#include "base/base.h"

#define MODEL_FAULTS(X)                                                       \
	/* CLOSED, and every reset that answers a segment: 9293 3.10.7.1 */   \
	X(RST_WRONG_ACK, "rst-wrong-ack",                                     \
	  "RST+ACK acknowledges one too many")                                \
	X(RST_ACK_NO_LENGTH, "rst-ack-no-length",                             \
	  "RST+ACK does not acknowledge the payload")                         \
	X(RST_ACK_NO_FIN, "rst-ack-no-fin",                                   \
	  "RST+ACK does not acknowledge the FIN")                             \
	X(RST_SEQ_NONZERO, "rst-seq-nonzero",                                 \
	  "RST to a segment without ACK has a sequence number")               \
	X(RST_NO_ACK_BIT, "rst-no-ack-bit",                                   \
	  "RST to a segment without ACK has no ACK bit")                      \
	X(RST_WRONG_SEQ, "rst-wrong-seq",                                     \
	  "RST to a segment with ACK does not take its number from it")       \
	X(RST_WITH_ACK, "rst-with-ack",                                       \
	  "RST to a segment with ACK has the ACK bit")                        \
	X(RST_TO_RST, "rst-to-rst", "a RST is answered with RST")             \
	X(CLOSED_MUTE_NO_ACK, "closed-mute-no-ack",                           \
	  "CLOSED does not answer FIN, NULL, Xmas")                           \
	X(CLOSED_BAD_SUM, "closed-bad-sum",                                   \
	  "CLOSED answers a bad checksum (9293 MUST-3)")                      \
	X(LISTEN_BAD_SUM, "listen-bad-sum",                                   \
	  "LISTEN answers a bad checksum (9293 MUST-3)")                      \
	X(ESTAB_BAD_SUM, "estab-bad-sum",                                     \
	  "a connection accepts a bad checksum (9293 MUST-3)")                \
	X(BAD_OPTION_KILLS, "bad-option-kills",                               \
	  "an illegal option length takes the stack down (9293 MUST-7)")      \
	X(OPTIONS_UNPARSED, "options-unparsed",                               \
	  "options are not read at all (9293 MUST-5)")                        \
	X(UNKNOWN_OPTION_STOPS, "unknown-option-stops",                       \
	  "what follows an unknown option is not read (9293 MUST-6)")         \
	/* LISTEN: 9293 3.10.7.2 */                                           \
	X(LISTEN_ACK_MUTE, "listen-ack-mute",                                 \
	  "LISTEN does not reset an ACK")                                     \
	X(LISTEN_NO_ACK_RST, "listen-no-ack-rst",                             \
	  "LISTEN resets FIN, NULL, Xmas")                                    \
	X(LISTEN_RST_KILLS, "listen-rst-kills",                               \
	  "a RST ends the listener")                                          \
	X(SYN_DATA_FATAL, "syn-data-fatal",                                   \
	  "a SYN with data is reset (9293 3.10.7.2)")                         \
	X(SYN_DATA_TWICE, "syn-data-twice",                                   \
	  "data on a SYN is delivered but not acknowledged")                  \
	X(RESERVED_REFLECTED, "reserved-reflected",                           \
	  "reserved bits come back in the SYN-ACK (9293 3.1)")                \
	X(RESERVED_FATAL, "reserved-fatal",                                   \
	  "a SYN with reserved bits is not answered (9293 3.1)")              \
	X(SYNACK_WRONG_ACK, "synack-wrong-ack",                               \
	  "SYN-ACK does not acknowledge the SYN")                             \
	X(SYNACK_EXTRA_FLAGS, "synack-extra-flags",                           \
	  "SYN-ACK has PSH and URG")                                          \
	X(SYNACK_PAYLOAD, "synack-payload", "SYN-ACK carries payload")        \
	X(SYNACK_BAD_OPTION, "synack-bad-option",                             \
	  "SYN-ACK has an option of length 0 (9293 MUST-68)")                 \
	X(SYNACK_DIRTY_PADDING, "synack-dirty-padding",                       \
	  "SYN-ACK's padding is not zero (9293 MUST-69)")                     \
	X(SYNACK_UNOFFERED, "synack-unoffered",                               \
	  "SYN-ACK has options that the SYN did not offer (7323 2.2)")        \
	X(SYNACK_NO_MSS, "synack-no-mss",                                     \
	  "SYN-ACK has no MSS (9293 SHLD-5)")                                 \
	X(MSS_IGNORED, "mss-ignored",                                         \
	  "segments are larger than the peer's MSS (9293 MUST-16)")           \
	/* SYN-RECEIVED: 9293 3.10.7.4 */                                     \
	X(COOKIES, "cookies", "variant: SYN cookies always (4987)")           \
	X(DUP_SYN_NEW_ISN, "dup-syn-new-isn",                                 \
	  "a duplicate SYN gets another ISN")                                 \
	X(SYNACK_NEVER_REPEATED, "synack-never-repeated",                     \
	  "SYN-ACK is not retransmitted (9293 MUST-22)")                      \
	X(SYNACK_NO_BACKOFF, "synack-no-backoff",                             \
	  "SYN-ACK is retransmitted each second (6298 5.5)")                  \
	X(SYNRCVD_BAD_ACK_MUTE, "synrcvd-bad-ack-mute",                       \
	  "an unacceptable ACK is not reset")                                 \
	X(SYNRCVD_BAD_ACK_KILLS, "synrcvd-bad-ack-kills",                     \
	  "an unacceptable ACK ends the handshake")                           \
	X(SYNRCVD_BAD_ACK_OPENS, "synrcvd-bad-ack-opens",                     \
	  "an unacceptable ACK completes the handshake")                      \
	X(SYNRCVD_RST_IGNORED, "synrcvd-rst-ignored",                         \
	  "an exact RST does not end the handshake")                          \
	X(SYNRCVD_RST_OUT_KILLS, "synrcvd-rst-out-kills",                     \
	  "a RST outside the window ends the handshake")                      \
	X(SYNRCVD_RST_IN_KILLS, "synrcvd-rst-in-kills",                       \
	  "a RST inside the window ends the handshake (5961 3.2)")            \
	X(SYNRCVD_SYN_OUT_KILLS, "synrcvd-syn-out-kills",                     \
	  "another SYN outside the window ends the handshake")                \
	X(SYNRCVD_SYN_IN_ACKED, "synrcvd-syn-in-acked",                       \
	  "variant: another SYN inside the window gets an ACK (5961 4.2)")    \
	X(SYNRCVD_NO_ACK_KILLS, "synrcvd-no-ack-kills",                       \
	  "a segment without ACK is reset and ends the handshake")            \
	/* Synchronized states: 9293 3.10.7.4, RFC 5961 */                    \
	X(RST_IN_KILLS, "rst-in-kills",                                       \
	  "a RST anywhere in the window resets (5961 3.2)")                   \
	X(RST_OUT_KILLS, "rst-out-kills",                                     \
	  "a RST outside the window resets")                                  \
	X(RST_EXACT_IGNORED, "rst-exact-ignored",                             \
	  "a RST at RCV.NXT does not reset")                                  \
	X(RST_PAWS, "rst-paws",                                               \
	  "a RST with an old timestamp is dropped (7323 5.2)")                \
	X(SYN_IN_KILLS, "syn-in-kills",                                       \
	  "a SYN in the window resets (5961 4.2)")                            \
	X(SYN_OUT_KILLS, "syn-out-kills",                                     \
	  "a SYN outside the window resets")                                  \
	X(SYN_SYNACK, "syn-synack",                                           \
	  "a SYN in a connection gets a SYN-ACK (5961 4.2)")                  \
	X(NO_CHALLENGE_ACK, "no-challenge-ack",                               \
	  "SYN and in-window RST get no answer (5961 3.2, 4.2)")              \
	X(ACK_NEW_ACCEPTED, "ack-new-accepted",                               \
	  "an ACK of what was never sent is accepted")                        \
	X(ACK_NEW_RST, "ack-new-rst",                                         \
	  "an ACK of what was never sent is reset")                           \
	X(ACK_NEW_MUTE, "ack-new-mute",                                       \
	  "an ACK of what was never sent is not answered")                    \
	X(ACK_OLD_ACCEPTED, "ack-old-accepted",                               \
	  "data with a far too old ACK is accepted (5961 5.2)")               \
	X(ACK_OLD_REFUSED, "ack-old-refused",                                 \
	  "data with a slightly old ACK is not accepted")                     \
	X(NO_ACK_ACCEPTED, "no-ack-accepted",                                 \
	  "a segment without ACK is processed")                               \
	X(SEQ_ABOVE_ACCEPTED, "seq-above-accepted",                           \
	  "data beyond the window is delivered")                              \
	X(SEQ_ABOVE_MUTE, "seq-above-mute",                                   \
	  "data beyond the window is not answered")                           \
	X(SEQ_OLD_MUTE, "seq-old-mute",                                       \
	  "old data is not acknowledged again")                               \
	X(KEEPALIVE_0_MUTE, "keepalive-0-mute",                               \
	  "an empty keepalive is not answered (9293 3.8.4)")                  \
	X(KEEPALIVE_1_MUTE, "keepalive-1-mute",                               \
	  "a keepalive of one byte is not answered (9293 MAY-6)")             \
	X(KEEPALIVE_DELIVERED, "keepalive-delivered",                         \
	  "the byte of a keepalive reaches the application")                  \
	X(KEEPALIVE_RESET, "keepalive-reset",                                 \
	  "a keepalive is reset (9293 3.8.4)")                                \
	X(CHALLENGE_HOST_LIMIT, "challenge-host-limit",                       \
	  "100 challenge ACKs a second for all together (CVE-2016-5696)")     \
	X(CHALLENGE_UNLIMITED, "challenge-unlimited",                         \
	  "challenge ACKs have no rate limit (5961 7)")                       \
	X(ESTAB_RESERVED_FATAL, "estab-reserved-fatal",                       \
	  "a segment with reserved bits is dropped (9293 3.1)")               \
	X(NO_PAWS, "no-paws", "old timestamps are accepted (7323 5.3)")       \
	X(REORDER_DROPPED, "reorder-dropped",                                 \
	  "data above a gap is not kept (9293 SHLD-31)")                      \
	X(NO_DUPLICATE_ACK, "no-duplicate-ack",                               \
	  "data above a gap is not answered (5681 4.2)")                      \
	X(NO_SACK_BLOCKS, "no-sack-blocks",                                   \
	  "SACK is negotiated and never sent (2018 4)")                       \
	X(ACK_LATE, "ack-late",                                               \
	  "ACKs are delayed by 700 ms (9293 MUST-40)")                        \
	X(ISN_CONSTANT, "isn-constant", "one ISN for all (9293 MUST-8)")      \
	X(ISN_CLOCK_ONLY, "isn-clock-only",                                   \
	  "ISNs are the clock alone (6528, 9293 SHLD-1)")                     \
	X(ISN_RANDOM, "isn-random",                                           \
	  "ISNs do not advance with a clock (9293 MUST-8)")                   \
	X(RTO_NO_BACKOFF, "rto-no-backoff",                                   \
	  "retransmission keeps its pace (9293 MUST-19)")                     \
	/* Closing, TIME-WAIT */                                              \
	X(FIN_MUTE, "fin-mute", "a FIN is not acknowledged")                  \
	X(FIN_DATA_DELIVERED, "fin-data-delivered",                           \
	  "data after a FIN is delivered")                                    \
	X(HALF_CLOSE_BROKEN, "half-close-broken",                             \
	  "a FIN stops the other direction too (9293 3.6)")                   \
	X(FIN_NEVER_REPEATED, "fin-never-repeated",                           \
	  "FIN is not retransmitted")                                         \
	X(CLOSED_DATA_SWALLOWED, "closed-data-swallowed",                     \
	  "data after a full close is swallowed (9293 SHLD-3)")               \
	X(TW_NONE, "tw-none", "no TIME-WAIT at all (9293 MUST-13)")           \
	X(TW_SHORT, "tw-short", "TIME-WAIT lasts 5 s (9293 MUST-13)")         \
	X(TW_SYN_OLD_ACCEPTED, "tw-syn-old-accepted",                         \
	  "an old SYN reopens a pair in TIME-WAIT")                           \
	X(TW_SYN_NEW_REFUSED, "tw-syn-new-refused",                           \
	  "variant: no SYN reopens a pair in TIME-WAIT (MAY-2)")              \
	X(TW_SYN_TS_IGNORED, "tw-syn-ts-ignored",                             \
	  "variant: timestamps do not count in TIME-WAIT (6191)")             \
	X(TW_ISN_BELOW, "tw-isn-below",                                       \
	  "the new ISN is below the old SND.NXT (MAY-2 (1))")                 \
	X(TW_RST_IGNORED, "tw-rst-ignored",                                   \
	  "variant: RST does not end TIME-WAIT (1337)")                       \
	X(TW_RST_IN_KILLS, "tw-rst-in-kills",                                 \
	  "any RST ends TIME-WAIT (5961 3.2)")                                \
	X(TW_DATA_RESET, "tw-data-reset",                                     \
	  "data behind the FIN is reset in TIME-WAIT")                        \
	X(TW_DATA_MUTE, "tw-data-mute",                                       \
	  "data in TIME-WAIT gets no ACK")                                    \
	X(TW_FIN_MUTE, "tw-fin-mute",                                         \
	  "TIME-WAIT does not acknowledge the FIN again")                     \
	/* Keepalive of its own: 9293 3.8.4 */                                \
	X(KEEPALIVE_ENDLESS, "keepalive-endless",                             \
	  "keepalive never gives up")                                         \
	X(KEEPALIVE_LATE, "keepalive-late",                                   \
	  "variant: keepalive begins after two hours, whoever asks for it")   \
	X(KEEPALIVE_WITH_BYTE, "keepalive-with-byte",                         \
	  "keepalive sends a garbage byte (9293 SHLD-12, MAY-6)")             \
	X(KEEPALIVE_SEQ_NEXT, "keepalive-seq-next",                           \
	  "keepalive has SND.NXT itself, which nobody need answer")           \
	X(KEEPALIVE_DEAF, "keepalive-deaf",                                   \
	  "keepalive gives up though it is answered")                         \
	X(KEEPALIVE_ONE_LOSS, "keepalive-one-loss",                           \
	  "one unanswered keepalive ends it (9293 MUST-29)")                  \
	X(IDLE_CLOSES, "idle-closes",                                         \
	  "variant: an application closes what is idle for 5 s")

#define MODEL_FAULT_ENUM(id, name, rule) MODEL_##id,
enum model_fault { MODEL_FAULTS(MODEL_FAULT_ENUM) MODEL_FAULT_N };
#undef MODEL_FAULT_ENUM

const char *model_fault_name(enum model_fault fault);
const char *model_fault_rule(enum model_fault fault);
/* By its name; MODEL_FAULT_N when there is none. */
enum model_fault model_fault_find(const char *name);

#endif
