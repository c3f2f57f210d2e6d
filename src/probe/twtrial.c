/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is asked of a pair in TIME-WAIT, and what is made of the answer.
 *
 * Silence to what an honest peer may send on the closed connection (its FIN
 * again, an old duplicate) is the target's own. Silence to what no peer sends,
 * such as data behind a FIN, or to a SYN that ought to be accepted may be that
 * of a filter on the way, and decides nothing.
 */
#include "probe/twtrial.h"

#include <stdio.h>

#include "base/line.h"
#include "wire/seq.h"

/* RFC 9293 3.6.1 wants 2 MSL and thinks of an MSL of 2 minutes; stacks take 30
 * or 60 s for it. Less than half a minute in all deserves a word. */
#define LASTS_MIN_NS (29 * TIME_S + TIME_S / 2)
/* Between questions that measure it. */
#define POLL_NS TIME_S
/* A client that is refused resets and repeats its SYN so often. */
#define CLIENT_TRIES 3
#define FIN_TIMES 3
/* Inside any window, and outside. */
#define INSIDE 100
#define OUTSIDE 300000

/* Brings a pair there; false when it did not get there, and *out says why. */
static bool begin(struct twpair *p, struct probe_job *job,
		  const struct twtrial *t, struct trial *out)
{
	const struct flow_spec offers = {
		.no_timestamps = t->row->syn.stamp == TWPAIR_FIRST_STAMP,
	};
	struct twtrial_seen *seen = t->seen;

	twpair_enter(p, job, &t->settings->trigger, &offers);
	seen->runs++;
	seen->asked = false;
	seen->state = p->state;
	seen->reached = p->reach.how;
	snprintf(seen->why, sizeof(seen->why), "%s", p->why);
	seen->local = p->numbers.local;
	seen->timestamps = p->numbers.timestamps;
	seen->ttl = p->ttl;
	/* Unless the trial comes to something else. */
	trial_set(out, TRIAL_UNKNOWN, "%s",
		  p->state == TWPAIR_THERE ? "the run was stopped" : p->why);
	return p->state == TWPAIR_THERE && twpair_rest(p, TWPAIR_SETTLE_NS);
}

static bool believed(const struct twtrial *t, struct trial *out)
{
	const char *doubt = t->seen->got.doubt;

	t->seen->asked = true;
	if (doubt)
		trial_set(out, TRIAL_UNKNOWN, "%s", doubt);
	return !doubt;
}

/* Silence is the target's own when the pair is answered otherwise. */
static bool still_there(struct twpair *p, struct trial *out)
{
	if (flow_alive(p->flow) == FLOW_ALIVE)
		return true;
	trial_set(out, TRIAL_UNKNOWN,
		  "no answer, and then none to an old byte either: the pair "
		  "has gone, or the way to it");
	return false;
}

/* --- a SYN ------------------------------------------------------------- */

static const char *words(enum twpair_got got)
{
	switch (got) {
	case TWPAIR_SILENCE:
		return "silence";
	case TWPAIR_SYN_ACK:
		return "accepted";
	case TWPAIR_CHALLENGE_ACK:
		return "the old connection's ACK";
	case TWPAIR_RST:
		return "RST";
	case TWPAIR_ACK:
	case TWPAIR_GOT_N:
		break;
	}
	return "ACK";
}

static enum trial_result judge(enum twtrial_want want, enum twpair_got got)
{
	bool reopened = got == TWPAIR_SYN_ACK;

	switch (want) {
	case WANT_REOPENED:
		return reopened ? TRIAL_HOLDS : TRIAL_BROKEN;
	case WANT_KEPT:
		return reopened || got == TWPAIR_RST ? TRIAL_BROKEN
						     : TRIAL_HOLDS;
	case WANT_NOT_REOPENED:
		break;
	}
	return reopened ? TRIAL_BROKEN : TRIAL_HOLDS;
}

/*
 * Puts the row's SYN; true when something follows from what it got. A target
 * may drop a SYN that it refuses (6191 2). One that should be accepted and is
 * not answered may have met a filter that wants no SYN on a pair it knows.
 */
static bool put_syn(struct twpair *p, const struct twtrial *t,
		    struct trial *out)
{
	twpair_ask_syn(p, &t->row->syn, &t->seen->got);
	if (!believed(t, out))
		return false;
	if (t->seen->got.got != TWPAIR_SILENCE)
		return true;
	if (!still_there(p, out))
		return false;
	if (t->row->want == WANT_REOPENED)
		trial_set(out, TRIAL_UNKNOWN,
			  "%s: silence; the target drops it, or a filter on "
			  "the way",
			  t->row->name);
	return t->row->want != WANT_REOPENED;
}

static void judge_syn(const struct twtrial *t, struct trial *out)
{
	enum twpair_got got = t->seen->got.got;

	trial_set(out, judge(t->row->want, got), "%s: %s", t->row->name,
		  words(got));
}

static void try_syn(struct probe_job *job, const void *what, struct trial *out)
{
	const struct twtrial *t = what;
	struct twpair p;

	if (begin(&p, job, t, out) && put_syn(&p, t, out))
		judge_syn(t, out);
	twpair_end(&p);
}

/* 9293 3.6.1 MAY-2: the new connection's numbers are above the old one's. */
static void judge_isn(const struct twpair *p, uint32_t isn, struct trial *out)
{
	int32_t above = seq_diff(isn, p->numbers.rcv_nxt);

	if (above >= 0)
		trial_set(out, TRIAL_HOLDS,
			  "accepted, with an ISN %d above the old SND.NXT",
			  above);
	else
		trial_set(out, TRIAL_BROKEN,
			  "accepted, but with an ISN that is not above the old "
			  "SND.NXT");
}

static void try_syn_new(struct probe_job *job, const void *what,
			struct trial *out)
{
	const struct twtrial *t = what;
	struct twtrial_seen *seen = t->seen;
	struct twpair p;

	if (begin(&p, job, t, out)) {
		if (put_syn(&p, t, out)) {
			if (seen->got.got == TWPAIR_SYN_ACK) {
				seen->accepted++;
				judge_isn(&p, seen->got.seq, out);
			} else {
				seen->refused++;
				trial_set(out, TRIAL_HOLDS, "refused: %s",
					  words(seen->got.got));
			}
		}
	} else if (p.state == TWPAIR_NOTHING) {
		seen->nothing++;
		trial_set(out, TRIAL_BROKEN, "%s", p.why);
	}
	twpair_end(&p);
}

/* What a real client does about the ACK of a connection it knows nothing of,
 * until its SYN is taken. */
static void go_on_as_client(struct twpair *p, const struct twtrial *t)
{
	static const struct stimulus reset = {
		.flags = TCP_RST,
		.why = "tw-syn-old: a client's RST to that ACK",
	};
	struct twpair_syn syn = t->row->syn;

	syn.why = "tw-syn-old: and its SYN again";
	for (unsigned i = 0; i < CLIENT_TRIES; i++) {
		if (flow_send(p->flow, &reset) ||
		    !twpair_rest(p, TWPAIR_LIMIT_NS))
			return;
		twpair_ask_syn(p, &syn, &t->seen->again);
		if (t->seen->again.got == TWPAIR_SYN_ACK)
			return;
	}
}

static void try_syn_old(struct probe_job *job, const void *what,
			struct trial *out)
{
	const struct twtrial *t = what;
	struct twtrial_seen *seen = t->seen;
	struct twpair p;

	seen->again.doubt = "not put";
	if (begin(&p, job, t, out) && put_syn(&p, t, out)) {
		judge_syn(t, out);
		if (seen->got.got == TWPAIR_CHALLENGE_ACK) {
			go_on_as_client(&p, t);
			if (!seen->again.doubt)
				trial_set(out, TRIAL_HOLDS,
					  "%s: %s; after a RST, as a client "
					  "answers it, the SYN again: %s",
					  t->row->name, words(seen->got.got),
					  words(seen->again.got));
		}
	}
	twpair_end(&p);
}

/* --- what the old connection may still send ---------------------------- */

static void try_fin(struct probe_job *job, const void *what, struct trial *out)
{
	static const struct stimulus fin = {
		.flags = TCP_FIN | TCP_ACK,
		.seq = UINT32_MAX, /* one below: where it was */
		.why = "tw-fin-rtx: our FIN again",
	};
	const struct twtrial *t = what;
	struct twpair_answer *got = &t->seen->got;
	struct twpair p;
	bool there = begin(&p, job, t, out);

	for (unsigned i = 0; there && i < FIN_TIMES; i++) {
		twpair_ask(&p, &fin, got);
		if (!believed(t, out))
			break;
		if (got->got == TWPAIR_RST)
			trial_set(out, TRIAL_BROKEN, "RST");
		else if (got->got == TWPAIR_ACK)
			trial_set(out, TRIAL_HOLDS,
				  "the same FIN %d times: ACK each time",
				  FIN_TIMES);
		else if (still_there(&p, out))
			trial_set(out, TRIAL_MUTE,
				  "silence, though an old byte is answered");
		if (out->result != TRIAL_HOLDS)
			break;
	}
	twpair_end(&p);
}

/* Late data: where, and whether a filter would let it through. */
static const struct late {
	const char *name;
	struct stimulus s;
	bool odd;
} late_data[] = {
	{ "an old byte",
	  { .flags = TCP_PSH | TCP_ACK,
	    .seq = UINT32_MAX,
	    .payload = "",
	    .payload_len = 1,
	    .why = "tw-data: a late duplicate, 1 byte below RCV.NXT" },
	  false },
	{ "a byte behind the FIN",
	  { .flags = TCP_PSH | TCP_ACK,
	    .payload = "",
	    .payload_len = 1,
	    .why = "tw-data: 1 byte at RCV.NXT" },
	  true },
	{ "a byte far above",
	  { .flags = TCP_PSH | TCP_ACK,
	    .seq = OUTSIDE,
	    .payload = "",
	    .payload_len = 1,
	    .why = "tw-data: 1 byte at RCV.NXT+300000" },
	  true },
};

/* Nobody answers. Is it the target, and does it owe an answer? */
static void judge_silence(struct twpair *p, const struct late *late,
			  struct trial *out)
{
	static const struct stimulus fin = {
		.flags = TCP_FIN | TCP_ACK,
		.seq = UINT32_MAX,
		.why = "tw-data: our FIN again: is anything answered?",
	};
	struct twpair_answer control;

	if (late->odd) {
		trial_set(out, TRIAL_UNKNOWN,
			  "%s: silence; a filter on the way may drop it",
			  late->name);
		return;
	}
	twpair_ask(p, &fin, &control);
	if (control.got == TWPAIR_ACK && !control.doubt)
		trial_set(out, TRIAL_MUTE,
			  "%s: silence, though the FIN is answered",
			  late->name);
	else
		trial_set(out, TRIAL_UNKNOWN,
			  "%s: silence, and to the FIN too: the pair has "
			  "gone, or the way to it",
			  late->name);
}

static void judge_late(struct twpair *p, const struct late *late,
		       const struct twtrial *t, struct trial *out)
{
	const struct twpair_answer *got = &t->seen->got;

	if (!believed(t, out))
		return;
	if (got->got == TWPAIR_SILENCE)
		judge_silence(p, late, out);
	else if (got->got == TWPAIR_RST)
		trial_set(out, TRIAL_BROKEN, "%s: RST", late->name);
	else if (got->ack != p->numbers.snd_nxt)
		trial_set(out, TRIAL_BROKEN,
			  "%s: acknowledged as if it were taken", late->name);
	else
		trial_set(out, TRIAL_HOLDS,
			  "a byte that is old, behind the FIN, or far above: "
			  "the old connection's ACK to each");
}

static void try_data(struct probe_job *job, const void *what, struct trial *out)
{
	const struct twtrial *t = what;
	struct twpair p;

	if (begin(&p, job, t, out)) {
		for (size_t i = 0; i < ARRAY_LEN(late_data); i++) {
			twpair_ask(&p, &late_data[i].s, &t->seen->got);
			judge_late(&p, &late_data[i], t, out);
			if (out->result != TRIAL_HOLDS)
				break;
		}
	}
	twpair_end(&p);
}

/* --- RST --------------------------------------------------------------- */

/* After the reset: true when it is told what has become of TIME-WAIT. */
static bool judge_return(const struct twpair *p, const struct twtrial *t,
			 struct trial *out)
{
	const struct twpair_answer *got = &t->seen->got;

	if (!believed(t, out))
		return true;
	if (got->got == TWPAIR_RST)
		trial_set(out, TRIAL_BROKEN,
			  "RST to the old FIN then: TIME-WAIT is lost");
	else if (got->got == TWPAIR_ACK && got->ack == p->numbers.snd_nxt)
		trial_set(out, TRIAL_HOLDS, "the old FIN is acknowledged then");
	else /* the new connection's ACK: our RST was lost */
		return false;
	return true;
}

/* 9293 3.6.1 MAY-2 (2): the new SYN was an old duplicate after all. */
static void reset_again(struct twpair *p, struct probe_job *job,
			const struct twtrial *t, struct trial *out)
{
	static const struct stimulus fin = {
		.flags = TCP_FIN | TCP_ACK,
		.seq = UINT32_MAX,
		.why = "tw-syn-return: the old connection's FIN again",
	};
	const struct stimulus reset = {
		.flags = TCP_RST,
		.seq = flow_numbers(p->flow)->iss + 1,
		.seq_from = FLOW_ABSOLUTE,
		.why = "tw-syn-return: RST to the new SYN-ACK",
	};

	trial_set(out, TRIAL_UNKNOWN, "the new connection cannot be reset");
	for (unsigned i = 0; i < CLIENT_TRIES; i++) {
		/* In a run that ends nothing was sent: the end resets it. */
		if (flow_send(p->flow, &reset) ||
		    engine_ended(job->engine) != ENGINE_RUNNING)
			return;
		flow_resume(p->flow, &p->numbers);
		twpair_ask(p, &fin, &t->seen->got);
		if (judge_return(p, t, out))
			return;
	}
}

static void try_return(struct probe_job *job, const void *what,
		       struct trial *out)
{
	const struct twtrial *t = what;
	struct twpair p;

	if (begin(&p, job, t, out) && put_syn(&p, t, out)) {
		if (t->seen->got.got == TWPAIR_SYN_ACK)
			reset_again(&p, job, t, out);
		else
			trial_set(out, TRIAL_UNKNOWN,
				  "the SYN was not accepted: %s",
				  words(t->seen->got.got));
	}
	twpair_end(&p);
}

static const char *life_words(enum flow_life life)
{
	return life == FLOW_DEAD ? "ends it" : "ignored";
}

static bool reset_decided(enum flow_life life, struct trial *out)
{
	if (life == FLOW_ALIVE || life == FLOW_DEAD)
		return true;
	trial_set(out, TRIAL_UNKNOWN,
		  "after a RST nothing on the pair is answered any more");
	return false;
}

/* 1337: is TIME-WAIT assassinated, and is the pair free then? */
static void try_rst(struct probe_job *job, const void *what, struct trial *out)
{
	const struct twtrial *t = what;
	struct twtrial_seen *seen = t->seen;
	struct twpair p;

	if (!begin(&p, job, t, out))
		goto end;
	seen->in_window = twpair_reset(&p, INSIDE, "tw-rst: RST 100 above");
	if (!reset_decided(seen->in_window, out))
		goto end;
	seen->exact = seen->in_window;
	if (seen->in_window == FLOW_ALIVE)
		seen->exact = twpair_reset(&p, 0, "tw-rst: RST at RCV.NXT");
	if (!reset_decided(seen->exact, out) ||
	    !twpair_rest(&p, TWPAIR_SETTLE_NS) || !put_syn(&p, t, out))
		goto end;
	trial_set(out, TRIAL_HOLDS,
		  "RST in the window: %s; exact RST: %s; a SYN with a lower "
		  "sequence number then: %s",
		  life_words(seen->in_window), life_words(seen->exact),
		  words(seen->got.got));
end:
	twpair_end(&p);
}

/* --- how long ---------------------------------------------------------- */

/*
 * A bare SYN with a lower sequence number and no timestamp is the one thing
 * that asks without starting the clock again (observed on Linux 6.18: a FIN,
 * data, an ACK and an older timestamp do). When it is accepted, or reset,
 * TIME-WAIT is over.
 */
struct watch {
	struct twpair *p;
	const struct twtrial *t;
	int64_t kept_ns;  /* the pair was there then */
	int64_t asked_ns; /* when the last SYN was sent */
	bool answered;	  /* a SYN was, while it was kept */
};

/* True while TIME-WAIT goes on. */
static bool poll_once(struct watch *w, struct probe_job *job)
{
	struct twpair_answer *got = &w->t->seen->got;
	int64_t left;

	w->asked_ns = engine_now(job->engine);
	probe_say(job, "in TIME-WAIT for %d s so far",
		  (int)((w->asked_ns - w->p->since_ns) / TIME_S));
	twpair_ask_syn_once(w->p, &w->t->row->syn, POLL_NS, got);
	if (got->got == TWPAIR_SYN_ACK || got->got == TWPAIR_RST)
		return false;
	if (got->got == TWPAIR_CHALLENGE_ACK)
		w->answered = true;
	if (got->got == TWPAIR_CHALLENGE_ACK || !w->answered)
		w->kept_ns = w->asked_ns;
	left = w->asked_ns + POLL_NS - engine_now(job->engine);
	return engine_sleep(job->engine, left > 0 ? left : 0) &&
	       w->asked_ns - w->p->since_ns < w->t->settings->for_ns;
}

static void judge_length(const struct watch *w, struct trial *out)
{
	struct twtrial_seen *seen = w->t->seen;
	int64_t asked = w->asked_ns - w->p->since_ns;

	if (seen->got.got == TWPAIR_SILENCE && !w->answered) {
		trial_set(out, TRIAL_UNKNOWN,
			  "a SYN with a lower sequence number gets no answer "
			  "for %d s",
			  (int)(asked / TIME_S));
	} else if (seen->got.got != TWPAIR_SYN_ACK &&
		   seen->got.got != TWPAIR_RST) {
		trial_set(out,
			  asked < LASTS_MIN_NS ? TRIAL_UNKNOWN : TRIAL_HOLDS,
			  "not over after %d s", (int)(asked / TIME_S));
	} else if (!w->answered && asked < 3 * POLL_NS) {
		trial_set(out, TRIAL_UNKNOWN,
			  "a SYN with a lower sequence number gets at once: "
			  "%s; so the end cannot be seen",
			  words(seen->got.got));
	} else if (believed(w->t, out)) {
		/* It ended between two questions. */
		seen->lasts_ns =
			(w->kept_ns + w->asked_ns) / 2 - w->p->since_ns;
		trial_set(out,
			  seen->lasts_ns < LASTS_MIN_NS ? TRIAL_BROKEN
							: TRIAL_HOLDS,
			  "it lasts %.1f s",
			  (double)seen->lasts_ns / (double)TIME_S);
	}
}

static void try_length(struct probe_job *job, const void *what,
		       struct trial *out)
{
	struct twpair p;
	struct watch w = { .p = &p, .t = what };

	if (begin(&p, job, w.t, out)) {
		w.kept_ns = p.since_ns;
		while (poll_once(&w, job))
			continue;
		if (engine_ended(job->engine) == ENGINE_RUNNING)
			judge_length(&w, out);
		else
			trial_set(out, TRIAL_UNKNOWN,
				  "the run was stopped after %d s of it",
				  (int)((w.asked_ns - p.since_ns) / TIME_S));
	}
	twpair_end(&p);
}

/* --- rows -------------------------------------------------------------- */

const struct twtrial_row twtrial_rows[TWTRIAL_N] = {
	[TWTRIAL_SYN_NEW] = {
		.rule = RULE_TW_SYN_NEW,
		.fn = try_syn_new,
		.name = "a SYN 1000 above",
		.want = WANT_REOPENED,
		.syn = { 1000, TWPAIR_NEWER,
			 "tw-syn-new: SYN, its number and timestamp newer" },
	},
	[TWTRIAL_FIN] = {
		.rule = RULE_TW_FIN_RTX,
		.fn = try_fin,
	},
	[TWTRIAL_DATA] = {
		.rule = RULE_TW_DATA,
		.fn = try_data,
	},
	[TWTRIAL_SYN_OLD] = {
		.rule = RULE_TW_SYN_OLD,
		.fn = try_syn_old,
		.name = "a SYN 1000 below",
		.want = WANT_KEPT,
		.syn = { -1000, TWPAIR_OLDER,
			 "tw-syn-old: SYN, its number and timestamp older" },
	},
	/* In the window: before RFC 5961 the answer was a RST. */
	[TWTRIAL_SYN_SAME] = {
		.rule = RULE_TW_SYN_OLD,
		.fn = try_syn,
		.name = "a SYN at RCV.NXT",
		.want = WANT_NOT_REOPENED,
		.syn = { 0, TWPAIR_OLDER,
			 "tw-syn-old: SYN at RCV.NXT, its timestamp older" },
	},
	[TWTRIAL_TS_NEWER] = {
		.rule = RULE_TW_SYN_TS,
		.fn = try_syn,
		.needs_timestamps = true,
		.name = "newer timestamp, lower number",
		.want = WANT_REOPENED,
		.syn = { -1000, TWPAIR_NEWER,
			 "tw-syn-ts: SYN, newer by its timestamp only" },
	},
	[TWTRIAL_TS_OLDER] = {
		.rule = RULE_TW_SYN_TS,
		.fn = try_syn,
		.needs_timestamps = true,
		.name = "older timestamp, higher number",
		.want = WANT_NOT_REOPENED,
		.syn = { 1000, TWPAIR_OLDER,
			 "tw-syn-ts: SYN, newer by its number only" },
	},
	[TWTRIAL_TS_GONE_HIGHER] = {
		.rule = RULE_TW_SYN_TS,
		.fn = try_syn,
		.needs_timestamps = true,
		.name = "none any more, higher number",
		.want = WANT_REOPENED,
		.syn = { 1000, TWPAIR_NO_STAMP,
			 "tw-syn-ts: SYN without timestamp, number newer" },
	},
	[TWTRIAL_TS_GONE_LOWER] = {
		.rule = RULE_TW_SYN_TS,
		.fn = try_syn,
		.needs_timestamps = true,
		.name = "none any more, lower number",
		.want = WANT_NOT_REOPENED,
		.syn = { -1000, TWPAIR_NO_STAMP,
			 "tw-syn-ts: SYN without timestamp, number older" },
	},
	[TWTRIAL_TS_FIRST] = {
		.rule = RULE_TW_SYN_TS_FROM_NOTS,
		.fn = try_syn,
		.needs_timestamps = true,
		.name = "a timestamp where there was none, lower number",
		.want = WANT_REOPENED,
		.syn = { -5000, TWPAIR_FIRST_STAMP,
			 "tw-syn-ts-from-nots: SYN, with timestamp now" },
	},
	[TWTRIAL_RETURN] = {
		.rule = RULE_TW_SYN_RETURN,
		.fn = try_return,
		.name = "a SYN 1000 above",
		.want = WANT_REOPENED,
		.syn = { 1000, TWPAIR_NEWER,
			 "tw-syn-return: SYN, its number and timestamp newer" },
	},
	[TWTRIAL_RST] = {
		.rule = RULE_TW_RST,
		.fn = try_rst,
		.name = "a SYN 1000 below",
		.want = WANT_NOT_REOPENED,
		.syn = { -1000, TWPAIR_OLDER,
			 "tw-rst: is the pair free? SYN, older by both" },
	},
	[TWTRIAL_LENGTH] = {
		.rule = RULE_TW_LENGTH,
		.fn = try_length,
		.syn = { -1000, TWPAIR_NO_STAMP,
			 "tw-length: is it over? SYN, its number older" },
	},
};

const enum rule_id twtrial_rules[TWTRIAL_RULES_N] = {
	RULE_TW_FIN_RTX, RULE_TW_DATA,	 RULE_TW_SYN_NEW,
	RULE_TW_SYN_OLD, RULE_TW_SYN_TS, RULE_TW_SYN_TS_FROM_NOTS,
	RULE_TW_RST,	 RULE_TW_LENGTH, RULE_TW_SYN_RETURN,
};
