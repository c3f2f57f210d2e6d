/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text: what is in order goes to the application, what is above a gap waits,
 * what was there before is told with DSACK (RFC 2018, 2883, 5681 4.2). As in
 * Linux the first copy of an octet counts, but a later segment that covers a
 * waiting one wholly replaces it.
 */
#include <string.h>

#include "tests/model/internal.h"

#define DELAYED_ACK_NS (40 * TIME_MS)
#define LATE_ACK_NS (700 * TIME_MS)

/* What is left of the window that was offered last. */
uint32_t model_receive_window(const struct model_conn *c)
{
	uint32_t edge = c->rcv_wup + c->rcv_wnd;

	return seq_lt(c->rcv_nxt, edge) ? edge - c->rcv_nxt : 0;
}

void model_queue_free(struct model_conn *c)
{
	while (c->queue) {
		struct model_piece *piece = c->queue;

		c->queue = piece->next;
		free(piece);
	}
}

void model_dsack(struct model_conn *c, uint32_t left, uint32_t right)
{
	c->dsack = (struct model_block){ .left = left, .right = right };
	c->has_dsack = true;
}

/* SACK blocks, the newest first. */

static void sack_move_front(struct model_conn *c, unsigned i)
{
	struct model_block block = c->sack[i];

	memmove(&c->sack[1], &c->sack[0], i * sizeof(block));
	c->sack[0] = block;
}

static void sack_remove(struct model_conn *c, unsigned i)
{
	c->sack_n--;
	memmove(&c->sack[i], &c->sack[i + 1],
		(c->sack_n - i) * sizeof(c->sack[0]));
}

/* Widen `a` by `b` when they touch. */
static bool join(struct model_block *a, const struct model_block *b)
{
	if (seq_lt(a->right, b->left) || seq_lt(b->right, a->left))
		return false;
	if (seq_lt(b->left, a->left))
		a->left = b->left;
	if (seq_lt(a->right, b->right))
		a->right = b->right;
	return true;
}

static void sack_add(struct model_conn *c, uint32_t left, uint32_t right)
{
	struct model_block added = { .left = left, .right = right };
	unsigned i = 0;

	while (i < c->sack_n && !join(&c->sack[i], &added))
		i++;
	if (i == c->sack_n) {
		if (c->sack_n < MODEL_SACK_MAX)
			c->sack_n++;
		i = c->sack_n - 1;
		c->sack[i] = added;
	}
	sack_move_front(c, i);
	for (i = 1; i < c->sack_n;) {
		if (join(&c->sack[0], &c->sack[i]))
			sack_remove(c, i);
		else
			i++;
	}
}

/* Those that RCV.NXT has passed. */
static void sack_trim(struct model_conn *c)
{
	for (unsigned i = 0; i < c->sack_n;) {
		if (seq_le(c->sack[i].right, c->rcv_nxt))
			sack_remove(c, i);
		else
			i++;
	}
}

/* In order. */

/* Eighth: the FIN, with all text before it taken. */
static void take_fin(struct model *m, struct model_conn *c)
{
	c->rcv_nxt++;
	c->fin_received = true;
	c->ack_now = true;
	switch (c->state) {
	case MODEL_SYN_RECEIVED:
	case MODEL_ESTABLISHED:
		c->state = MODEL_CLOSE_WAIT;
		break;
	case MODEL_FIN_WAIT_1:
		c->state = MODEL_CLOSING;
		break;
	case MODEL_FIN_WAIT_2:
		model_ack(m, c);
		model_timewait_enter(m, c);
		break;
	case MODEL_STATE_CLOSED:
	case MODEL_CLOSE_WAIT:
	case MODEL_CLOSING:
	case MODEL_LAST_ACK:
	case MODEL_TIME_WAIT:
	case MODEL_STATE_N:
		break;
	}
}

static void take(struct model *m, struct model_conn *c, const uint8_t *bytes,
		 size_t len, bool fin)
{
	model_bytes_add(&c->in, bytes, len);
	c->rcv_nxt += (uint32_t)len;
	c->ack_due = true;
	if (fin && !c->fin_received)
		take_fin(m, c);
}

/* Text without its FIN. */
static size_t piece_len(const struct model_piece *p)
{
	return p->end - p->seq - (p->fin ? 1 : 0);
}

static void take_queued(struct model *m, struct model_conn *c)
{
	while (c->queue && seq_le(c->queue->seq, c->rcv_nxt)) {
		struct model_piece *p = c->queue;
		size_t skip = c->rcv_nxt - p->seq;

		c->queue = p->next;
		c->ack_now = true;
		if (seq_lt(c->rcv_nxt, p->end) && skip <= piece_len(p))
			take(m, c, p->bytes + skip, piece_len(p) - skip,
			     p->fin);
		free(p);
	}
	sack_trim(c);
}

/* Above a gap. */

/* Waiting pieces from *link on that the new one covers; what it only overlaps
 * stays, and is told. */
static void drop_covered(struct model_conn *c, struct model_piece **link,
			 uint32_t end)
{
	while (*link && seq_lt((*link)->seq, end)) {
		struct model_piece *p = *link;
		bool covered = seq_le(p->end, end);

		model_dsack(c, p->seq, covered ? p->end : end);
		if (!covered)
			return;
		*link = p->next;
		free(p);
	}
}

/* Where a new piece goes, or NULL when all of it is there already. */
static struct model_piece **queue_place(struct model_conn *c, uint32_t seq,
					uint32_t end)
{
	struct model_piece **link = &c->queue;

	while (*link && seq_le((*link)->seq, seq)) {
		const struct model_piece *p = *link;

		if (seq_le(end, p->end)) {
			model_dsack(c, seq, end);
			return NULL;
		}
		if (p->seq == seq)
			break;
		if (seq_lt(seq, p->end))
			model_dsack(c, seq, p->end);
		link = &(*link)->next;
	}
	return link;
}

static void enqueue(struct model_conn *c, const struct segment *s)
{
	uint32_t end = s->seq + segment_len(s);
	struct model_piece **link = queue_place(c, s->seq, end);
	struct model_piece *p;

	if (!link)
		return;
	drop_covered(c, link, end);
	p = malloc(sizeof(*p) + s->payload_len);
	BUG_ON(!p);
	p->seq = s->seq;
	p->end = end;
	p->fin = s->flags & TCP_FIN;
	if (s->payload_len)
		memcpy(p->bytes, s->payload, s->payload_len);
	p->next = *link;
	*link = p;
}

static void above_gap(struct model *m, struct model_conn *c,
		      const struct segment *s)
{
	c->ack_now = !model_broken(m, MODEL_NO_DUPLICATE_ACK);
	if (model_broken(m, MODEL_REORDER_DROPPED))
		return;
	enqueue(c, s);
	sack_add(c, s->seq, s->seq + segment_len(s));
}

/* Below RCV.NXT: a retransmission, or a keepalive's byte. */
static void below(struct model *m, struct model_conn *c,
		  const struct segment *s)
{
	bool keepalive = s->payload_len == 1 && !(s->flags & TCP_FIN) &&
			 s->seq == c->rcv_nxt - 1;

	model_dsack(c, s->seq, s->seq + segment_len(s));
	c->ack_now = true;
	if (keepalive && model_broken(m, MODEL_KEEPALIVE_DELIVERED))
		model_bytes_add(&c->in, s->payload, s->payload_len);
	if (keepalive ? model_broken(m, MODEL_KEEPALIVE_1_MUTE) :
			model_broken(m, MODEL_SEQ_OLD_MUTE))
		c->ack_now = c->has_dsack = false;
}

static void in_order(struct model *m, struct model_conn *c,
		     const struct segment *s, size_t skip)
{
	bool gap = c->queue;

	take(m, c, s->payload + skip, s->payload_len - skip,
	     s->flags & TCP_FIN);
	if (c->state == MODEL_TIME_WAIT)
		return;
	take_queued(m, c);
	if (gap)
		c->ack_now = true;
}

void model_receive(struct model *m, struct model_conn *c,
		   const struct model_in *in)
{
	const struct segment *s = &in->s;
	uint32_t window = model_receive_window(c);
	uint32_t end = s->seq + segment_len(s);
	bool bare_fin = s->flags & TCP_FIN && !s->payload_len;

	if (s->seq == end)
		return;
	if (s->seq == c->rcv_nxt) {
		/* A probe of our zero window; a bare FIN needs no room. */
		if (!window && !bare_fin)
			c->ack_now = true;
		else
			in_order(m, c, s, 0);
	} else if (seq_le(end, c->rcv_nxt)) {
		below(m, c, s);
	} else if (!seq_lt(s->seq, c->rcv_nxt + window)) {
		c->ack_now = true;
	} else if (seq_lt(s->seq, c->rcv_nxt)) {
		model_dsack(c, s->seq, c->rcv_nxt);
		if (window)
			in_order(m, c, s, c->rcv_nxt - s->seq);
		else
			c->ack_now = true;
	} else {
		above_gap(m, c, s);
	}
}

/* What was received is acknowledged now, or a little later. */
void model_acknowledge(struct model *m, struct model_conn *c)
{
	uint32_t waiting = c->rcv_nxt - c->rcv_wup;
	bool late = model_broken(m, MODEL_ACK_LATE);

	if (c->ack_now || (c->ack_due && !late && !m->config.delayed_ack)) {
		model_ack(m, c);
	} else if (c->ack_due && !late &&
		   (c->quick_acks || waiting >= 2U * c->mss)) {
		if (c->quick_acks)
			c->quick_acks--;
		model_ack(m, c);
	} else if (c->ack_due && c->at[MODEL_TIMER_ACK] == TIME_NEVER) {
		c->at[MODEL_TIMER_ACK] =
			m->now_ns + (late ? LATE_ACK_NS : DELAYED_ACK_NS);
	}
}
