/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segments out of place (RFC 9293 3.10.7.4, RFC 5961).
 *
 * What a SYN, a RST or an ACK does to a connection when it is not what the
 * connection expects decides whether somebody who sees none of its packets can
 * end it or slip data into it. Each stimulus gets a connection of its own, is
 * put, and the connection is asked whether it lives; a control connection that
 * nothing is done to tells what the service does by itself.
 *
 * Several connections are under way at once, but not all of them: an sshd, for
 * one, refuses more than ten that have not logged in.
 */
#include "probe/challenge.h"

#include <stdio.h>
#include <string.h>

#include "base/line.h"
#include "base/num.h"
#include "probe/ackrate.h"
#include "probe/blind.h"
#include "probe/estab.h"
#include "probe/synrcvd.h"

#define HANDS_MAX 10

static const struct probe_verdict verdicts[] = {
	{ "rfc5961", "every rule against blind attacks holds", false },
	{ "partial", "some of these rules do not hold", false },
	{ "rfc793", "a RST or SYN in the window kills the connection", false },
	{ "inconclusive", "it cannot be told, with the reason", false },
};

static const struct opt options[] = {
	ONLY_ROW(struct challenge_settings, only),
	TRIGGER_ROW(struct challenge_settings, trigger),
	{
		.name = "rate-limit",
		.type = OPT_FLAG,
		.help = "measure how many challenge ACKs it sends; holds 200 "
			"connections at once and needs --intrusive",
		.offset = offsetof(struct challenge_settings, rate_limit),
	},
	{
		.name = "intrusive",
		.type = OPT_FLAG,
		.help = "allow what may disturb the service",
		.offset = offsetof(struct challenge_settings, intrusive),
	},
};

/* --- the checks -------------------------------------------------------- */

struct check_row {
	enum rule_id rule;
	bool blind; /* of those that the verdict is about */
	/* What was seen when all of its stimuli were met as they should; NULL:
	 * the last trial's own words. */
	const char *holds;
};

static const struct check_row check_rows[] = {
	{ RULE_ESTAB_RST_EXACT, false, NULL },
	{ RULE_ESTAB_RST_INWINDOW, true,
	  "RST 1 and 100 above RCV.NXT and at the window's last byte: "
	  "challenge ACK, and the connection lives" },
	{ RULE_ESTAB_RST_OUT, true,
	  "RST 1 and 300,000 below RCV.NXT and 100,000 beyond the window: "
	  "silence, and the connection lives" },
	{ RULE_ESTAB_RST_PAWS, false, NULL },
	{ RULE_ESTAB_SYN_CHALLENGE, true,
	  "SYN at RCV.NXT, in the window, below it, beyond it and at our ISN: "
	  "challenge ACK, and the connection lives" },
	{ RULE_ESTAB_SYNACK_DUP, false,
	  "SYN-ACK at our ISN and SYN-FIN 10,000 below RCV.NXT: challenge ACK, "
	  "and the connection lives" },
	{ RULE_ESTAB_HALF_OPEN, false, NULL },
	{ RULE_ESTAB_ACK_ABOVE, true,
	  "ACK of SND.NXT+1 and +1,000,000, alone and with data: challenge "
	  "ACK, and the connection lives" },
	{ RULE_ESTAB_ACK_OLD, false, NULL },
	{ RULE_ESTAB_ACK_TOO_OLD, true, NULL },
	{ RULE_ESTAB_NOACK_DROP, false,
	  "data, FIN, URG and nothing without ACK: silence, and the "
	  "connection lives" },
	{ RULE_ESTAB_SEQ_ABOVE, false,
	  "data and FIN 100,000 beyond the window: ACK, and the connection "
	  "lives" },
	{ RULE_ESTAB_SEQ_OLD, false, NULL },
	{ RULE_ESTAB_KEEPALIVE_0, false, NULL },
	{ RULE_ESTAB_KEEPALIVE_1, false, NULL },
	{ RULE_ESTAB_BAD_CHECKSUM, false, NULL },
	{ RULE_ESTAB_RESERVED_OPTS, false,
	  "reserved bits, an unknown option, options of length 0: the data "
	  "arrives, at the latest when it is repeated without, or a reset" },
	{ RULE_SYNRCVD_BAD_ACK, false, NULL },
	{ RULE_SYNRCVD_DUP_SYN, false, NULL },
	{ RULE_SYNRCVD_SYN_OUT, false,
	  "SYN beyond the window and 5,000 below: the handshake completes" },
	{ RULE_SYNRCVD_SYN_IN, false, NULL },
	{ RULE_SYNRCVD_RST_EXACT, false, NULL },
	{ RULE_SYNRCVD_RST_INWINDOW, false, NULL },
	{ RULE_SYNRCVD_RST_OUT, false,
	  "RST beyond the window and at our ISN: silence, and the handshake "
	  "completes" },
	{ RULE_SYNRCVD_NOACK_SEGMENT, false,
	  "FIN and data without ACK: silence, and the handshake completes" },
	{ RULE_ESTAB_CHALLENGE_RATE, false, NULL },
};

/* Checks that are functions of their own. */
static const struct {
	enum rule_id rule;
	trial_fn *fn;
	bool half_open;
} own_checks[] = {
	{ RULE_ESTAB_HALF_OPEN, estab_half_open, false },
	{ RULE_ESTAB_ACK_OLD, estab_ack_old, false },
	{ RULE_ESTAB_KEEPALIVE_1, estab_keepalive_1, false },
	{ RULE_ESTAB_BAD_CHECKSUM, estab_bad_checksum, false },
	{ RULE_SYNRCVD_BAD_ACK, synrcvd_bad_ack, true },
};

static int prepare(void *settings, struct err *e)
{
	struct challenge_settings *s = settings;
	enum rule_id rules[ARRAY_LEN(check_rows)];
	int rc = trigger_prepare(&s->trigger, e);

	for (size_t i = 0; i < ARRAY_LEN(check_rows); i++)
		rules[i] = check_rows[i].rule;
	if (!rc)
		rc = only_prepare(&s->only, "challenge", rules,
				  ARRAY_LEN(rules), e);
	if (rc)
		return rc;
	if (s->rate_limit && !s->intrusive)
		return err_set(e, ERR_USAGE,
			       "--rate-limit: it would hold %d connections to "
			       "each target at once, and send 200 segments a "
			       "second on one; --intrusive allows that",
			       ACKRATE_CONNECTIONS);
	if (only_names(&s->only, RULE_ESTAB_CHALLENGE_RATE) && !s->rate_limit)
		return err_set(e, ERR_USAGE,
			       "--only: %s is measured with --rate-limit "
			       "--intrusive only",
			       rule_get(RULE_ESTAB_CHALLENGE_RATE)->id);
	return 0;
}

static void release(void *settings)
{
	struct challenge_settings *s = settings;

	trigger_release(&s->trigger);
}

static int notice(const void *settings, char *text, size_t size)
{
	const struct challenge_settings *s = settings;

	if (!s->rate_limit)
		return 0;
	return snprintf(text, size,
			"measuring rate limits: up to %d connections at once "
			"to each target, and 200 segments a second for up to "
			"12 s on one of them",
			ACKRATE_CONNECTIONS);
}

/* --- the work ---------------------------------------------------------- */

enum lane {
	LANE_OPEN,
	LANE_HALF_OPEN,
	LANE_LAST, /* when all else is done */
	LANE_N
};

/* One trial to be made, and what came of it. */
struct item {
	enum rule_id rule;
	enum lane lane;
	trial_fn *fn;
	struct question question;
	const struct blind_row *blind; /* a stimulus that facts tell */
	struct seen seen;
	struct trial result;
};

struct challenge {
	struct probe_job *job;
	const struct challenge_settings *settings;
	struct stand stand;
	struct item *items;
	size_t items_n, done;
	size_t next[LANE_N];
	struct ackrate rate;
	struct trial verdicts[ARRAY_LEN(check_rows)]; /* in their order */
	bool made[ARRAY_LEN(check_rows)];
};

struct hand {
	struct challenge *c;
	enum lane lane;
};

static struct item *add(struct challenge *c, enum rule_id rule, enum lane lane,
			trial_fn *fn, const void *row)
{
	struct item *item = &c->items[c->items_n];

	if (!only_wants(&c->settings->only, rule))
		return NULL;
	c->items_n++;
	*item = (struct item){
		.rule = rule,
		.lane = lane,
		.fn = fn,
		.question = { &c->stand, row, &item->seen },
	};
	trial_set(&item->result, TRIAL_UNKNOWN, "the run was stopped");
	return item;
}

static bool plan(struct challenge *c)
{
	size_t most = blind_rows_n + synrcvd_rows_n + estab_areas_n +
		      ARRAY_LEN(own_checks);
	enum rule_id rule;

	c->items = calloc(most, sizeof(*c->items));
	if (!c->items)
		return false;
	for (size_t i = 0; i < blind_rows_n; i++) {
		struct item *item = add(c, blind_rows[i].rule, LANE_OPEN,
					blind_trial, &blind_rows[i]);

		if (item)
			item->blind = &blind_rows[i];
	}
	for (size_t i = 0; i < ARRAY_LEN(own_checks); i++)
		add(c, own_checks[i].rule,
		    own_checks[i].half_open ? LANE_HALF_OPEN : LANE_OPEN,
		    own_checks[i].fn, NULL);
	for (size_t i = 0; i < synrcvd_rows_n; i++) {
		const void *row = synrcvd_row(i, &rule);

		add(c, rule, LANE_HALF_OPEN, synrcvd_trial, row);
	}
	for (size_t i = 0; i < estab_areas_n; i++)
		add(c, RULE_ESTAB_RESERVED_OPTS, LANE_LAST, estab_zero_length,
		    &estab_areas[i]);
	return true;
}

static struct item *next_item(struct challenge *c, enum lane lane)
{
	while (c->next[lane] < c->items_n) {
		struct item *item = &c->items[c->next[lane]++];

		if (item->lane == lane)
			return item;
	}
	return NULL;
}

static bool stopped(const struct challenge *c)
{
	return engine_ended(c->job->engine) != ENGINE_RUNNING;
}

/* Of a connection that gives no sign of life only keepalives can be judged. */
static bool can_be_judged(const struct challenge *c, const struct item *item)
{
	return c->stand.state == STAND_READY ||
	       item->rule == RULE_ESTAB_KEEPALIVE_0 ||
	       item->rule == RULE_ESTAB_KEEPALIVE_1;
}

static void make(struct challenge *c, struct item *item)
{
	if (!can_be_judged(c, item))
		item->result = c->stand.why;
	else
		trial_decide(c->job, item->fn, &item->question, &item->result);
	probe_say(c->job, "%zu of %zu stimuli are put", ++c->done, c->items_n);
}

static void work(void *arg)
{
	const struct hand *hand = arg;
	struct challenge *c = hand->c;
	struct item *item;

	while (!stopped(c) && (item = next_item(c, hand->lane)))
		make(c, item);
}

/* A hand for each lane that is named; false when memory is short. */
static bool put_to_work(struct challenge *c, const enum lane *lanes, size_t n)
{
	struct hand hands[HANDS_MAX];
	void *args[HANDS_MAX];

	for (size_t i = 0; i < n; i++) {
		hands[i] = (struct hand){ c, lanes[i] };
		args[i] = &hands[i];
	}
	return engine_all(c->job->engine, work, args, n) == 0;
}

static bool make_all(struct challenge *c)
{
	static const enum lane first[] = {
		LANE_OPEN, LANE_OPEN, LANE_OPEN, LANE_OPEN,	 LANE_OPEN,
		LANE_OPEN, LANE_OPEN, LANE_OPEN, LANE_HALF_OPEN, LANE_HALF_OPEN,
	};
	static const enum lane last[] = { LANE_LAST, LANE_LAST };

	static_assert(ARRAY_LEN(first) <= HANDS_MAX, "a hand a lane");
	return put_to_work(c, first, ARRAY_LEN(first)) &&
	       put_to_work(c, last, ARRAY_LEN(last));
}

/* --- what it comes to -------------------------------------------------- */

static bool is_made(const struct challenge *c, enum rule_id rule)
{
	if (rule == RULE_ESTAB_CHALLENGE_RATE)
		return c->settings->rate_limit &&
		       only_wants(&c->settings->only, rule);
	return only_wants(&c->settings->only, rule);
}

/* The trials of one rule, as one. */
static struct trial worst_of(const struct challenge *c, enum rule_id rule,
			     struct trial *room)
{
	size_t n = 0;

	if (rule == RULE_ESTAB_CHALLENGE_RATE)
		return c->rate.trial;
	for (size_t i = 0; i < c->items_n; i++) {
		const struct item *item = &c->items[i];

		if (item->rule == rule &&
		    !(item->blind && item->blind->informs))
			room[n++] = item->result;
	}
	return *trial_worst(room, n);
}

static bool sum_up(struct challenge *c)
{
	struct trial *room = calloc(c->items_n + 1, sizeof(*room));

	if (!room)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(check_rows); i++) {
		const struct check_row *row = &check_rows[i];
		struct trial *verdict = &c->verdicts[i];

		c->made[i] = is_made(c, row->rule);
		if (!c->made[i])
			continue;
		*verdict = worst_of(c, row->rule, room);
		if (verdict->result == TRIAL_HOLDS && row->holds)
			trial_set(verdict, TRIAL_HOLDS, "%s", row->holds);
		trial_check(c->job->finding, row->rule, verdict);
	}
	free(room);
	return true;
}

/* What RFC 793 let a RST or a SYN in the window do; NULL when it did not. */
static const char *killer(const struct challenge *c)
{
	for (size_t i = 0; i < c->items_n; i++) {
		const struct item *item = &c->items[i];

		if (item->blind && item->blind->in_window &&
		    item->result.result == TRIAL_BROKEN &&
		    item->seen.life == FLOW_DEAD)
			return item->blind->s.flags & TCP_RST ? "RST" : "SYN";
	}
	return NULL;
}

/* The rules against blind attacks, counted. */
struct tally {
	unsigned made, hold, broken, unknown;
	bool open;	   /* whether RST and SYN in the window kill */
	const char *first; /* that is unknown */
	const char *why;
	char list[120]; /* of the broken ones */
};

static void count(const struct challenge *c, struct tally *t)
{
	struct line list;

	*t = (struct tally){ .made = 0 };
	list = line_init(t->list, sizeof(t->list));
	for (size_t i = 0; i < ARRAY_LEN(check_rows); i++) {
		const struct trial *verdict = &c->verdicts[i];
		enum rule_id rule = check_rows[i].rule;
		const char *id = rule_get(rule)->id;

		if (!check_rows[i].blind || !c->made[i])
			continue;
		t->made++;
		if (verdict->result == TRIAL_HOLDS) {
			t->hold++;
		} else if (verdict->result == TRIAL_UNKNOWN) {
			if (!t->unknown++) {
				t->first = id;
				t->why = verdict->text;
			}
			t->open |= rule == RULE_ESTAB_RST_INWINDOW ||
				   rule == RULE_ESTAB_SYN_CHALLENGE;
		} else {
			line_add(&list, "%s%s", t->broken++ ? ", " : "", id);
		}
	}
}

static void conclude(struct challenge *c)
{
	struct finding *f = c->job->finding;
	const char *by = killer(c);
	struct tally t;

	count(c, &t);
	if (by)
		finding_conclude(f, "rfc793", OUTCOME_PASS,
				 "as RFC 793 had it: a %s that lies anywhere "
				 "in the window kills the connection",
				 by);
	else if (!t.made)
		finding_conclude(f, "inconclusive", OUTCOME_INCONCLUSIVE,
				 "no rule against blind attacks was asked for");
	else if (t.open || (t.unknown && !t.broken))
		finding_conclude(f, "inconclusive", OUTCOME_INCONCLUSIVE,
				 "%u of %u rules against blind attacks hold; "
				 "of %s nothing can be said: %s",
				 t.hold, t.made, t.first, t.why);
	else if (t.broken)
		finding_conclude(f, "partial", OUTCOME_PASS,
				 "%u of %u rules against blind attacks hold, "
				 "not %s",
				 t.hold, t.made, t.list);
	else
		finding_conclude(f, "rfc5961", OUTCOME_PASS,
				 "blind RSTs, SYNs and ACKs do a connection no "
				 "harm: %u of %u rules hold",
				 t.hold, t.made);
}

/* --- what it means ----------------------------------------------------- */

/* Forged packets a second, to make numbers imaginable. */
#define GUESSES_PER_S 100000

static void explain_kill(struct finding *f, uint32_t window)
{
	uint64_t guesses = (UINT64_C(1) << 32) / (window ? window : 1);
	char count[NUM_COUNT_TEXT_MAX], took[NUM_DURATION_TEXT_MAX];

	finding_explain(
		f,
		"An attacker who sees no packet of a connection, but knows its "
		"addresses and can guess our port, must hit the window of %u "
		"bytes: %s packets for each port he tries, %s at %d a second. "
		"A stack with RFC 5961, as Linux has been since 3.6, makes "
		"that 2^32.",
		window, num_format_count(guesses, count),
		num_format_duration(
			(int64_t)(guesses * (uint64_t)TIME_S / GUESSES_PER_S),
			took),
		GUESSES_PER_S);
}

static void explain(struct challenge *c)
{
	struct finding *f = c->job->finding;
	const struct flow_numbers *n = flow_numbers(c->stand.control.flow);

	if (f->outcome == OUTCOME_ERROR)
		return;
	if (strcmp(f->verdict, "rfc793") == 0)
		explain_kill(f, n->window);
	else if (strcmp(f->verdict, "rfc5961") == 0)
		finding_explain(f,
				"An attacker who sees no packet of a "
				"connection would have to hit the one number "
				"in 2^32 that comes next. Whatever else he "
				"sends into it is dropped, or answered by a "
				"challenge ACK to the real peer, who knows "
				"better.");
	if (c->stand.filtered)
		finding_explain(f,
				"A stateful filter, on the way or on the host "
				"itself, swallows segments that it calls "
				"invalid. What it lets no segment reach was "
				"not asked of the target.");
	if (c->stand.relayed)
		finding_explain(f,
				"The SYN-ACK has come another number of hops "
				"than the connection's other segments: "
				"somebody else, such as a SYN proxy, makes the "
				"handshake for the target.");
	if (c->settings->rate_limit)
		finding_explain(f,
				"On Linux net.ipv4.tcp_invalid_ratelimit is "
				"the time between two challenge ACKs on one "
				"connection (500 ms), and "
				"net.ipv4.tcp_challenge_ack_limit their number "
				"a second for the whole host (no limit). A "
				"small number there can be counted from "
				"outside, and tells an attacker when he has "
				"guessed right (CVE-2016-5696).");
}

/* --- facts ------------------------------------------------------------- */

static void fact_stimulus(struct finding *f, const struct item *item)
{
	const struct seen *seen = &item->seen;

	fact_object(f, NULL);
	fact_text(f, "id", item->blind->id);
	if (seen->put)
		fact_text(f, "got", blind_got(item->blind, seen));
	else
		fact_null(f, "got");
	if (seen->put && (seen->life == FLOW_ALIVE || seen->life == FLOW_DEAD))
		fact_bool(f, "alive_after", seen->life == FLOW_ALIVE);
	else
		fact_null(f, "alive_after");
	if (item->question.stand->answers && seen->life == FLOW_ALIVE)
		fact_bool(f, "answers_after", !seen->mute);
	fact_end(f);
}

static void fact_limit(struct finding *f, const char *name, int64_t v)
{
	if (v)
		fact_int(f, name, v);
	else
		fact_null(f, name);
}

static void write_facts(const struct challenge *c)
{
	const struct flow_numbers *n = flow_numbers(c->stand.control.flow);
	struct finding *f = c->job->finding;

	fact_array(f, "stimuli");
	for (size_t i = 0; i < c->items_n; i++) {
		if (c->items[i].blind)
			fact_stimulus(f, &c->items[i]);
	}
	fact_end(f);
	if (c->settings->rate_limit) {
		fact_object(f, "rate_limit");
		fact_limit(f, "per_connection_ms",
			   c->rate.per_connection_ns / TIME_MS);
		fact_limit(f, "per_host_per_s", c->rate.per_host);
		fact_end(f);
	} else {
		fact_null(f, "rate_limit");
	}
	fact_int(f, "window", n->window);
	fact_bool(f, "timestamps", n->timestamps);
	fact_bool(f, "speaks_first", c->stand.banner);
	fact_bool(f, "deferred", c->stand.deferred);
	fact_bool(f, "filtered", c->stand.filtered);
	fact_bool(f, "relayed", c->stand.relayed);
}

/* --- a target's turn --------------------------------------------------- */

/* False when memory is short. */
static bool ask_target(struct challenge *c)
{
	if (!plan(c))
		return false;
	if (c->stand.state == STAND_READY)
		blind_calibrate(&c->stand);
	if (!make_all(c))
		return false;
	if (is_made(c, RULE_ESTAB_CHALLENGE_RATE)) {
		c->rate.trial = c->stand.why;
		if (c->stand.state == STAND_READY && !stopped(c)) {
			probe_say(c->job, "measuring rate limits");
			ackrate_measure(&c->stand, &c->rate);
		}
	}
	if (!sum_up(c))
		return false;
	conclude(c);
	explain(c);
	write_facts(c);
	return true;
}

static void run(struct probe_job *job)
{
	struct challenge *c = calloc(1, sizeof(*c));
	struct err err;
	bool whole = c != NULL;

	if (whole) {
		c->job = job;
		c->settings = job->settings;
		stand_open(&c->stand, job, &c->settings->trigger);
		if (c->stand.state == STAND_NOTHING)
			finding_conclude(job->finding, "inconclusive",
					 OUTCOME_INCONCLUSIVE, "%s",
					 c->stand.why.text);
		else
			whole = ask_target(c);
		stand_close(&c->stand);
		free(c->items);
	}
	free(c);
	if (!whole) {
		err_set(&err, ERR_MEMORY, "put the stimuli: out of memory");
		finding_fail(job->finding, &err);
	}
}

const struct probe challenge_probe = {
	.name = "challenge",
	.summary = "What do a RST, SYN or ACK do that come out of place?",
	.options = options,
	.options_n = ARRAY_LEN(options),
	.defaults = &(const struct challenge_settings){ .rate_limit = false },
	.settings_size = sizeof(struct challenge_settings),
	.prepare = prepare,
	.release = release,
	.notice = notice,
	.verdicts = verdicts,
	.verdicts_n = ARRAY_LEN(verdicts),
	.run = run,
};
