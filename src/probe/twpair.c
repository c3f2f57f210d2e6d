/* SPDX-License-Identifier: BSD-2-Clause */
/* Into TIME-WAIT, and the questions there. */
#include "probe/twpair.h"

#include "base/line.h"
#include "probe/hosts.h"
#include "wire/options.h"
#include "wire/seq.h"

/* Older than any segment of ours on the pair. */
#define OLDER_MS (-600000)
/* Nothing answers a RST: a lost one can only be repeated. */
#define RESETS 3

static const char *const got_names[] = {
	[TWPAIR_SILENCE] = "silence",
	[TWPAIR_SYN_ACK] = "syn-ack",
	[TWPAIR_CHALLENGE_ACK] = "challenge-ack",
	[TWPAIR_ACK] = "ack",
	[TWPAIR_RST] = "rst",
};
static_assert(ARRAY_LEN(got_names) == TWPAIR_GOT_N, "an answer, a name");

const char *twpair_got_name(enum twpair_got got)
{
	return got_names[got];
}

/* --- answers ----------------------------------------------------------- */

/* Why silence proves nothing; NULL when it does. */
static const char *doubt_silence(const struct flow *f)
{
	enum flow_silence silence = flow_silence(f);

	if (flow_error(f)->code)
		return "our own segment could not be sent";
	return silence == SILENCE_REAL ? NULL : flow_silence_text(silence);
}

static void take_silence(const struct twpair *p, enum flow_event event,
			 struct twpair_answer *out)
{
	*out = (struct twpair_answer){ .got = TWPAIR_SILENCE };
	if (event == FLOW_STOPPED)
		out->doubt = flow_silence_text(SILENCE_STOPPED);
	else
		out->doubt = doubt_silence(p->flow);
}

static void take_segment(const struct twpair *p, const struct segment *s,
			 enum twpair_got got, struct twpair_answer *out)
{
	*out = (struct twpair_answer){
		.got = got,
		.seq = s->seq,
		.ack = s->ack,
	};
	/* A load balancer may have handed the pair to somebody else. */
	if (!host_same_box(s->ttl, p->ttl))
		out->doubt = "the answer has come another number of hops than "
			     "those before: another box sent it";
}

/* Of the closed connection: an ACK of all that is ours, or more; a reset. */
static bool answers_old(const struct flow *f, const struct segment *s,
			const void *arg)
{
	const struct flow_numbers *n = flow_numbers(f);

	(void)arg;
	if (s->flags & TCP_RST)
		return s->seq == n->rcv_nxt;
	return s->flags & TCP_ACK && !(s->flags & (TCP_SYN | TCP_FIN)) &&
	       seq_le(n->snd_nxt, s->ack);
}

void twpair_ask(struct twpair *p, const struct stimulus *s,
		struct twpair_answer *out)
{
	static const struct flow_expect expect = { .accept = answers_old };
	const struct reply *reply;
	enum flow_event event = flow_ask(p->flow, s, &expect, &reply);

	if (event != FLOW_SEGMENT) {
		take_silence(p, event, out);
	} else if (reply->segment.flags & TCP_RST) {
		flow_note(p->flow, "reset: nothing is kept of the pair");
		take_segment(p, &reply->segment, TWPAIR_RST, out);
	} else {
		flow_note(p->flow, "acknowledged again: TIME-WAIT");
		take_segment(p, &reply->segment, TWPAIR_ACK, out);
	}
}

void twpair_end(struct twpair *p)
{
	flow_end(p->flow);
	p->flow = NULL;
}

bool twpair_rest(struct twpair *p, int64_t at_least_ns)
{
	int64_t rest = 3 * p->numbers.rtt_ns;
	bool go_on = engine_sleep(p->job->engine,
				  rest > at_least_ns ? rest : at_least_ns);

	flow_drain(p->flow);
	return go_on;
}

/* --- a SYN for the pair ------------------------------------------------ */

/* To a SYN: its own SYN-ACK or RST, or the old connection's last ACK. */
static bool classify_syn(const struct flow *f, const struct segment *s,
			 const struct flow_numbers *old, enum twpair_got *got)
{
	uint16_t kind = s->flags & (TCP_SYN | TCP_ACK | TCP_RST);
	bool acks_syn = s->ack == flow_numbers(f)->iss + 1;

	if (kind == (TCP_SYN | TCP_ACK) && acks_syn)
		*got = TWPAIR_SYN_ACK;
	else if (kind == (TCP_RST | TCP_ACK) && acks_syn)
		*got = TWPAIR_RST;
	else if (kind == TCP_ACK && s->seq == old->rcv_nxt &&
		 s->ack == old->snd_nxt)
		*got = TWPAIR_CHALLENGE_ACK;
	else
		return false;
	return true;
}

static bool answers_syn(const struct flow *f, const struct segment *s,
			const void *arg)
{
	enum twpair_got got;

	return classify_syn(f, s, arg, &got);
}

static const uint8_t mss_alone[] = { OPTION_MSS, 4, 0x05, 0xb4 };
static const uint8_t mss_and_stamp[] = {
	OPTION_MSS, 4, 0x05, 0xb4, OPTION_NOP, OPTION_NOP, OPTION_TIMESTAMPS,
	10,	    1, 2,    3,	   4,	       0,	   0,
	0,	    0,
};

static struct stimulus describe_syn(const struct twpair_syn *syn)
{
	struct stimulus s = {
		.flags = TCP_SYN,
		.seq_from = FLOW_ISN,
		.counts = true,
		.why = syn->why,
	};

	switch (syn->stamp) {
	case TWPAIR_NEWER:
		break;
	case TWPAIR_OLDER:
		s.ts_shift_ms = OLDER_MS;
		break;
	case TWPAIR_NO_STAMP:
		s.options = mss_alone;
		s.options_len = sizeof(mss_alone);
		break;
	case TWPAIR_FIRST_STAMP:
		s.options = mss_and_stamp;
		s.options_len = sizeof(mss_and_stamp);
		break;
	}
	return s;
}

static const char *const syn_notes[] = {
	[TWPAIR_SILENCE] = NULL,
	[TWPAIR_SYN_ACK] = "accepted: the pair is used again",
	[TWPAIR_CHALLENGE_ACK] = "the old connection's last ACK: refused",
	[TWPAIR_ACK] = NULL,
	[TWPAIR_RST] = "refused with RST",
};
static_assert(ARRAY_LEN(syn_notes) == TWPAIR_GOT_N, "an answer, a note");

static void take_syn_answer(struct twpair *p, enum flow_event event,
			    const struct reply *reply,
			    struct twpair_answer *out)
{
	enum twpair_got got = TWPAIR_SILENCE;

	if (event == FLOW_SEGMENT &&
	    classify_syn(p->flow, &reply->segment, &p->numbers, &got)) {
		flow_note(p->flow, syn_notes[got]);
		take_segment(p, &reply->segment, got, out);
	} else {
		take_silence(p, event, out);
		/* It may have been accepted, and nobody has told us. */
		flow_reset(p->flow);
	}
	if (out->got != TWPAIR_SYN_ACK)
		flow_resume(p->flow, &p->numbers);
}

/* `once_ns`: wait that long and do not repeat it; 0: ask until answered. */
static void put_syn(struct twpair *p, const struct twpair_syn *syn,
		    int64_t once_ns, struct twpair_answer *out)
{
	const struct stimulus s = describe_syn(syn);
	const struct flow_expect expect = {
		.accept = answers_syn,
		.arg = &p->numbers,
	};
	const struct reply *reply = NULL;
	enum flow_event event = FLOW_TIMEOUT;

	flow_renew(p->flow, p->numbers.snd_nxt + (uint32_t)syn->distance);
	if (!once_ns)
		event = flow_ask_every(p->flow, &s, &expect, TWPAIR_LIMIT_NS,
				       &reply);
	else if (!flow_send(p->flow, &s))
		event = flow_wait(p->flow, &expect, once_ns, &reply);
	take_syn_answer(p, event, reply, out);
}

void twpair_ask_syn(struct twpair *p, const struct twpair_syn *syn,
		    struct twpair_answer *out)
{
	put_syn(p, syn, 0, out);
}

void twpair_ask_syn_once(struct twpair *p, const struct twpair_syn *syn,
			 int64_t within_ns, struct twpair_answer *out)
{
	put_syn(p, syn, within_ns, out);
}

/* --- a RST for the pair ------------------------------------------------ */

enum flow_life twpair_reset(struct twpair *p, uint32_t distance,
			    const char *why)
{
	const struct stimulus reset = {
		.flags = TCP_RST,
		.seq = distance,
		.why = why,
	};
	enum flow_life life = FLOW_UNKNOWN;

	for (unsigned i = 0; i < RESETS; i++) {
		if (flow_send(p->flow, &reset))
			return FLOW_UNKNOWN;
		life = flow_alive(p->flow);
		if (life != FLOW_ALIVE)
			break;
		/* We have reset it, the target has not: it is there still. */
		flow_resume(p->flow, &p->numbers);
	}
	return life;
}

/* --- into TIME-WAIT ---------------------------------------------------- */

static void set_state(struct twpair *p, enum twpair_state state,
		      const char *why)
{
	struct line l = line_init(p->why, sizeof(p->why));

	p->state = state;
	line_add(&l, "%s", why);
}

static void abort_seen(struct twpair *p)
{
	set_state(p, TWPAIR_ABORTED, "the target closed it and reset it then");
}

/* What answers our FIN: true when the target has it. */
static bool take_fin_answer(struct twpair *p, const struct segment *s)
{
	if (!(s->flags & TCP_RST)) {
		flow_note(p->flow, "acknowledged: now it is TIME-WAIT there");
		p->ttl = s->ttl;
		return true;
	}
	if (s->flags & TCP_ACK) {
		/* Of its own accord: an answer to our FIN has no ACK. */
		flow_note(p->flow, "the service aborts");
		abort_seen(p);
	} else {
		flow_note(p->flow, "reset: nothing was kept of the pair");
		set_state(p, TWPAIR_NOTHING,
			  "the target closed first and reset our FIN: it "
			  "keeps nothing of the pair");
	}
	return false;
}

static bool complete_close(struct twpair *p)
{
	static const struct stimulus fin = {
		.flags = TCP_FIN | TCP_ACK,
		.counts = true,
		.why = "our FIN: the close is complete",
	};
	static const struct flow_expect expect = { .accept = answers_old };
	const struct reply *reply;
	enum flow_event event;

	p->ttl = p->numbers.ttl;
	if (flow_numbers(p->flow)->stage == FLOW_GONE) {
		abort_seen(p);
		return false;
	}
	event = flow_ask(p->flow, &fin, &expect, &reply);
	if (event == FLOW_SEGMENT)
		return take_fin_answer(p, &reply->segment);
	/* A lost ACK, and a target that acknowledges no FIN twice? */
	if (event == FLOW_TIMEOUT && flow_alive(p->flow) == FLOW_ALIVE)
		return true;
	set_state(p, TWPAIR_UNKNOWN,
		  event == FLOW_STOPPED ? flow_silence_text(SILENCE_STOPPED)
					: "nothing acknowledges our FIN");
	return false;
}

static const struct stimulus fin_again = {
	.flags = TCP_FIN | TCP_ACK,
	.seq = UINT32_MAX, /* one below: where it was */
	.why = "our FIN again: is the pair in TIME-WAIT?",
};

/* Nothing of the old connection is answered: is there anything? A SYN that is
 * too old for the pair is accepted only where nothing is kept of it. */
static void prove_by_syn(struct twpair *p)
{
	static const struct twpair_syn syn = {
		.distance = -1000,
		.stamp = TWPAIR_NO_STAMP,
		.why = "a SYN 1000 below: is anything kept of the pair?",
	};
	struct twpair_answer answer;

	twpair_ask_syn(p, &syn, &answer);
	if (answer.doubt || answer.got == TWPAIR_SILENCE) {
		set_state(p, TWPAIR_UNKNOWN,
			  answer.doubt ? answer.doubt
				       : "nothing on the pair is answered any "
					 "more: something on the way has "
					 "forgotten it?");
	} else if (answer.got == TWPAIR_CHALLENGE_ACK) {
		p->state = TWPAIR_THERE;
		twpair_rest(p, TWPAIR_LIMIT_NS);
	} else {
		set_state(p, TWPAIR_NOTHING,
			  "the target closed first and answers nothing on the "
			  "pair then but a SYN, even an old one: it keeps "
			  "nothing of the pair");
	}
}

/* A target that is mute to the FIN may still answer something else. */
static void prove_otherwise(struct twpair *p)
{
	switch (flow_alive(p->flow)) {
	case FLOW_ALIVE:
		p->state = TWPAIR_THERE;
		break;
	case FLOW_DEAD:
		set_state(p, TWPAIR_NOTHING,
			  "the target closed first and resets what comes "
			  "then: it keeps nothing of the pair");
		break;
	case FLOW_MUTE:
	case FLOW_UNKNOWN:
		prove_by_syn(p);
		break;
	}
}

static void prove(struct twpair *p)
{
	struct twpair_answer answer;

	/* A second ACK of the first FIN would look like one of the second. */
	p->numbers = *flow_numbers(p->flow);
	twpair_rest(p, TWPAIR_SETTLE_NS);
	twpair_ask(p, &fin_again, &answer);
	if (answer.got == TWPAIR_SILENCE)
		prove_otherwise(p);
	else if (answer.doubt)
		set_state(p, TWPAIR_UNKNOWN, answer.doubt);
	else if (answer.got == TWPAIR_ACK)
		p->state = TWPAIR_THERE;
	else
		set_state(p, TWPAIR_NOTHING,
			  "the target acknowledged our FIN and reset the "
			  "same FIN again: it keeps nothing of the pair");
	p->since_ns = engine_now(p->job->engine);
}

void twpair_enter(struct twpair *p, struct probe_job *job,
		  const struct trigger *trigger, const struct flow_spec *offers)
{
	*p = (struct twpair){ .job = job };
	p->flow = probe_flow_offering(job, offers);
	if (!p->flow) {
		set_state(p, TWPAIR_UNKNOWN, job->finding->error.text);
		return;
	}
	reach_closed_first_on(job, p->flow, trigger, &p->reach);
	p->numbers = *flow_numbers(p->flow);
	if (p->reach.how != REACHED)
		set_state(p, TWPAIR_NOT_CLOSED, p->reach.why);
	else if (complete_close(p))
		prove(p);
}
