/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A keepalive (RFC 9293 3.8.4) is a segment one below what the target expects
 * next, empty or with one byte of garbage. It must be answered by an ACK, and
 * the byte belongs to nobody.
 *
 * Linux answers empty ones at most once in 500 ms (they cannot be told from an
 * ACK loop), so these are spaced. What is silent to either is asked by a FIN
 * whether it is there at all, and what resets is compared with a connection
 * that is left alone.
 */
#include "probe/pulse.h"

#include "probe/idle.h"
#include "wire/seq.h"

/* Longer than Linux lets pass between two answers to empty segments. */
#define SPACED_NS (600 * TIME_MS)
/* So many bytes below the window are sent: none may be delivered. */
#define BYTES 5

enum rule_id pulse_rule(const struct pulse *p)
{
	return p->kind == PULSE_EMPTY ? RULE_ESTAB_KEEPALIVE_0
				      : RULE_ESTAB_KEEPALIVE_1;
}

static struct pulse *pulse_of(const void *what)
{
	struct pulse *const *p = what;

	return *p;
}

/* What answers a keepalive. The target's own keepalive looks like it, but its
 * number is one below what was next when we asked. */
static bool is_answer(const struct flow *f, const struct segment *s,
		      const void *arg)
{
	const struct flow_numbers *n = flow_numbers(f);
	const uint32_t *next = arg;

	if (s->flags & TCP_RST)
		return s->seq == n->rcv_nxt;
	return s->flags & TCP_ACK && !(s->flags & TCP_SYN) &&
	       s->ack == n->snd_nxt && !s->payload_len && seq_le(*next, s->seq);
}

/* A connection to try it on, or NULL; the trial says why then. */
static struct flow *connection(struct pulse *p, struct reach *reach,
			       struct trial *out)
{
	struct flow *f = reach_established(p->job, p->trigger, reach);

	p->got = PULSE_UNDECIDED;
	p->echoes = p->delivered = false;
	if (!f) {
		trial_set(out, TRIAL_UNKNOWN,
			  "no conversation could be opened");
		return NULL;
	}
	p->reached = reach->how;
	if (!p->job->finding->source.port)
		p->job->finding->source = flow_numbers(f)->local;
	if (reach->how == REACHED) {
		flow_drain(f);
		return f;
	}
	trial_set(out, TRIAL_UNKNOWN, "%s", reach->why);
	flow_end(f);
	return NULL;
}

static void judge_silence(struct pulse *p, struct flow *f, struct trial *out)
{
	enum flow_silence silence = flow_silence(f);

	if (flow_error(f)->code) {
		trial_set(out, TRIAL_UNKNOWN, "%s", flow_error(f)->text);
		return;
	}
	if (silence != SILENCE_REAL) {
		trial_set(out, TRIAL_UNKNOWN, "%s", flow_silence_text(silence));
		return;
	}
	p->got = PULSE_SILENCE;
	switch (idle_ask_by_fin(f, rule_get(pulse_rule(p))->id)) {
	case FLOW_ALIVE:
		trial_set(out, TRIAL_MUTE,
			  "no answer, though a FIN is acknowledged after it");
		break;
	case FLOW_DEAD:
		p->got = PULSE_UNDECIDED;
		trial_set(out, TRIAL_UNKNOWN,
			  "the connection was gone: RST to a FIN");
		break;
	case FLOW_MUTE:
		trial_set(out, TRIAL_UNKNOWN,
			  "no answer, and none to a FIN either: nothing is "
			  "answered after the handshake");
		break;
	case FLOW_UNKNOWN:
		p->got = PULSE_UNDECIDED;
		trial_set(out, TRIAL_UNKNOWN, "%s",
			  flow_silence_text(flow_silence(f)));
		break;
	}
}

/* Does a connection live that is left alone for a while? */
static enum flow_life ask_control(struct pulse *p)
{
	enum flow_life life = FLOW_UNKNOWN;
	struct trial unused;
	struct reach reach;
	struct flow *f = connection(p, &reach, &unused);

	if (f && engine_sleep(p->job->engine, SPACED_NS))
		life = idle_ask_by_fin(f, rule_get(pulse_rule(p))->id);
	else if (reach.how == REACHED_CLOSED || reach.how == REACHED_RESET)
		life = FLOW_DEAD;
	flow_end(f);
	return life;
}

/*
 * A RST came. Did the keepalive bring it about, or does the service reset
 * whatever is that old?
 */
static void judge_rst(struct pulse *p, const struct flow *f, struct trial *out)
{
	const struct flow_numbers *n = flow_numbers(f);

	switch (ask_control(p)) {
	case FLOW_ALIVE:
		p->got = PULSE_RST;
		trial_set(out, TRIAL_BROKEN,
			  "RST (ttl %u, the SYN-ACK's was %u); a connection "
			  "that is left alone lives",
			  n->rst_ttl, n->ttl);
		break;
	case FLOW_DEAD:
		trial_set(out, TRIAL_UNKNOWN,
			  "RST, but a connection that is left alone does not "
			  "live either");
		break;
	case FLOW_MUTE:
	case FLOW_UNKNOWN:
		trial_set(out, TRIAL_UNKNOWN,
			  "RST, and nobody knows whether a connection that is "
			  "left alone lives");
		break;
	}
}

/* True when it was an ACK; otherwise the trial is decided. */
static bool is_acked(struct pulse *p, struct flow *f, enum flow_event event,
		     const struct reply *reply, struct trial *out)
{
	switch (event) {
	case FLOW_SEGMENT:
		if (reply->segment.flags & TCP_RST) {
			flow_note(f, "a keepalive is no reason for a RST");
			judge_rst(p, f, out);
			return false;
		}
		flow_note(f, "it answers");
		p->got = PULSE_ACK;
		return true;
	case FLOW_TIMEOUT:
		judge_silence(p, f, out);
		break;
	case FLOW_ICMP:
	case FLOW_ECHO:
	case FLOW_STOPPED:
		trial_set(out, TRIAL_UNKNOWN, "the run was stopped");
		break;
	}
	return false;
}

static enum flow_event ask(struct flow *f, const struct stimulus *s,
			   int64_t every_ns, const struct reply **reply)
{
	const uint32_t next = flow_numbers(f)->rcv_nxt;
	const struct flow_expect answer = { .accept = is_answer, .arg = &next };

	return flow_ask_every(f, s, &answer, every_ns, reply);
}

static void try_empty(struct probe_job *job, const void *what,
		      struct trial *out)
{
	static const struct stimulus probe = {
		.flags = TCP_ACK,
		.seq = UINT32_MAX, /* one below */
		.why = "a keepalive without data",
		.check = "estab-keepalive-0",
	};
	struct pulse *p = pulse_of(what);
	const struct reply *reply;
	struct reach reach;
	struct flow *f = connection(p, &reach, out);
	enum flow_event event;

	(void)job;
	if (!f)
		return;
	event = ask(f, &probe, SPACED_NS, &reply);
	if (is_acked(p, f, event, reply, out))
		trial_set(out, TRIAL_HOLDS, "an ACK answers");
	flow_end(f);
}

/* Has the service read any of the bytes? One that echoes tells: the same text
 * again must come back as it is. */
static void judge_delivery(struct pulse *p, struct flow *f, struct reach *reach,
			   struct trial *out)
{
	uint64_t before = reach->heard.bytes, came;
	size_t len = p->trigger->payload_len;

	p->echoes = reach_echoed(p->trigger, reach);
	if (!p->echoes) {
		trial_set(out, TRIAL_HOLDS,
			  "%d of %d are answered; whether the byte is "
			  "delivered is not seen: %s",
			  BYTES, BYTES,
			  p->trigger->kind == TRIGGER_SEND
				  ? "the service does not echo"
				  : "--trigger send:TEXT would show it, where "
				    "the service echoes");
		return;
	}
	reach_again(p->job, f, p->trigger, reach);
	came = reach->heard.bytes - before;
	p->echoes = came >= len;
	p->delivered = came > len;
	if (p->delivered)
		trial_set(out, TRIAL_BROKEN,
			  "the service has read it: %u bytes were sent, %u "
			  "come back",
			  (unsigned)len, (unsigned)came);
	else
		trial_set(out, TRIAL_HOLDS, "%d of %d are answered; %s", BYTES,
			  BYTES,
			  p->echoes ? "the service, which echoes, has not "
				      "read the byte"
				    : "the service stopped to echo");
}

static void try_byte(struct probe_job *job, const void *what, struct trial *out)
{
	static const struct stimulus probe = {
		.flags = TCP_ACK,
		.seq = UINT32_MAX,
		.payload = "",
		.payload_len = 1,
		.why = "a keepalive with one garbage byte",
		.check = "estab-keepalive-1",
	};
	struct pulse *p = pulse_of(what);
	const struct reply *reply;
	struct reach reach;
	struct flow *f = connection(p, &reach, out);
	unsigned answered = 0;

	(void)job;
	if (!f)
		return;
	while (answered < BYTES) {
		enum flow_event event = ask(f, &probe, 0, &reply);

		if (!is_acked(p, f, event, reply, out))
			break;
		answered++;
	}
	if (answered == BYTES)
		judge_delivery(p, f, &reach, out);
	flow_end(f);
}

void pulse_feel(void *arg)
{
	struct pulse *p = arg;

	trial_decide(p->job, p->kind == PULSE_EMPTY ? try_empty : try_byte, &p,
		     &p->trial);
}
