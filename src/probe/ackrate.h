/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many challenge ACKs does a target send? On one connection, and all
 * together: a limit for the whole host, and a fixed one, lets somebody who sees
 * nothing of a connection count how many of it are left, and so guess ports and
 * sequence numbers of others (CVE-2016-5696).
 */
#ifndef TP_PROBE_ACKRATE_H
#define TP_PROBE_ACKRATE_H

#include "probe/subject.h"

/* Connections that are held at once, and stimuli on each. */
#define ACKRATE_CONNECTIONS 200
#define ACKRATE_ROUNDS 5

struct ackrate {
	int64_t per_connection_ns; /* between two; 0: no limit, or unknown */
	unsigned per_host;	   /* a second; 0: no limit, or unknown */
	struct trial trial;	   /* of RULE_ESTAB_CHALLENGE_RATE */
};

/* In a task. */
void ackrate_measure(struct stand *st, struct ackrate *out);

#endif
