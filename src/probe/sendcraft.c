/* SPDX-License-Identifier: BSD-2-Clause */
/* The fields of a crafted segment, and what of it counts for our numbers. */
#include "probe/sendcraft.h"

#include "wire/seq.h"

static void number_within(const struct send_settings *s,
			  const struct flow_numbers *n, struct stimulus *out)
{
	if (s->seq.given && !s->seq.relative)
		out->seq_from = FLOW_ABSOLUTE;
	out->seq = craft_number_at(&s->seq, 0, n->window);
	if (!s->ack.given)
		return;
	/* Written also where no ACK bit makes it count. */
	out->ack_from = FLOW_ABSOLUTE;
	out->ack = craft_number_at(&s->ack, n->rcv_nxt, FLOW_WINDOW_DEFAULT);
}

/* Outside of a connection our SYN's number is the flow's own. */
static void number(const struct send_settings *s, const struct flow_numbers *n,
		   const struct send_crafted *first, struct stimulus *out)
{
	if (!s->connected) {
		out->seq_from = FLOW_ISN;
		out->ack_from = FLOW_ABSOLUTE;
		out->ack = s->ack.n;
	} else if (first && s->repeat) {
		out->seq_from = out->ack_from = FLOW_ABSOLUTE;
		out->seq = first->seq;
		out->ack = first->ack;
	} else {
		number_within(s, n, out);
	}
}

static uint32_t seq_of(const struct stimulus *s, const struct flow_numbers *n)
{
	switch (s->seq_from) {
	case FLOW_NEXT:
		return n->snd_nxt + s->seq;
	case FLOW_ISN:
		return n->iss + s->seq;
	case FLOW_ABSOLUTE:
		break;
	}
	return s->seq;
}

static uint32_t ack_of(const struct stimulus *s, const struct flow_numbers *n)
{
	if (s->ack_from == FLOW_ABSOLUTE)
		return s->ack;
	return s->flags & TCP_ACK ? n->rcv_nxt : 0;
}

/*
 * Does it move our numbers on? A SYN does, which may open a connection; and
 * within one what begins no later than what is next, if the target has no
 * reason to drop it.
 */
static bool counts(const struct send_settings *s, const struct flow_numbers *n,
		   const struct send_crafted *crafted)
{
	const struct stimulus *is = &crafted->stimulus;
	uint16_t kind = is->flags & (TCP_SYN | TCP_RST | TCP_ACK);

	if (!s->connected)
		return kind == TCP_SYN;
	return kind == TCP_ACK && is->sum_mode == SEGMENT_SUM_GOOD &&
	       !is->doff && seq_le(crafted->seq, n->snd_nxt);
}

static void choose_options(const struct send_settings *s, struct flow *f,
			   struct send_crafted *out)
{
	const struct flow_numbers *n = flow_numbers(f);
	const uint32_t bases[CRAFT_BASE_N] = {
		[CRAFT_TSVAL] = flow_tsval(f),
		[CRAFT_TSECR] = n->ts_recent,
		[CRAFT_RCV_NXT] = n->rcv_nxt,
	};

	if (!s->options.given)
		return;
	craft_options_fill(&s->options, bases, out->options);
	out->stimulus.options = out->options;
	out->stimulus.options_len = s->options.len;
}

static int32_t choose_window(const struct send_settings *s)
{
	if (s->window == SEND_UNSET)
		return 0;
	return s->window ? (int32_t)s->window : FLOW_WINDOW_ZERO;
}

static uint8_t choose_doff(const struct send_settings *s)
{
	if (s->data_offset == SEND_UNSET)
		return 0;
	return s->data_offset ? (uint8_t)s->data_offset : SEGMENT_DOFF_ZERO;
}

void send_craft(const struct send_settings *s, struct flow *f, size_t k,
		const struct send_crafted *first, struct send_crafted *out)
{
	const struct flow_numbers *n = flow_numbers(f);

	*out = (struct send_crafted){ .id = (uint16_t)s->ip_id };
	out->stimulus = (struct stimulus){
		.flags = s->flags,
		.payload = s->payload.bytes,
		.payload_len = s->payload.len,
		.window = choose_window(s),
		.urgent = (uint16_t)s->urgent,
		.doff = choose_doff(s),
		.sum_mode = s->sum_mode,
		.sum = s->sum,
		.ttl = (uint8_t)(s->ttl_first + k / s->count),
		.tos = (uint8_t)s->tos,
		.no_df = s->no_df,
		.id = s->ip_id == SEND_UNSET ? NULL : &out->id,
	};
	if (s->flow_label != SEND_UNSET)
		out->stimulus.flow_label = (uint32_t)s->flow_label;
	number(s, n, first, &out->stimulus);
	choose_options(s, f, out);
	out->seq = seq_of(&out->stimulus, n);
	out->ack = ack_of(&out->stimulus, n);
	out->stimulus.counts = counts(s, n, out);
}
