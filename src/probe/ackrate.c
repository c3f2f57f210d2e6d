/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One connection is given a stimulus each 5 ms: the time between two answers is
 * the limit. Then many connections are given one stimulus each within a
 * fraction of a second, a few times over: when a part of them goes unanswered,
 * it is the host that has spent what it grants itself for that second.
 *
 * Linux draws a new number between a half and three halves of
 * tcp_challenge_ack_limit for each second of its own clock. A burst that lies
 * across two of its seconds gets two of them, so the median of the bursts tells
 * the limit, and whether it varies is seen below the median.
 */
#include "probe/ackrate.h"

#include <stdio.h>

#include "base/num.h"
#include "wire/seq.h"

#define FLOOD_EVERY_NS (5 * TIME_MS)
/* Where --rate makes stimuli leave slower than this, little is measured. */
#define FLOOD_LATE_NS (20 * TIME_MS)
/* So many gaps are enough, more when the first are that short. */
#define GAPS_ENOUGH 5
#define GAPS_MAX 20
/* Slow limits: a few gaps must do, and what is slower still is not found. */
#define FLOOD_SLOW_NS (6 * TIME_S)
#define FLOOD_MAX_NS (12 * TIME_S)
/* Bursts: one in each of the host's seconds, and short against them. */
#define BURST_EVERY_NS (1100 * TIME_MS)
#define BURST_MAX_NS (500 * TIME_MS)
#define CROWD_MIN 20
#define CROWD_OPEN_MAX_NS (30 * TIME_S)

static const struct stimulus stimuli[] = {
	{ .flags = TCP_SYN,
	  .seq = 100,
	  .why = "SYN at RCV.NXT+100: how often is it answered?" },
	{ .flags = TCP_RST,
	  .seq = 100,
	  .why = "RST at RCV.NXT+100: how often is it answered?" },
};

static bool is_challenge(const struct flow *f, const struct segment *s,
			 const void *arg)
{
	const struct flow_numbers *n = flow_numbers(f);

	(void)arg;
	return !(s->flags & (TCP_RST | TCP_SYN)) && segment_len(s) == 0 &&
	       s->ack == n->snd_nxt && seq_le(n->rcv_nxt, s->seq);
}

static const struct flow_expect challenge = { .set = TCP_ACK,
					      .accept = is_challenge };

/* --- one connection ---------------------------------------------------- */

struct flood {
	unsigned sent, answers;
	int64_t took_ns;
	int64_t last_ns; /* capture stamp of the last answer */
	int64_t gaps[GAPS_MAX];
	unsigned gaps_n;
};

static void sort(int64_t *values, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		int64_t value = values[i];
		size_t at = i;

		for (; at > 0 && values[at - 1] > value; at--)
			values[at] = values[at - 1];
		values[at] = value;
	}
}

static int64_t median_gap(const struct flood *f)
{
	int64_t sorted[GAPS_MAX];

	for (unsigned i = 0; i < f->gaps_n; i++)
		sorted[i] = f->gaps[i];
	sort(sorted, f->gaps_n);
	return f->gaps_n ? sorted[f->gaps_n / 2] : 0;
}

static int64_t spacing(const struct flood *f)
{
	int64_t real = f->sent ? f->took_ns / f->sent : 0;

	return real < FLOOD_EVERY_NS ? FLOOD_EVERY_NS : real;
}

/* Answers that come about as often as stimuli are not limited. */
static bool unlimited(const struct flood *f)
{
	return median_gap(f) < 3 * spacing(f);
}

static void count_answer(struct flood *f, const struct reply *reply)
{
	if (f->answers++)
		f->gaps[f->gaps_n++] = reply->t_ns - f->last_ns;
	f->last_ns = reply->t_ns;
}

static bool enough(const struct flood *f)
{
	if (f->gaps_n == GAPS_MAX)
		return true;
	if (f->gaps_n >= GAPS_ENOUGH)
		return !unlimited(f);
	if (f->gaps_n >= 2)
		return f->took_ns > FLOOD_SLOW_NS;
	/* Nothing in a second: it is not challenged. */
	return f->took_ns > FLOOD_MAX_NS ||
	       (!f->answers && f->took_ns > TIME_S);
}

/* A stimulus, and what comes until the next one is due; false to stop. */
static bool flood_once(struct subject *s, const struct stimulus *what,
		       int64_t due_ns, struct flood *f)
{
	struct engine *e = s->stand->job->engine;
	const struct reply *reply;
	enum flow_event event = FLOW_SEGMENT;
	int64_t left;

	if (flow_send(s->flow, what))
		return false;
	f->sent++;
	while (event == FLOW_SEGMENT && f->gaps_n < GAPS_MAX) {
		left = due_ns - engine_now(e);
		event = flow_wait(s->flow, &challenge, left > 0 ? left : 0,
				  &reply);
		if (event == FLOW_SEGMENT) {
			flow_note(s->flow, "a challenge ACK");
			count_answer(f, reply);
		}
	}
	return event != FLOW_STOPPED;
}

static void flood(struct stand *st, const struct stimulus *what,
		  struct flood *f)
{
	struct engine *e = st->job->engine;
	struct stimulus stimulus = *what;
	struct trial ignored;
	struct subject s;
	int64_t start, due;

	*f = (struct flood){ 0 };
	stimulus.check = rule_get(RULE_ESTAB_CHALLENGE_RATE)->id;
	if (subject_open(st, &s, &ignored)) {
		start = due = engine_now(e);
		while (!enough(f)) {
			due += FLOOD_EVERY_NS;
			if (!flood_once(&s, &stimulus, due, f))
				break;
			/* Whoever is late does not catch up. */
			if (due < engine_now(e))
				due = engine_now(e);
			f->took_ns = due - start;
		}
	}
	subject_end(&s);
}

/* --- many connections -------------------------------------------------- */

struct crowd {
	struct stand *stand;
	const struct stimulus *stimulus;
	int64_t every_ns; /* between two rounds */
	unsigned members, ready, open;
	struct engine_gate all_ready;
	int64_t start_ns; /* of the first round */
	struct burst {
		unsigned answered;
		int64_t from_ns, to_ns; /* the first stimulus, and the last */
	} bursts[ACKRATE_ROUNDS];
};

static void wait_for_others(struct crowd *c)
{
	struct engine *e = c->stand->job->engine;

	if (++c->ready == c->members) {
		c->start_ns = engine_now(e);
		engine_gate_open(e, &c->all_ready);
	} else {
		engine_gate_wait(e, &c->all_ready, CROWD_OPEN_MAX_NS);
	}
}

/* One of the crowd: a stimulus a round. */
static void take_part(struct crowd *c, struct subject *s)
{
	struct stand *st = c->stand;
	struct engine *e = st->job->engine;
	int64_t patience = probe_patience(st->rtt_ns);

	for (unsigned i = 0; i < ACKRATE_ROUNDS; i++) {
		int64_t at = c->start_ns + i * c->every_ns;
		struct burst *burst = &c->bursts[i];
		const struct reply *reply;

		if (at > engine_now(e) && !engine_sleep(e, at - engine_now(e)))
			return;
		if (flow_send(s->flow, c->stimulus))
			return;
		burst->to_ns = engine_now(e);
		if (!burst->from_ns)
			burst->from_ns = burst->to_ns;
		if (flow_wait(s->flow, &challenge, patience, &reply) ==
		    FLOW_SEGMENT)
			burst->answered++;
	}
}

static int64_t longest_burst(const struct crowd *c)
{
	int64_t longest = 0;

	for (unsigned i = 0; i < ACKRATE_ROUNDS; i++) {
		int64_t took = c->bursts[i].to_ns - c->bursts[i].from_ns;

		longest = took > longest ? took : longest;
	}
	return longest;
}

static void member(void *arg)
{
	struct crowd *c = arg;
	struct trial ignored;
	struct subject s;
	bool open = subject_open(c->stand, &s, &ignored);

	c->open += open;
	wait_for_others(c);
	if (open && c->all_ready.open)
		take_part(c, &s);
	subject_end(&s);
}

static bool gather(struct crowd *c)
{
	void *args[ACKRATE_CONNECTIONS];

	for (size_t i = 0; i < ARRAY_LEN(args); i++)
		args[i] = c;
	c->members = ARRAY_LEN(args);
	return engine_all(c->stand->job->engine, member, args,
			  ARRAY_LEN(args)) == 0;
}

/* --- what it comes to -------------------------------------------------- */

#define HOST_TEXT_MAX 120

/* BROKEN when there is a limit for the host; `text` tells in any case. */
static enum trial_result judge_crowd(const struct crowd *c, struct ackrate *out,
				     char text[static HOST_TEXT_MAX])
{
	int64_t answered[ACKRATE_ROUNDS], median, least;

	for (unsigned i = 0; i < ACKRATE_ROUNDS; i++)
		answered[i] = c->bursts[i].answered;
	sort(answered, ACKRATE_ROUNDS);
	median = answered[ACKRATE_ROUNDS / 2];
	least = answered[0];
	if (c->open < CROWD_MIN) {
		snprintf(text, HOST_TEXT_MAX,
			 "of %d connections only %u could be opened: nothing "
			 "is known of the host",
			 ACKRATE_CONNECTIONS, c->open);
		return TRIAL_UNKNOWN;
	}
	if (longest_burst(c) > BURST_MAX_NS) {
		snprintf(text, HOST_TEXT_MAX,
			 "%u stimuli took too long to leave, by --rate and "
			 "other targets: nothing is known of the host",
			 c->open);
		return TRIAL_UNKNOWN;
	}
	if (!median) {
		snprintf(text, HOST_TEXT_MAX,
			 "of %u connections none got an answer: nothing is "
			 "known of the host",
			 c->open);
		return TRIAL_UNKNOWN;
	}
	/* A tenth may be lost on the way. */
	if (median * 10 >= (int64_t)c->open * 9) {
		snprintf(text, HOST_TEXT_MAX,
			 "no limit for the host: %u connections at once were "
			 "answered",
			 c->open);
		return TRIAL_HOLDS;
	}
	out->per_host = (unsigned)median;
	snprintf(text, HOST_TEXT_MAX,
		 "for the whole host about %u a second, %s", out->per_host,
		 (median - least) * 20 > median
			 ? "another number in each second"
			 : "always the same: it can be counted "
			   "(CVE-2016-5696)");
	return TRIAL_BROKEN;
}

static void judge(const struct flood *f, const struct crowd *c,
		  struct ackrate *out)
{
	char host[HOST_TEXT_MAX], gap[NUM_DURATION_TEXT_MAX];
	enum trial_result result = judge_crowd(c, out, host);
	int64_t median = median_gap(f);

	if (spacing(f) > FLOOD_LATE_NS) {
		trial_set(&out->trial, TRIAL_UNKNOWN,
			  "stimuli left only each %s, as --rate and other "
			  "targets allow: nothing is known of a connection; %s",
			  num_format_duration(spacing(f), gap), host);
		return;
	}
	if (unlimited(f)) {
		trial_set(&out->trial, TRIAL_BROKEN,
			  "no limit on a connection; %s", host);
		return;
	}
	/* Full milliseconds: no stamp is better than that here. */
	out->per_connection_ns = (median + TIME_MS / 2) / TIME_MS * TIME_MS;
	trial_set(&out->trial, result, "one in %s on a connection; %s",
		  num_format_duration(out->per_connection_ns, gap), host);
}

void ackrate_measure(struct stand *st, struct ackrate *out)
{
	struct crowd crowd = { .stand = st };
	struct flood f = { 0 };

	*out = (struct ackrate){ .per_host = 0 };
	for (size_t i = 0; i < ARRAY_LEN(stimuli) && !f.gaps_n; i++) {
		crowd.stimulus = &stimuli[i];
		flood(st, crowd.stimulus, &f);
	}
	if (!f.gaps_n) {
		trial_set(&out->trial, TRIAL_UNKNOWN,
			  "neither a SYN nor a RST in the window was answered "
			  "twice: there is nothing to measure");
		return;
	}
	/* Each in its own place in a burst, and in another in the next one. */
	crowd.every_ns = median_gap(&f) + BURST_MAX_NS;
	if (crowd.every_ns < BURST_EVERY_NS)
		crowd.every_ns = BURST_EVERY_NS;
	if (!gather(&crowd)) {
		trial_set(&out->trial, TRIAL_UNKNOWN,
			  "hold many connections: out of memory");
		return;
	}
	if (engine_ended(st->job->engine) != ENGINE_RUNNING)
		trial_set(&out->trial, TRIAL_UNKNOWN, "the run was stopped");
	else
		judge(&f, &crowd, out);
}
