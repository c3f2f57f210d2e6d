/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of 4-tuples: whose is this packet?
 *
 * A packet from our end of a flow is one of ours leaving (or our kernel's);
 * one to our end is an answer; an ICMP error belongs to the flow it quotes.
 * Flows that have ended linger: they know their pair and reset, as a CLOSED
 * end does (RFC 9293 3.10.7.1), what still arrives on it.
 */
#include <string.h>

#include "engine/internal.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/segment.h"

#define BUCKETS_FIRST 1024
#define LINGER_NS (60 * TIME_S)
#define LINGER_MAX 16384
/* A broken target must not be answered for ever. */
#define LINGER_RESETS_MAX 16

int demux_init(struct demux *d)
{
	d->buckets_n = BUCKETS_FIRST;
	d->buckets = calloc(d->buckets_n, sizeof(struct flow *));
	d->linger_last = &d->linger_first;
	return d->buckets ? 0 : -ERR_MEMORY;
}

static uint32_t mix(uint32_t h, uint32_t v)
{
	h = (h ^ v) * UINT32_C(0x9e3779b1);
	return h ^ h >> 15;
}

/* The pairs in the table are all our own choice: nobody can crowd a bucket. */
static uint32_t hash(const struct endpoint *local,
		     const struct endpoint *remote)
{
	uint32_t h = mix((uint32_t)local->port << 16 | remote->port, 0);

	for (size_t i = 0; i < sizeof(remote->addr.bytes); i += 4) {
		uint32_t word;

		memcpy(&word, remote->addr.bytes + i, sizeof(word));
		h = mix(h, word);
	}
	return h;
}

static struct flow **bucket(struct demux *d, const struct endpoint *local,
			    const struct endpoint *remote)
{
	return &d->buckets[hash(local, remote) & (d->buckets_n - 1)];
}

static struct flow *find(struct engine *e, const struct endpoint *local,
			 const struct endpoint *remote)
{
	struct flow *f = *bucket(&e->demux, local, remote);

	while (f && !(endpoint_equal(&f->n.local, local) &&
		      endpoint_equal(&f->n.remote, remote)))
		f = f->next;
	return f;
}

/* Without memory for more buckets the chains just grow longer. */
static void grow(struct demux *d)
{
	size_t n = d->buckets_n;
	struct flow **old = d->buckets;
	struct flow **buckets = calloc(n * 2, sizeof(struct flow *));

	if (!buckets)
		return;
	d->buckets = buckets;
	d->buckets_n = n * 2;
	for (size_t i = 0; i < n; i++) {
		while (old[i]) {
			struct flow *f = old[i];
			struct flow **to = bucket(d, &f->n.local, &f->n.remote);

			old[i] = f->next;
			f->next = *to;
			*to = f;
		}
	}
	free(old);
}

void demux_add(struct engine *e, struct flow *f)
{
	struct flow **to;

	if (e->demux.flows_n >= e->demux.buckets_n)
		grow(&e->demux);
	to = bucket(&e->demux, &f->n.local, &f->n.remote);
	f->next = *to;
	*to = f;
	e->demux.flows_n++;
}

void demux_remove(struct engine *e, struct flow *f)
{
	struct flow **at = bucket(&e->demux, &f->n.local, &f->n.remote);

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	e->demux.flows_n--;
}

static void drop_oldest_lingering(struct engine *e)
{
	struct demux *d = &e->demux;
	struct flow *f = d->linger_first;

	d->linger_first = f->linger_next;
	if (!d->linger_first)
		d->linger_last = &d->linger_first;
	d->lingering_n--;
	demux_remove(e, f);
	flow_free(f);
}

bool demux_taken(struct engine *e, const struct endpoint *local,
		 const struct endpoint *remote)
{
	return find(e, local, remote) != NULL;
}

void demux_linger(struct engine *e, struct flow *f)
{
	struct demux *d = &e->demux;
	int64_t now = engine_now(e);

	while (d->linger_first && (d->linger_first->linger_until <= now ||
				   d->lingering_n >= LINGER_MAX))
		drop_oldest_lingering(e);
	f->lingering = true;
	f->linger_until = now + LINGER_NS;
	f->linger_next = NULL;
	*d->linger_last = f;
	d->linger_last = &f->linger_next;
	d->lingering_n++;
}

void demux_fini(struct engine *e)
{
	while (e->demux.linger_first)
		drop_oldest_lingering(e);
	BUG_ON(e->demux.flows_n);
	free(e->demux.buckets);
	e->demux.buckets = NULL;
}

/* RFC 9293 3.10.7.1: what arrives for a closed end is reset. */
static void reset_stray(struct flow *f, const struct segment *in)
{
	struct segment out = {
		.src = f->n.local.addr,
		.dst = f->n.remote.addr,
		.sport = f->n.local.port,
		.dport = f->n.remote.port,
		.flags = TCP_RST,
		.ttl = 64,
		.df = true,
		.id = (uint16_t)random_u32(&f->engine->random),
		.window = FLOW_WINDOW_DEFAULT,
	};

	if (in->flags & TCP_RST || !in->sum_good ||
	    f->linger_resets >= LINGER_RESETS_MAX)
		return;
	f->linger_resets++;
	if (in->flags & TCP_ACK) {
		out.seq = in->ack;
	} else {
		out.flags |= TCP_ACK;
		out.ack = in->seq + segment_len(in);
	}
	flow_transmit(f, &out, "reset what still arrives");
}

static void incoming(struct flow *f, const struct link_packet *packet,
		     const struct segment *s, enum segment_fault fault)
{
	if (!f->lingering)
		flow_arrived(f, packet, s, fault);
	else if (fault == SEGMENT_OK)
		reset_stray(f, s);
}

static bool tcp(struct engine *e, const struct link_packet *packet,
		const struct ip *ip)
{
	struct segment s;
	enum segment_fault fault = segment_parse_ip(ip, &s);
	struct endpoint src = { .addr = ip->src, .port = s.sport };
	struct endpoint dst = { .addr = ip->dst, .port = s.dport };
	struct flow *f;

	if (fault == SEGMENT_NOT_TCP)
		return false;
	if ((f = find(e, &dst, &src)))
		incoming(f, packet, &s, fault);
	else if ((f = find(e, &src, &dst)))
		flow_left(f, packet, &s);
	return f != NULL;
}

/* The identifier of an echo stands for both ports of its flow. */
static bool icmp(struct engine *e, const struct link_packet *packet,
		 const struct ip *ip)
{
	struct endpoint local, remote;
	struct icmp m;
	struct flow *f;

	if (icmp_parse(ip, &m) || m.what == ICMP_OTHER)
		return false;
	if (m.what == ICMP_ERROR) {
		if (!m.quote.tcp)
			return false;
		local = (struct endpoint){ m.quote.src, m.quote.sport };
		remote = (struct endpoint){ m.quote.dst, m.quote.dport };
	} else if (m.what == ICMP_ECHO_REPLY) {
		local = (struct endpoint){ m.dst, m.id };
		remote = (struct endpoint){ m.src, 0 };
	} else {
		local = (struct endpoint){ m.src, m.id };
		remote = (struct endpoint){ m.dst, 0 };
	}
	f = find(e, &local, &remote);
	if (f && !f->lingering)
		flow_quoted(f, packet, &m);
	return f != NULL;
}

void demux_packet(void *arg, const struct link_packet *packet)
{
	struct engine *e = arg;
	struct ip ip;
	bool known = false;

	if (ip_parse(packet->bytes, packet->len, &ip) == IP_OK) {
		if (ip.protocol == IP_PROTO_TCP)
			known = tcp(e, packet, &ip);
		else if (ip.protocol == IP_PROTO_ICMP ||
			 ip.protocol == IP_PROTO_ICMPV6)
			known = icmp(e, packet, &ip);
	}
	if (known)
		e->stats.received++;
	else
		e->stats.stray++;
}
