/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks of an ESTABLISHED connection that take more than one stimulus and one
 * look: a function each. All are trial_fns; `what` is a struct question.
 */
#ifndef TP_PROBE_ESTAB_H
#define TP_PROBE_ESTAB_H

#include "probe/subject.h"

/* A SYN on a pair that the target still believes in leads, by way of its
 * challenge and our reset, to a new connection. */
trial_fn estab_half_open;
/* Data whose ACK is a little below SND.UNA. */
trial_fn estab_ack_old;
/* Five keepalives with a byte of garbage. */
trial_fn estab_keepalive_1;
/* Data with wrong checksums, then with a right one. */
trial_fn estab_bad_checksum;
/*
 * Data with an option of length 0; q->row is a struct estab_area. It may take
 * the host down (stand.dead then), so it is the last to be put.
 */
trial_fn estab_zero_length;
struct estab_area {
	const uint8_t *bytes;
	size_t len;
	const char *why;
};
extern const struct estab_area estab_areas[];
extern const size_t estab_areas_n;

#endif
