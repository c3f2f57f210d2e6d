/* SPDX-License-Identifier: BSD-2-Clause */
/* CLOSED and LISTEN: RFC 9293 3.10.7.1 and 3.10.7.2. */
#include "tests/model/internal.h"

/* Timestamps on resets are a variant (7323 5.2): the echo, and no clock. */
static size_t reset_options(const struct model *m, const struct model_in *in,
			    uint8_t out[static OPTIONS_MAX])
{
	struct wr w = wr_init(out, OPTIONS_MAX);

	if (!m->config.rst_timestamps || !in->o.has_timestamps)
		return 0;
	wr_u8(&w, OPTION_NOP);
	wr_u8(&w, OPTION_NOP);
	option_write_timestamps(&w, 0, in->o.tsval);
	return w.len;
}

/* "If the ACK bit is off, sequence number zero is used,
 * <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>" */
static void reset_no_ack(const struct model *m, const struct segment *s,
			 struct segment *out)
{
	uint32_t len = segment_len(s);

	if (model_broken(m, MODEL_RST_ACK_NO_LENGTH))
		len -= (uint32_t)s->payload_len;
	if (model_broken(m, MODEL_RST_ACK_NO_FIN) && s->flags & TCP_FIN)
		len--;
	out->seq = model_broken(m, MODEL_RST_SEQ_NONZERO) ? 0x01020304 : 0;
	out->ack = s->seq + len;
	if (model_broken(m, MODEL_RST_WRONG_ACK))
		out->ack++;
	out->flags = TCP_RST | TCP_ACK;
	if (model_broken(m, MODEL_RST_NO_ACK_BIT))
		out->flags = TCP_RST;
}

/* "If the ACK bit is on, <SEQ=SEG.ACK><CTL=RST>" */
static void reset_ack(const struct model *m, const struct segment *s,
		      struct segment *out)
{
	out->seq = s->ack;
	if (model_broken(m, MODEL_RST_WRONG_SEQ))
		out->seq++;
	out->flags = TCP_RST;
	if (model_broken(m, MODEL_RST_WITH_ACK)) {
		out->flags |= TCP_ACK;
		out->ack = s->seq + segment_len(s);
	}
}

void model_reset(struct model *m, const struct model_in *in)
{
	const struct segment *s = &in->s;
	uint8_t options[OPTIONS_MAX];
	struct segment out = {
		.src = s->dst,
		.dst = s->src,
		.sport = s->dport,
		.dport = s->sport,
		.tos = s->tos, /* Linux reflects it on resets, only there */
		.options = options,
		.options_len = reset_options(m, in, options),
	};

	if (s->flags & TCP_ACK)
		reset_ack(m, s, &out);
	else
		reset_no_ack(m, s, &out);
	model_emit(m, &out);
}

void model_closed_input(struct model *m, const struct model_in *in)
{
	uint16_t flags = in->s.flags;

	if (flags & TCP_RST) {
		if (model_broken(m, MODEL_RST_TO_RST))
			model_reset(m, in);
		return;
	}
	if (!(flags & (TCP_SYN | TCP_ACK)) &&
	    model_broken(m, MODEL_CLOSED_MUTE_NO_ACK))
		return;
	model_reset(m, in);
}

/* Third: a SYN. */
static void listen_syn(struct model *m, struct model_door *door,
		       const struct model_in *in)
{
	size_t backlog = door->spec.backlog;

	/* The text queues the FIN; Linux drops the segment. */
	if (in->s.flags & TCP_FIN)
		return;
	if (in->s.flags & TCP_RESERVED &&
	    model_broken(m, MODEL_RESERVED_FATAL))
		return;
	if (in->s.payload_len && model_broken(m, MODEL_SYN_DATA_FATAL)) {
		model_reset(m, in);
		return;
	}
	/* One more than the backlog fits into either queue. */
	if (door->spec.role == MODEL_LISTEN &&
	    model_count(m, door, false) > backlog)
		return;
	if (model_broken(m, MODEL_COOKIES))
		model_cookie_send(m, door, in);
	else if (model_count(m, door, true) <= backlog)
		model_request_new(m, door, in, NULL);
	else if (!m->config.no_cookies)
		model_cookie_send(m, door, in);
}

void model_listen_input(struct model *m, struct model_door *door,
			const struct model_in *in)
{
	uint16_t flags = in->s.flags;

	/* First: a RST is ignored. */
	if (flags & TCP_RST) {
		if (model_broken(m, MODEL_RST_TO_RST))
			model_reset(m, in);
		if (model_broken(m, MODEL_LISTEN_RST_KILLS))
			door->spec.role = MODEL_CLOSED;
		return;
	}
	/* Second: an ACK is reset. */
	if (flags & TCP_ACK) {
		if (!model_cookie_accept(m, door, in) &&
		    !model_broken(m, MODEL_LISTEN_ACK_MUTE))
			model_reset(m, in);
		return;
	}
	if (flags & TCP_SYN)
		listen_syn(m, door, in);
	else if (model_broken(m, MODEL_LISTEN_NO_ACK_RST))
		model_reset(m, in);
	/* Fourth: anything else is dropped. */
}
