/* SPDX-License-Identifier: BSD-2-Clause */
/* What more than one probe does: ask, shake hands, listen, feel the pulse,
 * ping. */
#include <string.h>

#include "engine/internal.h"
#include "wire/seq.h"

enum flow_event flow_ask_every(struct flow *f, const struct stimulus *s,
			       const struct flow_expect *expect,
			       int64_t every_ns, const struct reply **reply)
{
	const struct engine_config *config = &f->engine->config;
	enum flow_event event = FLOW_TIMEOUT;
	struct flow_options room;
	struct segment segment;

	*reply = NULL;
	if (every_ns < config->timeout_ns)
		every_ns = config->timeout_ns;
	flow_describe(f, s, &segment, &room);
	f->asked_ns = engine_now(f->engine);
	f->left_ns = 0;
	for (unsigned tries = 0; tries <= config->retries; tries++) {
		if (!engine_pace(f->engine))
			return FLOW_STOPPED;
		if (flow_emit(f, s, &segment, tries + 1))
			return FLOW_TIMEOUT;
		event = flow_wait(f, expect, every_ns, reply);
		if (event != FLOW_TIMEOUT)
			break;
	}
	return event;
}

enum flow_event flow_ask(struct flow *f, const struct stimulus *s,
			 const struct flow_expect *expect,
			 const struct reply **reply)
{
	return flow_ask_every(f, s, expect, f->engine->config.timeout_ns,
			      reply);
}

enum flow_event flow_ping(struct flow *f, int64_t within_ns,
			  const struct reply **reply)
{
	*reply = NULL;
	if (!engine_pace(f->engine))
		return FLOW_STOPPED;
	if (flow_transmit_echo(f))
		return FLOW_TIMEOUT;
	return flow_wait(f, NULL, within_ns, reply);
}

/* RFC 9293 3.10.7.3: SYN-ACK or RST, either must acknowledge our SYN. */
static bool answers_syn(const struct flow *f, const struct segment *s,
			const void *arg)
{
	(void)arg;
	return s->flags & (TCP_SYN | TCP_RST) && s->ack == f->n.iss + 1;
}

enum flow_event flow_handshake(struct flow *f, const struct reply **reply)
{
	static const struct stimulus syn = {
		.flags = TCP_SYN,
		.seq_from = FLOW_ISN,
		.counts = true,
		.why = "handshake: SYN",
	};
	static const struct stimulus ack = {
		.flags = TCP_ACK,
		.why = "handshake: ACK",
	};
	static const struct flow_expect expect = {
		.set = TCP_ACK,
		.icmp = true,
		.accept = answers_syn,
	};
	enum flow_event event = flow_ask(f, &syn, &expect, reply);

	if (event != FLOW_SEGMENT || f->n.stage != FLOW_SYN_ACKED) {
		flow_note(f, "handshake: refused");
		return event;
	}
	flow_note(f, "handshake: SYN-ACK");
	if (flow_send(f, &ack))
		return FLOW_TIMEOUT;
	f->n.stage = FLOW_ESTABLISHED;
	return event;
}

/*
 * Alive: an ACK of all that is ours. Dead: the RST that CLOSED answers. An ACK
 * from below what was next when we asked is the target's own keepalive.
 */
static bool shows_life(const struct flow *f, const struct segment *s,
		       const void *arg)
{
	const uint32_t *next = arg;

	if (s->flags & TCP_RST)
		return s->seq == f->n.rcv_nxt;
	return s->flags & TCP_ACK && !(s->flags & TCP_SYN) &&
	       s->ack == f->n.snd_nxt && s->payload_len == 0 &&
	       seq_le(*next, s->seq);
}

enum flow_life flow_judge_life(struct flow *f, enum flow_event event,
			       const struct reply *reply)
{
	switch (event) {
	case FLOW_SEGMENT:
		if (reply->segment.flags & TCP_RST) {
			flow_note(f, "dead: a reset");
			return FLOW_DEAD;
		}
		flow_note(f, "alive: all of ours is acknowledged");
		return FLOW_ALIVE;
	case FLOW_TIMEOUT:
		return flow_silence(f) == SILENCE_REAL ? FLOW_MUTE
						       : FLOW_UNKNOWN;
	case FLOW_ICMP:
	case FLOW_ECHO:
	case FLOW_STOPPED:
		break;
	}
	return FLOW_UNKNOWN;
}

enum flow_life flow_alive(struct flow *f)
{
	static const struct stimulus pulse = {
		.flags = TCP_ACK,
		.seq = UINT32_MAX, /* one below */
		.payload = "",
		.payload_len = 1,
		.why = "alive? a garbage byte below the window",
	};
	const uint32_t next = f->n.rcv_nxt;
	const struct flow_expect expect = { .accept = shows_life,
					    .arg = &next };
	const struct reply *reply;
	enum flow_event event;

	flow_drain(f);
	event = flow_ask(f, &pulse, &expect, &reply);
	return flow_judge_life(f, event, reply);
}

/* The beginning of what the other end says, byte by byte where it belongs. */
static void hear_data(const struct flow *f, const struct segment *s,
		      struct flow_heard *heard)
{
	size_t room = sizeof(heard->data) - heard->data_len;
	uint32_t skip = f->n.irs + 1 + (uint32_t)heard->data_len - s->seq;
	size_t len;

	/* Of a gap `skip` is huge: the modular distance backwards. */
	if (skip >= s->payload_len)
		return;
	len = s->payload_len - skip;
	len = len < room ? len : room;
	memcpy(heard->data + heard->data_len, s->payload + skip, len);
	heard->data_len += len;
}

static void hear(const struct flow *f, const struct reply *reply,
		 struct flow_heard *heard)
{
	const struct segment *s = &reply->segment;

	heard->t_ns = reply->t_ns;
	if (s->flags & TCP_RST) {
		heard->rst = true;
		heard->rst_ttl = s->ttl;
		return;
	}
	heard->segments++;
	heard->fin = f->n.their_fin;
	heard->bytes = f->n.rcv_nxt - f->n.irs - 1 - heard->fin;
	hear_data(f, s, heard);
}

static bool is_news(const struct flow *f, const struct segment *s,
		    const void *arg)
{
	(void)arg;
	if (s->flags & TCP_RST)
		return f->n.stage == FLOW_GONE;
	return !(s->flags & TCP_SYN) && segment_len(s) > 0;
}

enum flow_event flow_absorb(struct flow *f, int64_t quiet_ns, int64_t within_ns,
			    struct flow_heard *heard)
{
	static const struct flow_expect expect = { .accept = is_news };
	static const struct stimulus ack = {
		.flags = TCP_ACK,
		.why = "ACK of what the service said",
	};
	int64_t end = engine_now(f->engine) + within_ns;

	/* It may have come while something else was waited for. */
	heard->fin |= f->n.their_fin;
	while (!heard->fin && !heard->rst) {
		int64_t left = end - engine_now(f->engine);
		const struct reply *reply;
		enum flow_event event;

		if (left <= 0)
			return FLOW_TIMEOUT;
		event = flow_wait(f, &expect, left < quiet_ns ? left : quiet_ns,
				  &reply);
		if (event != FLOW_SEGMENT)
			return event;
		hear(f, reply, heard);
		if (!heard->rst && flow_send(f, &ack))
			return FLOW_TIMEOUT;
	}
	return FLOW_SEGMENT;
}
