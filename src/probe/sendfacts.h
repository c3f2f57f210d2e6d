/* SPDX-License-Identifier: BSD-2-Clause */
/* What send found, for programs. */
#ifndef TP_PROBE_SENDFACTS_H
#define TP_PROBE_SENDFACTS_H

#include "probe/finding.h"
#include "probe/sendlog.h"
#include "probe/trigger.h"

/* `reach` NULL: there was no connection. */
void send_facts(struct finding *f, const struct send_log *log,
		const struct reach *reach);

/* The packet of a record as it was; false when it was not kept. */
bool send_evidence(const struct finding *f, size_t evidence,
		   struct segment *out, enum segment_fault *fault);

#endif
