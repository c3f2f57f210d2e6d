/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a watch of idle connections shows: facts, checks, and the words for it.
 *
 * The connections that were watched together are fresh ones each: a violation
 * that all of them show is confirmed, and what only some show decides nothing.
 */
#include <stdio.h>

#include "base/num.h"
#include "probe/idle.h"
#include "probe/trial.h"

/* RFC 9293 MUST-26; a timer may be read off a little short. */
#define DEFAULT_IDLE_NS ((7200 - 1) * TIME_S)

/* Is the RST the end of a keepalive? */
static bool gave_up(const struct idle *idle, const struct vigil *v)
{
	return v->state == VIGIL_RESET && !v->foreign && idle_probed(idle) &&
	       idle->from_us;
}

static bool closed_idle(const struct idle *idle, const struct vigil *v)
{
	return v->state == VIGIL_CLOSED ||
	       (v->state == VIGIL_RESET && !gave_up(idle, v));
}

/* The connections counted by what they show. */
struct tally {
	unsigned begun;
	unsigned probes, with_byte, odd, most;
	unsigned all_odd;	  /* no probe of theirs is as it should be */
	unsigned answered, lived; /* both: an answer, and it is open */
	unsigned gave_up;	  /* the target, after probes */
	unsigned ended;		  /* the same, or without a word */
	unsigned ended_first;	  /* of these: at the first unanswered one, or
				   * at one that was lost */
	unsigned survived;	  /* exact RSTs of ours */
	unsigned spoke, deferred;
};

static struct tally tally(const struct idle *idle)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < idle->n; i++) {
		const struct vigil *v = &idle->vigils[i];
		unsigned n = (unsigned)v->line.n;
		bool ended = (v->state == VIGIL_DEAD && n) || gave_up(idle, v);

		t.begun += v->state != VIGIL_NEVER;
		t.probes += n;
		t.with_byte += v->with_byte;
		t.odd += v->odd;
		t.most = t.most < n ? n : t.most;
		t.all_odd += n && v->with_byte + v->odd >= n;
		t.answered += v->answered;
		t.lived += v->answered && v->state == VIGIL_OPEN;
		t.gave_up += gave_up(idle, v);
		t.ended += ended;
		t.ended_first += ended && v->pending < 2;
		t.survived +=
			v->resets && !v->in_window && v->state == VIGIL_OPEN;
		t.spoke += v->spoke;
		t.deferred += v->deferred;
	}
	return t;
}

/*
 * How it ended, by the connection that tells most: what came, then what
 * answered, then silence.
 */
static const struct vigil *ending(const struct idle *idle)
{
	static const enum vigil_state order[] = {
		VIGIL_CLOSED, VIGIL_RESET, VIGIL_OURS,	  VIGIL_OPEN,
		VIGIL_DEAD,   VIGIL_MUTE,  VIGIL_UNKNOWN,
	};

	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		for (size_t j = 0; j < idle->n; j++) {
			if (idle->vigils[j].state == order[i])
				return &idle->vigils[j];
		}
	}
	return &idle->vigils[0];
}

static int64_t watched(const struct idle *idle)
{
	int64_t longest = 0;

	for (size_t i = 0; i < idle->n; i++) {
		if (longest < idle->vigils[i].watched_ns)
			longest = idle->vigils[i].watched_ns;
	}
	return longest;
}

static const char *doubt(const struct idle *idle)
{
	for (size_t i = 0; i < idle->n; i++) {
		if (idle->vigils[i].doubt)
			return idle->vigils[i].doubt;
	}
	return NULL;
}

bool idle_probed(const struct idle *idle)
{
	return idle->schedule.idle_ns > 0;
}

/* --- facts ------------------------------------------------------------- */

static const char *end_name(const struct idle *idle)
{
	const struct vigil *v = ending(idle);

	switch (v->state) {
	case VIGIL_RESET:
		return gave_up(idle, v) ? "rst" : NULL;
	case VIGIL_OURS:
		return "gave-up";
	case VIGIL_DEAD:
	case VIGIL_MUTE:
		return "silent";
	case VIGIL_OPEN:
		if (idle->question.play == IDLE_GONE)
			return v->settled ? "silent" : NULL;
		return v->answered ? "answered" : NULL;
	case VIGIL_NEVER:
	case VIGIL_WATCHING:
	case VIGIL_CLOSED:
	case VIGIL_UNKNOWN:
		break;
	}
	return NULL;
}

static void fact_ms(struct finding *f, const char *name, int64_t ns)
{
	if (ns)
		fact_int(f, name, (ns + TIME_MS / 2) / TIME_MS);
	else
		fact_null(f, name);
}

static void fact_target(const struct idle *idle, struct finding *f)
{
	const struct schedule *s = &idle->schedule;
	const char *end = end_name(idle);

	fact_object(f, "target");
	fact_ms(f, "idle_ms", s->idle_ns);
	fact_ms(f, "interval_ms", s->interval_ns);
	fact_int(f, "probes",
		 idle->question.play == IDLE_GONE ? s->unanswered
						  : tally(idle).most);
	if (end)
		fact_text(f, "end", end);
	else
		fact_null(f, "end");
	fact_end(f);
}

void idle_facts(const struct idle *idle, struct finding *f)
{
	const struct vigil *v = ending(idle);

	if (idle_probed(idle))
		fact_target(idle, f);
	else
		fact_null(f, "target");
	fact_ms(f, "watched_ms", watched(idle));
	if (!closed_idle(idle, v)) {
		fact_null(f, "idle_close");
		return;
	}
	fact_object(f, "idle_close");
	fact_ms(f, "after_ms", v->end_ns);
	fact_text(f, "how", v->state == VIGIL_CLOSED ? "fin" : "rst");
	fact_text(f, "by", v->foreign ? "path" : "target");
	fact_end(f);
}

/* --- checks ------------------------------------------------------------ */

typedef void judge_fn(const struct idle *idle, struct trial *t);

static void judge_default(const struct idle *idle, struct trial *t)
{
	int64_t ns = idle->schedule.idle_ns;
	char text[NUM_DURATION_TEXT_MAX];

	if (!ns && doubt(idle))
		trial_set(t, TRIAL_UNKNOWN, "no probe was seen, but %s",
			  doubt(idle));
	else if (!ns)
		trial_set(t, TRIAL_HOLDS, "no probe within %s",
			  num_format_duration(watched(idle), text));
	else if (ns >= DEFAULT_IDLE_NS)
		trial_set(t, TRIAL_HOLDS,
			  "the first probe comes after %s: the default, or "
			  "more",
			  num_format_duration(ns, text));
	else
		trial_set(t, TRIAL_HOLDS,
			  "the first probe comes after %s: the application or "
			  "the system has set that, the default is two hours "
			  "or more",
			  num_format_duration(ns, text));
}

static void judge_format(const struct idle *idle, struct trial *t)
{
	const struct tally n = tally(idle);

	if (!n.with_byte && !n.odd)
		trial_set(t, TRIAL_HOLDS,
			  "%u probe%s with seq one below SND.NXT and no data",
			  n.probes, n.probes == 1 ? "" : "s");
	else if (n.all_odd < IDLE_VIGILS)
		trial_set(t, TRIAL_UNKNOWN,
			  "of %u probes %u had a byte, and %u another number",
			  n.probes, n.with_byte, n.odd);
	else if (n.with_byte >= n.odd)
		trial_set(t, TRIAL_BROKEN,
			  "a garbage byte in each of %u probes: MAY-6 allows "
			  "that where it can be configured",
			  n.with_byte);
	else
		trial_set(t, TRIAL_BROKEN,
			  "the number of %u probes is not below SND.NXT: "
			  "nobody need answer them",
			  n.odd);
}

static void judge_answered(const struct idle *idle, struct trial *t)
{
	const struct tally n = tally(idle);
	char again[NUM_DURATION_TEXT_MAX];

	/* The last answer may have been lost on one of them. */
	if (n.ended >= IDLE_VIGILS && n.gave_up + 1 >= IDLE_VIGILS)
		trial_set(t, TRIAL_BROKEN,
			  "%u probes were answered, each at once, and yet the "
			  "target gave up",
			  n.answered);
	else if (n.ended || !n.lived)
		trial_set(t, TRIAL_UNKNOWN,
			  "%u probes were answered; of %u connections %u are "
			  "open",
			  n.answered, n.begun, n.lived);
	else if (!idle->schedule.again_ns)
		trial_set(t, TRIAL_HOLDS,
			  "one probe was answered, the connection is open");
	else
		trial_set(t, TRIAL_HOLDS,
			  "answered probes come again after %s, the connection "
			  "is open",
			  num_format_duration(idle->schedule.again_ns, again));
}

/* MUST-29, seen where one probe in two is let pass, or all are. */
static void judge_lossy(const struct idle *idle, struct trial *t)
{
	const struct schedule *s = &idle->schedule;
	const struct tally n = tally(idle);
	char interval[NUM_DURATION_TEXT_MAX];

	num_format_duration(s->interval_ns, interval);
	if (s->unanswered < 2 && n.ended_first >= IDLE_VIGILS)
		trial_set(t, TRIAL_BROKEN,
			  "the first probe without an answer ended it");
	else if (n.lived)
		trial_set(t, TRIAL_HOLDS,
			  "a probe without an answer is repeated after %s; "
			  "answered then, the connection is open",
			  interval);
	else if (s->unanswered > 1)
		trial_set(t, TRIAL_HOLDS,
			  "%u probes without an answer before it ends",
			  s->unanswered);
	else
		trial_set(t, TRIAL_UNKNOWN,
			  "one probe without an answer, and nothing after it "
			  "in time");
}

static void judge_silent(const struct idle *idle, struct trial *t)
{
	const struct schedule *s = &idle->schedule;
	const struct vigil *v = ending(idle);
	char interval[NUM_DURATION_TEXT_MAX], apart[64] = "";

	if (s->interval_ns)
		snprintf(apart, sizeof(apart), ", %s apart",
			 num_format_duration(s->interval_ns, interval));
	if (doubt(idle))
		trial_set(t, TRIAL_UNKNOWN, "probes may be missing: %s",
			  doubt(idle));
	else if (gave_up(idle, v))
		trial_set(t, TRIAL_HOLDS, "%u probes%s, then RST",
			  s->unanswered, apart);
	else if (v->state == VIGIL_DEAD || v->state == VIGIL_MUTE)
		trial_set(t, TRIAL_HOLDS,
			  "%u probes%s, then silence: the connection is gone",
			  s->unanswered, apart);
	else if (v->state == VIGIL_OPEN && v->settled)
		trial_set(t, TRIAL_HOLDS,
			  "%u probes%s, then silence: the connection is still "
			  "open there",
			  s->unanswered, apart);
	else if (v->state == VIGIL_OPEN)
		trial_set(t, TRIAL_HOLDS,
			  "%u probes%s, and no end within the time",
			  s->unanswered, apart);
	else
		trial_set(t, TRIAL_UNKNOWN, "%u probes%s, then something else",
			  s->unanswered, apart);
}

/* What a RST of ours inside the window did, if one was sent. */
static const char *in_window_text(const struct idle *idle)
{
	const struct vigil *v = &idle->vigils[idle->n - 1];

	if (!v->in_window || !v->resets)
		return "";
	if (v->state == VIGIL_OURS)
		return "; so does one inside the window, as RFC 793 had it";
	return v->state == VIGIL_OPEN ? "; one inside the window does not" : "";
}

static void judge_rst(const struct idle *idle, struct trial *t)
{
	const struct tally n = tally(idle);
	const struct vigil *v = ending(idle);

	if (n.survived >= IDLE_VIGILS)
		trial_set(t, TRIAL_BROKEN,
			  "RST with the exact number, and the connection is "
			  "still open");
	else if (n.survived)
		trial_set(t, TRIAL_UNKNOWN,
			  "observations disagree: of %u connections %u are "
			  "still open after our RST",
			  n.begun, n.survived);
	else if (v->state == VIGIL_OURS)
		trial_set(t, TRIAL_HOLDS,
			  "RST with the exact number ends it at once%s",
			  in_window_text(idle));
	else
		trial_set(t, TRIAL_UNKNOWN, "%s",
			  v->why[0] ? v->why : "it ended before our RST");
}

static void judge_app_idle(const struct idle *idle, struct trial *t)
{
	const struct vigil *v = ending(idle);
	char text[NUM_DURATION_TEXT_MAX];

	num_format_duration(closed_idle(idle, v) ? v->end_ns : watched(idle),
			    text);
	if (v->state == VIGIL_CLOSED)
		trial_set(t, TRIAL_HOLDS, "closed after %s with FIN", text);
	else if (closed_idle(idle, v) && v->foreign)
		trial_set(t, TRIAL_HOLDS,
			  "reset after %s, but not by the target: ttl %u "
			  "instead of %u",
			  text, v->rst_ttl, v->ttl);
	else if (closed_idle(idle, v))
		trial_set(t, TRIAL_HOLDS, "reset after %s", text);
	else if (v->state == VIGIL_OPEN)
		trial_set(t, TRIAL_HOLDS, "none within %s", text);
	else if (v->state == VIGIL_DEAD)
		trial_set(t, TRIAL_HOLDS, "gone without a word, found after %s",
			  text);
	else
		trial_set(t, TRIAL_UNKNOWN, "%s",
			  v->why[0] ? v->why
				    : "nothing answers any more, though it "
				      "did at first");
}

#define IN(play) (1u << IDLE_##play)

static const struct {
	enum rule_id rule;
	judge_fn *judge;
	unsigned plays;
	bool without_probes; /* says something then too */
} judges[] = {
	{ RULE_KA_DEFAULT, judge_default, UINT32_MAX, true },
	{ RULE_KA_PROBE_FORMAT, judge_format, UINT32_MAX, false },
	{ RULE_KA_ANSWERED, judge_answered, IN(ALIVE), false },
	{ RULE_KA_LOSSY, judge_lossy, IN(LOSSY) | IN(GONE), false },
	{ RULE_KA_SILENT, judge_silent, IN(GONE), false },
	{ RULE_KA_RST, judge_rst, IN(REBOOTED), false },
	{ RULE_APP_IDLE_TIMEOUT, judge_app_idle, IN(ALIVE) | IN(LOSSY), true },
};

void idle_checks(const struct idle *idle, struct finding *f)
{
	char time[NUM_DURATION_TEXT_MAX];

	num_format_duration(watched(idle), time);
	for (size_t i = 0; i < ARRAY_LEN(judges); i++) {
		struct trial t;

		if (!(judges[i].plays & 1u << idle->question.play))
			continue;
		if (!tally(idle).begun) {
			finding_check_undecided(
				f, rule_get(judges[i].rule), OUTCOME_SKIP,
				"no idle connection: %s", idle->vigils[0].why);
		} else if (!idle_probed(idle) && !judges[i].without_probes) {
			finding_check_undecided(
				f, rule_get(judges[i].rule), OUTCOME_SKIP,
				"no probe came within %s", time);
		} else {
			judges[i].judge(idle, &t);
			trial_check(f, judges[i].rule, &t);
		}
	}
}

/* --- words ------------------------------------------------------------- */

static void describe_schedule(const struct idle *idle, struct line *l)
{
	const struct schedule *s = &idle->schedule;
	char first[NUM_DURATION_TEXT_MAX], next[NUM_DURATION_TEXT_MAX];

	num_format_duration(s->idle_ns, first);
	num_format_duration(s->interval_ns, next);
	line_add(l, "the target probes an idle peer after %s", first);
	if (idle->question.play == IDLE_GONE && s->interval_ns)
		line_add(l, ", %u time%s %s apart", s->unanswered,
			 s->unanswered == 1 ? "" : "s", next);
	else if (idle->question.play == IDLE_LOSSY && s->interval_ns)
		line_add(l, ", and again %s after one that is lost", next);
}

/* How it went on after the probes. */
static void describe_outcome(const struct idle *idle, const struct vigil *v,
			     struct line *l)
{
	bool gone = idle->question.play == IDLE_GONE;

	switch (v->state) {
	case VIGIL_RESET:
		line_add(l, gone || v->pending
				    ? ", then resets the connection"
				    : ", and resets the connection though it "
				      "is answered");
		break;
	case VIGIL_OURS:
		line_add(l, "; our RST ends the connection at once");
		break;
	case VIGIL_DEAD:
		line_add(l, ", then drops the connection without a word");
		break;
	case VIGIL_OPEN:
		if (gone)
			line_add(l, v->settled ? ", then no more, and keeps "
						 "the connection"
					       : ", and goes on with it");
		else if (v->resets)
			line_add(l, "; our RST does not end the connection");
		else
			line_add(l, "; answered, the connection stays open");
		break;
	case VIGIL_MUTE:
		line_add(l, "; after that nothing answers any more");
		break;
	case VIGIL_NEVER:
	case VIGIL_WATCHING:
	case VIGIL_CLOSED:
		break;
	case VIGIL_UNKNOWN:
		line_add(l, "; then %s", v->why);
		break;
	}
}

/* What ended a connection that was idle, where no keepalive did. */
static void describe_close(const struct vigil *v, struct line *l)
{
	char text[NUM_DURATION_TEXT_MAX];

	num_format_duration(v->end_ns, text);
	if (v->state == VIGIL_CLOSED)
		line_add(l, "the service closes an idle connection after %s",
			 text);
	else if (v->foreign)
		line_add(l,
			 "something on the way resets an idle connection after "
			 "%s: ttl %u, the target's own is %u",
			 text, v->rst_ttl, v->ttl);
	else
		line_add(l, "the target resets an idle connection after %s",
			 text);
}

static void describe_quiet(const struct idle *idle, const struct vigil *v,
			   struct line *l)
{
	char text[NUM_DURATION_TEXT_MAX];

	num_format_duration(watched(idle), text);
	if (closed_idle(idle, v)) {
		line_add(l, "no probe; ");
		describe_close(v, l);
		return;
	}
	line_add(l, "no probe within %s", text);
	if (v->state == VIGIL_DEAD)
		line_add(l, "; the connection is gone by then, without a word");
	else if (v->state == VIGIL_MUTE)
		line_add(l, "; by then nothing answers any more, as if "
			    "something on the way had forgotten the "
			    "connection");
	else if (v->state == VIGIL_UNKNOWN)
		line_add(l, ": %s", v->why);
	else if (idle->question.within_ns < DEFAULT_IDLE_NS)
		line_add(l, " (the default is two hours: --for 2h15m)");
}

void idle_describe(const struct idle *idle, struct line *l)
{
	const struct vigil *v = ending(idle);
	const struct tally n = tally(idle);

	if (!n.begun) {
		line_add(l, "no idle connection to watch: %s", v->why);
		return;
	}
	if (!idle_probed(idle)) {
		describe_quiet(idle, v, l);
	} else {
		describe_schedule(idle, l);
		if (closed_idle(idle, v)) {
			line_add(l, "; ");
			describe_close(v, l);
		} else {
			describe_outcome(idle, v, l);
		}
	}
	if (n.spoke)
		line_add(l, "; the service spoke by itself meanwhile, and the "
			    "idle time began anew");
	if (n.deferred)
		line_add(l, "; the target opened it late (its SYN-ACK came "
			    "again): --trigger may help");
	if (doubt(idle))
		line_add(l, "; something may have come unseen: %s",
			 doubt(idle));
	else if (idle_probed(idle) && n.begun == 1)
		line_add(l, " (one connection only: a lost probe would not "
			    "show)");
}
