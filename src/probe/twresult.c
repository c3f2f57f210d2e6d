/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks, facts and the verdict of a pair in TIME-WAIT, and their meaning. */
#include "probe/twresult.h"

#include <stdio.h>

#include "base/line.h"
#include "probe/hosts.h"

static const struct twtrial_seen *first_seen(const struct twturn *t)
{
	return &t->visits[TWTRIAL_SYN_NEW].seen;
}

/* Seen as often as a violation must be. */
static bool keeps_nothing(const struct twtrial_seen *first)
{
	return first->runs && first->nothing == first->runs;
}

/* --- checks ------------------------------------------------------------ */

/* More than any rule takes. */
#define RULE_TRIALS_MAX 4
#define OBSERVED_MAX (RULE_TRIALS_MAX * TRIAL_TEXT_MAX)

/* The trials of a rule as one check: what is wrong, or all that was seen. */
static void check_rule(const struct twturn *t, enum rule_id rule)
{
	struct finding *f = t->job->finding;
	struct trial results[RULE_TRIALS_MAX];
	const struct trial *worst;
	const char *why = NULL;
	char text[OBSERVED_MAX];
	struct line l = line_init(text, sizeof(text));
	size_t n = 0;

	for (size_t i = 0; i < TWTRIAL_N; i++) {
		const struct twvisit *v = &t->visits[i];

		if (v->trial.row->rule != rule)
			continue;
		if (!v->made) {
			why = v->pointless;
			continue;
		}
		BUG_ON(n == RULE_TRIALS_MAX);
		line_add(&l, "%s%s", n ? "; " : "", v->result.text);
		results[n++] = v->result;
	}
	if (!n) {
		finding_check_undecided(f, rule_get(rule), OUTCOME_SKIP, "%s",
					why);
		return;
	}
	worst = trial_worst(results, n);
	if (worst->result == TRIAL_HOLDS)
		finding_check(f, rule_get(rule), OUTCOME_PASS, "%s",
			      line_text(&l));
	else
		trial_check(f, rule, worst);
}

static bool wanted(const struct twturn *t, enum rule_id rule)
{
	for (size_t i = 0; i < TWTRIAL_N; i++) {
		const struct twvisit *v = &t->visits[i];

		if (v->trial.row->rule == rule && v->wanted)
			return true;
	}
	return false;
}

static void write_checks(const struct twturn *t)
{
	const struct twtrial_seen *first = first_seen(t);

	if (keeps_nothing(first)) {
		if (only_wants(&t->settings->only, RULE_TW_LENGTH))
			finding_check(t->job->finding, rule_get(RULE_TW_LENGTH),
				      OUTCOME_FAIL, "there is none: %s",
				      first->why);
		return;
	}
	if (first->state != TWPAIR_THERE)
		return;
	for (size_t i = 0; i < TWTRIAL_RULES_N; i++) {
		if (wanted(t, twtrial_rules[i]))
			check_rule(t, twtrial_rules[i]);
	}
}

/* --- facts ------------------------------------------------------------- */

static void fact_got(struct finding *f, const char *name,
		     const struct twvisit *v, const struct twpair_answer *a)
{
	if (!v->seen.asked || a->doubt)
		fact_null(f, name);
	else
		fact_text(f, name, twpair_got_name(a->got));
}

static void fact_life(struct finding *f, const char *name,
		      const struct twvisit *v, enum flow_life life)
{
	if (!v->made || v->result.result == TRIAL_UNKNOWN)
		fact_null(f, name);
	else
		fact_text(f, name,
			  life == FLOW_DEAD ? "assassinated" : "ignored");
}

static void fact_closer(struct finding *f, const struct twtrial_seen *first)
{
	switch (first->reached) {
	case REACHED:
	case REACHED_CLOSED:
	case REACHED_RESET:
		fact_text(f, "closer", "target");
		break;
	case REACHED_OPEN:
		fact_text(f, "closer", "probe");
		break;
	case REACHED_REFUSED:
	case REACHED_BLOCKED:
	case REACHED_SILENCE:
	case REACHED_NOTHING:
		fact_null(f, "closer");
		break;
	}
}

static void fact_entered(struct finding *f, const struct twtrial_seen *first)
{
	bool there = first->state == TWPAIR_THERE;

	if (there || first->state == TWPAIR_ABORTED || keeps_nothing(first) ||
	    first->reached == REACHED_OPEN || first->reached == REACHED_RESET)
		fact_bool(f, "entered", there);
	else
		fact_null(f, "entered");
}

static void fact_length(struct finding *f, const struct twturn *t)
{
	const struct twvisit *v = &t->visits[TWTRIAL_LENGTH];
	int64_t tenths = (v->seen.lasts_ns + 50 * TIME_MS) / (100 * TIME_MS);

	if (keeps_nothing(first_seen(t)))
		fact_real(f, "duration_s", 0);
	else if (v->made && v->result.result != TRIAL_UNKNOWN &&
		 v->seen.lasts_ns)
		fact_real(f, "duration_s", (double)tenths / 10);
	else
		fact_null(f, "duration_s");
}

static void write_facts(const struct twturn *t)
{
	const struct twvisit *v = t->visits;
	const struct twtrial_seen *first = first_seen(t);
	struct finding *f = t->job->finding;

	fact_entered(f, first);
	fact_closer(f, first);
	fact_got(f, "syn_new", &v[TWTRIAL_SYN_NEW], &first->got);
	fact_got(f, "syn_old", &v[TWTRIAL_SYN_OLD],
		 &v[TWTRIAL_SYN_OLD].seen.got);
	fact_got(f, "syn_old_again", &v[TWTRIAL_SYN_OLD],
		 &v[TWTRIAL_SYN_OLD].seen.again);
	fact_got(f, "fin_again", &v[TWTRIAL_FIN], &v[TWTRIAL_FIN].seen.got);
	fact_life(f, "rst", &v[TWTRIAL_RST], v[TWTRIAL_RST].seen.exact);
	fact_life(f, "rst_in_window", &v[TWTRIAL_RST],
		  v[TWTRIAL_RST].seen.in_window);
	fact_length(f, t);
	if (first->state == TWPAIR_THERE)
		fact_bool(f, "timestamps", first->timestamps);
	else
		fact_null(f, "timestamps");
}

/* --- what it means ----------------------------------------------------- */

static bool held(const struct twturn *t, enum twtrial_id id)
{
	const struct twvisit *v = &t->visits[id];

	return v->made && v->result.result == TRIAL_HOLDS;
}

/* What a real client makes of a refusal, as a clause; NULL: not known. */
static const char *client_goes_on(const struct twturn *t)
{
	const struct twtrial_seen *old = &t->visits[TWTRIAL_SYN_OLD].seen;

	if (!held(t, TWTRIAL_SYN_OLD) || old->again.doubt)
		return NULL;
	if (old->again.got == TWPAIR_SYN_ACK)
		return "which ends TIME-WAIT here (on Linux "
		       "net.ipv4.tcp_rfc1337=0), and gets in when it repeats "
		       "the SYN, most often a second later.";
	if (old->again.got == TWPAIR_CHALLENGE_ACK)
		return "which the target ignores (RFC 1337; on Linux "
		       "net.ipv4.tcp_rfc1337=1), and does not get in before "
		       "TIME-WAIT is over.";
	return NULL;
}

static void explain_reuses(const struct twturn *t)
{
	const char *stamp =
		held(t, TWTRIAL_TS_NEWER) ? ", or its timestamp is newer" : "";
	const char *goes_on = client_goes_on(t);
	struct finding *f = t->job->finding;

	finding_explain(
		f,
		"The target keeps TIME-WAIT, not its client. A client may "
		"connect again from the same address and port at once, if its "
		"sequence number is above the old one's%s; kernels choose "
		"them so. net.ipv4.tcp_tw_reuse plays no part in it: it is "
		"for a host that has closed first and connects itself.",
		stamp);
	if (!first_seen(t)->timestamps)
		finding_explain(
			f,
			"The target takes no timestamps (on Linux "
			"net.ipv4.tcp_timestamps=0; or a box on the way "
			"removes them), so the sequence number alone counts: "
			"after a long and fast transfer from the client its "
			"next SYN may begin below the old connection's end.");
	if (goes_on)
		finding_explain(
			f,
			"Behind NAT or a load balancer several hosts share one "
			"address, and their numbers do not grow together. A "
			"SYN that looks old gets the old connection's last "
			"ACK; its sender answers with RST, %s",
			goes_on);
}

static void explain_refuses(const struct twturn *t)
{
	enum twpair_got got = first_seen(t)->got.got;
	const char *goes_on = client_goes_on(t);
	struct finding *f = t->job->finding;

	finding_explain(
		f,
		"A client that connects again from the same address and port "
		"is not let in at once, whatever its sequence number and "
		"timestamp. The target keeps TIME-WAIT, not its client: "
		"net.ipv4.tcp_tw_reuse on the client does not help. A load "
		"balancer in front of the target needs so many source ports "
		"or addresses that none comes back before TIME-WAIT is over.");
	if (got == TWPAIR_RST)
		finding_explain(f, "The RST tells it so: connection refused.");
	else if (goes_on)
		finding_explain(f,
				"The SYN gets the old connection's last ACK; a "
				"client answers with RST, %s",
				goes_on);
}

/* What this probe leaves behind, and whom it has talked to. */
static void explain_traces(const struct twturn *t)
{
	const struct twtrial_seen *rst = &t->visits[TWTRIAL_RST].seen;
	uint8_t usual = first_seen(t)->ttl;

	if (held(t, TWTRIAL_RST) && rst->exact == FLOW_ALIVE)
		finding_explain(t->job->finding,
				"As the target ignores RST in TIME-WAIT, pairs "
				"of this probe stay there until it is over: "
				"%u connections were opened.",
				t->job->flows);
	for (size_t i = 0; i < TWTRIAL_N; i++) {
		uint8_t other = t->visits[i].seen.ttl;

		if (!other || host_same_box(usual, other))
			continue;
		finding_explain(t->job->finding,
				"Not all pairs were answered from the same "
				"distance (TTL %u and %u): boxes behind a load "
				"balancer? Each check is of the box that "
				"answered it.",
				usual, other);
		return;
	}
}

/* --- the verdict ------------------------------------------------------- */

static void conclude_there(const struct twturn *t)
{
	const struct twtrial_seen *first = first_seen(t);
	const char *newer = first->timestamps ? " and a newer timestamp" : "";
	const struct twvisit *length = &t->visits[TWTRIAL_LENGTH];
	struct finding *f = t->job->finding;
	char lasts[TRIAL_TEXT_MAX + 2] = "";

	if (length->made && length->result.result != TRIAL_UNKNOWN)
		snprintf(lasts, sizeof(lasts), "; %s", length->result.text);
	if (first->accepted == first->runs) {
		finding_conclude(f, "reuses", OUTCOME_PASS,
				 "in TIME-WAIT the target accepts a SYN with a "
				 "higher sequence number%s%s",
				 newer, lasts);
		explain_reuses(t);
	} else if (first->refused == first->runs) {
		finding_conclude(f, "refuses", OUTCOME_PASS,
				 "in TIME-WAIT the target refuses even a SYN "
				 "with a higher sequence number%s (it gets: "
				 "%s)%s",
				 newer, twpair_got_name(first->got.got), lasts);
		explain_refuses(t);
	} else {
		finding_conclude(f, "inconclusive", OUTCOME_INCONCLUSIVE, "%s",
				 t->visits[TWTRIAL_SYN_NEW].result.text);
	}
	explain_traces(t);
}

/* The service keeps the connection, so it would be us who close first. */
static void conclude_open(const struct twturn *t)
{
	struct finding *f = t->job->finding;

	finding_conclude(f, "not-in-timewait", OUTCOME_PASS,
			 "the target does not close first: %s. With another "
			 "--trigger (http, send:TEXT, wait) it may",
			 first_seen(t)->why);
	finding_explain(
		f,
		"Whoever closes first keeps the pair in TIME-WAIT. Towards "
		"this service that is the client, whose ports are used up "
		"then: net.ipv4.ip_local_port_range and net.ipv4.tcp_tw_reuse "
		"of the client are what counts.");
}

static void conclude_reset(const struct twturn *t)
{
	struct finding *f = t->job->finding;

	finding_conclude(f, "not-in-timewait", OUTCOME_PASS,
			 "%s: a connection that is reset has no TIME-WAIT",
			 first_seen(t)->why);
	finding_explain(f, "The service closes with RST, as with SO_LINGER and "
			   "a time of zero, or while it has not read all that "
			   "was sent to it.");
}

static void conclude_nothing(const struct twturn *t)
{
	struct finding *f = t->job->finding;

	finding_conclude(f, "not-in-timewait", OUTCOME_PASS, "%s",
			 first_seen(t)->why);
	finding_explain(
		f,
		"A peer that has not got the target's last ACK gets none when "
		"it repeats its FIN, but a RST (connection reset by peer) or "
		"silence; and late segments of the old connection may reach a "
		"new one on the same pair. Linux is like that with "
		"net.ipv4.tcp_max_tw_buckets=0, or when so many pairs are in "
		"TIME-WAIT already (nstat TcpExtTCPTimeWaitOverflow).");
}

static void conclude_unknown(const struct twturn *t, const char *why)
{
	enum reached how = first_seen(t)->reached;

	t->job->finding->routine =
		how == REACHED_REFUSED || how == REACHED_SILENCE;
	finding_conclude(t->job->finding, "inconclusive", OUTCOME_INCONCLUSIVE,
			 "%s", why);
}

static void conclude(const struct twturn *t)
{
	const struct twtrial_seen *first = first_seen(t);

	switch (first->state) {
	case TWPAIR_THERE:
		conclude_there(t);
		break;
	case TWPAIR_NOT_CLOSED:
		if (first->reached == REACHED_OPEN)
			conclude_open(t);
		else if (first->reached == REACHED_RESET)
			conclude_reset(t);
		else
			conclude_unknown(t, first->why);
		break;
	case TWPAIR_ABORTED:
		conclude_reset(t);
		break;
	case TWPAIR_NOTHING:
		if (keeps_nothing(first))
			conclude_nothing(t);
		else
			conclude_unknown(
				t, t->visits[TWTRIAL_SYN_NEW].result.text);
		break;
	case TWPAIR_UNKNOWN:
		conclude_unknown(t, first->why);
		break;
	}
}

void twresult_write(const struct twturn *t)
{
	conclude(t);
	write_checks(t);
	write_facts(t);
}
