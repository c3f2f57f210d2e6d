/* SPDX-License-Identifier: BSD-2-Clause */
/* What send does with one target. */
#ifndef TP_PROBE_SENDING_H
#define TP_PROBE_SENDING_H

#include "probe/probe.h"

void send_run(struct probe_job *job);

#endif
