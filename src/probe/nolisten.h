/* SPDX-License-Identifier: BSD-2-Clause */
/* SYN without a listener: what answers, and whose answer is it? */
#ifndef TP_PROBE_NOLISTEN_H
#define TP_PROBE_NOLISTEN_H

#include "probe/probe.h"

struct nolisten_settings {
	bool checks;  /* put the conformance checks too */
	bool no_ping; /* never ask whether the host is up */
};

extern const struct probe nolisten_probe;

#endif
