/* SPDX-License-Identifier: BSD-2-Clause */
/* From a stimulus to bytes on the link. */
#include <stdio.h>
#include <string.h>

#include "engine/internal.h"
#include "wire/seq.h"

#define TTL_DEFAULT 64
/* RFC 9293 3.7.1: what may be assumed without an MSS option. */
#define MSS_MIN 536
#define HEADERS_IPV4 40
#define HEADERS_IPV6 60

static uint16_t own_mss(const struct flow *f)
{
	uint32_t headers = f->n.local.addr.family == FAMILY_IPV6 ? HEADERS_IPV6
								 : HEADERS_IPV4;
	uint32_t mtu = f->route.mtu;

	if (f->offers.mss)
		return f->offers.mss;
	if (mtu < MSS_MIN + headers)
		return MSS_MIN;
	if (mtu > UINT16_MAX)
		mtu = UINT16_MAX;
	return (uint16_t)(mtu - headers);
}

uint32_t flow_tsval(struct flow *f)
{
	return (uint32_t)(engine_now(f->engine) / TIME_MS) + f->ts_offset;
}

static uint32_t ts_now(struct flow *f, const struct stimulus *s)
{
	return flow_tsval(f) + (uint32_t)s->ts_shift_ms;
}

/* In the order Linux writes them: nothing on the way is surprised. */
static size_t syn_options(struct flow *f, const struct stimulus *s,
			  struct flow_options *room)
{
	struct wr w = wr_init(room->bytes, sizeof(room->bytes));

	option_write_mss(&w, own_mss(f));
	if (!f->offers.no_sack)
		option_write_sack_permitted(&w);
	if (!f->offers.no_timestamps)
		option_write_timestamps(&w, ts_now(f, s), 0);
	if (!f->offers.no_wscale) {
		wr_u8(&w, OPTION_NOP);
		option_write_wscale(&w, f->our_wscale);
	}
	option_write_padding(&w);
	return w.len;
}

static size_t usual_options(struct flow *f, const struct stimulus *s,
			    struct flow_options *room)
{
	struct wr w = wr_init(room->bytes, sizeof(room->bytes));

	if (!f->n.timestamps)
		return 0;
	wr_u8(&w, OPTION_NOP);
	wr_u8(&w, OPTION_NOP);
	option_write_timestamps(&w, ts_now(f, s), f->n.ts_recent);
	return w.len;
}

static size_t ordinary_options(struct flow *f, const struct stimulus *s,
			       struct flow_options *room)
{
	return s->flags & TCP_SYN ? syn_options(f, s, room)
				  : usual_options(f, s, room);
}

static void choose_options(struct flow *f, const struct stimulus *s,
			   struct segment *out, struct flow_options *room)
{
	out->options = room->bytes;
	if (s->options && !s->more_options) {
		out->options = s->options;
		out->options_len = s->options_len;
	} else if (s->no_options) {
		out->options_len = 0;
	} else {
		out->options_len = ordinary_options(f, s, room);
	}
	if (s->more_options && s->options) {
		BUG_ON(s->options_len > OPTIONS_MAX - out->options_len);
		memcpy(room->bytes + out->options_len, s->options,
		       s->options_len);
		out->options_len += s->options_len;
	}
}

static uint32_t count_from(enum flow_base base, uint32_t next, uint32_t isn)
{
	switch (base) {
	case FLOW_NEXT:
		return next;
	case FLOW_ISN:
		return isn;
	case FLOW_ABSOLUTE:
		break;
	}
	return 0;
}

static uint16_t choose_window(const struct flow *f, const struct stimulus *s)
{
	bool scaled = !(s->flags & TCP_SYN) && f->n.wscale_on;

	if (s->window == FLOW_WINDOW_ZERO)
		return 0;
	if (s->window > 0)
		return (uint16_t)s->window;
	return (uint16_t)(FLOW_WINDOW_DEFAULT >> (scaled ? f->our_wscale : 0));
}

void flow_describe(struct flow *f, const struct stimulus *s,
		   struct segment *out, struct flow_options *room)
{
	*out = (struct segment){
		.src = f->n.local.addr,
		.dst = f->n.remote.addr,
		.sport = f->n.local.port,
		.dport = f->n.remote.port,
		.flags = s->flags,
		.seq = count_from(s->seq_from, f->n.snd_nxt, f->n.iss) + s->seq,
		.window = choose_window(f, s),
		.urgent = s->urgent,
		.doff = s->doff,
		.ttl = s->ttl ? s->ttl : TTL_DEFAULT,
		.tos = s->tos,
		.df = !s->no_df,
		.id = s->id ? *s->id : (uint16_t)random_u32(&f->engine->random),
		.flow_label = s->flow_label,
		.payload = s->payload,
		.payload_len = s->payload_len,
		.sum_mode = s->sum_mode,
		.sum = s->sum,
	};
	/* Without the ACK bit the field is zero, unless it is given. */
	if (s->flags & TCP_ACK || s->ack_from == FLOW_ABSOLUTE)
		out->ack = count_from(s->ack_from, f->n.rcv_nxt, f->n.irs) +
			   s->ack;
	choose_options(f, s, out, room);
}

static void remember(struct flow *f, const struct segment *s, uint32_t index)
{
	f->sent[f->sent_n++ % FLOW_SENT_N] = (struct flow_sent){
		.seq = s->seq,
		.ack = s->ack,
		.flags = s->flags,
		.window = s->window,
		.trace_index = index,
	};
}

/* Its index in the trace, or UINT32_MAX. */
static uint32_t trace_sent(struct flow *f, size_t len, const char *why)
{
	struct trace_entry *entry;

	if (!f->trace)
		return UINT32_MAX;
	entry = trace_add(f->trace, TRACE_OUT, 0, f->engine->packet, len, why);
	if (!entry)
		return UINT32_MAX;
	entry->check = f->check;
	return (uint32_t)(f->trace->n - 1);
}

static int hand_to_link(struct flow *f, size_t len)
{
	struct engine *e = f->engine;
	struct link *link = e->config.link;
	int rc;

	if (!len)
		return err_set(&f->error, ERR_USAGE,
			       "build a segment: it does not fit into the "
			       "%d bytes of a datagram",
			       SEGMENT_MAX);
	if (f->route.link_mtu && len > f->route.link_mtu)
		return err_set(&f->error, ERR_USAGE,
			       "send a datagram of %zu bytes: %s carries at "
			       "most %u, make it %zu shorter",
			       len, f->route.interface_name, f->route.link_mtu,
			       len - f->route.link_mtu);
	rc = link->ops->send(link, &f->route, e->packet, len, &f->error);
	if (rc)
		return rc;
	f->counts.sent++;
	e->stats.sent++;
	return 0;
}

/* A reset that the target must take, once it gets there: not one that was
 * crafted to be dropped. */
static bool is_whole(const struct segment *s)
{
	return s->sum_mode == SEGMENT_SUM_GOOD && !s->doff &&
	       s->ttl >= TTL_DEFAULT;
}

int flow_transmit(struct flow *f, const struct segment *s, const char *why)
{
	struct engine *e = f->engine;
	size_t len = segment_build(s, e->packet, sizeof(e->packet));
	int rc;

	/* Before it is sent: on a simulated link it may be seen leaving at
	 * once. */
	remember(f, s, len ? trace_sent(f, len, why) : UINT32_MAX);
	rc = hand_to_link(f, len);
	if (!rc && s->flags & TCP_RST && s->seq == f->n.snd_nxt && is_whole(s))
		f->n.stage = FLOW_GONE;
	return rc;
}

/* "SYN-FIN", "SYN-FIN (try 2)". */
#define WHY_MAX 160
static const char *why_text(const struct stimulus *s, unsigned tries,
			    char text[static WHY_MAX])
{
	if (!s->why || tries == 1)
		return s->why;
	snprintf(text, WHY_MAX, "%s (try %u)", s->why, tries);
	return text;
}

int flow_emit(struct flow *f, const struct stimulus *s,
	      const struct segment *segment, unsigned tries)
{
	uint32_t end = segment->seq + segment_len(segment);
	char why[WHY_MAX];
	int rc;

	if (s->check)
		f->check = s->check;
	rc = flow_transmit(f, segment, why_text(s, tries, why));
	if (rc || !s->counts)
		return rc;
	if (seq_lt(f->n.snd_nxt, end))
		f->n.snd_nxt = end;
	if (s->flags & TCP_SYN) {
		f->syn_repeated = f->n.stage != FLOW_NEW;
		if (f->n.stage == FLOW_NEW)
			f->n.stage = FLOW_SYN_SENT;
	}
	return 0;
}

int flow_transmit_echo(struct flow *f)
{
	static const uint8_t payload[] = "tcpprobe: is this host up?";
	struct engine *e = f->engine;
	bool v6 = f->n.local.addr.family == FAMILY_IPV6;
	struct icmp echo = {
		.what = ICMP_ECHO_REQUEST,
		.src = f->n.local.addr,
		.dst = f->n.remote.addr,
		.ttl = TTL_DEFAULT,
		.type = v6 ? 128 : 8,
		.id = f->n.local.port,
		.seq = ++f->ping_seq,
	};
	size_t len = icmp_build_echo(&echo, payload, sizeof(payload) - 1,
				     e->packet, sizeof(e->packet));

	remember(f, &(struct segment){ .seq = echo.seq },
		 len ? trace_sent(f, len, "is the host up?") : UINT32_MAX);
	return hand_to_link(f, len);
}

int flow_send(struct flow *f, const struct stimulus *s)
{
	struct flow_options room;
	struct segment segment;

	if (!engine_pace(f->engine))
		return 0;
	flow_describe(f, s, &segment, &room);
	return flow_emit(f, s, &segment, 1);
}
