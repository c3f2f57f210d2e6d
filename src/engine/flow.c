/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One crafted conversation: opening, what arrives, waiting, ending.
 *
 * The numbers of a flow follow what arrives at once, whether or not a task
 * waits for it; a waiting task is woken only by what it expects. What nobody
 * waits for just now is kept for the next wait, up to a bound.
 */
#include "engine/flow.h"

#include <string.h>

#include "engine/internal.h"
#include "wire/seq.h"

/* What we offer: 64 KB windows scaled as Linux does. */
#define OUR_WSCALE 7
/* RFC 7323 2.3 */
#define WSCALE_MAX 14
/* The capture shows our last segment leaving that much later at most. */
#define SETTLE_NS (20 * TIME_MS)
/* What arrived and concerned nobody, in the evidence. */
#define NOT_WANTED "not waited for"

void flow_renew(struct flow *f, uint32_t iss)
{
	f->n = (struct flow_numbers){
		.stage = FLOW_NEW,
		.local = f->n.local,
		.remote = f->n.remote,
		.iss = iss,
		.snd_nxt = iss,
		.snd_una = iss,
	};
	f->refused = false;
	f->syn_left_ns = 0;
	f->syn_repeated = false;
	flow_drain(f);
}

void flow_resume(struct flow *f, const struct flow_numbers *earlier)
{
	f->n = *earlier;
	f->refused = false;
	flow_drain(f);
}

static void start_numbers(struct flow *f, struct engine *e,
			  const struct flow_spec *spec)
{
	f->n.local.addr = spec->route->source;
	f->n.remote = spec->remote;
	flow_renew(f, random_u32(&e->random));
	f->ts_offset = random_u32(&e->random);
	f->our_wscale = OUR_WSCALE;
}

/* An identifier that no other echo to this host uses. */
static int choose_echo(struct flow *f, struct err *err)
{
	f->n.remote.port = 0;
	for (int tries = 0; tries < 1000; tries++) {
		f->n.local.port = (uint16_t)random_u32(&f->engine->random);
		if (!demux_taken(f->engine, &f->n.local, &f->n.remote))
			return 0;
	}
	return err_set(err, ERR_BUSY, "ping: no identifier is free");
}

int flow_open(struct engine *e, const struct flow_spec *spec, struct flow **out,
	      struct err *err)
{
	struct flow *f = calloc(1, sizeof(*f));
	int rc;

	*out = NULL;
	if (!f)
		return err_set(err, ERR_MEMORY,
			       "open a conversation: out of memory");
	f->engine = e;
	f->route = *spec->route;
	f->trace = spec->trace;
	f->offers = *spec;
	f->echo = spec->echo;
	f->inbox_last = &f->inbox;
	start_numbers(f, e, spec);
	rc = spec->echo ? choose_echo(f, err)
			: ports_take(e, spec, &f->n.local.port, err);
	if (rc) {
		free(f);
		return rc;
	}
	f->asked_ns = engine_now(e);
	demux_add(e, f);
	*out = f;
	return 0;
}

const struct flow_numbers *flow_numbers(const struct flow *f)
{
	return &f->n;
}

const struct err *flow_error(const struct flow *f)
{
	return &f->error;
}

int64_t flow_left_ns(const struct flow *f)
{
	return f->left_ns;
}

void flow_counts(const struct flow *f, struct flow_counts *out)
{
	*out = f->counts;
}

/* --- what arrives ------------------------------------------------------ */

/* The SYN-ACK that answers our SYN (RFC 9293 3.10.7.3). */
static void learn_synack(struct flow *f, const struct link_packet *packet,
			 const struct segment *s)
{
	struct options o;

	options_parse(s->options, s->options_len, &o);
	f->n.stage = FLOW_SYN_ACKED;
	f->n.irs = s->seq;
	f->n.rcv_nxt = s->seq + 1;
	f->n.snd_una = s->ack;
	f->n.ttl = s->ttl;
	f->n.window = s->window;
	f->n.timestamps = o.has_timestamps && !f->offers.no_timestamps;
	f->n.ts_recent = o.tsval;
	f->n.sack = o.sack_permitted && !f->offers.no_sack;
	f->n.wscale_on = o.has_wscale && !f->offers.no_wscale;
	if (f->n.wscale_on)
		f->n.wscale = o.wscale > WSCALE_MAX ? WSCALE_MAX : o.wscale;
	/* Karn: an answer to a repeated SYN measures nothing. */
	if (f->syn_left_ns && !f->syn_repeated)
		f->n.rtt_ns = packet->t_ns - f->syn_left_ns;
}

static void learn_data(struct flow *f, const struct segment *s)
{
	uint32_t end = s->seq + segment_len(s);
	struct options o;

	options_parse(s->options, s->options_len, &o);
	if (f->n.timestamps && o.has_timestamps && seq_le(s->seq, f->n.rcv_nxt))
		f->n.ts_recent = o.tsval;
	if (o.sack_n)
		f->n.sacks = true;
	if (seq_le(s->seq, f->n.rcv_nxt) && seq_lt(f->n.rcv_nxt, end)) {
		f->n.rcv_nxt = end;
		f->n.their_fin = s->flags & TCP_FIN;
		if (f->n.their_fin)
			f->n.ended_ns = engine_now(f->engine);
	}
	if (s->flags & TCP_ACK && seq_lt(f->n.snd_una, s->ack) &&
	    seq_le(s->ack, f->n.snd_nxt))
		f->n.snd_una = s->ack;
	f->n.window = (uint32_t)s->window << f->n.wscale;
}

/* The third segment was lost: say it again. */
static void repeat_ack(struct flow *f)
{
	struct stimulus ack = { .flags = TCP_ACK,
				.why = "handshake: ACK, again" };
	struct flow_options room;
	struct segment segment;

	flow_describe(f, &ack, &segment, &room);
	flow_transmit(f, &segment, ack.why);
}

/* The target knows nothing of the pair (any more). */
static void refused(struct flow *f, const struct segment *rst)
{
	f->n.stage = FLOW_GONE;
	f->refused = true;
	f->n.ended_ns = engine_now(f->engine);
	if (rst)
		f->n.rst_ttl = rst->ttl;
}

static void learn(struct flow *f, const struct link_packet *packet,
		  const struct segment *s)
{
	uint16_t kind = s->flags & (TCP_SYN | TCP_ACK | TCP_RST);
	/* Perhaps with the data that it carried. */
	bool acks_syn =
		seq_lt(f->n.iss, s->ack) && seq_le(s->ack, f->n.snd_nxt);

	f->n.last_ttl = s->ttl;
	switch (f->n.stage) {
	case FLOW_NEW:
	case FLOW_STAGE_N:
		break;
	case FLOW_GONE:
		/* Somebody else's reset, then: the target knows the pair. */
		if (f->refused && kind == (TCP_SYN | TCP_ACK) && acks_syn)
			learn_synack(f, packet, s);
		break;
	case FLOW_SYN_SENT:
		if (kind == (TCP_SYN | TCP_ACK) && acks_syn)
			learn_synack(f, packet, s);
		else if (kind == (TCP_RST | TCP_ACK) && acks_syn)
			refused(f, s);
		break;
	case FLOW_SYN_ACKED:
	case FLOW_ESTABLISHED:
		if (kind & TCP_RST) {
			if (s->seq == f->n.rcv_nxt)
				refused(f, s);
		} else if (!(kind & TCP_SYN)) {
			learn_data(f, s);
		} else if (f->n.stage == FLOW_ESTABLISHED && kind & TCP_ACK &&
			   s->seq == f->n.irs) {
			repeat_ack(f);
		}
		break;
	}
}

static bool wanted(const struct flow *f, const struct flow_expect *expect,
		   enum flow_event event, const struct segment *s)
{
	if (!expect)
		return true;
	if (event != FLOW_SEGMENT)
		return event == FLOW_ECHO || expect->icmp;
	if ((s->flags & expect->set) != expect->set || s->flags & expect->clear)
		return false;
	return !expect->accept || expect->accept(f, s, expect->arg);
}

static struct flow_item *item_new(const struct link_packet *packet)
{
	struct flow_item *item = malloc(sizeof(*item) + packet->len);

	if (!item)
		return NULL;
	memset(item, 0, sizeof(*item));
	item->reply.t_ns = packet->t_ns;
	item->len = packet->len;
	memcpy(item->bytes, packet->bytes, packet->len);
	return item;
}

/* What has come for a flow, and where it stands in the trace. */
struct arrival {
	enum flow_event event;
	const struct link_packet *packet;
	const struct segment *segment; /* FLOW_SEGMENT */
	const struct icmp *icmp;       /* otherwise */
	size_t evidence;	       /* its index in the trace; SIZE_MAX */
};

static void note(struct flow *f, size_t trace_index, const char *text)
{
	if (f->trace)
		trace_note(f->trace, trace_index, text);
}

/* Keep one arrival for the task, unless it waits for something else. */
static void offer(struct flow *f, const struct arrival *a)
{
	struct engine *e = f->engine;
	struct flow_item *item;

	if (f->waiter && !wanted(f, f->expect, a->event, a->segment)) {
		f->counts.unmatched++;
		note(f, a->evidence, NOT_WANTED);
		return;
	}
	if (f->inbox_n >= FLOW_INBOX_MAX ||
	    a->packet->len > INBOX_BYTES_MAX - e->inbox_bytes ||
	    !(item = item_new(a->packet))) {
		f->counts.lost++;
		note(f, a->evidence, "not looked at: too many at once");
		return;
	}
	item->event = a->event;
	item->reply.evidence = a->evidence;
	if (a->event == FLOW_SEGMENT) {
		segment_parse(item->bytes, item->len, &item->reply.segment);
		options_parse(item->reply.segment.options,
			      item->reply.segment.options_len,
			      &item->reply.options);
	} else {
		item->reply.icmp = *a->icmp;
	}
	*f->inbox_last = item;
	f->inbox_last = &item->next;
	f->inbox_n++;
	e->inbox_bytes += item->len;
	if (f->waiter && !f->settling)
		engine_wake(e, f->waiter);
}

/* Its index in the trace, or SIZE_MAX. */
static size_t trace_arrival(struct flow *f, const struct link_packet *packet,
			    const char *said)
{
	struct trace_entry *entry;

	if (!f->trace)
		return SIZE_MAX;
	entry = trace_add(f->trace, TRACE_IN, packet->t_ns, packet->bytes,
			  packet->len, said);
	if (!entry)
		return SIZE_MAX;
	entry->check = f->check;
	return f->trace->n - 1;
}

void flow_arrived(struct flow *f, const struct link_packet *packet,
		  const struct segment *s, enum segment_fault fault)
{
	struct arrival a = {
		.event = FLOW_SEGMENT,
		.packet = packet,
		.segment = s,
	};

	f->counts.received++;
	if (fault != SEGMENT_OK || !s->sum_good || s->truncated) {
		f->counts.malformed++;
		trace_arrival(f, packet, "malformed: a real stack drops it");
		return;
	}
	a.evidence = trace_arrival(f, packet, NULL);
	learn(f, packet, s);
	offer(f, &a);
}

static void seen_leaving(struct flow *f, const struct link_packet *packet,
			 struct flow_sent *sent)
{
	if (sent->seen)
		return;
	sent->seen = true;
	f->counts.seen++;
	f->left_ns = packet->t_ns;
	if (sent->flags & TCP_SYN)
		f->syn_left_ns = packet->t_ns;
	if (f->trace && sent->trace_index < f->trace->n)
		f->trace->entries[sent->trace_index].t_ns = packet->t_ns;
	if (f->settling && f->counts.seen == f->counts.sent)
		engine_wake(f->engine, f->waiter);
}

static bool same(const struct flow_sent *sent, const struct segment *s)
{
	return sent->seq == s->seq && sent->ack == s->ack &&
	       sent->flags == s->flags && sent->window == s->window;
}

/* Oldest first; a second sight of one that was seen is no news. */
static struct flow_sent *find_sent(struct flow *f, const struct segment *s)
{
	size_t n = f->sent_n < FLOW_SENT_N ? f->sent_n : FLOW_SENT_N;
	struct flow_sent *again = NULL;

	for (size_t i = f->sent_n - n; i < f->sent_n; i++) {
		struct flow_sent *sent = &f->sent[i % FLOW_SENT_N];

		if (!same(sent, s))
			continue;
		if (!sent->seen)
			return sent;
		again = sent;
	}
	return again;
}

/*
 * A segment that leaves from our pair is one that we sent, or our own kernel
 * answered on a pair that it should not know.
 */
void flow_left(struct flow *f, const struct link_packet *packet,
	       const struct segment *s)
{
	struct flow_sent *sent = find_sent(f, s);
	struct trace_entry *entry;

	if (sent) {
		seen_leaving(f, packet, sent);
		return;
	}
	f->counts.foreign++;
	f->engine->stats.foreign++;
	if (!f->trace)
		return;
	entry = trace_add(f->trace, TRACE_OUT, packet->t_ns, packet->bytes,
			  packet->len, "not ours: our own kernel sent it");
	if (entry)
		entry->foreign = true;
}

/* Our only SYN came no farther than that: the target holds nothing of it. */
static bool died_on_the_way(const struct flow *f, const struct icmp *m)
{
	return icmp_is_hop_limit(m) && f->counts.sent == 1 &&
	       m->quote.seq == f->n.iss;
}

void flow_quoted(struct flow *f, const struct link_packet *packet,
		 const struct icmp *m)
{
	struct arrival a = {
		.event = m->what == ICMP_ERROR ? FLOW_ICMP : FLOW_ECHO,
		.packet = packet,
		.icmp = m,
	};
	struct flow_sent *sent;

	if (m->what == ICMP_ECHO_REQUEST) {
		sent = find_sent(f, &(struct segment){ .seq = m->seq });
		if (sent)
			seen_leaving(f, packet, sent);
		return;
	}
	f->counts.received++;
	a.evidence = trace_arrival(f, packet, NULL);
	if (f->n.stage == FLOW_SYN_SENT && died_on_the_way(f, m))
		refused(f, NULL);
	offer(f, &a);
}

/* --- waiting ----------------------------------------------------------- */

static void release_current(struct flow *f)
{
	free(f->current);
	f->current = NULL;
}

static struct flow_item *inbox_take(struct flow *f)
{
	struct flow_item *item = f->inbox;

	if (!item)
		return NULL;
	f->inbox = item->next;
	if (!f->inbox)
		f->inbox_last = &f->inbox;
	f->inbox_n--;
	f->engine->inbox_bytes -= item->len;
	return item;
}

/* It is evidence, and no more. */
static void discard(struct flow *f, struct flow_item *item)
{
	note(f, item->reply.evidence, NOT_WANTED);
	free(item);
}

void flow_drain(struct flow *f)
{
	struct flow_item *item;

	while ((item = inbox_take(f)))
		discard(f, item);
}

/* The first that is wanted of what was kept; the rest is done with. */
static struct flow_item *inbox_find(struct flow *f,
				    const struct flow_expect *expect)
{
	struct flow_item *item;

	while ((item = inbox_take(f))) {
		if (wanted(f, expect, item->event, &item->reply.segment))
			return item;
		f->counts.unmatched++;
		discard(f, item);
	}
	return NULL;
}

enum flow_event flow_wait(struct flow *f, const struct flow_expect *expect,
			  int64_t within_ns, const struct reply **reply)
{
	struct engine *e = f->engine;
	int64_t until = engine_now(e) + within_ns;

	*reply = NULL;
	release_current(f);
	while (!(f->current = inbox_find(f, expect))) {
		bool woken;

		if (e->stopping)
			return FLOW_STOPPED;
		f->waiter = e->current;
		f->expect = expect;
		woken = engine_wait(e, until);
		f->waiter = NULL;
		f->expect = NULL;
		if (!woken && !f->inbox)
			return e->stopping ? FLOW_STOPPED : FLOW_TIMEOUT;
	}
	note(f, f->current->reply.evidence, "an answer");
	*reply = &f->current->reply;
	return f->current->event;
}

void flow_note(struct flow *f, const char *text)
{
	if (f->current)
		note(f, f->current->reply.evidence, text);
}

enum flow_silence flow_silence(const struct flow *f)
{
	if (f->counts.foreign)
		return SILENCE_OWN_KERNEL;
	if (engine_dropped_since(f->engine, f->asked_ns))
		return SILENCE_CAPTURE_DROPPED;
	if (!f->left_ns)
		return SILENCE_NOT_SEEN_LEAVING;
	if (f->counts.lost)
		return SILENCE_FLOODED;
	if (f->engine->stopping)
		return SILENCE_STOPPED;
	return SILENCE_REAL;
}

const char *flow_silence_text(enum flow_silence s)
{
	switch (s) {
	case SILENCE_REAL:
		return "nothing answered";
	case SILENCE_NOT_SEEN_LEAVING:
		return "our own segment was never seen leaving";
	case SILENCE_CAPTURE_DROPPED:
		return "the capture dropped packets";
	case SILENCE_FLOODED:
		return "the target floods the pair with segments";
	case SILENCE_OWN_KERNEL:
		return "our own kernel answered on the pair";
	case SILENCE_STOPPED:
		return "the run was stopped";
	}
	return "unknown";
}

/* --- ending ------------------------------------------------------------ */

/*
 * Without timestamps, which a reset need not have (RFC 7323 3.2): a half-open
 * connection on Linux drops a reset whose echo is newer than its SYN-ACK.
 */
static void reset_at(struct flow *f, uint32_t seq)
{
	struct stimulus reset = {
		.flags = TCP_RST,
		.seq = seq,
		.seq_from = FLOW_ABSOLUTE,
		.no_options = true,
		.why = "reset, to leave nothing behind",
	};
	struct flow_options room;
	struct segment segment;

	flow_describe(f, &reset, &segment, &room);
	flow_transmit(f, &segment, reset.why);
}

/*
 * Only a reset at exactly what the target expects next is believed (RFC 5961
 * 3.2). Of ours that is not acknowledged nobody knows whether it arrived: the
 * one below it comes first, because an old number is passed over in silence.
 */
void flow_reset(struct flow *f)
{
	uint32_t acked = f->n.snd_una;

	switch (f->n.stage) {
	case FLOW_NEW:
	case FLOW_GONE:
	case FLOW_STAGE_N:
		return;
	case FLOW_SYN_SENT:
		acked = f->n.iss + 1;
		break;
	case FLOW_SYN_ACKED:
	case FLOW_ESTABLISHED:
		break;
	}
	if (acked != f->n.snd_nxt)
		reset_at(f, acked);
	reset_at(f, f->n.snd_nxt);
}

bool flow_settle(struct flow *f)
{
	struct engine *e = f->engine;

	if (f->counts.seen < f->counts.sent && !e->stopping) {
		f->settling = true;
		f->waiter = e->current;
		engine_wait(e, engine_now(e) + SETTLE_NS);
		f->waiter = NULL;
		f->settling = false;
	}
	return f->counts.seen >= f->counts.sent;
}

void flow_free(struct flow *f)
{
	release_current(f);
	flow_drain(f);
	free(f);
}

void flow_end(struct flow *f)
{
	if (!f)
		return;
	flow_reset(f);
	/* Evidence shows our last segment leaving. */
	if (f->trace)
		flow_settle(f);
	release_current(f);
	flow_drain(f);
	f->trace = NULL;
	/* From a neighbour that reset the pair nothing comes any more. */
	if (f->echo || f->sent_n == 0 ||
	    (f->refused && f->route.gateway.family == FAMILY_ANY)) {
		demux_remove(f->engine, f);
		flow_free(f);
	} else {
		demux_linger(f->engine, f);
	}
}
