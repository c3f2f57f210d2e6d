/* SPDX-License-Identifier: BSD-2-Clause */
/* Our own keepalives: does the target answer them as it must? */
#ifndef TP_PROBE_PULSE_H
#define TP_PROBE_PULSE_H

#include "probe/probe.h"
#include "probe/trial.h"
#include "probe/trigger.h"

enum pulse_kind { PULSE_EMPTY, PULSE_BYTE };

enum pulse_got {
	PULSE_UNDECIDED,
	PULSE_ACK,
	PULSE_RST,
	PULSE_SILENCE,
};

struct pulse {
	struct probe_job *job;
	const struct trigger *trigger;
	enum pulse_kind kind;

	struct trial trial;
	/* Of the last connection that it was tried on: */
	enum reached reached;
	enum pulse_got got;
	bool echoes;	/* the service; only then the next one is known */
	bool delivered; /* it has read the byte of a keepalive */
};

/* Put it to fresh connections until it is decided; a task_fn, of a struct
 * pulse. */
void pulse_feel(void *arg);
/* The rule that it is judged by. */
enum rule_id pulse_rule(const struct pulse *p);

#endif
