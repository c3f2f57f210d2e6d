/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYN without a listener (RFC 9293 3.10.7.1).
 *
 * One SYN, and what comes back: a SYN-ACK (somebody listens; we reset it at
 * once), a RST (nobody does: from outside a closed port and a bound one that
 * never called listen() are the same), an ICMP error, or nothing.
 *
 * An answer is not taken at its word. Where a router is in between, a moment
 * is given to a second answer that may disagree, and a RST whose TTL has come
 * another number of hops than the host's own packets was sent by another box.
 * Silence counts only when our SYN was seen leaving and the capture was whole;
 * ping then tells whether the host is up, which is a fact, not a verdict.
 */
#include "probe/nolisten.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "probe/closed.h"
#include "probe/hosts.h"
#include "wire/text.h"

/* A bare ACK means that the pair is in use there: so many other ports. */
#define PAIRS_MAX 4
/* After a capture that dropped packets the question is put again so often. */
#define AGAIN_MAX 3
/* Where a router is in between, a second answer gets at least that long. */
#define SECOND_ANSWER_NS (3 * TIME_MS)
/* To learn the host's TTL, ping gets three times the RST's time and this. */
#define TTL_PING_NS (100 * TIME_MS)
/* A malformed SYN-ACK is believed when so many fresh pairs show it. */
#define SHAPE_TIMES 3

static const struct probe_verdict verdicts[] = {
	{ "listening", "a SYN-ACK answered", false },
	{ "refused", "a RST answered: nobody listens", true },
	{ "filtered", "nothing answered, to any try", true },
	{ "unreachable", "an ICMP error answered", true },
	{ "contradictory",
	  "answers disagree, or the RST is not the target's own", false },
	{ "inconclusive", "silence that proves nothing, with the reason",
	  false },
};

static const struct opt options[] = {
	{
		.name = "checks",
		.type = OPT_FLAG,
		.help = "put the conformance checks of a closed port to it as "
			"well, and SYNs with wrong checksums",
		.offset = offsetof(struct nolisten_settings, checks),
	},
	{
		.name = "no-ping",
		.type = OPT_FLAG,
		.help = "never ask by ping whether the host is up",
		.offset = offsetof(struct nolisten_settings, no_ping),
	},
};

/* What answered the SYN. */
enum answer {
	ANSWER_NONE, /* nothing, or the run was stopped */
	ANSWER_SYNACK,
	ANSWER_RST,
	ANSWER_ICMP,
	ANSWER_PAIR_IN_USE, /* a bare ACK, or a SYN-ACK to another SYN */
};

struct inquiry {
	struct probe_job *job;
	const struct nolisten_settings *settings;
	struct host *host; /* NULL: memory is short, nothing is known */
	struct flow *flow;
	enum answer answer;
	struct segment segment; /* the answer; options and payload are gone */
	struct options options;
	struct icmp icmp;
	struct closed_answer reset;
	int64_t rtt_ns; /* 0: unknown */
	enum bad_sum bad_sum;
	char contradiction[FINDING_SUMMARY_MAX];
};

static const struct stimulus syn = {
	.flags = TCP_SYN,
	.seq_from = FLOW_ISN,
	.counts = true,
	.why = "does anybody listen?",
};

static enum answer classify(const struct flow *f, const struct segment *s)
{
	if (s->flags & TCP_RST)
		return ANSWER_RST;
	if (!(s->flags & TCP_ACK))
		return ANSWER_NONE;
	if (s->flags & TCP_SYN && s->ack == flow_numbers(f)->iss + 1)
		return ANSWER_SYNACK;
	return s->payload_len ? ANSWER_NONE : ANSWER_PAIR_IN_USE;
}

static bool is_answer(const struct flow *f, const struct segment *s,
		      const void *arg)
{
	(void)arg;
	return classify(f, s) != ANSWER_NONE;
}

static const struct flow_expect any_answer = {
	.icmp = true,
	.accept = is_answer,
};

static void note_answer(struct inquiry *q)
{
	static const char *const notes[] = {
		[ANSWER_NONE] = NULL,
		[ANSWER_SYNACK] = "somebody listens",
		[ANSWER_RST] = "nobody listens",
		[ANSWER_ICMP] = "somebody on the way says no",
		[ANSWER_PAIR_IN_USE] = "the pair is in use there",
	};

	flow_note(q->flow, notes[q->answer]);
}

static void take_answer(struct inquiry *q, enum flow_event event,
			const struct reply *reply)
{
	const struct segment *s = &reply->segment;
	int64_t left = flow_left_ns(q->flow);
	struct flow_counts counts;

	if (event == FLOW_ICMP) {
		q->answer = ANSWER_ICMP;
		q->icmp = reply->icmp;
	} else {
		q->answer = classify(q->flow, s);
		q->segment = *s;
		q->options = reply->options;
		q->segment.options = q->segment.payload = NULL;
		q->reset = (struct closed_answer){
			.iss = flow_numbers(q->flow)->iss,
			.seq = s->seq,
			.ack = s->ack,
			.flags = s->flags,
			.window = s->window,
			.ttl = s->ttl,
		};
	}
	/* Karn: an answer to a repeated SYN measures nothing. */
	flow_counts(q->flow, &counts);
	if (counts.sent == 1 && left)
		q->reset.rtt_ns = q->rtt_ns = reply->t_ns - left;
	note_answer(q);
	if (q->answer == ANSWER_SYNACK)
		flow_reset(q->flow);
}

/* An ICMP error must quote our SYN, or it is somebody's guess. */
static bool forged(const struct inquiry *q, enum flow_event event,
		   const struct reply *reply)
{
	if (event != FLOW_ICMP ||
	    reply->icmp.quote.seq == flow_numbers(q->flow)->iss)
		return false;
	flow_note(q->flow, "forged: it quotes nothing of ours");
	return true;
}

/* Send the SYN from a pair that is free there, until something answers. */
static bool put_syn(struct inquiry *q)
{
	unsigned pairs = 0, again = 0;

	for (;;) {
		const struct reply *reply;
		enum flow_event event;

		q->flow = probe_flow(q->job);
		if (!q->flow)
			return false;
		event = flow_ask(q->flow, &syn, &any_answer, &reply);
		q->answer = ANSWER_NONE;
		if (reply && !forged(q, event, reply))
			take_answer(q, event, reply);
		if (q->answer == ANSWER_PAIR_IN_USE) {
			if (++pairs == PAIRS_MAX)
				return true;
		} else if (q->answer != ANSWER_NONE || event == FLOW_STOPPED ||
			   flow_silence(q->flow) != SILENCE_CAPTURE_DROPPED ||
			   ++again == AGAIN_MAX) {
			return true;
		}
		flow_end(q->flow);
	}
}

static bool off_link(const struct inquiry *q)
{
	return q->job->route.gateway.family != FAMILY_ANY;
}

/* How soon the answer came, as the summary says it. */
#define WHEN_MAX (NUM_DURATION_TEXT_MAX + 16)
static const char *when(const struct inquiry *q, char text[static WHEN_MAX])
{
	char took[NUM_DURATION_TEXT_MAX];
	struct flow_counts counts;

	flow_counts(q->flow, &counts);
	if (q->rtt_ns)
		snprintf(text, WHEN_MAX, "after %s",
			 num_format_duration(q->rtt_ns, took));
	else if (counts.sent > 1)
		snprintf(text, WHEN_MAX, "to a repeated SYN");
	else
		snprintf(text, WHEN_MAX, "after an unknown time");
	return text;
}

static void contradict(struct inquiry *q, enum flow_event event,
		       const struct reply *reply)
{
	static const char *const names[] = {
		[ANSWER_NONE] = "nothing",
		[ANSWER_SYNACK] = "a SYN-ACK",
		[ANSWER_RST] = "a RST",
		[ANSWER_ICMP] = "an ICMP error",
		[ANSWER_PAIR_IN_USE] = "an ACK",
	};
	enum answer second = event == FLOW_ICMP
				     ? ANSWER_ICMP
				     : classify(q->flow, &reply->segment);

	if (second == q->answer || second == ANSWER_PAIR_IN_USE) {
		flow_note(q->flow, "no contradiction");
		return;
	}
	flow_note(q->flow, "contradicts the first answer");
	snprintf(q->contradiction, sizeof(q->contradiction),
		 "answers disagree: %s, then %s to the same SYN: somebody on "
		 "the way speaks for the target",
		 names[q->answer], names[second]);
}

/* --- whose RST is it? -------------------------------------------------- */

/* Ping the host, unless that was done or is not wanted. */
static void ask_host(struct inquiry *q, unsigned tries, int64_t within_ns)
{
	struct host_question question = {
		.route = &q->job->route,
		.trace = probe_trace(q->job),
		.tries = tries,
		.within_ns = within_ns,
	};

	if (q->host && !q->settings->no_ping)
		host_ping(q->job->engine, q->host, &question);
}

/* Its TTL and round trip are the measure of who answered: one ping. */
static void measure_host(struct inquiry *q)
{
	ask_host(q, 1, 3 * q->rtt_ns + TTL_PING_NS);
}

/*
 * Routers are in between: is that the only answer? The host's own one takes a
 * round trip to the host, which ping has measured, if it answers.
 */
static void await_second(struct inquiry *q)
{
	int64_t within = 2 * q->rtt_ns;
	const struct reply *reply;
	enum flow_event event;
	int64_t until;

	if (!off_link(q) || q->answer == ANSWER_NONE)
		return;
	if (q->answer != ANSWER_SYNACK)
		measure_host(q);
	if (q->host && within < 2 * q->host->ping_rtt_ns)
		within = 2 * q->host->ping_rtt_ns;
	if (within < SECOND_ANSWER_NS)
		within = SECOND_ANSWER_NS;
	until = engine_now(q->job->engine) + within;
	do {
		within = until - engine_now(q->job->engine);
		event = flow_wait(q->flow, &any_answer, within, &reply);
		if (reply && !forged(q, event, reply))
			contradict(q, event, reply);
	} while (reply && !*q->contradiction);
}

/*
 * Is it the host's own RST? It is when it has come as far as the host's ping
 * reply, or as a SYN-ACK of another port. Of these ping counts more: a proxy
 * that accepts connections in the host's name answers no ping for it. Without
 * either nobody can tell. *other gets the TTL that it differs from.
 */
static bool is_own(struct inquiry *q, uint8_t *other)
{
	uint8_t ttl = q->segment.ttl;

	if (!q->host ||
	    (q->host->synack_ttl && host_same_box(ttl, q->host->synack_ttl)))
		return true;
	measure_host(q);
	*other = q->host->ping_ttl ? q->host->ping_ttl : q->host->synack_ttl;
	return !*other || host_same_box(ttl, *other);
}

static void check_owner(struct inquiry *q)
{
	unsigned hops = host_hops(q->segment.ttl);
	unsigned own_hops;
	uint8_t own;

	/* A neighbour's packet has come no hop: there is nobody else. */
	if ((!off_link(q) && !hops) || is_own(q, &own))
		return;
	own_hops = host_hops(own);
	snprintf(q->contradiction, sizeof(q->contradiction),
		 "the RST is not the target's own: its TTL is %u (%u hop%s), "
		 "but the host's own packets come with TTL %u (%u hop%s)",
		 q->segment.ttl, hops, hops == 1 ? "" : "s", own, own_hops,
		 own_hops == 1 ? "" : "s");
}

/* --- the shape of a SYN-ACK -------------------------------------------- */

/* What is wrong with it, or NULL. */
static const char *misshapen(const struct segment *s, const struct options *o)
{
	uint16_t odd = s->flags & (uint16_t) ~(TCP_SYN | TCP_ACK | TCP_ECE |
					       TCP_CWR | TCP_AE);

	if (odd)
		return "flags beside SYN, ACK and ECN's";
	if (s->payload_len)
		return "payload on the SYN-ACK";
	if (o->malformed)
		return "an illegal option length";
	if (o->padded)
		return "bytes behind the end of the options are not zero";
	return NULL;
}

static bool still_misshapen(struct inquiry *q, unsigned *times)
{
	struct stimulus again = syn;

	again.why = "SYN, from a fresh pair";
	again.check = rule_get(RULE_LISTEN_SYNACK_SHAPE)->id;
	for (unsigned i = 1; i < SHAPE_TIMES; i++) {
		const struct reply *reply;
		enum flow_event event;
		struct flow *f = probe_flow(q->job);

		if (!f)
			return false;
		event = flow_ask(f, &again, &any_answer, &reply);
		if (event == FLOW_SEGMENT &&
		    classify(f, &reply->segment) == ANSWER_SYNACK) {
			const char *wrong =
				misshapen(&reply->segment, &reply->options);

			flow_note(f, wrong ? wrong : "well formed");
			*times += wrong != NULL;
		}
		flow_end(f);
		if (event == FLOW_STOPPED)
			return false;
	}
	return *times == SHAPE_TIMES;
}

static void check_shape(struct inquiry *q)
{
	const struct rule *rule = rule_get(RULE_LISTEN_SYNACK_SHAPE);
	const char *wrong = misshapen(&q->segment, &q->options);
	unsigned times = 1;

	if (!wrong)
		finding_check(q->job->finding, rule, OUTCOME_PASS,
			      "SYN and ACK, ack one above our SYN, legal "
			      "options, no payload");
	else if (still_misshapen(q, &times))
		finding_check(q->job->finding, rule, OUTCOME_FAIL, "%s", wrong);
	else
		finding_check_undecided(q->job->finding, rule,
					OUTCOME_INCONCLUSIVE,
					"flaky: %s, but only %u times of %u",
					wrong, times, SHAPE_TIMES);
}

/* --- what it comes to -------------------------------------------------- */

static void conclude_listening(struct inquiry *q)
{
	char text[WHEN_MAX];

	if (q->host)
		q->host->synack_ttl = q->segment.ttl;
	check_shape(q);
	if (q->settings->checks)
		q->bad_sum = closed_check_checksum(
			q->job, RULE_LISTEN_BAD_CHECKSUM, q->rtt_ns);
	finding_conclude(q->job->finding, "listening", OUTCOME_PASS,
			 "somebody listens: SYN-ACK %s (ttl %u)", when(q, text),
			 q->segment.ttl);
}

static void conclude_refused(struct inquiry *q)
{
	char text[WHEN_MAX];

	closed_check_syn(q->job, &q->reset, q->settings->checks);
	if (q->settings->checks && closed_check_all(q->job, &q->reset))
		q->bad_sum = closed_check_checksum(
			q->job, RULE_CLOSED_BAD_CHECKSUM, q->rtt_ns);
	finding_conclude(q->job->finding, "refused", OUTCOME_PASS,
			 "nobody listens: RST %s (ttl %u); closed and "
			 "bound without listen look alike from outside",
			 when(q, text), q->segment.ttl);
}

static void conclude_unreachable(struct inquiry *q)
{
	char from[ADDR_TEXT_MAX];

	finding_conclude(
		q->job->finding, "unreachable", OUTCOME_PASS,
		"%s says: %s (%s type %u code %u)",
		addr_format(&q->icmp.src, from),
		icmp_text(q->icmp.src.family, q->icmp.type, q->icmp.code),
		q->icmp.src.family == FAMILY_IPV6 ? "ICMPv6" : "ICMP",
		q->icmp.type, q->icmp.code);
}

/* Nothing came, and that may be believed. Is the host up at all? */
static void conclude_filtered(struct inquiry *q)
{
	const struct engine_config *config = engine_config(q->job->engine);
	const char *host = "";

	ask_host(q, config->retries + 1, config->timeout_ns);
	if (q->host && q->host->ping == HOST_PING_ANSWERED)
		host = "; the host is up: it answers ping";
	else if (q->host && q->host->ping == HOST_PING_SILENT)
		host = "; the host does not answer ping either";
	finding_conclude(q->job->finding, "filtered", OUTCOME_PASS,
			 "no answer to %u SYN%s%s", config->retries + 1,
			 config->retries ? "s" : "", host);
}

static void conclude_silence(struct inquiry *q)
{
	enum flow_silence why = flow_silence(q->flow);
	struct flow_counts counts;

	flow_counts(q->flow, &counts);
	if (flow_error(q->flow)->code)
		finding_fail(q->job->finding, flow_error(q->flow));
	else if (why != SILENCE_REAL)
		probe_conclude_unheard(q->job, "SYN", why);
	else if (counts.malformed)
		finding_conclude(q->job->finding, "inconclusive",
				 OUTCOME_INCONCLUSIVE,
				 "only malformed segments answered (%u)",
				 counts.malformed);
	else if (counts.unmatched)
		finding_conclude(q->job->finding, "inconclusive",
				 OUTCOME_INCONCLUSIVE,
				 "no answer to our SYN, but %u other segments "
				 "arrived on the pair",
				 counts.unmatched);
	else
		conclude_filtered(q);
}

static void conclude(struct inquiry *q)
{
	if (*q->contradiction) {
		finding_conclude(q->job->finding, "contradictory",
				 OUTCOME_INCONCLUSIVE, "%s", q->contradiction);
		return;
	}
	switch (q->answer) {
	case ANSWER_SYNACK:
		conclude_listening(q);
		break;
	case ANSWER_RST:
		conclude_refused(q);
		break;
	case ANSWER_ICMP:
		conclude_unreachable(q);
		break;
	case ANSWER_NONE:
		conclude_silence(q);
		break;
	case ANSWER_PAIR_IN_USE:
		finding_conclude(q->job->finding, "inconclusive",
				 OUTCOME_INCONCLUSIVE,
				 "%u pairs in a row are in use at the target: "
				 "it answered a bare ACK",
				 PAIRS_MAX);
		break;
	}
}

/* What to ask next, and where. */
static void explain(const struct inquiry *q)
{
	struct finding *f = q->job->finding;
	char target[ENDPOINT_TEXT_MAX];

	endpoint_format(&q->job->target, target);
	if (!f->verdict)
		return;
	if (strcmp(f->verdict, "refused") == 0)
		finding_explain(f,
				"On the target itself, \"ss -ltn sport = :%u\" "
				"lists who listens there; a socket that is "
				"bound and never called listen() is shown by "
				"\"ss --bound-inactive\" only, in newer "
				"versions.",
				q->job->target.port);
	else if (strcmp(f->verdict, "filtered") == 0)
		finding_explain(f,
				"The host is down, or something drops the "
				"SYN. How far it comes: "
				"tcpprobe send --ttl 1-30 --until-answer %s",
				target);
	else if (strcmp(f->verdict, "contradictory") == 0)
		finding_explain(f, "Something on the way answers in the "
				   "target's place; -v shows the packets.");
}

/* --- facts ------------------------------------------------------------- */

static void fact_time(struct finding *f, const char *name, int64_t ns)
{
	if (ns)
		fact_real(f, name, (double)ns / (double)TIME_US);
	else
		fact_null(f, name);
}

static void fact_reset(struct finding *f, const struct inquiry *q)
{
	char flags[TEXT_FLAGS_MAX];

	if (q->answer != ANSWER_RST) {
		fact_null(f, "rst");
		return;
	}
	fact_object(f, "rst");
	fact_int(f, "seq", q->reset.seq);
	fact_int(f, "ack", q->reset.ack);
	fact_text(f, "flags", text_flags(q->reset.flags, flags));
	fact_int(f, "window", q->reset.window);
	fact_int(f, "ttl", q->reset.ttl);
	fact_end(f);
}

static void fact_icmp(struct finding *f, const struct inquiry *q)
{
	char from[ADDR_TEXT_MAX];

	if (q->answer != ANSWER_ICMP) {
		fact_null(f, "icmp");
		return;
	}
	fact_object(f, "icmp");
	fact_int(f, "type", q->icmp.type);
	fact_int(f, "code", q->icmp.code);
	fact_text(f, "from", addr_format(&q->icmp.src, from));
	fact_end(f);
}

static void fact_ping(struct finding *f, const struct host *host)
{
	if (!host || host->ping == HOST_PING_UNKNOWN) {
		fact_null(f, "ping");
		return;
	}
	fact_object(f, "ping");
	fact_bool(f, "answered", host->ping == HOST_PING_ANSWERED);
	if (host->ping == HOST_PING_ANSWERED) {
		fact_time(f, "rtt_us", host->ping_rtt_ns);
		fact_int(f, "ttl", host->ping_ttl);
	}
	fact_end(f);
}

static void write_facts(struct inquiry *q)
{
	struct finding *f = q->job->finding;
	struct flow_counts counts;

	fact_time(f, "rtt_us", q->rtt_ns);
	if (q->answer == ANSWER_SYNACK || q->answer == ANSWER_RST)
		fact_int(f, "ttl", q->segment.ttl);
	else
		fact_null(f, "ttl");
	fact_reset(f, q);
	if (q->bad_sum == BAD_SUM_UNDECIDED)
		fact_null(f, "bad_checksum_answered");
	else
		fact_bool(f, "bad_checksum_answered",
			  q->bad_sum == BAD_SUM_ANSWERED);
	fact_icmp(f, q);
	fact_ping(f, q->host);
	flow_counts(q->flow, &counts);
	if (counts.foreign)
		fact_int(f, "own_kernel_resets", counts.foreign);
}

static void run(struct probe_job *job)
{
	struct inquiry q = { .job = job, .settings = job->settings };

	if (!put_syn(&q))
		return;
	q.host = hosts_take(job->hosts, &job->target.addr);
	job->finding->source = flow_numbers(q.flow)->local;
	await_second(&q);
	if (q.answer == ANSWER_RST && !*q.contradiction)
		check_owner(&q);
	conclude(&q);
	if (job->at_length)
		explain(&q);
	write_facts(&q);
	flow_end(q.flow);
	hosts_give(job->hosts, q.host);
}

const struct probe nolisten_probe = {
	.name = "nolisten",
	.summary = "Does anybody listen there? SYN without a listener",
	.options = options,
	.options_n = ARRAY_LEN(options),
	.defaults = &(const struct nolisten_settings){ 0 },
	.settings_size = sizeof(struct nolisten_settings),
	.verdicts = verdicts,
	.verdicts_n = ARRAY_LEN(verdicts),
	.run = run,
};
