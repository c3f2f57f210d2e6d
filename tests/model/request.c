/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYN-RECEIVED: RFC 9293 3.10.7.4 for a passive open, in the order in which
 * Linux asks (tcp_check_req), and SYN cookies (RFC 4987 3.6).
 *
 * A cookie is an ISN = hash(pair) + SEG.SEQ + class of MSS; what else was
 * negotiated is in the low bits of the timestamp, and lost without.
 */
#include "tests/model/internal.h"

#define SYNACK_RTO_NS TIME_S
#define COOKIE_LIFE_NS (60 * TIME_S)
#define COOKIE_SACK 0x10U
#define COOKIE_NO_WSCALE 0xfU
#define COOKIE_BITS 0x3fU

static const uint16_t cookie_mss[] = { 536, 1300, 1440, 1460 };

enum { HASH_ISN, HASH_COOKIE, HASH_TIMESTAMP, HASH_IP_ID };

/* RFC 6528 3: a clock of 64 ns, and a keyed hash of the pair. */
static uint32_t choose_isn(const struct model *m, const struct model_conn *c)
{
	uint32_t clock = (uint32_t)(m->now_ns >> 6);
	uint64_t hash = model_hash(m, &c->local, &c->remote, HASH_ISN);

	if (model_broken(m, MODEL_ISN_CONSTANT))
		return 0x12345678;
	if (model_broken(m, MODEL_ISN_CLOCK_ONLY))
		return clock;
	if (model_broken(m, MODEL_ISN_RANDOM))
		return (uint32_t)model_hash(m, &c->local, &c->remote,
					    (unsigned)m->now_ns);
	return (uint32_t)hash + clock;
}

/* RFC 9293 3.7.1: the peer's MSS or the default, at most our own, less the
 * options that every segment carries. */
static uint16_t payload_max(const struct model *m, const struct model_conn *c,
			    const struct options *o)
{
	bool ipv4 = c->local.addr.family == FAMILY_IPV4;
	unsigned own = m->config.mtu - (ipv4 ? 40U : 60U);
	unsigned mss = ipv4 ? 536 : 1220;

	if (o->has_mss && o->mss)
		mss = o->mss;
	if (mss > own || model_broken(m, MODEL_MSS_IGNORED))
		mss = own;
	if (mss < 48) /* Linux's tcp_min_snd_mss */
		mss = 48;
	return (uint16_t)(mss - (c->ts ? 12 : 0));
}

static void negotiate(struct model *m, struct model_conn *c,
		      const struct options *o)
{
	c->ts = o->has_timestamps && !m->config.no_timestamps;
	c->sack_ok = o->sack_permitted && !m->config.no_sack;
	c->wscale = o->has_wscale && !m->config.no_wscale;
	if (c->wscale) {
		/* RFC 7323 2.3 */
		c->snd_shift = o->wscale > 14 ? 14 : o->wscale;
		c->rcv_shift = m->config.wscale;
	}
	c->mss = payload_max(m, c, o);
	c->ts_recent = o->has_timestamps ? o->tsval : 0;
	c->ts_recent_at_ns = m->now_ns;
}

static void set_numbers(struct model *m, struct model_conn *c,
			const struct segment *s, uint32_t irs)
{
	size_t window = c->door->spec.buffer;

	c->irs = irs;
	c->rcv_nxt = irs + 1;
	c->rcv_wup = c->rcv_nxt;
	c->rcv_wnd = window > UINT16_MAX ? UINT16_MAX : (uint32_t)window;
	c->snd_una = c->iss;
	c->snd_nxt = c->iss + 1;
	c->snd_wnd = s->window; /* never scaled on a SYN */
	c->ts_offset = (uint32_t)model_hash(m, &c->local, &c->remote,
					    HASH_TIMESTAMP);
	c->ip_id = (uint16_t)model_hash(m, &c->local, &c->remote, HASH_IP_ID);
	c->rto_ns = TIME_S;
	c->synack_at_ns = m->now_ns;
}

/* The SYN-ACK. */

/* In Linux's order: MSS, SACK-permitted, timestamps, NOP, window scale. */
static void synack_options(const struct model *m, const struct model_conn *c,
			   uint32_t tsval, struct wr *w)
{
	bool more = model_broken(m, MODEL_SYNACK_UNOFFERED);
	bool ipv4 = c->local.addr.family == FAMILY_IPV4;

	if (!model_broken(m, MODEL_SYNACK_NO_MSS))
		option_write_mss(w, (uint16_t)(m->config.mtu -
					       (ipv4 ? 40U : 60U)));
	if (!c->sack_ok && c->ts) {
		wr_u8(w, OPTION_NOP);
		wr_u8(w, OPTION_NOP);
	}
	if (!c->ts && (c->sack_ok || more)) {
		wr_u8(w, OPTION_NOP);
		wr_u8(w, OPTION_NOP);
	}
	if (c->sack_ok || more)
		option_write_sack_permitted(w);
	if (c->ts)
		option_write_timestamps(w, tsval, c->ts_recent);
	if (c->wscale || more) {
		wr_u8(w, OPTION_NOP);
		option_write_wscale(w, m->config.wscale);
	}
}

static void spoil_options(const struct model *m, struct wr *w)
{
	static const uint8_t length_0[] = { OPTION_WSCALE, 0, OPTION_NOP,
					    OPTION_NOP };
	static const uint8_t dirty[] = { OPTION_END, 0xde, 0xad, 0x00 };

	if (model_broken(m, MODEL_SYNACK_BAD_OPTION))
		wr_bytes(w, length_0, sizeof(length_0));
	if (model_broken(m, MODEL_SYNACK_DIRTY_PADDING))
		wr_bytes(w, dirty, sizeof(dirty));
}

static void synack_send(struct model *m, const struct model_conn *c,
			uint32_t tsval, uint16_t reserved)
{
	uint8_t bytes[OPTIONS_MAX];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct segment s = {
		.src = c->local.addr,
		.dst = c->remote.addr,
		.sport = c->local.port,
		.dport = c->remote.port,
		.seq = c->iss,
		.ack = c->irs + 1,
		.flags = TCP_SYN | TCP_ACK,
		.window = (uint16_t)c->rcv_wnd,
		.options = bytes,
	};

	synack_options(m, c, tsval, &w);
	spoil_options(m, &w);
	s.options_len = w.len;
	if (model_broken(m, MODEL_SYNACK_WRONG_ACK))
		s.ack = c->irs;
	if (model_broken(m, MODEL_SYNACK_EXTRA_FLAGS))
		s.flags |= TCP_PSH | TCP_URG;
	if (model_broken(m, MODEL_RESERVED_REFLECTED))
		s.flags |= reserved;
	if (model_broken(m, MODEL_SYNACK_PAYLOAD)) {
		s.payload = (const uint8_t *)"early";
		s.payload_len = 5;
	}
	model_emit(m, &s);
}

void model_synack(struct model *m, struct model_conn *c, uint16_t reserved)
{
	synack_send(m, c, model_timestamp(m, c), reserved);
}

struct model_conn *model_request_new(struct model *m, struct model_door *door,
				     const struct model_in *in,
				     const uint32_t *isn)
{
	struct model_conn *c = model_conn_new(m, door, in);

	c->state = MODEL_SYN_RECEIVED;
	negotiate(m, c, &in->o);
	c->iss = isn ? *isn : choose_isn(m, c);
	set_numbers(m, c, &in->s, in->s.seq);
	if (model_broken(m, MODEL_SYN_DATA_TWICE))
		model_bytes_add(&c->in, in->s.payload, in->s.payload_len);
	model_synack(m, c, in->s.flags & TCP_RESERVED);
	c->at[MODEL_TIMER_RTX] = m->now_ns + SYNACK_RTO_NS;
	return c;
}

/* SYN-ACK again 1, 2, 4 … s later, and forgotten one step after the last. */
void model_request_expire(struct model *m, struct model_conn *c)
{
	if (c->tries == m->config.synack_retries) {
		model_conn_kill(c);
		return;
	}
	c->tries++;
	if (!model_broken(m, MODEL_SYNACK_NEVER_REPEATED))
		model_synack(m, c, 0);
	c->at[MODEL_TIMER_RTX] =
		m->now_ns + (model_broken(m, MODEL_SYNACK_NO_BACKOFF) ?
				     SYNACK_RTO_NS :
				     SYNACK_RTO_NS << c->tries);
}

/* From here to ESTABLISHED. */

static void rtt_of_handshake(struct model *m, struct model_conn *c)
{
	if (!c->tries && !c->synack_repeated) /* Karn */
		model_rtt_sample(c, m->now_ns - c->synack_at_ns);
	else if (!c->ts)
		c->rto_ns = 3 * TIME_S; /* RFC 6298 5.7 */
	c->tries = 0;
	c->backoff = 0;
}

static void establish(struct model *m, struct model_conn *c,
		      struct model_in *in)
{
	const struct segment *s = &in->s;

	c->state = MODEL_ESTABLISHED;
	c->at[MODEL_TIMER_RTX] = TIME_NEVER;
	c->snd_una = c->iss + 1;
	c->snd_wnd = (uint32_t)s->window << c->snd_shift;
	c->max_wnd = c->snd_wnd;
	c->snd_wl1 = s->seq;
	c->snd_wl2 = s->ack;
	c->cwnd = 10U * c->mss; /* RFC 6928 */
	c->quick_acks = 16;
	c->oow_known = false;
	rtt_of_handshake(m, c);
	model_app_open(m, c);
	model_conn_input(m, c, in);
}

static bool accept_queue_full(struct model *m, struct model_conn *c)
{
	return c->door->spec.role == MODEL_LISTEN &&
	       model_count(m, c->door, false) > c->door->spec.backlog;
}

static void third_segment(struct model *m, struct model_conn *c,
			  const struct model_in *in)
{
	struct model_in copy = *in;

	if (c->door->spec.defers && !in->s.payload_len)
		return;
	if (accept_queue_full(m, c)) {
		/* Forgotten: the SYN-ACK goes on being repeated. */
		if (!m->config.abort_on_overflow)
			return;
		model_reset(m, in);
		model_conn_kill(c);
		return;
	}
	establish(m, c, &copy);
}

/* A SYN like the first. */
static void duplicate_syn(struct model *m, struct model_conn *c,
			  const struct model_in *in)
{
	if (model_broken(m, MODEL_DUP_SYN_NEW_ISN)) {
		c->iss += 64000;
		c->snd_una = c->iss;
		c->snd_nxt = c->iss + 1;
	} else if (!model_oow_allowed(m, c, in)) {
		return;
	}
	c->synack_repeated = true;
	model_synack(m, c, in->s.flags & TCP_RESERVED);
	c->at[MODEL_TIMER_RTX] = m->now_ns + (SYNACK_RTO_NS << c->tries);
}

/* Fifth, SYN-RECEIVED: reset, and nothing changes. */
static void unacceptable_ack(struct model *m, struct model_conn *c,
			     const struct model_in *in)
{
	struct model_in good = *in;

	if (in->s.flags & TCP_RST)
		return;
	if (model_broken(m, MODEL_SYNRCVD_BAD_ACK_OPENS)) {
		good.s.ack = c->iss + 1;
		third_segment(m, c, &good);
		return;
	}
	if (!model_broken(m, MODEL_SYNRCVD_BAD_ACK_MUTE))
		model_reset(m, in);
	if (model_broken(m, MODEL_SYNRCVD_BAD_ACK_KILLS))
		model_conn_kill(c);
}

/* Answered like a challenge; a RST is dropped. */
static void out_of_window(struct model *m, struct model_conn *c,
			  const struct model_in *in)
{
	if (in->s.flags & TCP_RST) {
		if (model_broken(m, MODEL_SYNRCVD_RST_OUT_KILLS))
			model_conn_kill(c);
	} else if (in->s.flags & TCP_SYN &&
		   model_broken(m, MODEL_SYNRCVD_SYN_OUT_KILLS)) {
		model_reset(m, in);
		model_conn_kill(c);
	} else if (model_oow_allowed(m, c, in)) {
		model_ack(m, c);
	}
}

static void request_reset(struct model *m, struct model_conn *c,
			  const struct model_in *in)
{
	if (in->s.seq == c->rcv_nxt) {
		if (c->before.returns)
			model_timewait_return(m, c);
		else if (!model_broken(m, MODEL_SYNRCVD_RST_IGNORED))
			model_conn_kill(c);
	} else if (model_broken(m, MODEL_SYNRCVD_RST_IN_KILLS)) {
		model_conn_kill(c);
	} else if (model_oow_allowed(m, c, in)) {
		model_ack(m, c);
	}
}

/* Passive: another SYN leads back to LISTEN. */
static void request_syn(struct model *m, struct model_conn *c,
			const struct model_in *in)
{
	if (model_broken(m, MODEL_SYNRCVD_SYN_IN_ACKED)) {
		model_ack(m, c);
		return;
	}
	model_reset(m, in);
	model_conn_kill(c);
}

static bool timestamps_bad(const struct model *m, const struct model_conn *c,
			   const struct model_in *in)
{
	uint32_t first = (uint32_t)(c->synack_at_ns / TIME_MS) + c->ts_offset;

	if (!c->ts || !in->o.has_timestamps)
		return false;
	/* Linux 6.18: of a RST too. */
	if (model_paws_age(c, in) > 0 && !model_broken(m, MODEL_NO_PAWS))
		return true;
	/* An echo of what was not sent; Linux 6.18. */
	return in->s.flags & TCP_ACK && in->o.tsecr &&
	       (seq_lt(in->o.tsecr, first) ||
		seq_lt(model_timestamp(m, c), in->o.tsecr));
}

void model_request_input(struct model *m, struct model_conn *c,
			 const struct model_in *in)
{
	const struct segment *s = &in->s;
	uint16_t kind = s->flags & (TCP_SYN | TCP_RST | TCP_ACK);
	bool bad_ts = timestamps_bad(m, c, in);

	if (s->seq == c->irs && kind == TCP_SYN && !bad_ts) {
		duplicate_syn(m, c, in);
		return;
	}
	if (s->flags & TCP_ACK && s->ack != c->iss + 1) {
		unacceptable_ack(m, c, in);
		return;
	}
	if (bad_ts || !model_in_window(s, c->rcv_nxt, c->rcv_wnd)) {
		out_of_window(m, c, in);
		return;
	}
	if (c->ts && in->o.has_timestamps && seq_le(s->seq, c->rcv_nxt))
		c->ts_recent = in->o.tsval;
	if (s->flags & TCP_RST) {
		request_reset(m, c, in);
	} else if (s->flags & TCP_SYN && s->seq != c->irs) {
		request_syn(m, c, in);
	} else if (s->flags & TCP_ACK) {
		third_segment(m, c, in);
	} else if (model_broken(m, MODEL_SYNRCVD_NO_ACK_KILLS)) {
		model_reset(m, in);
		model_conn_kill(c);
	}
}

/* Cookies. */

static uint32_t cookie_base(const struct model *m, const struct model_conn *c)
{
	return (uint32_t)model_hash(m, &c->local, &c->remote, HASH_COOKIE) &
	       ~UINT32_C(3);
}

static unsigned mss_class(const struct options *o)
{
	uint16_t mss = o->has_mss ? o->mss : cookie_mss[0];
	unsigned i = ARRAY_LEN(cookie_mss) - 1;

	while (i && cookie_mss[i] > mss)
		i--;
	return i;
}

static uint32_t cookie_timestamp(const struct model *m,
				 const struct model_conn *c)
{
	uint32_t now = model_timestamp(m, c);
	uint32_t bits = c->wscale ? c->snd_shift : COOKIE_NO_WSCALE;
	uint32_t ts;

	if (c->sack_ok)
		bits |= COOKIE_SACK;
	ts = (now & ~COOKIE_BITS) | bits;
	return seq_lt(now, ts) ? ts - COOKIE_BITS - 1 : ts;
}

void model_cookie_send(struct model *m, struct model_door *door,
		       const struct model_in *in)
{
	struct model_conn *c = model_conn_new(m, door, in);

	negotiate(m, c, &in->o);
	/* Without timestamps there is no place to keep the other options. */
	c->sack_ok = c->sack_ok && c->ts;
	c->wscale = c->wscale && c->ts;
	c->iss = cookie_base(m, c) + in->s.seq + mss_class(&in->o);
	set_numbers(m, c, &in->s, in->s.seq);
	synack_send(m, c, c->ts ? cookie_timestamp(m, c) : 0,
		    in->s.flags & TCP_RESERVED);
	door->cookies_until_ns = m->now_ns + COOKIE_LIFE_NS;
	model_conn_kill(c);
}

/* What the SYN's options were, as far as the cookie kept them. */
static struct options cookie_options(const struct model_in *in, unsigned mss)
{
	struct options o = {
		.has_mss = true,
		.mss = cookie_mss[mss],
		.has_timestamps = in->o.has_timestamps,
		.tsval = in->o.tsval,
	};

	if (!in->o.has_timestamps)
		return o;
	o.sack_permitted = in->o.tsecr & COOKIE_SACK;
	o.wscale = in->o.tsecr & COOKIE_NO_WSCALE;
	o.has_wscale = o.wscale != COOKIE_NO_WSCALE;
	return o;
}

bool model_cookie_accept(struct model *m, struct model_door *door,
			 const struct model_in *in)
{
	struct model_in copy = *in;
	struct model_conn *c;
	struct options o;
	uint32_t mss;

	if (m->now_ns >= door->cookies_until_ns || in->s.flags & TCP_SYN)
		return false;
	c = model_conn_new(m, door, in);
	c->iss = in->s.ack - 1;
	mss = c->iss - cookie_base(m, c) - (in->s.seq - 1);
	if (mss >= ARRAY_LEN(cookie_mss)) {
		model_conn_kill(c);
		return false;
	}
	o = cookie_options(in, mss);
	negotiate(m, c, &o);
	set_numbers(m, c, &in->s, in->s.seq - 1);
	c->tries = 1; /* no sample: the first SYN-ACK's time is not known */
	if (accept_queue_full(m, c)) {
		model_conn_kill(c);
		return true;
	}
	establish(m, c, &copy);
	return true;
}
