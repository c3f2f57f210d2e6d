/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long may a connection be idle before something on the way forgets it? A
 * NAT box, a firewall or a load balancer keeps a record of each connection and
 * drops it in the end, without telling either side.
 */
#ifndef TP_PROBE_PATH_TIMEOUT_H
#define TP_PROBE_PATH_TIMEOUT_H

#include "base/line.h"
#include "probe/probe.h"
#include "probe/trigger.h"

/* What keeps longer idle times from being tried. */
enum path_limit {
	PATH_LIMIT_NONE,
	PATH_LIMIT_FIN,	  /* the service itself closes */
	PATH_LIMIT_RST,	  /* the target itself resets */
	PATH_LIMIT_PROBE, /* its keepalive refreshes what the way remembers */
	PATH_LIMIT_DATA,  /* so does what the service says by itself */
};

struct path_timeout {
	struct probe_job *job;
	const struct trigger *trigger;
	int64_t within_ns; /* the search takes no longer */
	bool mute;	   /* keepalives are not answered, a FIN is */

	int64_t start_ns;
	int64_t lived_ns; /* the longest idle time that was survived; 0: none */
	int64_t died_ns;  /* the shortest that was not; 0: none */
	bool by_rst;	  /* afterwards: RST, or else silence */
	uint8_t ttl, rst_ttl; /* of the SYN-ACK, of that RST */
	enum path_limit limit;
	int64_t limit_ns; /* when it comes */
	unsigned tried;	  /* connections that came to something */
	bool stopped;
	char why[FINDING_SUMMARY_MAX / 2]; /* why one did not */
};

/* Search to the end; a task_fn, of a struct path_timeout. */
void path_timeout_find(void *arg);
void path_timeout_facts(const struct path_timeout *p, struct finding *f);
/* A phrase for the summary. */
void path_timeout_describe(const struct path_timeout *p, struct line *l);

#endif
