/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the trials of a target come to: checks, facts, the verdict, and what it
 * means for whoever asked.
 */
#ifndef TP_PROBE_TWRESULT_H
#define TP_PROBE_TWRESULT_H

#include "probe/twtrial.h"

/* One trial of a target's turn. */
struct twvisit {
	struct probe_job *job;
	struct twtrial trial;
	struct twtrial_seen seen;
	struct trial result;
	bool wanted;
	bool made;
	const char *pointless; /* why it was not made, though wanted */
};

struct twturn {
	struct probe_job *job;
	const struct timewait_settings *settings;
	struct twvisit visits[TWTRIAL_N];
};

/* Fill the finding; the first trial at least has been made. */
void twresult_write(const struct twturn *t);

#endif
