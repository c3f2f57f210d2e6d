/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Watching idle connections.
 *
 * A watch begins with a question that the target answers: from then on its
 * idle time runs, and what is silent at the end was not so at the beginning.
 * Then nothing is sent but what the play wants. All times are the capture's:
 * from our last segment leaving to the probe arriving, less a round trip.
 *
 * Data that the service sends by itself is acknowledged, and the idle time
 * begins anew.
 */
#include "probe/idle.h"

#include <stdio.h>

#include "base/num.h"
#include "probe/hosts.h"
#include "wire/seq.h"

/* A probe that the network has doubled comes within this; a target sends them
 * a second apart or more. */
#define DOUBLED_NS (200 * TIME_MS)
/* So many probes are answered before it is clear what they are. */
#define ROUNDS 4
/* When probes have ended without a word: so often their distance. */
#define MISSED 3
#define TICK_NS TIME_S
/* What a service says when it closes, it says so shortly before. */
#define FAREWELL_NS (500 * TIME_MS)
/* Connections begin to be idle so long after each other. */
#define APART_NS (300 * TIME_MS)
/* Surely inside the window and not at its beginning. */
#define IN_WINDOW 49

const char *const idle_play_names[] = {
	[IDLE_ALIVE] = "alive", [IDLE_REBOOTED] = "rebooted",
	[IDLE_GONE] = "gone",	[IDLE_LOSSY] = "lossy",
	[IDLE_PLAYS_N] = NULL,
};

enum idle_arrival idle_classify(const struct flow *f, const struct segment *s,
				uint32_t nxt, bool quiet)
{
	if (s->flags & TCP_SYN)
		return s->flags & TCP_ACK && s->seq == flow_numbers(f)->irs
			       ? IDLE_SYNACK
			       : IDLE_NOTHING;
	if (s->flags & TCP_RST)
		return flow_numbers(f)->stage == FLOW_GONE ? IDLE_RESET
							   : IDLE_NOTHING;
	if (!(s->flags & TCP_ACK))
		return IDLE_NOTHING;
	if (s->seq == nxt - 1 && segment_len(s) <= 1 && !(s->flags & TCP_FIN))
		return s->payload_len ? IDLE_PROBE_BYTE : IDLE_PROBE;
	if (segment_len(s))
		return IDLE_DATA;
	return quiet ? IDLE_PROBE_ODD : IDLE_NOTHING;
}

/* An ACK of all that is ours, or a RST. */
static bool acks_fin(const struct flow *f, const struct segment *s,
		     const void *arg)
{
	const struct flow_numbers *n = flow_numbers(f);

	(void)arg;
	if (s->flags & TCP_RST)
		return s->seq == n->rcv_nxt;
	return s->flags & TCP_ACK && !(s->flags & TCP_SYN) &&
	       s->ack == n->snd_nxt;
}

enum flow_life idle_ask_by_fin(struct flow *f, const char *check)
{
	const struct stimulus fin = {
		.flags = TCP_FIN | TCP_ACK,
		.counts = true,
		.why = "control: a FIN must be acknowledged",
		.check = check,
	};
	static const struct flow_expect ack = { .accept = acks_fin };
	const struct reply *reply;
	enum flow_event event;

	event = flow_ask(f, &fin, &ack, &reply);
	return flow_judge_life(f, event, reply);
}

/* --- the beginning ----------------------------------------------------- */

static void end(struct vigil *v, enum vigil_state state, const char *why)
{
	v->state = state;
	snprintf(v->why, sizeof(v->why), "%s", why);
}

static bool begin(struct vigil *v)
{
	struct reach reach;

	v->flow = reach_established(v->job, v->question->trigger, &reach);
	if (!v->flow)
		return false;
	end(v, VIGIL_NEVER, reach.why);
	if (reach.how != REACHED)
		return false;
	v->served_ns = reach.last_ns;
	/* A timer of the service's and one that counts from our last segment
	 * end at the same time on no two connections. */
	engine_sleep(v->job->engine, v->nth * APART_NS);
	switch (flow_alive(v->flow)) {
	case FLOW_ALIVE:
	case FLOW_MUTE: /* as some are: a FIN will ask them at the end */
		break;
	case FLOW_DEAD:
		end(v, VIGIL_NEVER, "it was reset at once");
		return false;
	case FLOW_UNKNOWN:
		end(v, VIGIL_NEVER, flow_silence_text(flow_silence(v->flow)));
		return false;
	}
	if (!flow_left_ns(v->flow)) {
		end(v, VIGIL_NEVER,
		    flow_silence_text(SILENCE_NOT_SEEN_LEAVING));
		return false;
	}
	v->nxt = v->data_seq = flow_numbers(v->flow)->rcv_nxt;
	v->ttl = flow_numbers(v->flow)->ttl;
	v->line.rtt_ns = flow_numbers(v->flow)->rtt_ns;
	v->begun_ns = engine_now(v->job->engine);
	v->state = VIGIL_WATCHING;
	return true;
}

/* --- what we say ------------------------------------------------------- */

static void send(struct vigil *v, const struct stimulus *s)
{
	if (flow_send(v->flow, s))
		end(v, VIGIL_UNKNOWN, flow_error(v->flow)->text);
}

static void answer(struct vigil *v)
{
	enum rule_id rule = v->question->play == IDLE_LOSSY ? RULE_KA_LOSSY
							    : RULE_KA_ANSWERED;

	send(v, &(struct stimulus){ .flags = TCP_ACK,
				    .why = "an answer: we are alive",
				    .check = rule_get(rule)->id });
	v->pending = 0;
	v->answered++;
}

/* What did our RST do? */
static void judge_reset(struct vigil *v)
{
	enum flow_life life = flow_alive(v->flow);

	if (life == FLOW_MUTE)
		life = idle_ask_by_fin(v->flow, NULL);
	switch (life) {
	case FLOW_ALIVE:
		break;
	case FLOW_DEAD:
		v->state = VIGIL_OURS;
		break;
	case FLOW_MUTE:
		end(v, VIGIL_UNKNOWN,
		    "after our RST nothing answers: something on the way has "
		    "seen it too");
		break;
	case FLOW_UNKNOWN:
		end(v, VIGIL_UNKNOWN, flow_silence_text(flow_silence(v->flow)));
		break;
	}
}

/*
 * As a host that has restarted answers. A RST that does nothing may have been
 * lost: it is said again.
 */
static void reset(struct vigil *v)
{
	const struct stimulus rst = {
		.flags = TCP_RST,
		.seq = v->in_window ? IN_WINDOW : 0,
		.why = v->in_window ? "RST inside the window, not exact"
				    : "RST: we know nothing of that",
		.check = rule_get(RULE_KA_RST)->id,
	};
	unsigned tries = engine_config(v->job->engine)->retries + 1;

	for (; tries && v->state == VIGIL_WATCHING; tries--) {
		send(v, &rst);
		v->resets++;
		judge_reset(v);
	}
	if (v->state == VIGIL_WATCHING)
		v->state = VIGIL_OPEN;
}

static void play(struct vigil *v)
{
	switch (v->question->play) {
	case IDLE_ALIVE:
		answer(v);
		break;
	case IDLE_LOSSY:
		if (v->pending > 1)
			answer(v);
		break;
	case IDLE_REBOOTED:
		reset(v);
		break;
	case IDLE_GONE:
	case IDLE_PLAYS_N:
		break;
	}
}

/* --- what comes -------------------------------------------------------- */

static void take_probe(struct vigil *v, const struct reply *reply,
		       enum idle_arrival what)
{
	struct schedule_line *l = &v->line;

	if (l->n && reply->t_ns - l->sights[l->n - 1].t_ns < DOUBLED_NS) {
		flow_note(v->flow, "the same probe again");
		return;
	}
	flow_note(v->flow, what == IDLE_PROBE
				   ? "a keepalive probe of the target"
			   : what == IDLE_PROBE_BYTE
				   ? "a keepalive probe with a byte"
				   : "unasked: taken for a keepalive probe");
	if (l->n < SCHEDULE_SIGHTS_MAX)
		l->sights[l->n++] = (struct schedule_sight){
			.t_ns = reply->t_ns,
			.idle_ns = reply->t_ns - flow_left_ns(v->flow),
			.unanswered = v->pending > 0,
		};
	v->sight_ns = engine_now(v->job->engine);
	v->with_byte += what == IDLE_PROBE_BYTE;
	v->odd += what == IDLE_PROBE_ODD;
	v->pending++;
	play(v);
}

/* The service speaks; what comes at once is one thing that it says. */
static void hear(struct vigil *v, int64_t t_ns)
{
	if (t_ns - v->served_ns >= FAREWELL_NS) {
		v->before_ns = v->served_ns;
		v->spoke++;
	}
	v->served_ns = t_ns;
}

static void take_data(struct vigil *v, const struct reply *reply)
{
	const struct segment *s = &reply->segment;
	uint32_t after = s->seq + segment_len(s);

	flow_note(v->flow, s->flags & TCP_FIN ? "the service closes"
					      : "the service speaks by itself");
	if (seq_le(s->seq, v->nxt) && seq_lt(v->nxt, after)) {
		v->nxt = after;
		v->data_seq = s->seq;
		if (s->payload_len)
			hear(v, reply->t_ns);
	}
	/* Probes that we let pass were for an idle time that is over. */
	if (v->pending)
		v->line.n = v->with_byte = v->odd = 0;
	v->pending = 0;
	send(v, &(struct stimulus){ .flags = TCP_ACK,
				    .why = "ACK of what the service said" });
}

static void take_end(struct vigil *v, const struct reply *reply,
		     enum vigil_state state)
{
	const struct flow_numbers *n = flow_numbers(v->flow);

	v->end_ns = reply->t_ns - v->served_ns;
	/* Its last words were about the closing. */
	if (v->spoke && v->end_ns < FAREWELL_NS) {
		v->spoke--;
		v->end_ns = reply->t_ns - v->before_ns;
	}
	v->end_idle_ns = reply->t_ns - flow_left_ns(v->flow);
	v->state = state;
	if (state != VIGIL_RESET)
		return;
	v->rst_ttl = n->rst_ttl;
	v->foreign = !host_same_box(n->rst_ttl, v->ttl);
	flow_note(v->flow, v->foreign ? "not the target's own RST"
			   : v->pending
				   ? "the target gives up"
				   : "the target resets an idle connection");
}

/* Long after anything went either way. */
static bool is_quiet(const struct vigil *v, const struct reply *reply)
{
	int64_t last = flow_left_ns(v->flow);

	if (last < v->arrival_ns)
		last = v->arrival_ns;
	return reply->t_ns - last >= probe_patience(v->line.rtt_ns);
}

static void take(struct vigil *v, const struct reply *reply)
{
	const struct segment *s = &reply->segment;
	enum idle_arrival what =
		idle_classify(v->flow, s, v->nxt, is_quiet(v, reply));

	/* A single byte of data, sent again, is no probe. */
	if (what == IDLE_PROBE_BYTE && s->seq == v->data_seq)
		what = IDLE_DATA;
	v->arrival_ns = reply->t_ns;
	switch (what) {
	case IDLE_NOTHING:
		flow_note(v->flow, "nothing new");
		break;
	case IDLE_SYNACK:
		flow_note(v->flow, "it was not open there until now");
		v->deferred = true;
		break;
	case IDLE_PROBE:
	case IDLE_PROBE_BYTE:
	case IDLE_PROBE_ODD:
		take_probe(v, reply, what);
		break;
	case IDLE_DATA:
		take_data(v, reply);
		if (flow_numbers(v->flow)->their_fin)
			take_end(v, reply, VIGIL_CLOSED);
		break;
	case IDLE_RESET:
		take_end(v, reply, VIGIL_RESET);
		break;
	}
}

/* --- the course of it -------------------------------------------------- */

static void say(const struct vigil *v)
{
	char so_far[NUM_DURATION_TEXT_MAX], all[NUM_DURATION_TEXT_MAX];
	const struct schedule_line *l = &v->line;
	size_t n = l->n;

	if (v->nth)
		return;
	if (n == 0)
		probe_say(v->job, "idle for %s of %s, no probe yet",
			  num_format_duration(engine_now(v->job->engine) -
						      v->begun_ns,
					      so_far),
			  num_format_duration(v->question->within_ns, all));
	else if (n == 1)
		probe_say(v->job, "1 probe, after %s",
			  num_format_duration(l->sights[0].idle_ns, so_far));
	else
		probe_say(v->job, "%zu probes, %s apart", n,
			  num_format_duration(l->sights[n - 1].t_ns -
						      l->sights[n - 2].t_ns,
					      so_far));
}

/* Nothing more can be learned: enough was answered, or the probes that we let
 * pass have ended. */
static bool is_settled(const struct vigil *v, int64_t now_ns)
{
	const struct schedule_sight *last = &v->line.sights[v->line.n];
	int64_t distance;

	if (v->question->play != IDLE_GONE)
		return v->answered >= ROUNDS;
	if (v->line.n < 2)
		return false;
	distance = last[-1].t_ns - last[-2].t_ns;
	return now_ns - v->sight_ns > MISSED * distance + TICK_NS;
}

/* It is still there, or is it? */
static void ask_last(struct vigil *v)
{
	enum flow_life life;

	if (v->doubt) {
		end(v, VIGIL_UNKNOWN, v->doubt);
		return;
	}
	life = flow_alive(v->flow);
	if (life == FLOW_MUTE)
		life = idle_ask_by_fin(v->flow, NULL);
	switch (life) {
	case FLOW_ALIVE:
		v->state = VIGIL_OPEN;
		break;
	case FLOW_DEAD:
		v->state = VIGIL_DEAD;
		v->rst_ttl = flow_numbers(v->flow)->rst_ttl;
		break;
	case FLOW_MUTE:
		v->state = VIGIL_MUTE;
		break;
	case FLOW_UNKNOWN:
		end(v, VIGIL_UNKNOWN, flow_silence_text(flow_silence(v->flow)));
		break;
	}
}

static void watch(struct vigil *v)
{
	static const struct flow_expect anything = { 0 };
	struct engine *e = v->job->engine;
	int64_t until = v->begun_ns + v->question->within_ns;
	enum flow_silence silence;

	while (v->state == VIGIL_WATCHING) {
		const struct reply *reply;
		int64_t now = engine_now(e);

		v->settled = is_settled(v, now);
		if (now >= until || v->settled)
			break;
		say(v);
		switch (flow_wait(v->flow, &anything,
				  until - now < TICK_NS ? until - now : TICK_NS,
				  &reply)) {
		case FLOW_SEGMENT:
			take(v, reply);
			break;
		case FLOW_STOPPED:
			end(v, VIGIL_UNKNOWN, "the run was stopped");
			break;
		case FLOW_ICMP:
		case FLOW_ECHO:
		case FLOW_TIMEOUT:
			break;
		}
	}
	v->watched_ns = engine_now(e) - v->begun_ns;
	silence = flow_silence(v->flow);
	if (silence != SILENCE_REAL && silence != SILENCE_STOPPED)
		v->doubt = flow_silence_text(silence);
	if (v->state == VIGIL_WATCHING)
		ask_last(v);
}

static void keep_vigil(void *arg)
{
	struct vigil *v = arg;

	if (begin(v))
		watch(v);
	flow_end(v->flow);
	v->flow = NULL;
}

static void no_memory(struct probe_job *job)
{
	struct err err;

	err_set(&err, ERR_MEMORY, "watch connections: out of memory");
	finding_fail(job->finding, &err);
}

struct idle *idle_new(struct probe_job *job, const struct idle_question *q)
{
	struct idle *idle = calloc(1, sizeof(*idle));

	if (!idle) {
		no_memory(job);
		return NULL;
	}
	idle->job = job;
	idle->question = *q;
	idle->n = IDLE_VIGILS + (q->play == IDLE_REBOOTED);
	for (size_t i = 0; i < idle->n; i++) {
		idle->vigils[i].job = job;
		idle->vigils[i].question = &idle->question;
		idle->vigils[i].nth = (unsigned)i;
		idle->vigils[i].in_window = i == IDLE_VIGILS;
	}
	return idle;
}

void idle_free(struct idle *idle)
{
	free(idle);
}

static bool was_reset(const struct vigil *v)
{
	return v->state == VIGIL_RESET && !v->foreign;
}

static int64_t difference(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

/*
 * Resets count from our last segment, as those of a keepalive do, or from what
 * the service last said or heard, when an application has lost its patience:
 * of two connections the times that agree tell. They began to be idle at
 * different times after that.
 */
static bool resets_count_from_us(const struct idle *idle)
{
	int64_t us = INT64_MAX, service = INT64_MAX;

	for (size_t i = 0; i < idle->n; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct vigil *v = &idle->vigils[i];
			const struct vigil *w = &idle->vigils[j];
			int64_t d;

			if (!was_reset(v) || !was_reset(w))
				continue;
			d = difference(v->end_idle_ns, w->end_idle_ns);
			us = us < d ? us : d;
			d = difference(v->end_ns, w->end_ns);
			service = service < d ? service : d;
		}
	}
	return us <= service;
}

void idle_watch(void *arg)
{
	struct idle *idle = arg;
	const struct schedule_line *lines[ARRAY_LEN(idle->vigils)];
	void *args[ARRAY_LEN(idle->vigils)];

	for (size_t i = 0; i < idle->n; i++) {
		args[i] = &idle->vigils[i];
		lines[i] = &idle->vigils[i].line;
	}
	if (engine_all(idle->job->engine, keep_vigil, args, idle->n))
		no_memory(idle->job);
	idle->from_us = resets_count_from_us(idle);
	for (size_t i = 0; i < idle->n; i++) {
		struct vigil *v = &idle->vigils[i];

		if (was_reset(v) && v->pending && idle->from_us)
			v->line.reset_ns = v->arrival_ns;
	}
	schedule_read(lines, idle->n, &idle->schedule);
}
