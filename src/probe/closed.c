/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checks of a closed port. Nothing holds state there, so every stimulus
 * goes out from a pair of its own and its answer is known by its numbers.
 *
 * A pass needs one observation; a violation is believed when three of three
 * fresh pairs show it, a missing answer never (filters drop odd segments).
 */
#include "probe/closed.h"

#include <stdio.h>
#include <string.h>

#include "wire/text.h"

/* How often a violation must be seen. */
#define CONFIRMATIONS 3
#define OBSERVED_MAX 200

enum want {
	WANT_RST_ACK, /* RST-ACK, seq 0, ack behind what was sent */
	WANT_RST_SEQ, /* RST, seq the ack that was sent, no ACK bit */
	WANT_SILENCE,
};

struct trial {
	const char *name; /* of the stimulus, for people */
	enum want want;
	struct stimulus s;
};

/* An acknowledgement number that nobody expects. */
#define ODD_ACK 0x13572468

#define TRIAL(label, wanted, ...)                           \
	{                                                   \
		.name = label, .want = wanted,              \
		.s = { .seq_from = FLOW_ISN, __VA_ARGS__ }, \
	}
#define WITH_ACK .ack = ODD_ACK, .ack_from = FLOW_ABSOLUTE
#define WITH_DATA .payload = "hello", .payload_len = 5

static const struct trial syn_top[] = {
	{
		.name = "SYN with seq 4294967295",
		.want = WANT_RST_ACK,
		.s = { .flags = TCP_SYN,
		       .seq = UINT32_MAX,
		       .seq_from = FLOW_ABSOLUTE },
	},
};

static const struct trial syn_len[] = {
	TRIAL("SYN with 5 bytes", WANT_RST_ACK, .flags = TCP_SYN, WITH_DATA),
	TRIAL("SYN-FIN", WANT_RST_ACK, .flags = TCP_SYN | TCP_FIN),
	TRIAL("no flags with 5 bytes", WANT_RST_ACK, .flags = 0, WITH_DATA),
};

static const struct trial noack_flags[] = {
	TRIAL("FIN", WANT_RST_ACK, .flags = TCP_FIN),
	TRIAL("no flags", WANT_RST_ACK, .flags = 0),
	TRIAL("FIN-PSH-URG", WANT_RST_ACK,
	      .flags = TCP_FIN | TCP_PSH | TCP_URG),
	TRIAL("PSH", WANT_RST_ACK, .flags = TCP_PSH),
};

static const struct trial ack_flags[] = {
	TRIAL("ACK", WANT_RST_SEQ, .flags = TCP_ACK, WITH_ACK),
	TRIAL("FIN-ACK", WANT_RST_SEQ, .flags = TCP_FIN | TCP_ACK, WITH_ACK),
	TRIAL("SYN-ACK", WANT_RST_SEQ, .flags = TCP_SYN | TCP_ACK, WITH_ACK),
	TRIAL("PSH-ACK with 5 bytes", WANT_RST_SEQ, .flags = TCP_PSH | TCP_ACK,
	      WITH_ACK, WITH_DATA),
	TRIAL("SYN-FIN-ACK", WANT_RST_SEQ, .flags = TCP_SYN | TCP_FIN | TCP_ACK,
	      WITH_ACK),
};

static const struct trial resets[] = {
	TRIAL("RST", WANT_SILENCE, .flags = TCP_RST),
	TRIAL("RST-ACK", WANT_SILENCE, .flags = TCP_RST | TCP_ACK, WITH_ACK),
	TRIAL("SYN-RST", WANT_SILENCE, .flags = TCP_SYN | TCP_RST),
	TRIAL("all flags", WANT_SILENCE,
	      .flags =
		      TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_ACK | TCP_URG,
	      WITH_ACK),
};

/* Of a listener these must not leave a half-open connection: they count. */
static const struct trial bad_sums[] = {
	TRIAL("SYN with a wrong checksum", WANT_SILENCE, .flags = TCP_SYN,
	      .counts = true, .sum_mode = SEGMENT_SUM_XOR, .sum = 0x1234),
	TRIAL("SYN with checksum 0", WANT_SILENCE, .flags = TCP_SYN,
	      .counts = true, .sum_mode = SEGMENT_SUM_VALUE, .sum = 0),
};

static const struct trial good_syn = TRIAL("control: a good SYN", WANT_RST_ACK,
					   .flags = TCP_SYN, .counts = true);

/* What one trial came to. */
enum result {
	RESULT_AS_WANTED,
	RESULT_VIOLATED,
	RESULT_UNANSWERED,
	RESULT_STOPPED,
};

/* The evidence names the rule with the stimulus. */
static struct stimulus stimulus_of(const struct trial *t, enum rule_id rule)
{
	struct stimulus s = t->s;

	s.why = t->name;
	s.check = rule_get(rule)->id;
	return s;
}

static uint32_t stimulus_len(const struct stimulus *s)
{
	return (uint32_t)s->payload_len + !!(s->flags & TCP_SYN) +
	       !!(s->flags & TCP_FIN);
}

/* Is this the reset that CLOSED owes for the stimulus? */
static bool right_reset(const struct trial *t, uint32_t x,
			const struct segment *r)
{
	if (!(r->flags & TCP_RST) || r->flags & (TCP_SYN | TCP_FIN))
		return false;
	if (t->want == WANT_RST_SEQ)
		return r->seq == t->s.ack;
	return r->flags & TCP_ACK && r->seq == 0 &&
	       r->ack == x + stimulus_len(&t->s);
}

static void describe(const struct trial *t, uint32_t x, const struct segment *r,
		     char *out, size_t size)
{
	char flags[TEXT_FLAGS_MAX];

	text_flags(r->flags, flags);
	if (t->want == WANT_SILENCE)
		snprintf(out, size, "%s got [%s]", t->name, flags);
	else if (t->want == WANT_RST_SEQ)
		snprintf(out, size, "%s got [%s] seq %u, not a RST with seq %u",
			 t->name, flags, r->seq, t->s.ack);
	else
		snprintf(out, size,
			 "%s got [%s] seq %u ack %u, not a RST-ACK with "
			 "seq 0 ack %u",
			 t->name, flags, r->seq, r->ack,
			 x + stimulus_len(&t->s));
}

static uint32_t first_seq(const struct flow *f, const struct stimulus *s)
{
	return (s->seq_from == FLOW_ISN ? flow_numbers(f)->iss : 0) + s->seq;
}

/* Put one stimulus that wants an answer, from a fresh pair. */
static enum result try_once(struct probe_job *job, enum rule_id rule,
			    const struct trial *t, char seen[OBSERVED_MAX])
{
	static const struct flow_expect any_segment = { 0 };
	const struct stimulus s = stimulus_of(t, rule);
	const struct reply *reply;
	enum result result = RESULT_UNANSWERED;
	struct flow *f = probe_flow(job);

	if (!f)
		return RESULT_STOPPED;
	switch (flow_ask(f, &s, &any_segment, &reply)) {
	case FLOW_SEGMENT:
		if (right_reset(t, first_seq(f, &s), &reply->segment)) {
			result = RESULT_AS_WANTED;
			flow_note(f, "the reset that CLOSED owes");
			break;
		}
		result = RESULT_VIOLATED;
		flow_note(f, "not the reset that CLOSED owes");
		describe(t, first_seq(f, &s), &reply->segment, seen,
			 OBSERVED_MAX);
		break;
	case FLOW_STOPPED:
		result = RESULT_STOPPED;
		break;
	case FLOW_TIMEOUT:
	case FLOW_ICMP:
	case FLOW_ECHO:
		snprintf(seen, OBSERVED_MAX, "%s got no answer", t->name);
		break;
	}
	flow_end(f);
	return result;
}

/*
 * A violation that was seen once: is it seen on all fresh pairs? *times counts
 * how often it was, of CONFIRMATIONS.
 */
static enum result confirm(struct probe_job *job, enum rule_id rule,
			   const struct trial *t, unsigned *times)
{
	char again[OBSERVED_MAX];

	for (unsigned i = *times; i < CONFIRMATIONS; i++) {
		enum result result = try_once(job, rule, t, again);

		if (result == RESULT_STOPPED)
			return result;
		*times += result == RESULT_VIOLATED;
	}
	return *times == CONFIRMATIONS ? RESULT_VIOLATED : RESULT_UNANSWERED;
}

static void flaky(struct probe_job *job, enum rule_id rule, const char *seen,
		  unsigned times)
{
	finding_check_undecided(job->finding, rule_get(rule),
				OUTCOME_INCONCLUSIVE,
				"flaky: %s, but only %u times of %u", seen,
				times, CONFIRMATIONS);
}

/* The trials of one rule, all of which want an answer. */
struct battery {
	enum rule_id rule;
	const struct trial *trials;
	size_t n;
	const char *passed; /* what is observed when all are answered right */
};

/* False when the run was stopped. */
static bool check_answers(struct probe_job *job, const struct battery *b)
{
	const struct rule *rule = rule_get(b->rule);
	char missing[OBSERVED_MAX] = "";
	char seen[OBSERVED_MAX];

	for (size_t i = 0; i < b->n; i++) {
		unsigned times = 1;

		switch (try_once(job, b->rule, &b->trials[i], seen)) {
		case RESULT_AS_WANTED:
			break;
		case RESULT_UNANSWERED:
			snprintf(missing, sizeof(missing), "%s", seen);
			break;
		case RESULT_STOPPED:
			return false;
		case RESULT_VIOLATED:
			if (confirm(job, b->rule, &b->trials[i], &times) ==
			    RESULT_VIOLATED)
				finding_check(job->finding, rule, OUTCOME_FAIL,
					      "%s", seen);
			else
				flaky(job, b->rule, seen, times);
			return true;
		}
	}
	if (*missing)
		finding_check_undecided(
			job->finding, rule, OUTCOME_INCONCLUSIVE,
			"%s, though a plain SYN is refused: a filter on the "
			"way may drop it",
			missing);
	else
		finding_check(job->finding, rule, OUTCOME_PASS, "%s",
			      b->passed);
	return true;
}

#define VOLLEY_MAX 4

/* A good SYN is answered: silence to others means something. */
static bool control(struct probe_job *job, enum rule_id rule)
{
	static const struct flow_expect answer = { .set = TCP_ACK };
	const struct stimulus s = stimulus_of(&good_syn, rule);
	const struct reply *reply;
	struct flow *f = probe_flow(job);
	bool answered;

	if (!f)
		return false;
	answered = flow_ask(f, &s, &answer, &reply) == FLOW_SEGMENT;
	if (answered)
		flow_note(f, "control: answered, as it must be");
	flow_end(f);
	return answered;
}

/* Trials put at once, each from its own pair, and given time together. */
struct volley {
	struct flow *flows[VOLLEY_MAX];
	size_t n;
	int64_t deadline;
};

/* With a good SYN behind them: RESULT_UNANSWERED when that got no answer, and
 * silence to the others means nothing. Ends with volley_end() in any case. */
static enum result volley_fire(struct volley *v, struct probe_job *job,
			       const struct battery *b, int64_t rtt_ns)
{
	enum result result = RESULT_AS_WANTED;

	BUG_ON(b->n > VOLLEY_MAX);
	*v = (struct volley){ .n = b->n };
	for (size_t i = 0; i < b->n; i++) {
		const struct stimulus s = stimulus_of(&b->trials[i], b->rule);

		v->flows[i] = probe_flow(job);
		if (!v->flows[i] || flow_send(v->flows[i], &s))
			result = RESULT_STOPPED;
	}
	if (result == RESULT_AS_WANTED && !control(job, b->rule))
		result = RESULT_UNANSWERED;
	v->deadline = engine_now(job->engine) + probe_patience(rtt_ns);
	return result;
}

static enum flow_event volley_wait(struct volley *v, struct probe_job *job,
				   size_t i, const struct flow_expect *expect,
				   const struct reply **reply)
{
	int64_t left = v->deadline - engine_now(job->engine);

	return flow_wait(v->flows[i], expect, left, reply);
}

static void volley_end(struct volley *v)
{
	for (size_t i = 0; i < v->n; i++)
		flow_end(v->flows[i]);
}

/* Answers that must not come get their time; `seen` tells the first one. */
static enum result silence_round(struct probe_job *job, const struct battery *b,
				 int64_t rtt_ns, char seen[OBSERVED_MAX])
{
	static const struct flow_expect any_segment = { 0 };
	const struct reply *reply;
	struct volley v;
	enum result result = volley_fire(&v, job, b, rtt_ns);

	for (size_t i = 0; i < b->n && result == RESULT_AS_WANTED; i++) {
		enum flow_event event =
			volley_wait(&v, job, i, &any_segment, &reply);

		if (event == FLOW_SEGMENT) {
			result = RESULT_VIOLATED;
			flow_note(v.flows[i], "answered; silence is required");
			describe(&b->trials[i], 0, &reply->segment, seen,
				 OBSERVED_MAX);
		} else if (event == FLOW_STOPPED) {
			result = RESULT_STOPPED;
		} else if (flow_silence(v.flows[i]) != SILENCE_REAL) {
			result = RESULT_UNANSWERED;
		}
	}
	volley_end(&v);
	return result;
}

/*
 * The trials of one rule, none of which may be answered. What is decided here
 * is written down; a confirmed answer (RESULT_VIOLATED, with `seen`) is left
 * to the caller to judge.
 */
static enum result check_silence(struct probe_job *job, const struct battery *b,
				 int64_t rtt_ns, char seen[OBSERVED_MAX])
{
	const struct rule *rule = rule_get(b->rule);
	enum result result = silence_round(job, b, rtt_ns, seen);
	char again[OBSERVED_MAX];
	unsigned times = 1;

	if (result == RESULT_AS_WANTED)
		finding_check(job->finding, rule, OUTCOME_PASS, "%s",
			      b->passed);
	else if (result == RESULT_UNANSWERED)
		finding_check_undecided(
			job->finding, rule, OUTCOME_INCONCLUSIVE,
			"a good SYN was not answered in between: silence "
			"proves nothing");
	if (result != RESULT_VIOLATED)
		return result;
	for (unsigned i = 1; i < CONFIRMATIONS; i++) {
		result = silence_round(job, b, rtt_ns, again);
		if (result == RESULT_STOPPED)
			return result;
		times += result == RESULT_VIOLATED;
	}
	if (times == CONFIRMATIONS)
		return RESULT_VIOLATED;
	flaky(job, b->rule, seen, times);
	return RESULT_UNANSWERED;
}

static bool check_reset_silence(struct probe_job *job, int64_t rtt_ns)
{
	static const struct battery battery = {
		RULE_CLOSED_RST_SILENT,
		resets,
		ARRAY_LEN(resets),
		"RST, RST-ACK, SYN-RST and all flags: silence",
	};
	char seen[OBSERVED_MAX];
	enum result result = check_silence(job, &battery, rtt_ns, seen);

	if (result == RESULT_VIOLATED)
		finding_check(job->finding, rule_get(battery.rule),
			      OUTCOME_FAIL, "%s", seen);
	return result != RESULT_STOPPED;
}

/* Somebody answered a wrong checksum: the target, or a box that mended it? */
static void judge_answered_sum(struct probe_job *job, const struct rule *rule,
			       const char *seen)
{
	if (job->route.checksum_offload)
		finding_check_undecided(
			job->finding, rule, OUTCOME_SKIP,
			"%s, but %s verifies no checksums: nothing was on a "
			"wire",
			seen, job->route.interface_name);
	else if (job->route.gateway.family != FAMILY_ANY)
		finding_check_undecided(
			job->finding, rule, OUTCOME_INCONCLUSIVE,
			"%s: the target does not verify, or a box on the way "
			"mended the checksum",
			seen);
	else
		finding_check(job->finding, rule, OUTCOME_FAIL, "%s", seen);
}

enum bad_sum closed_check_checksum(struct probe_job *job, enum rule_id id,
				   int64_t rtt_ns)
{
	const struct battery battery = {
		id,
		bad_sums,
		ARRAY_LEN(bad_sums),
		"two SYNs with wrong checksums: silence; a good one is "
		"answered",
	};
	char seen[OBSERVED_MAX];

	switch (check_silence(job, &battery, rtt_ns, seen)) {
	case RESULT_AS_WANTED:
		return BAD_SUM_SILENT;
	case RESULT_VIOLATED:
		judge_answered_sum(job, rule_get(id), seen);
		return BAD_SUM_ANSWERED;
	case RESULT_UNANSWERED:
	case RESULT_STOPPED:
		break;
	}
	return BAD_SUM_UNDECIDED;
}

void closed_check_syn(struct probe_job *job, const struct closed_answer *a,
		      bool all)
{
	static const struct trial plain =
		TRIAL("SYN", WANT_RST_ACK, .flags = TCP_SYN);
	static const struct battery top = {
		RULE_CLOSED_SYN,
		syn_top,
		ARRAY_LEN(syn_top),
		"RST-ACK, seq 0, ack one above the SYN's seq, also when that "
		"is 4294967295",
	};
	const struct rule *rule = rule_get(RULE_CLOSED_SYN);
	struct segment reset = { .flags = a->flags,
				 .seq = a->seq,
				 .ack = a->ack };
	char seen[OBSERVED_MAX];
	unsigned times = 1;

	if (right_reset(&plain, a->iss, &reset)) {
		if (all)
			check_answers(job, &top);
		else
			finding_check(job->finding, rule, OUTCOME_PASS,
				      "RST-ACK, seq 0, ack one above the "
				      "SYN's seq");
		return;
	}
	describe(&plain, a->iss, &reset, seen, sizeof(seen));
	switch (confirm(job, RULE_CLOSED_SYN, &plain, &times)) {
	case RESULT_VIOLATED:
		finding_check(job->finding, rule, OUTCOME_FAIL, "%s", seen);
		break;
	case RESULT_STOPPED:
		break;
	case RESULT_AS_WANTED:
	case RESULT_UNANSWERED:
		flaky(job, RULE_CLOSED_SYN, seen, times);
		break;
	}
}

/* --- options in segments to a closed port ------------------------------ */

static const uint8_t area_4[] = { 99, 0, 0, 0 };
static const uint8_t area_20[] = { 3, 0, 1, 1, 1, 1, 1, 1, 1, 1,
				   1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

static const struct trial bad_options[] = {
	TRIAL("length 0, 4 bytes of options", WANT_RST_ACK, .flags = TCP_SYN,
	      .options = area_4, .options_len = sizeof(area_4)),
	TRIAL("length 0, 20 bytes of options", WANT_RST_ACK, .flags = TCP_SYN,
	      .options = area_20, .options_len = sizeof(area_20)),
};

/* RST and silence are allowed; what is not: that the port is dead after. */
static bool check_bad_options(struct probe_job *job, int64_t rtt_ns)
{
	static const struct battery battery = {
		.rule = RULE_CLOSED_BAD_OPTIONS,
		.trials = bad_options,
		.n = ARRAY_LEN(bad_options),
	};
	static const struct flow_expect reset = { .set = TCP_RST };
	const struct rule *rule = rule_get(battery.rule);
	const char *got[ARRAY_LEN(bad_options)] = { "silence", "silence" };
	struct volley v;
	enum result result = volley_fire(&v, job, &battery, rtt_ns);

	for (size_t i = 0; i < v.n && result == RESULT_AS_WANTED; i++) {
		const struct reply *reply;

		if (volley_wait(&v, job, i, &reset, &reply) == FLOW_SEGMENT) {
			got[i] = "RST";
			flow_note(v.flows[i], "allowed, as silence is");
		}
	}
	volley_end(&v);
	if (result == RESULT_STOPPED ||
	    engine_ended(job->engine) != ENGINE_RUNNING)
		return false;
	if (result == RESULT_UNANSWERED)
		finding_check(job->finding, rule, OUTCOME_FAIL,
			      "a good SYN gets no answer afterwards");
	else
		finding_check(job->finding, rule, OUTCOME_PASS,
			      "%s to 4 bytes with an option of length 0, %s to "
			      "20; a good SYN is refused afterwards",
			      got[0], got[1]);
	return true;
}

#define TS_VALUE 0x01020304
static const uint8_t area_ts[] = { 1, 1, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0 };

static bool echoes_timestamp(const struct options *o)
{
	return o->has_timestamps && o->tsecr == TS_VALUE;
}

/* RFC 7323 5.2: a reset should carry TSval 0 and echo the stimulus. */
static bool check_timestamps(struct probe_job *job)
{
	static const struct stimulus stimuli[] = {
		{ .flags = TCP_SYN,
		  .seq_from = FLOW_ISN,
		  .options = area_ts,
		  .options_len = sizeof(area_ts),
		  .why = "SYN with timestamps" },
		{ .flags = TCP_ACK,
		  .seq_from = FLOW_ISN,
		  WITH_ACK,
		  .options = area_ts,
		  .options_len = sizeof(area_ts),
		  .why = "ACK with timestamps" },
	};
	static const struct flow_expect reset = { .set = TCP_RST };
	const struct rule *rule = rule_get(RULE_CLOSED_RST_TS);
	unsigned answers = 0, echoes = 0;

	for (size_t i = 0; i < ARRAY_LEN(stimuli); i++) {
		struct stimulus s = stimuli[i];
		const struct reply *reply;
		enum flow_event event;
		struct flow *f = probe_flow(job);

		if (!f)
			return false;
		s.check = rule->id;
		event = flow_ask(f, &s, &reset, &reply);
		if (event == FLOW_SEGMENT) {
			bool echo = echoes_timestamp(&reply->options);

			answers++;
			echoes += echo;
			flow_note(f, echo ? "echoes the timestamp"
					  : "does not echo the timestamp");
		}
		flow_end(f);
		if (event == FLOW_STOPPED)
			return false;
	}
	if (answers < ARRAY_LEN(stimuli))
		finding_check_undecided(job->finding, rule,
					OUTCOME_INCONCLUSIVE,
					"only %u of %zu were answered", answers,
					ARRAY_LEN(stimuli));
	else
		finding_check(job->finding, rule,
			      echoes == answers ? OUTCOME_PASS : OUTCOME_FAIL,
			      "%u of %u resets echo the timestamp", echoes,
			      answers);
	return true;
}

bool closed_check_all(struct probe_job *job, const struct closed_answer *a)
{
	static const struct battery batteries[] = {
		{ RULE_CLOSED_SYN_LEN, syn_len, ARRAY_LEN(syn_len),
		  "the ack counts SYN, FIN and 5 bytes of payload" },
		{ RULE_CLOSED_NOACK_FLAGS, noack_flags, ARRAY_LEN(noack_flags),
		  "FIN, no flags, FIN-PSH-URG and PSH: RST-ACK each" },
		{ RULE_CLOSED_ACK_FLAGS, ack_flags, ARRAY_LEN(ack_flags),
		  "ACK, FIN-ACK, SYN-ACK, PSH-ACK with data, SYN-FIN-ACK: RST "
		  "with seq = their ack" },
	};

	for (size_t i = 0; i < ARRAY_LEN(batteries); i++) {
		if (!check_answers(job, &batteries[i]))
			return false;
	}
	return check_reset_silence(job, a->rtt_ns) &&
	       check_bad_options(job, a->rtt_ns) && check_timestamps(job);
}
