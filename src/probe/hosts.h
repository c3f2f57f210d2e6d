/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of each host, shared by the conversations with its ports: does
 * it answer ping, with which TTL, and which TTL do its SYN-ACKs carry.
 */
#ifndef TP_PROBE_HOSTS_H
#define TP_PROBE_HOSTS_H

#include "base/addr.h"
#include "engine/engine.h"
#include "engine/flow.h"

struct hosts;

enum host_ping {
	HOST_PING_UNKNOWN, /* not asked, or the question could not be put */
	HOST_PING_ANSWERED,
	HOST_PING_SILENT,
};

struct host {
	struct addr addr;
	uint8_t synack_ttl; /* of its last SYN-ACK; 0: none seen */
	enum host_ping ping;
	uint8_t ping_ttl;
	int64_t ping_rtt_ns; /* 0: unknown */
	/* hosts.c alone */
	bool asked;
	struct engine_gate answered;
	unsigned users;
	struct host *next, *next_idle, *prev_idle;
};

struct hosts *hosts_new(void);
/* Nobody may hold a host any more. */
void hosts_free(struct hosts *h);
/* The host's record, made if need be; NULL when memory is short. */
struct host *hosts_take(struct hosts *h, const struct addr *addr);
/* Done with it; it is forgotten when many others have come since. */
void hosts_give(struct hosts *h, struct host *host);

/*
 * Ask by ping whether the host is up: once a host, whoever asks; later calls
 * wait for the first one's answer. `tries` echoes, each waited for.
 */
struct host_question {
	const struct route *route;
	struct trace *trace;
	unsigned tries;
	int64_t within_ns;
};
void host_ping(struct engine *e, struct host *host,
	       const struct host_question *q);

/*
 * How many hops a packet has come: up to the next usual initial TTL (32, 64,
 * 128, 255).
 */
unsigned host_hops(uint8_t ttl);
/* May two packets with these TTLs come from the same box? */
bool host_same_box(uint8_t ttl, uint8_t other);

#endif
