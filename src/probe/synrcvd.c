/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Half-open connections: SYN, SYN-ACK, the stimulus, and only then the ACK.
 *
 * Who keeps no half-open connection breaks no rule of it: a listener that
 * answers with SYN cookies, and a proxy that makes the handshake in the
 * target's name. Both are told by what they never do, which is to repeat a
 * SYN-ACK; so a violation counts only where one was repeated.
 */
#include "probe/synrcvd.h"

#include <stdio.h>

#include "wire/seq.h"

/* How long to wait for a second SYN-ACK: BSDs take six seconds. */
#define REPEAT_MAX_NS (7500 * TIME_MS)
/* What comes sooner was duplicated on the way. */
#define REPEAT_MIN_NS (500 * TIME_MS)

enum request_want {
	REQUEST_CHALLENGE, /* an ACK; the handshake completes */
	REQUEST_SAME,	   /* the same SYN-ACK; it completes */
	REQUEST_UNHARMED,  /* any of both, or a SYN-ACK for the new SYN */
	REQUEST_SILENCE,   /* nothing; it completes */
	REQUEST_GONE,	   /* whatever; it does not complete */
	REQUEST_ANY,	   /* only told */
};

struct request_row {
	enum rule_id rule;
	enum request_want want;
	struct stimulus s;
	bool past_window; /* seq counts from behind the offered window */
};

#define BELOW(n) (-(uint32_t)(n))

static const struct request_row rows[] = {
	{ .rule = RULE_SYNRCVD_DUP_SYN,
	  .want = REQUEST_SAME,
	  .s = { .flags = TCP_SYN,
		 .seq_from = FLOW_ISN,
		 .why = "the same SYN again" } },
	{ .rule = RULE_SYNRCVD_SYN_OUT,
	  .want = REQUEST_UNHARMED,
	  .past_window = true,
	  .s = { .flags = TCP_SYN,
		 .seq = 100000,
		 .why = "SYN 100,000 beyond the window" } },
	{ .rule = RULE_SYNRCVD_SYN_OUT,
	  .want = REQUEST_UNHARMED,
	  .s = { .flags = TCP_SYN,
		 .seq = BELOW(5000),
		 .why = "SYN at RCV.NXT-5,000" } },
	{ .rule = RULE_SYNRCVD_SYN_IN,
	  .want = REQUEST_ANY,
	  .s = { .flags = TCP_SYN, .seq = 499, .why = "SYN at RCV.NXT+499" } },
	{ .rule = RULE_SYNRCVD_RST_EXACT,
	  .want = REQUEST_GONE,
	  .s = { .flags = TCP_RST, .why = "RST at RCV.NXT" } },
	{ .rule = RULE_SYNRCVD_RST_INWINDOW,
	  .want = REQUEST_CHALLENGE,
	  .s = { .flags = TCP_RST, .seq = 499, .why = "RST at RCV.NXT+499" } },
	{ .rule = RULE_SYNRCVD_RST_OUT,
	  .want = REQUEST_SILENCE,
	  .past_window = true,
	  .s = { .flags = TCP_RST,
		 .seq = 200000,
		 .why = "RST 200,000 beyond the window" } },
	{ .rule = RULE_SYNRCVD_RST_OUT,
	  .want = REQUEST_SILENCE,
	  .s = { .flags = TCP_RST,
		 .seq_from = FLOW_ISN,
		 .why = "RST at our ISN" } },
	{ .rule = RULE_SYNRCVD_NOACK_SEGMENT,
	  .want = REQUEST_SILENCE,
	  .s = { .flags = TCP_FIN, .why = "FIN without ACK" } },
	{ .rule = RULE_SYNRCVD_NOACK_SEGMENT,
	  .want = REQUEST_SILENCE,
	  .s = { .flags = TCP_PSH,
		 .payload = "GET",
		 .payload_len = 3,
		 .why = "data without ACK" } },
};
const size_t synrcvd_rows_n = ARRAY_LEN(rows);

const void *synrcvd_row(size_t i, enum rule_id *rule)
{
	*rule = rows[i].rule;
	return &rows[i];
}

/* --- does it keep half-open connections? ------------------------------- */

static bool repeats(struct stand *st)
{
	static const struct flow_expect synack = { .set = TCP_SYN | TCP_ACK };
	int64_t left = REPEAT_MAX_NS, start;
	const struct reply *reply;
	struct trial ignored;
	struct subject s;
	bool is = false;

	if (subject_half_open(st, &s, &ignored)) {
		start = engine_now(st->job->engine);
		while (!is && left > 0 &&
		       flow_wait(s.flow, &synack, left, &reply) ==
			       FLOW_SEGMENT) {
			int64_t waited = engine_now(st->job->engine) - start;

			is = waited >= REPEAT_MIN_NS;
			left = REPEAT_MAX_NS - waited;
		}
	}
	subject_end(&s);
	return is;
}

static bool keeps_half_open(struct stand *st)
{
	struct engine *e = st->job->engine;

	if (!st->repeats_asked) {
		st->repeats_asked = true;
		st->repeats = repeats(st);
		engine_gate_open(e, &st->repeats_known);
	} else {
		engine_gate_wait(e, &st->repeats_known, TIME_NEVER);
	}
	return st->repeats;
}

/* A violation of who keeps nothing is none. */
static void doubt_violation(struct stand *st, struct trial *out)
{
	if ((out->result == TRIAL_BROKEN || out->result == TRIAL_MUTE) &&
	    !keeps_half_open(st))
		trial_set(out, TRIAL_UNKNOWN,
			  "the SYN-ACK is never repeated: SYN cookies or a "
			  "proxy keep no half-open connection");
}

/* --- the stimulus ------------------------------------------------------ */

/* What is the SYN-ACK of the handshake, perhaps once more? */
static bool is_known_synack(const struct flow_numbers *n,
			    const struct segment *s)
{
	return s->flags & TCP_SYN && s->seq == n->irs && s->ack == n->iss + 1;
}

static bool is_answer(const struct flow *f, const struct segment *s,
		      const void *arg)
{
	const struct flow_numbers *n = flow_numbers(f);
	const struct request_row *row = arg;

	if (is_known_synack(n, s))
		return row->want == REQUEST_SAME;
	if (s->flags & (TCP_RST | TCP_SYN))
		return true;
	return s->flags & TCP_ACK && segment_len(s) == 0 &&
	       s->ack == n->snd_nxt;
}

/* A fresh SYN-ACK is denied: nothing stays half-open. */
static void deny(struct flow *f, const struct segment *s)
{
	(void)flow_send(f, &(struct stimulus){
				   .flags = TCP_RST,
				   .seq = s->ack,
				   .seq_from = FLOW_ABSOLUTE,
				   .why = "RST to the other SYN-ACK",
			   });
}

/* A SYN-ACK that is not the one we have: `taken` tells. */
static void read_answer(struct flow *f, const struct reply *reply,
			struct seen *out)
{
	const struct segment *s = &reply->segment;

	out->ttl = s->ttl;
	if (s->flags & TCP_RST) {
		out->got = GOT_RST;
		flow_note(f, "a RST");
	} else if (!(s->flags & TCP_SYN)) {
		out->got = GOT_CHALLENGE_ACK;
		flow_note(f, "a challenge ACK");
	} else {
		out->got = GOT_SYN_ACK;
		flow_note(f, "a SYN-ACK");
		if (is_known_synack(flow_numbers(f), s))
			return;
		out->taken = 1;
		deny(f, s);
	}
}

static void put(struct subject *s, const struct request_row *row,
		const struct stimulus *what, struct seen *out)
{
	const struct flow_expect answer = { .accept = is_answer, .arg = row };
	const struct flow_numbers *n = flow_numbers(s->flow);
	bool twice = row->want == REQUEST_SILENCE || row->want == REQUEST_GONE;
	const struct reply *reply;

	*out = (struct seen){ .life = FLOW_UNKNOWN };
	if (flow_send(s->flow, what) || (twice && flow_send(s->flow, what)))
		return;
	switch (flow_wait(s->flow, &answer, probe_patience(n->rtt_ns),
			  &reply)) {
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
		break;
	}
}

/* The third segment, late; who has kept the half-open connection opens it. */
static void complete(struct subject *s, struct seen *seen)
{
	static const struct stimulus ack = {
		.flags = TCP_ACK,
		.why = "the handshake's ACK: is it still half-open?",
	};

	if (!subject_say_twice(s, &ack))
		return;
	seen->life = flow_alive(s->flow);
	s->lives = seen->life != FLOW_DEAD;
}

static void ask(struct subject *s, const struct request_row *row,
		const struct stimulus *what, struct seen *seen)
{
	struct engine *e = s->stand->job->engine;
	unsigned tries = engine_config(e)->retries + 1;
	bool wanted = row->want == REQUEST_CHALLENGE ||
		      row->want == REQUEST_SAME ||
		      row->want == REQUEST_UNHARMED;
	int64_t put_ns = engine_now(e);

	put(s, row, what, seen);
	while (wanted && seen->put && seen->got == GOT_SILENCE && tries--) {
		subject_pause(s, put_ns);
		put_ns = engine_now(e);
		put(s, row, what, seen);
	}
	if (seen->put)
		complete(s, seen);
}

/* --- judging ----------------------------------------------------------- */

static const char *answer_text(const struct seen *seen)
{
	switch (seen->got) {
	case GOT_SILENCE:
		return "silence";
	case GOT_SYN_ACK:
		return seen->taken ? "another SYN-ACK" : "the same SYN-ACK";
	case GOT_CHALLENGE_ACK:
	case GOT_ACK:
		return "challenge ACK";
	case GOT_RST:
		return "RST";
	case GOT_N:
		break;
	}
	return NULL;
}

static enum trial_result result_of(const struct request_row *row,
				   const struct seen *seen)
{
	bool survives = seen->life == FLOW_ALIVE;
	bool silent = seen->got == GOT_SILENCE;

	switch (row->want) {
	case REQUEST_ANY:
		return TRIAL_HOLDS;
	case REQUEST_GONE:
		return survives ? TRIAL_BROKEN : TRIAL_HOLDS;
	case REQUEST_SILENCE:
		return survives && silent ? TRIAL_HOLDS : TRIAL_BROKEN;
	case REQUEST_CHALLENGE:
	case REQUEST_SAME:
	case REQUEST_UNHARMED:
		break;
	}
	/* With a SYN-ACK for the new SYN the old one is replaced, as some do:
	 * that is no harm either. */
	if (row->want == REQUEST_UNHARMED && seen->taken)
		return TRIAL_HOLDS;
	if (!survives)
		return TRIAL_BROKEN;
	if (silent)
		return TRIAL_MUTE;
	if (row->want == REQUEST_SAME)
		return seen->got == GOT_RST || seen->taken ? TRIAL_BROKEN
							   : TRIAL_HOLDS;
	return seen->got == GOT_CHALLENGE_ACK ? TRIAL_HOLDS : TRIAL_BROKEN;
}

static void judge(const struct request_row *row, const struct subject *s,
		  const struct seen *seen, struct trial *out)
{
	bool survives = seen->life == FLOW_ALIVE;

	if (subject_doubt(s, seen, out))
		return;
	if (row->want != REQUEST_ANY && survives && seen->got == GOT_SILENCE &&
	    subject_silence_doubt(s, out))
		return;
	trial_set(out, result_of(row, seen), "%s: %s, and the handshake %s",
		  row->s.why, answer_text(seen),
		  survives ? "completes" : "is void");
}

/* The handshake is another box's, and so would the verdict be. */
static bool is_relayed(const struct stand *st, struct trial *out)
{
	if (!st->relayed)
		return false;
	trial_set(out, TRIAL_UNKNOWN,
		  "another box makes the handshake in the target's name: its "
		  "SYN-ACK has come another number of hops");
	return true;
}

void synrcvd_trial(struct probe_job *job, const void *what, struct trial *out)
{
	const struct question *q = what;
	const struct request_row *row = q->row;
	struct stimulus stimulus = row->s;
	struct subject s;

	(void)job;
	if (is_relayed(q->stand, out))
		return;
	if (subject_half_open(q->stand, &s, out)) {
		stimulus.check = rule_get(row->rule)->id;
		if (row->past_window)
			stimulus.seq += flow_numbers(s.flow)->window;
		ask(&s, row, &stimulus, q->seen);
		judge(row, &s, q->seen, out);
	}
	subject_end(&s);
	doubt_violation(q->stand, out);
}

/* --- ACKs of what was never sent --------------------------------------- */

static const struct {
	uint32_t ack; /* from the target's ISN */
	const char *why;
} bad_acks[] = {
	{ 0, "ACK of the target's ISN" },
	{ 2, "ACK of its ISN+2" },
	{ BELOW(100000), "ACK of its ISN-100,000" },
	{ UINT32_C(1) << 31, "ACK of its ISN+2^31" },
};

/* Not the reset that an earlier one has got, once more. */
static bool is_reset_or_ack(const struct flow *f, const struct segment *s,
			    const void *arg)
{
	const struct flow_numbers *n = flow_numbers(f);
	const size_t *which = arg;

	if (!(s->flags & TCP_RST))
		return s->flags & TCP_ACK && !(s->flags & TCP_SYN) &&
		       s->ack == n->snd_nxt;
	for (size_t i = 0; i < *which; i++) {
		if (s->seq == n->irs + bad_acks[i].ack)
			return false;
	}
	return true;
}

/* True while all is right: a RST with the number that was acknowledged. */
static bool bad_ack_is_reset(struct subject *s, size_t which, struct trial *out)
{
	const struct flow_expect answer = { .accept = is_reset_or_ack,
					    .arg = &which };
	const char *why = bad_acks[which].why;
	const struct stimulus bad = {
		.flags = TCP_ACK,
		.ack = bad_acks[which].ack,
		.ack_from = FLOW_ISN,
		.why = why,
		.check = rule_get(RULE_SYNRCVD_BAD_ACK)->id,
	};
	const struct reply *reply;

	switch (flow_ask(s->flow, &bad, &answer, &reply)) {
	case FLOW_SEGMENT:
		break;
	case FLOW_TIMEOUT:
		if (flow_silence(s->flow) == SILENCE_REAL)
			trial_set(out, TRIAL_MUTE, "%s: silence", why);
		else
			trial_set(out, TRIAL_UNKNOWN, "%s",
				  flow_silence_text(flow_silence(s->flow)));
		return false;
	case FLOW_ICMP:
	case FLOW_ECHO:
	case FLOW_STOPPED:
		trial_set(out, TRIAL_UNKNOWN, "the run was stopped");
		return false;
	}
	if (!(reply->segment.flags & TCP_RST)) {
		trial_set(out, TRIAL_BROKEN, "%s: ACK, not RST", why);
		return false;
	}
	if (reply->segment.seq != flow_numbers(s->flow)->irs + bad.ack) {
		trial_set(out, TRIAL_BROKEN,
			  "%s: RST with another number than its ACK's", why);
		return false;
	}
	flow_note(s->flow, "the RST that is owed");
	return true;
}

static void put_bad_acks(struct subject *s, struct seen *seen,
			 struct trial *out)
{
	*seen = (struct seen){ .put = true, .life = FLOW_UNKNOWN };
	for (size_t i = 0; i < ARRAY_LEN(bad_acks); i++) {
		if (!bad_ack_is_reset(s, i, out))
			return;
	}
	complete(s, seen);
	if (subject_doubt(s, seen, out))
		return;
	if (seen->life == FLOW_ALIVE)
		trial_set(out, TRIAL_HOLDS,
			  "four unacceptable ACKs: RST each, and the handshake "
			  "completes");
	else
		trial_set(out, TRIAL_BROKEN,
			  "an unacceptable ACK ends the handshake");
}

void synrcvd_bad_ack(struct probe_job *job, const void *what, struct trial *out)
{
	const struct question *q = what;
	struct subject s;

	(void)job;
	if (is_relayed(q->stand, out))
		return;
	if (subject_half_open(q->stand, &s, out)) {
		put_bad_acks(&s, q->seen, out);
		if (out->result == TRIAL_MUTE)
			subject_silence_doubt(&s, out);
	}
	subject_end(&s);
	doubt_violation(q->stand, out);
}
