/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TIME-WAIT, and FIN-WAIT-2 when the application is gone: Linux keeps only a
 * small record of either and answers by simpler rules (RFC 9293 3.10.7.4, 1122
 * 4.2.2.13, 6191; tcp_timewait_state_process).
 */
#include "tests/model/internal.h"

#define TW_SHORT_NS (5 * TIME_S)
/* RFC 6191's new ISN: past all that the old connection could have sent. */
#define TW_ISN_STEP UINT32_C(65537)

static void set_life(struct model_conn *c, int64_t at_ns)
{
	for (unsigned i = 0; i < MODEL_TIMER_N; i++)
		c->at[i] = TIME_NEVER;
	c->at[MODEL_TIMER_LIFE] = at_ns;
}

static void restart(struct model *m, struct model_conn *c)
{
	int64_t life = m->config.time_wait_ns;

	if (model_broken(m, MODEL_TW_SHORT))
		life = TW_SHORT_NS;
	set_life(c, m->now_ns + life);
}

/* Room for one more. */
static void make_room(struct model *m)
{
	struct model_conn *first = NULL;

	if (!m->config.time_waits ||
	    model_connections(m, MODEL_TIME_WAIT) < m->config.time_waits)
		return;
	for (struct model_conn *c = m->conns; c; c = c->next) {
		if (c->state == MODEL_TIME_WAIT &&
		    (!first ||
		     c->at[MODEL_TIMER_LIFE] < first->at[MODEL_TIMER_LIFE]))
			first = c;
	}
	model_conn_kill(first);
}

void model_timewait_enter(struct model *m, struct model_conn *c)
{
	if (model_broken(m, MODEL_TW_NONE)) {
		model_conn_kill(c);
		return;
	}
	make_room(m);
	c->state = MODEL_TIME_WAIT;
	c->oow_known = false;
	model_queue_free(c);
	c->sack_n = 0;
	restart(m, c);
}

void model_finwait2_enter(struct model *m, struct model_conn *c)
{
	c->oow_known = false;
	set_life(c, m->now_ns + m->config.fin_timeout_ns);
}

static void remember_timestamp(struct model *m, struct model_conn *c,
			       const struct model_in *in)
{
	if (!c->ts || !in->o.has_timestamps)
		return;
	c->ts_recent = in->o.tsval;
	c->ts_recent_at_ns = m->now_ns;
}

static bool too_old(const struct model_conn *c, const struct model_in *in)
{
	return c->ts && model_paws_age(c, in) > 0;
}

static void reset_and_kill(struct model *m, struct model_conn *c,
			   const struct model_in *in)
{
	model_reset(m, in);
	model_conn_kill(c);
}

static void finwait2_input(struct model *m, struct model_conn *c,
			   const struct model_in *in)
{
	const struct segment *s = &in->s;
	uint32_t end = s->seq + segment_len(s);

	if (too_old(c, in) || !model_in_window(s, c->rcv_nxt, c->rcv_wnd)) {
		if (model_oow_allowed(m, c, in))
			model_ack(m, c);
	} else if (s->flags & TCP_RST) {
		model_conn_kill(c);
	} else if (s->flags & TCP_SYN && !seq_lt(s->seq, c->rcv_nxt)) {
		reset_and_kill(m, c, in);
	} else if (!(s->flags & TCP_ACK) || !seq_lt(c->rcv_nxt, end) ||
		   end == s->seq ||
		   (s->flags & TCP_FIN && model_broken(m, MODEL_FIN_MUTE))) {
		return; /* nothing new */
	} else if (!(s->flags & TCP_FIN) || end != c->rcv_nxt + 1) {
		if (!model_broken(m, MODEL_CLOSED_DATA_SWALLOWED))
			reset_and_kill(m, c, in);
	} else {
		c->rcv_nxt = end;
		c->fin_received = true;
		remember_timestamp(m, c, in);
		model_ack(m, c);
		model_timewait_enter(m, c);
	}
}

static void timewait_rst(struct model *m, struct model_conn *c, bool exact)
{
	/* RFC 1337 would not; Linux's tcp_rfc1337 is off. */
	if (model_broken(m, MODEL_TW_RST_IGNORED))
		return;
	if (exact || model_broken(m, MODEL_TW_RST_IN_KILLS))
		model_conn_kill(c);
}

static bool newer_stamp(const struct model *m, const struct model_conn *c,
			const struct model_in *in)
{
	if (!in->o.has_timestamps || m->config.no_timestamps)
		return false;
	return c->ts ? model_paws_age(c, in) < 0 : m->config.tw_first_stamp;
}

/* 9293 3.6.1 MAY-2, 6191 2: a SYN that cannot be an old duplicate. */
static bool may_reopen(const struct model *m, const struct model_conn *c,
		       const struct model_in *in)
{
	bool later = seq_lt(c->rcv_nxt, in->s.seq);

	if (!(in->s.flags & TCP_SYN) || in->s.flags & (TCP_RST | TCP_ACK) ||
	    c->door->spec.role <= MODEL_FILTERED)
		return false;
	if (model_broken(m, MODEL_TW_SYN_OLD_ACCEPTED))
		return true;
	if (model_broken(m, MODEL_TW_SYN_NEW_REFUSED))
		return false;
	if (model_broken(m, MODEL_TW_SYN_TS_IGNORED))
		return later;
	return !too_old(c, in) && (later || newer_stamp(m, c, in));
}

static void reopen(struct model *m, struct model_conn *c,
		   const struct model_in *in)
{
	uint32_t step = model_broken(m, MODEL_TW_ISN_BELOW) ? -TW_ISN_STEP
							    : TW_ISN_STEP;
	uint32_t isn = c->snd_nxt + step;
	struct model_conn *new = model_request_new(m, c->door, in, &isn);

	new->before = (struct model_before){
		.returns = m->config.tw_returns,
		.ts = c->ts,
		.snd_nxt = c->snd_nxt,
		.rcv_nxt = c->rcv_nxt,
		.ts_recent = c->ts_recent,
	};
	model_conn_kill(c);
}

void model_timewait_return(struct model *m, struct model_conn *c)
{
	const struct model_before *before = &c->before;

	c->ts = before->ts;
	c->snd_nxt = before->snd_nxt;
	c->rcv_nxt = before->rcv_nxt;
	c->ts_recent = before->ts_recent;
	model_timewait_enter(m, c);
}

/* Everything else is acknowledged again; a SYN may be an old duplicate or a
 * new one, and does not restart the clock. */
static void acknowledge_again(struct model *m, struct model_conn *c,
			      const struct model_in *in)
{
	if (too_old(c, in) || in->s.flags & TCP_ACK)
		restart(m, c);
	if (in->s.flags & TCP_FIN && model_broken(m, MODEL_TW_FIN_MUTE))
		return;
	if (in->s.payload_len && model_broken(m, MODEL_TW_DATA_MUTE))
		return;
	if (model_oow_allowed(m, c, in))
		model_ack(m, c);
}

void model_timewait_input(struct model *m, struct model_conn *c,
			  const struct model_in *in)
{
	const struct segment *s = &in->s;
	bool exact = s->seq == c->rcv_nxt && !too_old(c, in);

	if (c->state == MODEL_FIN_WAIT_2) {
		finwait2_input(m, c, in);
	} else if (s->flags & TCP_RST) {
		timewait_rst(m, c, exact);
	} else if (s->payload_len && !seq_lt(s->seq, c->rcv_nxt) &&
		   model_broken(m, MODEL_TW_DATA_RESET)) {
		reset_and_kill(m, c, in);
	} else if (exact && segment_len(s) == 0) {
		restart(m, c);
		remember_timestamp(m, c, in);
	} else if (may_reopen(m, c, in)) {
		reopen(m, c, in);
	} else {
		acknowledge_again(m, c, in);
	}
}
