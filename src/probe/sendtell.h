/* SPDX-License-Identifier: BSD-2-Clause */
/* What send found: verdict and sentence, facts for programs, remarks. */
#ifndef TP_PROBE_SENDTELL_H
#define TP_PROBE_SENDTELL_H

#include "probe/probe.h"
#include "probe/send.h"
#include "probe/sendlog.h"

/* `reach` tells of the connection, when there was one. Nothing is concluded
 * where the finding says something already. */
void send_tell(struct probe_job *job, const struct send_settings *s,
	       const struct send_log *log, const struct reach *reach);

#endif
