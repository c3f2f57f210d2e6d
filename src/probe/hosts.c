/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounded table of hosts; those in use stay, the longest idle one goes. */
#include "probe/hosts.h"

#include <string.h>

#define BUCKETS 4096
#define IDLE_MAX 4096

struct hosts {
	struct host *buckets[BUCKETS];
	/* Idle ones in a ring, longest idle first. */
	struct host *idle;
	size_t idle_n;
};

struct hosts *hosts_new(void)
{
	return calloc(1, sizeof(struct hosts));
}

static struct host **bucket(struct hosts *h, const struct addr *addr)
{
	uint32_t sum = 2166136261;

	for (size_t i = 0; i < sizeof(addr->bytes); i++)
		sum = (sum ^ addr->bytes[i]) * 16777619;
	return &h->buckets[(sum ^ sum >> 16) % BUCKETS];
}

static void idle_remove(struct hosts *h, struct host *host)
{
	if (host->next_idle == host) {
		h->idle = NULL;
	} else {
		host->prev_idle->next_idle = host->next_idle;
		host->next_idle->prev_idle = host->prev_idle;
		if (h->idle == host)
			h->idle = host->next_idle;
	}
	h->idle_n--;
}

static void idle_append(struct hosts *h, struct host *host)
{
	if (!h->idle) {
		h->idle = host->next_idle = host->prev_idle = host;
	} else {
		host->next_idle = h->idle;
		host->prev_idle = h->idle->prev_idle;
		host->prev_idle->next_idle = host;
		h->idle->prev_idle = host;
	}
	h->idle_n++;
}

static void forget(struct hosts *h, struct host *host)
{
	struct host **at = bucket(h, &host->addr);

	idle_remove(h, host);
	while (*at != host)
		at = &(*at)->next;
	*at = host->next;
	free(host);
}

void hosts_free(struct hosts *h)
{
	if (!h)
		return;
	while (h->idle)
		forget(h, h->idle);
	free(h);
}

struct host *hosts_take(struct hosts *h, const struct addr *addr)
{
	struct host **to = bucket(h, addr);
	struct host *host = *to;

	while (host && !addr_equal(&host->addr, addr))
		host = host->next;
	if (!host) {
		host = calloc(1, sizeof(*host));
		if (!host)
			return NULL;
		host->addr = *addr;
		host->next = *to;
		*to = host;
	} else if (!host->users) {
		idle_remove(h, host);
	}
	host->users++;
	return host;
}

void hosts_give(struct hosts *h, struct host *host)
{
	if (!host || --host->users)
		return;
	idle_append(h, host);
	if (h->idle_n > IDLE_MAX)
		forget(h, h->idle);
}

static void ask(struct engine *e, struct host *host,
		const struct host_question *q)
{
	struct flow_spec spec = {
		.remote = { .addr = host->addr },
		.route = q->route,
		.trace = q->trace,
		.echo = true,
	};
	const struct reply *reply;
	struct flow *f;
	struct err err;

	if (flow_open(e, &spec, &f, &err))
		return;
	for (unsigned i = 0; i < q->tries && !host->ping; i++) {
		switch (flow_ping(f, q->within_ns, &reply)) {
		case FLOW_ECHO:
			host->ping = HOST_PING_ANSWERED;
			host->ping_ttl = reply->icmp.ttl;
			flow_note(f, "the host is up");
			if (flow_left_ns(f))
				host->ping_rtt_ns =
					reply->t_ns - flow_left_ns(f);
			break;
		case FLOW_STOPPED:
			i = q->tries;
			break;
		case FLOW_TIMEOUT:
		case FLOW_SEGMENT:
		case FLOW_ICMP:
			break;
		}
	}
	if (!host->ping && flow_silence(f) == SILENCE_REAL)
		host->ping = HOST_PING_SILENT;
	flow_end(f);
}

void host_ping(struct engine *e, struct host *host,
	       const struct host_question *q)
{
	if (!host->asked) {
		host->asked = true;
		ask(e, host, q);
		engine_gate_open(e, &host->answered);
	} else {
		engine_gate_wait(e, &host->answered, TIME_NEVER);
	}
}

unsigned host_hops(uint8_t ttl)
{
	static const uint8_t initial[] = { 32, 64, 128, 255 };
	size_t i = 0;

	while (ttl > initial[i])
		i++;
	return initial[i] - ttl;
}

bool host_same_box(uint8_t ttl, uint8_t other)
{
	return ttl == other || host_hops(ttl) == host_hops(other);
}
