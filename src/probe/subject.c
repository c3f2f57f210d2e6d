/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A subject's life: handshake, proof of life, a moment of quiet, the stimulus,
 * the answer, proof of life again, reset.
 *
 * The proof before the stimulus is more than a formality. A connection that we
 * take for established may be half-open at the other end (our ACK was lost, the
 * accept queue is full, Linux waits for data with TCP_DEFER_ACCEPT) or not be
 * there at all (a SYN cookie that nobody kept), and then other rules hold. Who
 * has taken a connection up answers garbage below the window with DSACK where
 * SACK was negotiated; who has not, never does.
 */
#include "probe/subject.h"

#include <string.h>

#include "base/num.h"
#include "probe/hosts.h"
#include "wire/seq.h"

/* What is late or was duplicated on the way gets that long to arrive. */
#define DRAIN_NS (100 * TIME_MS)
/* Half-open connections at a time: the shortest backlog that is usual is 5. */
#define HALF_OPEN_MAX 4
/* So many handshakes in a row that fail, and no more are tried. */
#define REFUSED_MAX 6
/* What a service says first may take that long in all. */
#define BANNER_MAX_NS (30 * TIME_S)

static const char *const got_names[] = {
	[GOT_SILENCE] = "silence",
	[GOT_SYN_ACK] = "syn-ack",
	[GOT_CHALLENGE_ACK] = "challenge-ack",
	[GOT_ACK] = "ack",
	[GOT_RST] = "rst",
};
static_assert(ARRAY_LEN(got_names) == GOT_N, "an answer without a name");

const char *got_name(enum got got)
{
	BUG_ON((unsigned)got >= GOT_N);
	return got_names[got];
}

/* --- opening ----------------------------------------------------------- */

static bool stopped(const struct stand *st)
{
	return engine_ended(st->job->engine) != ENGINE_RUNNING;
}

static bool all_ours_taken(const struct flow *f, const struct segment *s,
			   const void *arg)
{
	(void)arg;
	return !(s->flags & (TCP_SYN | TCP_RST)) &&
	       s->ack == flow_numbers(f)->snd_nxt;
}

/*
 * The beginning of a request, for who takes a connection up only then: without
 * its end the service goes on waiting.
 */
static bool say_first(struct subject *s)
{
	static const char line[] = "GET / HTTP/1.1\r\n";
	static const struct flow_expect taken = { .set = TCP_ACK,
						  .accept = all_ours_taken };
	const struct trigger *t = s->stand->trigger;
	struct stimulus first = {
		.flags = TCP_PSH | TCP_ACK,
		.payload = line,
		.payload_len = sizeof(line) - 1,
		.counts = true,
		.why = "data, which the target waits for to take it up",
	};
	const struct reply *reply;

	if (t->kind == TRIGGER_SEND) {
		first.payload = t->payload;
		first.payload_len = t->payload_len;
	}
	if (t->kind == TRIGGER_HTTP
		    ? !reach_answers(s->stand->job, s->flow, t)
		    : flow_ask(s->flow, &first, &taken, &reply) != FLOW_SEGMENT)
		return false;
	return flow_absorb(s->flow, DRAIN_NS, TIME_S, &s->heard) ==
	       FLOW_TIMEOUT;
}

static bool shows_no_life(struct subject *s, enum flow_life life,
			  struct trial *out)
{
	switch (life) {
	case FLOW_ALIVE:
		return false;
	case FLOW_DEAD:
		s->lives = false;
		trial_set(out, TRIAL_UNKNOWN,
			  "the target knows nothing of a connection that it "
			  "has just opened: its accept queue may be full");
		break;
	case FLOW_MUTE:
		trial_set(out, TRIAL_UNKNOWN,
			  "the connection opens, but a byte below its window "
			  "is not answered: nobody can tell whether it lives");
		break;
	case FLOW_UNKNOWN:
		trial_set(out, TRIAL_UNKNOWN, "%s",
			  flow_silence_text(flow_silence(s->flow)));
		break;
	}
	return true;
}

/* Has it ended without our doing? */
static bool has_ended(const struct flow *f)
{
	const struct flow_numbers *n = flow_numbers(f);

	return n->their_fin || n->stage == FLOW_GONE;
}

/* A moment in which what is late arrives; false at the stop. */
static bool let_pass(struct subject *s)
{
	bool whole = engine_sleep(s->stand->job->engine, DRAIN_NS);

	flow_drain(s->flow);
	return whole;
}

static bool say_ack(struct subject *s, struct trial *out)
{
	static const struct stimulus ack = {
		.flags = TCP_ACK,
		.why = "handshake: ACK, in case the first one is lost",
	};

	if (!flow_send(s->flow, &ack))
		return true;
	trial_set(out, TRIAL_UNKNOWN, "%s", flow_error(s->flow)->text);
	return false;
}

/* An answer without DSACK may be a late one, to a SYN that was duplicated on
 * the way, or our ACKs were lost: the question is put twice. */
static bool is_taken_up(struct subject *s, struct trial *out)
{
	const struct flow_numbers *n = flow_numbers(s->flow);

	return !s->stand->sacks || n->sacks ||
	       (say_ack(s, out) && flow_alive(s->flow) == FLOW_ALIVE &&
		let_pass(s) && n->sacks);
}

static bool prove(struct subject *s, struct trial *out)
{
	const struct flow_numbers *n = flow_numbers(s->flow);
	const char *doubt = NULL;

	if (shows_no_life(s, flow_alive(s->flow), out))
		return false;
	s->ttl = n->last_ttl;
	if (!let_pass(s)) {
		doubt = "the run was stopped";
	} else if (has_ended(s->flow)) {
		s->lives = n->stage != FLOW_GONE;
		doubt = "the service closed the connection before anything was "
			"tried";
	} else if (!is_taken_up(s, out)) {
		doubt = "the target has not taken the connection up: its "
			"accept queue may be full";
	}
	if (doubt)
		trial_set(out, TRIAL_UNKNOWN, "%s", doubt);
	return !doubt;
}

/* A flow of its own, in stage NEW, and a turn to be half-open. */
static bool begin(struct stand *st, struct subject *s, struct trial *out)
{
	struct engine *e = st->job->engine;

	*s = (struct subject){ .stand = st };
	if (st->refused >= REFUSED_MAX) {
		trial_set(out, TRIAL_UNKNOWN,
			  "the target opens no connection any more: its accept "
			  "queue may be full");
		return false;
	}
	s->turn = engine_turn_take(e, &st->half_open);
	if (!s->turn) {
		trial_set(out, TRIAL_UNKNOWN, "the run was stopped");
		return false;
	}
	s->flow = probe_flow(st->job);
	if (!s->flow)
		trial_set(out, TRIAL_UNKNOWN, "%s",
			  st->job->finding->error.text);
	return s->flow != NULL;
}

static void give_turn(struct subject *s)
{
	if (s->turn)
		engine_turn_give(s->stand->job->engine, &s->stand->half_open);
	s->turn = false;
}

static bool hear_banner(struct subject *s, struct trial *out)
{
	const struct flow_numbers *n = flow_numbers(s->flow);

	switch (flow_absorb(s->flow, probe_patience(n->rtt_ns), BANNER_MAX_NS,
			    &s->heard)) {
	case FLOW_TIMEOUT:
		return true;
	case FLOW_SEGMENT:
		trial_set(out, TRIAL_UNKNOWN,
			  "the %s it before anything was "
			  "tried",
			  s->heard.rst ? "target reset" : "service closed");
		break;
	case FLOW_ICMP:
	case FLOW_ECHO:
	case FLOW_STOPPED:
		trial_set(out, TRIAL_UNKNOWN, "the run was stopped");
		break;
	}
	return false;
}

/* From the handshake to a service that waits. */
static bool connect_to(struct subject *s, struct trial *out)
{
	struct stand *st = s->stand;
	struct reach reach;

	reach_handshake(s->flow, &reach);
	give_turn(s);
	s->opened_ns = engine_now(st->job->engine);
	st->refused = reach.how == REACHED ? 0 : st->refused + 1;
	if (reach.how != REACHED) {
		trial_set(out, TRIAL_UNKNOWN, "%s", reach.why);
		return false;
	}
	s->opened = s->lives = true;
	if (st->banner && !hear_banner(s, out))
		return false;
	if (st->deferred && !say_first(s)) {
		trial_set(out, TRIAL_UNKNOWN,
			  "the target takes a connection up only when data "
			  "comes, and closes it then");
		return false;
	}
	return true;
}

static bool try_open(struct stand *st, struct subject *s, struct trial *out)
{
	if (!begin(st, s, out) || !connect_to(s, out) || !say_ack(s, out))
		return false;
	return st->state == STAND_NUMB || prove(s, out);
}

bool subject_open(struct stand *st, struct subject *s, struct trial *out)
{
	if (try_open(st, s, out))
		return true;
	if (stopped(st) || !s->flow)
		return false;
	/* It may have had bad luck on the way. */
	subject_end(s);
	return try_open(st, s, out);
}

bool subject_half_open(struct stand *st, struct subject *s, struct trial *out)
{
	static const struct stimulus syn = {
		.flags = TCP_SYN,
		.seq_from = FLOW_ISN,
		.counts = true,
		.why = "SYN, to be left half-open",
	};
	static const struct flow_expect synack = { .set = TCP_SYN | TCP_ACK };
	const struct reply *reply;

	if (!begin(st, s, out))
		return false;
	if (flow_ask(s->flow, &syn, &synack, &reply) != FLOW_SEGMENT ||
	    flow_numbers(s->flow)->stage != FLOW_SYN_ACKED) {
		st->refused++;
		trial_set(out, TRIAL_UNKNOWN,
			  "the SYN is not answered any more: %s",
			  flow_silence_text(flow_silence(s->flow)));
		return false;
	}
	st->refused = 0;
	s->opened_ns = engine_now(st->job->engine);
	s->ttl = flow_numbers(s->flow)->ttl;
	return true;
}

void subject_end(struct subject *s)
{
	/* A reset of ours that was to be ignored, or was lost. */
	if (s->flow && s->lives && flow_numbers(s->flow)->stage == FLOW_GONE &&
	    !stopped(s->stand))
		(void)flow_send(s->flow,
				&(struct stimulus){
					.flags = TCP_RST,
					.no_options = true,
					.why = "reset, to leave nothing behind",
				});
	flow_end(s->flow);
	give_turn(s);
}

/* --- the stimulus ------------------------------------------------------ */

/*
 * A segment that answers, not what the service has to say, a SYN-ACK that comes
 * again, or a keepalive probe of the target's own (below what it sends next).
 */
static bool is_answer(const struct flow *f, const struct segment *s,
		      const void *arg)
{
	const struct flow_numbers *n = flow_numbers(f);

	(void)arg;
	if (s->flags & TCP_RST)
		return true;
	if (s->flags & TCP_SYN)
		return s->seq != n->irs || s->ack != n->iss + 1;
	if (!(s->flags & TCP_ACK))
		return false;
	if (seq_lt(n->snd_nxt, s->ack))
		return true;
	return segment_len(s) == 0 && s->ack == n->snd_nxt &&
	       seq_le(n->rcv_nxt, s->seq);
}

static void read_answer(struct flow *f, const struct reply *reply,
			struct seen *out)
{
	static const char *const notes[] = {
		[GOT_SILENCE] = NULL,
		[GOT_SYN_ACK] = "a SYN-ACK",
		[GOT_CHALLENGE_ACK] = "the same ACK once more",
		[GOT_ACK] = "an ACK of what was put",
		[GOT_RST] = "a RST",
	};
	const struct segment *s = &reply->segment;
	uint32_t next = flow_numbers(f)->snd_nxt;

	out->ttl = s->ttl;
	out->dsack = reply->options.sack_n;
	if (s->flags & TCP_RST) {
		out->got = GOT_RST;
	} else if (s->flags & TCP_SYN) {
		out->got = GOT_SYN_ACK;
	} else if (seq_lt(next, s->ack)) {
		out->got = GOT_ACK;
		out->taken = s->ack - next;
	} else {
		out->got = GOT_CHALLENGE_ACK;
	}
	flow_note(f, notes[out->got]);
}

static bool takes_more(const struct flow *f, const struct segment *s,
		       const void *arg)
{
	(void)arg;
	return !(s->flags & (TCP_SYN | TCP_RST)) &&
	       seq_lt(flow_numbers(f)->snd_nxt, s->ack);
}

/* Some challenge a segment, and take its data all the same. */
static void look_for_more(struct flow *f, struct seen *out)
{
	static const struct flow_expect more = { .set = TCP_ACK,
						 .accept = takes_more };
	const struct reply *reply;

	if (flow_wait(f, &more, DRAIN_NS, &reply) == FLOW_SEGMENT)
		read_answer(f, reply, out);
}

/* What the target took is ours: the proof of life and our reset count on. */
static void count_taken(struct flow *f, uint32_t taken)
{
	(void)flow_send(f, &(struct stimulus){
				   .flags = TCP_ACK,
				   .seq = taken,
				   .counts = true,
				   .why = "ACK, behind what was taken",
			   });
}

static void ask_for_life(struct subject *s, struct seen *out)
{
	const struct flow_numbers *n = flow_numbers(s->flow);
	const struct stand *st = s->stand;

	out->life = flow_alive(s->flow);
	/* Before something is said to have been given up: once more. */
	if (out->life == FLOW_MUTE)
		out->life = flow_alive(s->flow);
	s->lives = out->life != FLOW_DEAD;
	out->closed = n->their_fin;
	if (out->life == FLOW_ALIVE && st->answers && !out->closed &&
	    n->stage == FLOW_ESTABLISHED)
		out->mute = !reach_answers(st->job, s->flow, st->trigger);
}

bool subject_say_twice(struct subject *s, const struct stimulus *what)
{
	for (int i = 0; i < 2; i++) {
		if (flow_send(s->flow, what))
			return false;
	}
	return true;
}

void subject_put(struct subject *s, const struct stimulus *what,
		 unsigned copies, struct seen *out)
{
	static const struct flow_expect answer = { .accept = is_answer };
	int64_t patience = probe_patience(flow_numbers(s->flow)->rtt_ns);
	const struct reply *reply;

	*out = (struct seen){ .life = FLOW_UNKNOWN };
	flow_drain(s->flow);
	for (unsigned i = 0; i < copies; i++) {
		if (flow_send(s->flow, what))
			return;
	}
	switch (flow_wait(s->flow, &answer, patience, &reply)) {
	case FLOW_SEGMENT:
		out->put = true;
		read_answer(s->flow, reply, out);
		break;
	case FLOW_TIMEOUT:
		out->put = flow_settle(s->flow) &&
			   flow_silence(s->flow) == SILENCE_REAL;
		break;
	case FLOW_ICMP:
	case FLOW_ECHO:
	case FLOW_STOPPED:
		return;
	}
	if (out->got == GOT_CHALLENGE_ACK && what->payload_len)
		look_for_more(s->flow, out);
	if (out->taken)
		count_taken(s->flow, out->taken);
	ask_for_life(s, out);
}

void subject_pause(struct subject *s, int64_t put_ns)
{
	struct engine *e = s->stand->job->engine;
	int64_t left = put_ns + SUBJECT_LIMIT_NS - engine_now(e);

	if (left > DRAIN_NS)
		engine_sleep(e, left - DRAIN_NS);
	let_pass(s);
}

void subject_ask(struct subject *s, const struct stimulus *what,
		 struct seen *out)
{
	struct engine *e = s->stand->job->engine;
	unsigned tries = engine_config(e)->retries + 1;
	int64_t put_ns = engine_now(e);

	subject_put(s, what, 1, out);
	while (out->put && out->got == GOT_SILENCE && out->life == FLOW_ALIVE &&
	       tries--) {
		subject_pause(s, put_ns);
		put_ns = engine_now(e);
		subject_put(s, what, 1, out);
	}
}

/* --- doubts ------------------------------------------------------------ */

static bool not_put(const struct subject *s, struct trial *out)
{
	const struct err *error = flow_error(s->flow);

	if (stopped(s->stand))
		trial_set(out, TRIAL_UNKNOWN, "the run was stopped");
	else if (error->code)
		trial_set(out, TRIAL_UNKNOWN, "%s", error->text);
	else if (flow_silence(s->flow) == SILENCE_REAL)
		trial_set(out, TRIAL_UNKNOWN, "%s",
			  flow_silence_text(SILENCE_NOT_SEEN_LEAVING));
	else
		trial_set(out, TRIAL_UNKNOWN, "%s",
			  flow_silence_text(flow_silence(s->flow)));
	return true;
}

bool subject_not_target(const struct subject *s, const char *what, uint8_t ttl,
			struct trial *out)
{
	if (host_same_box(s->ttl, ttl))
		return false;
	trial_set(out, TRIAL_UNKNOWN,
		  "the %s is not the target's own: its TTL is %u, the "
		  "connection's segments come with %u",
		  what, ttl, s->ttl);
	return true;
}

/* Asked by one at a time. False also when nobody can tell. */
static bool control_is_dead(struct stand *st)
{
	struct engine *e = st->job->engine;
	enum flow_life life;

	if (!engine_turn_take(e, &st->control_turn))
		return false;
	life = flow_alive(st->control.flow);
	engine_turn_give(e, &st->control_turn);
	return life == FLOW_DEAD;
}

/*
 * A control connection that has ended, no older than this one, says that
 * connections end here by themselves. When its end was lost on the way it is
 * asked, and nobody knows how old it was.
 */
static bool died_of_age(const struct subject *s, struct trial *out)
{
	struct stand *st = s->stand;
	const struct flow_numbers *control = flow_numbers(st->control.flow);
	int64_t lived = engine_now(st->job->engine) - s->opened_ns;
	int64_t ended = control->ended_ns;
	int64_t age = ended ? ended - st->control.opened_ns : 0;
	char text[NUM_DURATION_TEXT_MAX];

	/* Tasks are not woken at the same moment: a third of it is slack. */
	if (ended ? lived < age * 2 / 3 : !control_is_dead(st))
		return false;
	trial_set(out, TRIAL_UNKNOWN,
		  "the service ends its connections%s%s: one that was left "
		  "alone has ended, too",
		  ended ? " after " : "",
		  ended ? num_format_duration(age, text) : "");
	return true;
}

bool subject_doubt(const struct subject *s, const struct seen *seen,
		   struct trial *out)
{
	const struct flow_numbers *n = flow_numbers(s->flow);

	if (!seen->put)
		return not_put(s, out);
	if ((seen->got == GOT_RST || seen->got == GOT_SYN_ACK) &&
	    subject_not_target(s, seen->got == GOT_RST ? "RST" : "SYN-ACK",
			       seen->ttl, out))
		return true;
	switch (seen->life) {
	case FLOW_ALIVE:
		break;
	case FLOW_DEAD:
		return subject_not_target(s, "RST", n->last_ttl, out) ||
		       died_of_age(s, out);
	case FLOW_MUTE:
		trial_set(out, TRIAL_UNKNOWN,
			  "afterwards the connection answers nothing any more: "
			  "something on the way may have given it up");
		return true;
	case FLOW_UNKNOWN:
		return not_put(s, out);
	}
	if (seen->closed) {
		trial_set(out, TRIAL_UNKNOWN,
			  "the service closed the connection meanwhile");
		return true;
	}
	return false;
}

bool subject_silence_doubt(const struct subject *s, struct trial *out)
{
	if (s->stand->filtered)
		trial_set(out, TRIAL_UNKNOWN,
			  "silence, but a stateful filter on the way or at the "
			  "host swallows what it calls invalid: it proves "
			  "nothing");
	else if (s->stand->relayed)
		trial_set(out, TRIAL_UNKNOWN,
			  "silence, but the box that makes the handshake may "
			  "have swallowed it: it proves nothing");
	return s->stand->filtered || s->stand->relayed;
}

/* --- the stand --------------------------------------------------------- */

/* TCP_DEFER_ACCEPT and its like: our own SYN again is answered with the same
 * SYN-ACK only where the handshake is not over yet. */
static bool same_synack(const struct flow *f, const struct segment *s,
			const void *arg)
{
	const struct flow_numbers *n = flow_numbers(f);

	(void)arg;
	if (s->flags & TCP_SYN)
		return s->seq == n->irs && s->ack == n->iss + 1;
	return s->flags & TCP_RST ||
	       (segment_len(s) == 0 && s->ack == n->snd_nxt);
}

static bool still_half_open(struct stand *st)
{
	static const struct stimulus syn = {
		.flags = TCP_SYN,
		.seq_from = FLOW_ISN,
		.why = "our SYN again: has the target taken the connection up?",
	};
	static const struct flow_expect expect = { .set = TCP_ACK,
						   .accept = same_synack };
	const struct reply *reply;
	struct trial ignored;
	struct subject s;
	bool half_open;

	half_open = subject_open(st, &s, &ignored) &&
		    flow_ask_every(s.flow, &syn, &expect, SUBJECT_LIMIT_NS,
				   &reply) == FLOW_SEGMENT &&
		    reply->segment.flags & TCP_SYN;
	subject_end(&s);
	return half_open;
}

/* Open the control connection: its state is the stand's. */
static void open_control(struct stand *st)
{
	struct subject *c = &st->control;

	st->state = STAND_READY;
	if (subject_open(st, c, &st->why))
		return;
	/* It is there, and will not tell whether it lives: perhaps a keepalive
	 * without data is answered. */
	st->state = c->opened && c->lives && !has_ended(c->flow) && !stopped(st)
			    ? STAND_NUMB
			    : STAND_NOTHING;
}

void stand_open(struct stand *st, struct probe_job *job,
		const struct trigger *trigger)
{
	const struct flow_numbers *n;

	*st = (struct stand){
		.job = job,
		.trigger = trigger,
		.half_open.left = HALF_OPEN_MAX,
		.control_turn.left = 1,
	};
	st->banner = true; /* until we know */
	open_control(st);
	if (!st->control.flow)
		return;
	n = flow_numbers(st->control.flow);
	job->finding->source = n->local;
	st->banner = st->control.heard.bytes != 0;
	st->rtt_ns = n->rtt_ns;
	if (st->state != STAND_READY)
		return;
	st->relayed = !host_same_box(n->ttl, n->last_ttl);
	st->sacks = n->sacks;
	if (st->sacks || st->banner || !still_half_open(st))
		return;
	if (trigger->kind == TRIGGER_WAIT || trigger->kind == TRIGGER_NONE) {
		trial_set(&st->why, TRIAL_UNKNOWN,
			  "the target takes a connection up only when data "
			  "comes, as with TCP_DEFER_ACCEPT: use --trigger http "
			  "or send:TEXT");
		st->state = STAND_NOTHING;
		return;
	}
	st->deferred = true;
	subject_end(&st->control);
	open_control(st);
	if (st->state == STAND_READY)
		st->sacks = flow_numbers(st->control.flow)->sacks;
}

void stand_close(struct stand *st)
{
	subject_end(&st->control);
}
