/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segments of the model's own, windows, and the timers that repeat what is not
 * acknowledged: RFC 9293 3.8, RFC 6298, slow start of RFC 5681, RFC 6928.
 */
#include "tests/model/internal.h"

#define RTO_MIN_NS (200 * TIME_MS) /* Linux */
#define RTO_MAX_NS (120 * TIME_S)
#define WINDOW_MAX UINT32_C(65535)

void model_emit(struct model *m, struct segment *s)
{
	size_t len;

	s->ttl = m->config.ttl;
	s->df = true;
	len = segment_build(s, m->buffer, sizeof(m->buffer));
	BUG_ON(!len);
	m->config.output(m->config.arg, m->buffer, len);
}

/* A clock of 1 kHz, each pair from another beginning. */
uint32_t model_timestamp(const struct model *m, const struct model_conn *c)
{
	return (uint32_t)(m->now_ns / TIME_MS) + c->ts_offset;
}

/*
 * The window to offer. The right edge never moves left (9293 3.8.6): what was
 * offered is rounded up, what is new is rounded down. Applications read all or
 * nothing, so silly windows (3.8.6.2.2) do not come up.
 */
static uint16_t offer_window(struct model_conn *c)
{
	uint32_t unit = UINT32_C(1) << c->rcv_shift;
	uint32_t offered = model_receive_window(c);
	size_t buffer = c->door->spec.buffer;
	uint32_t room = 0, window;

	if (buffer > c->in.len)
		room = (uint32_t)(buffer - c->in.len);
	window = room & ~(unit - 1);
	if (window < offered)
		window = (offered + unit - 1) & ~(unit - 1);
	if (window > WINDOW_MAX << c->rcv_shift)
		window = WINDOW_MAX << c->rcv_shift;
	c->rcv_wup = c->rcv_nxt;
	c->rcv_wnd = window;
	return (uint16_t)(window >> c->rcv_shift);
}

static void write_timestamps(const struct model *m, const struct model_conn *c,
			     struct wr *w)
{
	if (!c->ts)
		return;
	wr_u8(w, OPTION_NOP);
	wr_u8(w, OPTION_NOP);
	option_write_timestamps(w, model_timestamp(m, c), c->ts_recent);
}

/* DSACK first, then the newest; as many as fit. */
static void write_sack(const struct model *m, struct model_conn *c,
		       struct wr *w)
{
	unsigned room = c->ts ? 3 : 4;
	unsigned n = c->sack_n + (c->has_dsack ? 1 : 0);
	unsigned i = 0;

	if (!c->sack_ok || !n || model_broken(m, MODEL_NO_SACK_BLOCKS)) {
		c->has_dsack = false;
		return;
	}
	if (n > room)
		n = room;
	wr_u8(w, OPTION_NOP);
	wr_u8(w, OPTION_NOP);
	wr_u8(w, OPTION_SACK);
	wr_u8(w, (uint8_t)(2 + 8 * n));
	if (c->has_dsack) {
		wr_u32(w, c->dsack.left);
		wr_u32(w, c->dsack.right);
		n--;
	}
	for (; i < n; i++) {
		wr_u32(w, c->sack[i].left);
		wr_u32(w, c->sack[i].right);
	}
	c->has_dsack = false;
}

static void send(struct model *m, struct model_conn *c, uint16_t flags,
		 uint32_t seq, const uint8_t *bytes, size_t len)
{
	uint8_t options[OPTIONS_MAX];
	struct wr w = wr_init(options, sizeof(options));
	struct segment s = {
		.src = c->local.addr,
		.dst = c->remote.addr,
		.sport = c->local.port,
		.dport = c->remote.port,
		.seq = seq,
		.ack = c->rcv_nxt,
		.flags = flags,
		.id = c->ip_id++,
		.options = options,
		.payload = bytes,
		.payload_len = len,
	};

	write_timestamps(m, c, &w);
	if (!(flags & TCP_RST)) {
		s.window = offer_window(c);
		if (!len)
			write_sack(m, c, &w);
	}
	s.options_len = w.len;
	c->ack_now = c->ack_due = false;
	c->at[MODEL_TIMER_ACK] = TIME_NEVER;
	model_emit(m, &s);
}

void model_ack(struct model *m, struct model_conn *c)
{
	send(m, c, TCP_ACK, c->snd_nxt, NULL, 0);
}

void model_abort(struct model *m, struct model_conn *c)
{
	send(m, c, TCP_RST | TCP_ACK, c->snd_nxt, NULL, 0);
	model_conn_kill(c);
}

/* RFC 6298 2, with Linux's minimum for the variance. */
void model_rtt_sample(struct model_conn *c, int64_t rtt_ns)
{
	int64_t spread;

	if (!c->srtt_ns) {
		c->srtt_ns = rtt_ns ? rtt_ns : 1;
		c->rttvar_ns = rtt_ns / 2;
	} else {
		int64_t off = c->srtt_ns - rtt_ns;

		c->rttvar_ns = (3 * c->rttvar_ns + (off < 0 ? -off : off)) / 4;
		c->srtt_ns = (7 * c->srtt_ns + rtt_ns) / 8;
	}
	spread = 4 * c->rttvar_ns;
	c->rto_ns = c->srtt_ns + (spread < RTO_MIN_NS ? RTO_MIN_NS : spread);
	c->backoff = 0;
}

static int64_t backed_off(const struct model *m, const struct model_conn *c)
{
	int64_t ns = c->rto_ns;

	if (model_broken(m, MODEL_RTO_NO_BACKOFF))
		return ns;
	for (unsigned i = 0; i < c->backoff && ns < RTO_MAX_NS; i++)
		ns *= 2;
	return ns < RTO_MAX_NS ? ns : RTO_MAX_NS;
}

static unsigned tries_max(const struct model *m, const struct model_conn *c)
{
	return c->orphan ? m->config.orphan_retries : m->config.retries;
}

/* New text. */

static uint32_t in_flight(const struct model_conn *c)
{
	return c->snd_nxt - c->snd_una;
}

static bool something_to_send(const struct model_conn *c)
{
	return !c->fin_sent && (c->out.len > in_flight(c) || c->fin_queued);
}

/*
 * One more segment, if the windows allow it. A piece smaller than what there
 * is goes only when it is half of the largest window ever (9293 3.8.6.2.1).
 */
static bool send_next(struct model *m, struct model_conn *c)
{
	uint32_t flight = in_flight(c);
	size_t unsent = c->out.len - flight;
	uint32_t window = c->snd_wnd < c->cwnd ? c->snd_wnd : c->cwnd;
	uint32_t room = window > flight ? window - flight : 0;
	size_t len = unsent < c->mss ? unsent : c->mss;
	uint16_t flags = TCP_ACK;

	if (len > room) {
		if (!room || room < c->max_wnd / 2)
			return false;
		len = room;
	}
	if (len == unsent && c->fin_queued && flight + len < c->snd_wnd)
		flags |= TCP_FIN;
	if (!len && !(flags & TCP_FIN))
		return false;
	if (len && len == unsent)
		flags |= TCP_PSH;
	if (!c->timing) {
		c->timing = true;
		c->timed_seq = c->snd_nxt;
		c->timed_ns = m->now_ns;
	}
	c->fin_sent = flags & TCP_FIN;
	c->snd_nxt += (uint32_t)len + (c->fin_sent ? 1 : 0);
	send(m, c, flags, c->snd_nxt - (uint32_t)len - (c->fin_sent ? 1 : 0),
	     len ? c->out.bytes + flight : NULL, len);
	return true;
}

static void set_timers(struct model *m, struct model_conn *c)
{
	bool flight = in_flight(c) != 0;
	bool blocked = !flight && something_to_send(c);

	if (!flight)
		c->at[MODEL_TIMER_RTX] = TIME_NEVER;
	else if (c->at[MODEL_TIMER_RTX] == TIME_NEVER)
		c->at[MODEL_TIMER_RTX] = m->now_ns + backed_off(m, c);
	if (!blocked)
		c->at[MODEL_TIMER_PERSIST] = TIME_NEVER;
	else if (c->at[MODEL_TIMER_PERSIST] == TIME_NEVER)
		c->at[MODEL_TIMER_PERSIST] = m->now_ns + backed_off(m, c);
}

void model_push(struct model *m, struct model_conn *c)
{
	if (model_gone(c) || c->state == MODEL_TIME_WAIT ||
	    (c->state == MODEL_FIN_WAIT_2 && c->orphan))
		return;
	while (something_to_send(c) && send_next(m, c))
		;
	set_timers(m, c);
}

/* Once more. */

/* From `seq` on, one segment of what was sent before; where it ends. */
static uint32_t retransmit(struct model *m, struct model_conn *c, uint32_t seq)
{
	size_t at = seq - c->snd_una;
	size_t sent = in_flight(c) - (c->fin_sent ? 1 : 0);
	size_t len = sent - at < c->mss ? sent - at : c->mss;
	bool fin = c->fin_sent && at + len == sent;
	uint16_t flags = TCP_ACK;

	BUG_ON(at > sent);
	c->timing = false; /* Karn */
	if (fin)
		flags |= TCP_FIN;
	if (len && at + len == c->out.len)
		flags |= TCP_PSH;
	if (len || !model_broken(m, MODEL_FIN_NEVER_REPEATED))
		send(m, c, flags, seq, len ? c->out.bytes + at : NULL, len);
	return seq + (uint32_t)len + (fin ? 1 : 0);
}

void model_rtx_expire(struct model *m, struct model_conn *c)
{
	if (in_flight(c) == 0)
		return;
	/* Silently: there is nobody to tell. */
	if (c->tries >= tries_max(m, c)) {
		model_conn_kill(c);
		return;
	}
	c->tries++;
	c->backoff++;
	c->cwnd = c->mss;
	c->duplicates = 0;
	c->loss = MODEL_RTO_LOSS;
	c->recover = c->snd_nxt;
	c->rtx_nxt = retransmit(m, c, c->snd_una);
	set_timers(m, c);
}

void model_persist_expire(struct model *m, struct model_conn *c)
{
	uint32_t room = c->snd_wnd;
	size_t len = c->out.len < c->mss ? c->out.len : c->mss;

	if (!something_to_send(c) || in_flight(c))
		return;
	if (c->tries >= tries_max(m, c)) {
		model_conn_kill(c);
		return;
	}
	c->tries++;
	c->backoff++;
	if (room && len > room) {
		/* The override timer of 3.8.6.2.1: what fits. */
		c->snd_nxt += room;
		send(m, c, TCP_ACK, c->snd_una, c->out.bytes, room);
	} else {
		send(m, c, TCP_ACK, c->snd_una - 1, NULL, 0);
	}
	set_timers(m, c);
}

static void take_sample(struct model *m, struct model_conn *c, uint32_t ack,
			const struct model_in *in)
{
	if (c->timing && seq_lt(c->timed_seq, ack)) {
		c->timing = false;
		model_rtt_sample(c, m->now_ns - c->timed_ns);
	} else if (c->ts && in->o.has_timestamps && in->o.tsecr) {
		int32_t ms = seq_diff(model_timestamp(m, c), in->o.tsecr);

		if (ms >= 0)
			model_rtt_sample(c, ms * TIME_MS);
	}
}

static void repair_loss(struct model *m, struct model_conn *c)
{
	if (seq_le(c->recover, c->snd_una)) {
		c->loss = MODEL_NO_LOSS;
		return;
	}
	if (c->loss == MODEL_FAST_LOSS) {
		retransmit(m, c, c->snd_una);
		return;
	}
	if (seq_lt(c->rtx_nxt, c->snd_una))
		c->rtx_nxt = c->snd_una;
	while (seq_lt(c->rtx_nxt, c->recover) &&
	       c->rtx_nxt - c->snd_una < c->cwnd)
		c->rtx_nxt = retransmit(m, c, c->rtx_nxt);
}

void model_acked(struct model *m, struct model_conn *c, uint32_t ack,
		 const struct model_in *in)
{
	uint32_t n = ack - c->snd_una;
	size_t text = n < c->out.len ? n : c->out.len;

	take_sample(m, c, ack, in);
	model_bytes_drop(&c->out, text);
	c->fin_acked = n > text;
	c->snd_una = ack;
	c->acked += n;
	c->tries = 0;
	c->duplicates = 0;
	c->cwnd += n < c->mss ? n : c->mss;
	c->at[MODEL_TIMER_RTX] = TIME_NEVER;
	c->at[MODEL_TIMER_PERSIST] = TIME_NEVER;
	if (c->loss != MODEL_NO_LOSS)
		repair_loss(m, c);
	set_timers(m, c);
}

/* RFC 5681 3.2, without inflating the window. */
void model_duplicate_ack(struct model *m, struct model_conn *c)
{
	if (c->loss != MODEL_NO_LOSS || ++c->duplicates != 3)
		return;
	c->loss = MODEL_FAST_LOSS;
	c->recover = c->snd_nxt;
	c->cwnd = c->cwnd / 2 < 2U * c->mss ? 2U * c->mss : c->cwnd / 2;
	retransmit(m, c, c->snd_una);
}

/* RFC 9293 3.8.4: an ACK of one below SND.NXT, without text. */
static void send_keepalive(struct model *m, struct model_conn *c)
{
	bool next = model_broken(m, MODEL_KEEPALIVE_SEQ_NEXT);
	bool byte = model_broken(m, MODEL_KEEPALIVE_WITH_BYTE);

	send(m, c, TCP_ACK, next ? c->snd_nxt : c->snd_nxt - 1,
	     (const uint8_t *)"", byte ? 1 : 0);
}

int64_t model_keepalive_idle(const struct model *m, const struct model_conn *c)
{
	if (model_broken(m, MODEL_KEEPALIVE_LATE))
		return 7200 * TIME_S;
	return c->door->spec.keepalive.idle_ns;
}

void model_keepalive_expire(struct model *m, struct model_conn *c)
{
	const struct model_keepalive *k = &c->door->spec.keepalive;
	int64_t idle = model_keepalive_idle(m, c);
	int64_t due = c->heard_ns + idle;
	unsigned count = k->count;

	if (model_broken(m, MODEL_KEEPALIVE_ONE_LOSS))
		count = 1;
	if (c->state == MODEL_TIME_WAIT || c->orphan)
		return;
	/* What is unacknowledged is a probe of its own. */
	if (in_flight(c) || something_to_send(c)) {
		c->at[MODEL_TIMER_KEEPALIVE] = m->now_ns + idle;
	} else if (m->now_ns < due) {
		c->at[MODEL_TIMER_KEEPALIVE] = due;
	} else if (c->probes >= count &&
		   !model_broken(m, MODEL_KEEPALIVE_ENDLESS)) {
		model_abort(m, c);
	} else {
		c->probes++;
		send_keepalive(m, c);
		c->at[MODEL_TIMER_KEEPALIVE] = m->now_ns + k->interval_ns;
	}
}
