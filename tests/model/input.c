/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A segment arrives in a synchronized state: RFC 9293 3.10.7.4 in its order,
 * with RFC 5961's answers to blind segments and RFC 7323's PAWS in front.
 *
 * Linux answers what is out of window or a challenge at most once in 500 ms a
 * connection; segments with text or FIN are no part of an ACK loop and not
 * limited, unless they are challenged.
 */
#include "tests/model/internal.h"

#define PAWS_FORGET_NS (INT64_C(24) * 86400 * TIME_S)
#define HOST_LIMIT 100

static bool limited(struct model *m, struct model_conn *c)
{
	if (model_broken(m, MODEL_CHALLENGE_UNLIMITED))
		return false;
	if (c->oow_known && m->now_ns - c->oow_at_ns < m->config.challenge_ns)
		return true;
	c->oow_known = true;
	c->oow_at_ns = m->now_ns;
	return false;
}

bool model_oow_allowed(struct model *m, struct model_conn *c,
		       const struct model_in *in)
{
	if (segment_len(&in->s) && !(in->s.flags & TCP_SYN))
		return true;
	return !limited(m, c);
}

static bool host_limited(struct model *m)
{
	if (m->now_ns - m->budget_at_ns >= TIME_S) {
		m->budget_at_ns = m->now_ns;
		m->budget = HOST_LIMIT;
	}
	if (!m->budget)
		return true;
	m->budget--;
	return false;
}

/* RFC 5961 7 */
static void challenge(struct model *m, struct model_conn *c)
{
	bool host = model_broken(m, MODEL_CHALLENGE_HOST_LIMIT);

	if (host ? host_limited(m) : limited(m, c))
		return;
	model_ack(m, c);
}

bool model_in_window(const struct segment *s, uint32_t first, uint32_t len)
{
	uint32_t end = s->seq + segment_len(s);

	if (s->seq == first)
		return true;
	if (seq_lt(first, end) && seq_lt(s->seq, first + len))
		return true;
	return s->seq == first + len && s->seq == end;
}

int32_t model_paws_age(const struct model_conn *c, const struct model_in *in)
{
	if (!in->o.has_timestamps)
		return 0;
	return seq_diff(c->ts_recent, in->o.tsval);
}

static void reset(struct model_conn *c)
{
	model_conn_kill(c);
}

/* Fourth: a SYN, wherever its number is. */
static void syn(struct model *m, struct model_conn *c,
		const struct model_in *in, bool in_window)
{
	if (model_broken(m, in_window ? MODEL_SYN_IN_KILLS :
					MODEL_SYN_OUT_KILLS)) {
		model_reset(m, in);
		reset(c);
	} else if (model_broken(m, MODEL_SYN_SYNACK)) {
		struct model_conn shown = *c;

		shown.irs = in->s.seq;
		model_synack(m, &shown, 0);
	} else if (!model_broken(m, MODEL_NO_CHALLENGE_ACK)) {
		challenge(m, c);
	}
}

/* The same ACK again, for what is not acceptable. */
static void duplicate_ack(struct model *m, struct model_conn *c,
			  const struct model_in *in)
{
	uint32_t end = in->s.seq + segment_len(&in->s);

	if (!model_oow_allowed(m, c, in))
		return;
	if (end != in->s.seq && seq_lt(in->s.seq, c->rcv_nxt))
		model_dsack(c, in->s.seq,
			    seq_lt(end, c->rcv_nxt) ? end : c->rcv_nxt);
	model_ack(m, c);
}

/* RFC 7323 5.3 R1. A pure duplicate ACK may be a little older. */
static bool paws_acceptable(const struct model *m, const struct model_conn *c,
			    const struct model_in *in)
{
	int32_t age = model_paws_age(c, in);
	int64_t replay_ms = c->rto_ns * 12 / 10 / TIME_MS;

	if (!c->ts || age <= 1 || model_broken(m, MODEL_NO_PAWS) ||
	    m->now_ns - c->ts_recent_at_ns > PAWS_FORGET_NS)
		return true;
	return segment_len(&in->s) == 0 && in->s.flags & TCP_ACK &&
	       in->s.seq == c->rcv_nxt && in->s.ack == c->snd_una &&
	       (uint32_t)in->s.window << c->snd_shift == c->snd_wnd &&
	       age <= replay_ms;
}

static bool paws(struct model *m, struct model_conn *c,
		 const struct model_in *in)
{
	if (paws_acceptable(m, c, in))
		return true;
	if (in->s.flags & TCP_RST) /* 7323 5.2: not for resets */
		return !model_broken(m, MODEL_RST_PAWS);
	if (in->s.flags & TCP_SYN)
		syn(m, c, in, false);
	else
		duplicate_ack(m, c, in);
	return false;
}

/* Where a segment lies. Linux lets text run over the right edge while there is
 * nothing unread, and asks the left edge of what it acknowledged last. */
enum place { PLACE_INSIDE, PLACE_BELOW, PLACE_ABOVE };

static enum place place_of(const struct model_conn *c,
			   const struct segment *s)
{
	uint32_t edge = c->rcv_nxt + model_receive_window(c);
	uint32_t end = s->seq + segment_len(s);
	uint32_t text_end = s->seq + (uint32_t)s->payload_len;

	if (seq_lt(end, c->rcv_wup))
		return PLACE_BELOW;
	if (seq_lt(edge, s->seq))
		return PLACE_ABOVE;
	if (seq_lt(edge, text_end) && c->in.len)
		return PLACE_ABOVE;
	return PLACE_INSIDE;
}

/* Who has sent a FIN may reset with the number before it. */
static bool reset_below_fin(const struct model_conn *c,
			    const struct segment *s)
{
	return s->seq == c->rcv_nxt - 1 &&
	       (c->state == MODEL_CLOSE_WAIT || c->state == MODEL_LAST_ACK ||
		c->state == MODEL_CLOSING);
}

static bool mute(const struct model *m, const struct model_conn *c,
		 const struct segment *s, enum place place)
{
	if (s->seq == c->rcv_nxt - 1 && segment_len(s) == 0)
		return model_broken(m, MODEL_KEEPALIVE_0_MUTE);
	if (segment_len(s) == 0)
		return false;
	return model_broken(m, place == PLACE_ABOVE ? MODEL_SEQ_ABOVE_MUTE :
						      MODEL_SEQ_OLD_MUTE);
}

/* With or without its byte. */
static bool is_keepalive(const struct model_conn *c, const struct segment *s)
{
	return s->seq == c->rcv_nxt - 1 && s->payload_len <= 1 &&
	       !(s->flags & (TCP_SYN | TCP_FIN | TCP_RST));
}

/* First: the sequence number. */
static bool sequence(struct model *m, struct model_conn *c,
		     struct model_in *in)
{
	struct segment *s = &in->s;
	enum place place = place_of(c, s);

	if (is_keepalive(c, s) && model_broken(m, MODEL_KEEPALIVE_RESET)) {
		model_reset(m, in);
		reset(c);
		return false;
	}
	if (place == PLACE_INSIDE)
		return true;
	if (s->flags & TCP_RST) {
		if (reset_below_fin(c, s) ||
		    model_broken(m, MODEL_RST_OUT_KILLS))
			reset(c);
	} else if (s->flags & TCP_SYN) {
		syn(m, c, in, false);
	} else if (place == PLACE_ABOVE && s->payload_len &&
		   model_broken(m, MODEL_SEQ_ABOVE_ACCEPTED)) {
		s->seq = c->rcv_nxt;
		return true;
	} else if (!mute(m, c, s, place)) {
		duplicate_ack(m, c, in);
	}
	return false;
}

/* Second: a RST inside the window (RFC 5961 3.2). With SACK blocks the right
 * edge of the highest counts as exact too. */
static bool exact(const struct model_conn *c, const struct segment *s)
{
	uint32_t highest = c->rcv_nxt;

	for (unsigned i = 0; i < c->sack_n; i++) {
		if (seq_lt(highest, c->sack[i].right))
			highest = c->sack[i].right;
	}
	return s->seq == c->rcv_nxt || s->seq == highest;
}

static void rst(struct model *m, struct model_conn *c,
		const struct segment *s)
{
	if (exact(c, s)) {
		if (!model_broken(m, MODEL_RST_EXACT_IGNORED))
			reset(c);
	} else if (reset_below_fin(c, s) ||
		   model_broken(m, MODEL_RST_IN_KILLS)) {
		reset(c);
	} else if (!model_broken(m, MODEL_NO_CHALLENGE_ACK)) {
		challenge(m, c);
	}
}

/* Fifth: the ACK field. An ACK below SND.UNA is old news as long as it is not
 * older than the peer could know (RFC 5961 5.2). */
static bool ack_old(struct model *m, struct model_conn *c, uint32_t ack)
{
	uint64_t most = c->max_wnd < c->acked ? c->max_wnd : c->acked;

	if (model_broken(m, MODEL_ACK_OLD_REFUSED))
		most = 0;
	if (c->snd_una - ack <= most || model_broken(m, MODEL_ACK_OLD_ACCEPTED))
		return true;
	challenge(m, c);
	return false;
}

static bool ack_new(struct model *m, struct model_conn *c,
		    const struct model_in *in)
{
	if (model_broken(m, MODEL_ACK_NEW_ACCEPTED))
		return true;
	if (model_broken(m, MODEL_ACK_NEW_RST))
		model_reset(m, in);
	else if (!model_broken(m, MODEL_ACK_NEW_MUTE))
		challenge(m, c);
	return false;
}

/* RFC 7323 4.3 */
static void update_ts_recent(struct model *m, struct model_conn *c,
			     const struct model_in *in)
{
	if (!c->ts || !in->o.has_timestamps ||
	    seq_lt(c->rcv_wup, in->s.seq) || model_paws_age(c, in) > 0)
		return;
	c->ts_recent = in->o.tsval;
	c->ts_recent_at_ns = m->now_ns;
}

static bool update_window(struct model_conn *c, const struct segment *s)
{
	uint32_t window = (uint32_t)s->window << c->snd_shift;
	bool newer = seq_lt(c->snd_wl1, s->seq) ||
		     (c->snd_wl1 == s->seq && seq_le(c->snd_wl2, s->ack));
	bool changed = newer && window != c->snd_wnd;

	if (newer) {
		c->snd_wnd = window;
		c->snd_wl1 = s->seq;
		c->snd_wl2 = s->ack;
	}
	if (c->max_wnd < c->snd_wnd)
		c->max_wnd = c->snd_wnd;
	return changed;
}

/* Our FIN is acknowledged. False when the connection is done with. */
static bool fin_acked(struct model *m, struct model_conn *c)
{
	switch (c->state) {
	case MODEL_FIN_WAIT_1:
		c->state = MODEL_FIN_WAIT_2;
		if (c->orphan)
			model_finwait2_enter(m, c);
		return true;
	case MODEL_CLOSING:
		model_timewait_enter(m, c);
		return false;
	case MODEL_LAST_ACK:
		model_conn_kill(c);
		return false;
	case MODEL_STATE_CLOSED:
	case MODEL_SYN_RECEIVED:
	case MODEL_ESTABLISHED:
	case MODEL_FIN_WAIT_2:
	case MODEL_CLOSE_WAIT:
	case MODEL_TIME_WAIT:
	case MODEL_STATE_N:
		break;
	}
	return true;
}

/* True when the segment's text is to be looked at. */
static bool acknowledgement(struct model *m, struct model_conn *c,
			    const struct model_in *in)
{
	const struct segment *s = &in->s;
	bool window_changed;

	if (seq_lt(s->ack, c->snd_una))
		return ack_old(m, c, s->ack);
	if (seq_lt(c->snd_nxt, s->ack))
		return ack_new(m, c, in);
	update_ts_recent(m, c, in);
	window_changed = update_window(c, s);
	c->heard_ns = m->now_ns;
	if (!model_broken(m, MODEL_KEEPALIVE_DEAF))
		c->probes = 0;
	if (window_changed && c->snd_una == c->snd_nxt)
		c->backoff = 0; /* of the probes of a zero window */
	if (!c->snd_wnd)
		c->tries = 0; /* the peer lives: go on probing */
	if (s->ack != c->snd_una)
		model_acked(m, c, s->ack, in);
	else if (segment_len(s) == 0 && !window_changed &&
		 c->snd_nxt != c->snd_una)
		model_duplicate_ack(m, c);
	if (c->fin_acked && c->state != MODEL_FIN_WAIT_2)
		return fin_acked(m, c);
	return true;
}

/*
 * Seventh: text after the peer's FIN is ignored, text for an application that
 * has closed is reset (1122 4.2.2.13). True when it is to be received.
 */
static bool text_wanted(struct model *m, struct model_conn *c,
			const struct model_in *in)
{
	const struct segment *s = &in->s;
	uint32_t end = s->seq + (uint32_t)s->payload_len;

	if (c->fin_received && !seq_lt(s->seq, c->rcv_nxt)) {
		if (model_broken(m, MODEL_FIN_DATA_DELIVERED))
			model_app_hear(c, s->payload, s->payload_len);
		return false;
	}
	if ((c->fin_received || c->orphan) && segment_len(s) &&
	    seq_lt(c->rcv_nxt, end)) {
		if (model_broken(m, MODEL_CLOSED_DATA_SWALLOWED))
			return false;
		model_reset(m, in);
		model_conn_kill(c);
		return false;
	}
	return true;
}

static void after_text(struct model *m, struct model_conn *c)
{
	if (model_gone(c) || c->state == MODEL_TIME_WAIT)
		return;
	model_push(m, c);
	model_acknowledge(m, c);
	model_app_run(m, c);
}

void model_conn_input(struct model *m, struct model_conn *c,
		      struct model_in *in)
{
	struct segment *s = &in->s;

	if (model_broken(m, MODEL_FIN_MUTE))
		s->flags &= (uint16_t)~TCP_FIN;
	if (s->flags & TCP_RESERVED &&
	    model_broken(m, MODEL_ESTAB_RESERVED_FATAL))
		return;
	/* Fifth, but asked first: without ACK only RST and SYN say anything. */
	if (!(s->flags & (TCP_ACK | TCP_RST | TCP_SYN)) &&
	    !model_broken(m, MODEL_NO_ACK_ACCEPTED))
		return;
	if (!paws(m, c, in) || !sequence(m, c, in))
		return;
	if (s->flags & TCP_RST) {
		rst(m, c, s);
		return;
	}
	if (s->flags & TCP_SYN) {
		syn(m, c, in, true);
		return;
	}
	if (s->flags & TCP_ACK && !acknowledgement(m, c, in))
		return;
	if (text_wanted(m, c, in))
		model_receive(m, c, in);
	after_text(m, c);
}
