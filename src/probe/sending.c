/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Send what was crafted, and take what comes.
 *
 * Without --connected and --same-pair every segment goes out from a pair of
 * its own: workers take turns, each sends one segment, listens, resets what it
 * has opened, and takes the next turn. There are as many of them as segments
 * can be under way at the same time. On a shared pair one task does it all.
 *
 * Every segment is sent once. Only the handshake of --connected repeats what
 * nobody answers.
 */
#include "probe/sending.h"

#include <stdio.h>

#include "probe/sendcraft.h"
#include "probe/sendlog.h"
#include "probe/sendtell.h"

#define INTERVAL_DEFAULT_NS TIME_S
/* Own pairs that are listened to at the same time. */
#define WORKERS_MAX 1000
/* Ports come round again after so many, unless their pairs are still known. */
#define PORTS_ROUND 1024
/* Where a router is in between, a second answer gets at least that long. */
#define SECOND_ANSWER_NS (3 * TIME_MS)
/* When the time is over, so much of what has come by then is still looked at:
 * what a pair keeps. A flood must not hold up the next segment. */
#define LATE_MAX 64

/* One target's turn. */
struct sending {
	struct probe_job *job;
	const struct send_settings *s;
	struct send_log log;
	size_t next; /* the segment that is sent next */
	int64_t start_ns;
	struct reach reach;
	bool over; /* nothing more is sent or waited for */
};

/* How long a pair is listened to. */
enum hearing {
	HEAR_PAIR,   /* its only segment is answered, or the time is over */
	HEAR_ANSWER, /* the last segment is answered, or the time is over */
	HEAR_TURN,   /* it is the next segment's turn */
	HEAR_REST,   /* after the last one: the time is over. In a connection
			that begins anew with the answers that come */
};

/* One pair, and the segments [first, end) that are sent from it. */
struct talk {
	struct sending *q;
	struct flow *flow;
	size_t first, end;
	struct send_crafted first_crafted;
	enum hearing hearing;
	int64_t until_ns;
	size_t rest; /* answers that have begun the time anew */
};

static int64_t now(const struct sending *q)
{
	return engine_now(q->job->engine);
}

static int64_t timeout(const struct sending *q)
{
	return engine_config(q->job->engine)->timeout_ns;
}

/* Of a range of TTLs one follows the other as it is answered. */
static bool waits_for_answers(const struct send_settings *s)
{
	return s->interval_ns == SEND_UNSET_NS && s->ttl_first != s->ttl_last;
}

static int64_t interval(const struct send_settings *s)
{
	return s->interval_ns == SEND_UNSET_NS ? INTERVAL_DEFAULT_NS
					       : s->interval_ns;
}

static int64_t due(const struct sending *q, size_t k)
{
	return q->start_ns + (int64_t)k * interval(q->s);
}

static void say(const struct sending *q)
{
	if (q->s->total > 1)
		probe_say(q->job, "%zu of %zu sent, %zu answered", q->log.sent,
			  q->s->total, q->log.answered);
}

static void fail(struct sending *q, const struct err *why)
{
	finding_fail(q->job->finding, why);
	q->over = true;
}

/* --- sending ----------------------------------------------------------- */

#define NOTE_MAX 64

static const char *sent_note(const struct talk *t, size_t k, uint8_t ttl,
			     char out[static NOTE_MAX])
{
	const struct send_settings *s = t->q->s;

	if (s->total == 1)
		return "as crafted";
	if (s->ttl_first != s->ttl_last)
		snprintf(out, NOTE_MAX, "segment %zu of %zu, TTL %u", k + 1,
			 s->total, ttl);
	else
		snprintf(out, NOTE_MAX, "segment %zu of %zu, as crafted", k + 1,
			 s->total);
	return out;
}

/* Where the segment that has just been sent stands in the trace, which had
 * `before` entries then; an answer may stand behind it already. */
static size_t find_evidence(const struct trace *trace, size_t before)
{
	for (size_t i = trace ? trace->n : 0; i-- > before;) {
		if (trace->entries[i].dir == TRACE_OUT &&
		    !trace->entries[i].foreign)
			return i;
	}
	return SIZE_MAX;
}

static void record(struct talk *t, size_t k, const struct send_crafted *c,
		   size_t evidence)
{
	struct sending *q = t->q;
	const struct stimulus *s = &c->stimulus;
	struct send_out *out = &q->log.out[k];

	*out = (struct send_out){
		.sent = true,
		.counted = s->counts && (s->payload_len || s->flags & TCP_FIN),
		.ttl = s->ttl,
		.seq = c->seq,
		.from = flow_numbers(t->flow)->local,
		.evidence = evidence,
	};
	if (k == t->first)
		t->first_crafted = *c;
	if (!q->log.sent++)
		q->job->finding->source = out->from;
	t->end = k + 1;
	say(q);
}

/* False when it did not leave: the run is ending, or the finding says why. */
static bool send_one(struct talk *t, size_t k)
{
	const struct trace *trace = probe_trace(t->q->job);
	size_t kept = trace ? trace->n : 0;
	struct flow_counts before, after;
	struct send_crafted c;
	char note[NOTE_MAX];

	send_craft(t->q->s, t->flow, k, k > t->first ? &t->first_crafted : NULL,
		   &c);
	c.stimulus.why = sent_note(t, k, c.stimulus.ttl, note);
	flow_counts(t->flow, &before);
	if (flow_send(t->flow, &c.stimulus)) {
		fail(t->q, flow_error(t->flow));
		return false;
	}
	flow_counts(t->flow, &after);
	if (after.sent == before.sent)
		return false;
	record(t, k, &c, find_evidence(trace, kept));
	return true;
}

/* --- listening --------------------------------------------------------- */

/*
 * Which segment is it an answer to? On a pair of several the last one that had
 * left by then; an ICMP error must quote it.
 */
static size_t answers(const struct talk *t, enum flow_event event,
		      const struct reply *reply)
{
	struct send_out *out = t->q->log.out;
	bool own = t->hearing == HEAR_PAIR;

	for (size_t k = t->end; k-- > t->first;) {
		bool quoted = event != FLOW_ICMP ||
			      reply->icmp.quote.seq == out[k].seq;

		if (own)
			out[k].left_ns = flow_left_ns(t->flow);
		if (quoted &&
		    (own || (out[k].left_ns && out[k].left_ns <= reply->t_ns)))
			return k;
	}
	return SEND_NOBODY;
}

/* What is ours has arrived there, and that is all it says. */
static bool is_receipt(const struct talk *t, const struct send_in *in)
{
	return t->q->s->connected && in->kind == SEND_ACK &&
	       t->q->log.out[in->to].counted &&
	       in->segment.ack == flow_numbers(t->flow)->snd_nxt;
}

static void note_answer(const struct talk *t, const struct send_in *in)
{
	const char *name = send_kind_name(in->kind);
	char note[NOTE_MAX];

	if (t->q->s->total == 1)
		snprintf(note, sizeof(note), "taken for %s", name);
	else
		snprintf(note, sizeof(note), "for segment %zu: %s", in->to + 1,
			 name);
	flow_note(t->flow, note);
}

/* When a box on the way has answered, the target may do so too. */
static int64_t second_answer(const struct talk *t, const struct send_in *in)
{
	int64_t within = 2 * in->after_ns;

	if (t->q->job->route.gateway.family == FAMILY_ANY)
		return 0;
	return within > SECOND_ANSWER_NS ? within : SECOND_ANSWER_NS;
}

/* An answer may end the listening, or make it longer. */
static void go_on(struct talk *t, const struct send_in *in)
{
	struct sending *q = t->q;
	int64_t soon = now(q) + second_answer(t, in);
	bool connected = q->s->connected, last = in->to + 1 == t->end;

	switch (t->hearing) {
	case HEAR_TURN:
		break;
	case HEAR_ANSWER:
		if (last)
			t->until_ns = now(q);
		break;
	case HEAR_REST:
		/* A target may never stop; who listens to it does. */
		if (connected && flow_numbers(t->flow)->stage != FLOW_GONE &&
		    t->rest++ < SEND_ANSWERS_MAX)
			t->until_ns = now(q) + timeout(q);
		else if (in->kind == SEND_RST && last && soon < t->until_ns)
			t->until_ns = soon;
		break;
	case HEAR_PAIR:
		if (soon < t->until_ns)
			t->until_ns = soon;
		break;
	}
	if (q->s->until_answer && send_log_settled(&q->log))
		q->over = true;
}

static void acknowledge(struct talk *t, const struct segment *in)
{
	static const struct stimulus ack = {
		.flags = TCP_ACK,
		.why = "ACK of what came in answer",
	};
	const struct send_settings *s = t->q->s;

	if (!s->connected || s->no_ack || !segment_len(in) ||
	    in->flags & (TCP_SYN | TCP_RST))
		return;
	if (flow_send(t->flow, &ack))
		fail(t->q, flow_error(t->flow));
}

static void take(struct talk *t, enum flow_event event,
		 const struct reply *reply)
{
	struct send_in in = {
		.kind = send_classify(event, reply),
		.to = answers(t, event, reply),
		.t_ns = reply->t_ns,
		.evidence = reply->evidence,
		.segment = reply->segment,
		.icmp = reply->icmp,
	};

	in.segment.options = in.segment.payload = NULL;
	if (in.to == SEND_NOBODY) {
		flow_note(t->flow, event == FLOW_ICMP
					   ? "quotes none of the segments"
					   : "came before the segment left");
	} else {
		in.receipt = is_receipt(t, &in);
		send_log_answer(&t->q->log, &in);
		note_answer(t, &in);
		go_on(t, &in);
		say(t->q);
	}
	if (event == FLOW_SEGMENT)
		acknowledge(t, &in.segment);
}

/* True when the time is over, false when the run is being stopped. */
static bool hear(struct talk *t)
{
	struct sending *q = t->q;
	unsigned late = 0;

	while (!q->over && late < LATE_MAX) {
		int64_t left = t->until_ns - now(q);
		const struct reply *reply;
		enum flow_event event;

		if (left <= 0) {
			left = 0;
			late++;
		}
		event = flow_wait(t->flow, NULL, left, &reply);
		if (event == FLOW_STOPPED)
			return false;
		if (!reply)
			return true;
		take(t, event, reply);
	}
	return true;
}

/* --- pairs ------------------------------------------------------------- */

/* Those without an answer: is that silence? Only when they had all the time. */
static void judge_silence(struct talk *t)
{
	struct send_log *log = &t->q->log;
	enum flow_silence silence = flow_silence(t->flow);

	for (size_t k = t->first; k < t->end; k++) {
		struct send_out *out = &log->out[k];

		if (!out->sent || out->answered)
			continue;
		if (t->hearing == HEAR_PAIR)
			out->left_ns = flow_left_ns(t->flow);
		send_log_silence(log, silence == SILENCE_REAL && !out->left_ns
					      ? SILENCE_NOT_SEEN_LEAVING
					      : silence);
	}
}

static void close_talk(struct talk *t, bool whole)
{
	struct send_log *log = &t->q->log;
	struct flow_counts counts;

	flow_counts(t->flow, &counts);
	log->malformed += counts.malformed;
	log->foreign += counts.foreign;
	if (whole && !t->q->over && !counts.malformed)
		judge_silence(t);
	flow_end(t->flow);
}

/* A pair for segments from the kth on. False: the finding says why. */
static bool open_talk(struct talk *t, struct sending *q, size_t k)
{
	*t = (struct talk){ .q = q, .first = k, .end = k };
	q->job->flows = (unsigned)(k % PORTS_ROUND);
	t->flow = probe_flow(q->job);
	if (!t->flow) {
		q->over = true;
		return false;
	}
	/* Our SYN begins where the user says, and its reset ends it there. */
	if (q->s->seq.given && !q->s->connected)
		flow_renew(t->flow, q->s->seq.n);
	return true;
}

static void use_own_pair(struct sending *q, size_t k)
{
	bool whole = false;
	struct talk t;

	if (!open_talk(&t, q, k))
		return;
	if (send_one(&t, k)) {
		t.until_ns = now(q) + timeout(q);
		whole = hear(&t);
	}
	close_talk(&t, whole);
}

/* The next segment, when its time has come. */
static bool take_turn(struct sending *q, size_t *k)
{
	int64_t wait;

	if (q->over || q->next == q->s->total)
		return false;
	*k = q->next++;
	wait = waits_for_answers(q->s) ? 0 : due(q, *k) - now(q);
	if (wait > 0 && !engine_sleep(q->job->engine, wait))
		return false;
	return !q->over;
}

static void work(void *arg)
{
	struct sending *q = arg;
	size_t k;

	while (take_turn(q, &k))
		use_own_pair(q, k);
}

static size_t workers(const struct sending *q)
{
	int64_t each = interval(q->s), at_once = WORKERS_MAX;

	if (waits_for_answers(q->s))
		return 1;
	if (each && timeout(q) / each + 2 < at_once)
		at_once = timeout(q) / each + 2;
	return (size_t)at_once < q->s->total ? (size_t)at_once : q->s->total;
}

static void use_own_pairs(struct sending *q)
{
	size_t n = workers(q);
	void **args = n > 1 ? calloc(n, sizeof(*args)) : NULL;
	int ret = 0;

	for (size_t i = 0; args && i < n; i++)
		args[i] = q;
	if (args)
		ret = engine_all(q->job->engine, work, args, n);
	free(args);
	/* One is enough, and where memory is short there are not more. */
	if (!args || ret)
		work(q);
}

static void hear_after(struct talk *t, size_t k)
{
	struct sending *q = t->q;

	t->until_ns = now(q) + timeout(q);
	if (k + 1 == q->s->total) {
		t->hearing = HEAR_REST;
	} else if (waits_for_answers(q->s)) {
		t->hearing = HEAR_ANSWER;
	} else {
		t->hearing = HEAR_TURN;
		t->until_ns = due(q, k + 1);
	}
}

/* Everything from one pair, with all that was opened on it still there. */
static void use_pair(struct talk *t)
{
	struct sending *q = t->q;
	bool goes_on = true;

	t->hearing = HEAR_TURN;
	for (size_t k = 0; k < q->s->total && goes_on && !q->over; k++) {
		goes_on = send_one(t, k);
		if (!goes_on)
			break;
		/* Only then an answer can be told from one that came before. */
		if (flow_settle(t->flow))
			q->log.out[k].left_ns = flow_left_ns(t->flow);
		hear_after(t, k);
		goes_on = hear(t);
	}
	close_talk(t, goes_on);
}

static bool connect_first(struct talk *t)
{
	struct sending *q = t->q;

	reach_on(q->job, t->flow, &q->s->trigger, &q->reach);
	if (q->reach.how == REACHED || q->reach.how == REACHED_CLOSED)
		return true;
	q->job->finding->source = flow_numbers(t->flow)->local;
	if (flow_error(t->flow)->code)
		fail(q, flow_error(t->flow));
	else
		finding_conclude(q->job->finding, "inconclusive",
				 OUTCOME_INCONCLUSIVE, "no connection: %s",
				 q->reach.why);
	return false;
}

static void use_one_pair(struct sending *q)
{
	struct talk t;

	if (!open_talk(&t, q, 0))
		return;
	if (q->s->connected && !connect_first(&t)) {
		flow_end(t.flow);
		return;
	}
	q->start_ns = now(q);
	use_pair(&t);
}

/* --- one target -------------------------------------------------------- */

/* A field that the target's family does not have. */
static int check_family(const struct probe_job *job,
			const struct send_settings *s, struct err *e)
{
	bool v6 = job->target.addr.family == FAMILY_IPV6;
	const char *option = NULL;
	char to[ADDR_TEXT_MAX];

	if (v6 && s->ip_id != SEND_UNSET)
		option = "--ip-id";
	else if (v6 && s->no_df)
		option = "--no-df";
	else if (!v6 && s->flow_label != SEND_UNSET)
		option = "--flow-label";
	if (!option)
		return 0;
	return err_set(e, ERR_USAGE, "%s is only for IPv%d, and %s is not",
		       option, v6 ? 4 : 6, addr_format(&job->target.addr, to));
}

void send_run(struct probe_job *job)
{
	struct sending q = { .job = job, .s = job->settings };
	struct err err;

	if (check_family(job, q.s, &err)) {
		finding_fail(job->finding, &err);
		return;
	}
	if (!send_log_init(&q.log, q.s->total)) {
		err_set(&err, ERR_MEMORY, "keep %zu segments: out of memory",
			q.s->total);
		finding_fail(job->finding, &err);
		return;
	}
	q.start_ns = now(&q);
	if (q.s->connected || q.s->same_pair)
		use_one_pair(&q);
	else
		use_own_pairs(&q);
	send_log_sort(&q.log);
	send_tell(job, q.s, &q.log, &q.reach);
	send_log_fini(&q.log);
}
