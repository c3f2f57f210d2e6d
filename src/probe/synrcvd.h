/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks of SYN-RECEIVED (RFC 9293 3.10.7.4): what a segment out of place does
 * to a handshake that waits for its third one. Afterwards that one is sent, and
 * tells whether the half-open connection was still there.
 */
#ifndef TP_PROBE_SYNRCVD_H
#define TP_PROBE_SYNRCVD_H

#include "probe/subject.h"

/* The stimuli: the i-th row, for struct question, and the rule it serves. */
extern const size_t synrcvd_rows_n;
const void *synrcvd_row(size_t i, enum rule_id *rule);

/* Trial_fns; `what` is a struct question, of the first with a row. */
trial_fn synrcvd_trial;
/* Several ACKs of what was never sent. */
trial_fn synrcvd_bad_ack;

#endif
