/* SPDX-License-Identifier: BSD-2-Clause */
/* The longer stories of an ESTABLISHED connection. */
#include "probe/estab.h"

#include <string.h>

#include "wire/seq.h"

/* --- half-open discovery (RFC 9293 3.5.1, figure 9) -------------------- */

/* Far outside any window. */
#define REBORN 500000

/* The old connection's ACK, a RST, or the new one's SYN-ACK. */
static bool answers_reborn(const struct flow *f, const struct segment *s,
			   const void *arg)
{
	const struct flow_numbers *old = arg;

	if (s->flags & TCP_RST)
		return true;
	if (s->flags & TCP_SYN)
		return s->ack == flow_numbers(f)->iss + 1;
	return s->flags & TCP_ACK && segment_len(s) == 0 &&
	       s->ack == old->snd_nxt;
}

static void deny(struct flow *f, uint32_t seq)
{
	(void)flow_send(f, &(struct stimulus){
				   .flags = TCP_RST,
				   .seq = seq,
				   .seq_from = FLOW_ABSOLUTE,
				   .why = "RST: we know nothing of that",
			   });
}

/*
 * As one who has crashed and comes again: SYN, an ACK of the old connection,
 * RST, SYN once more, SYN-ACK. A lost RST makes another round; the last one
 * must not be needed.
 */
static void be_reborn(struct subject *s, const struct flow_numbers *old,
		      struct trial *out)
{
	const struct stimulus syn = {
		.flags = TCP_SYN,
		.seq_from = FLOW_ISN,
		.counts = true,
		.why = "SYN, as after a crash",
		.check = rule_get(RULE_ESTAB_HALF_OPEN)->id,
	};
	const struct flow_expect expect = { .accept = answers_reborn,
					    .arg = old };
	const struct engine *e = s->stand->job->engine;
	const char *found = "SYN: SYN-ACK at once";
	const struct reply *reply;
	bool denied = false;

	for (unsigned n = 0; n <= engine_config(e)->retries + 1; n++) {
		if (flow_ask_every(s->flow, &syn, &expect, SUBJECT_LIMIT_NS,
				   &reply) != FLOW_SEGMENT) {
			trial_set(out, denied ? TRIAL_BROKEN : TRIAL_MUTE,
				  "SYN 500,000 above RCV.NXT: silence%s",
				  denied ? " after our RST" : "");
			return;
		}
		if (reply->segment.flags & TCP_SYN) {
			flow_note(s->flow, "the new connection");
			if (!subject_not_target(s, "SYN-ACK",
						reply->segment.ttl, out))
				trial_set(out, TRIAL_HOLDS, "%s", found);
			return;
		}
		if (reply->segment.flags & TCP_RST) {
			found = "SYN: RST; SYN again: SYN-ACK";
			continue;
		}
		flow_note(s->flow, "the old connection");
		found = "SYN: ACK of the old connection; RST to that, SYN "
			"again: SYN-ACK";
		deny(s->flow, reply->segment.ack);
		denied = true;
	}
	trial_set(out, TRIAL_BROKEN,
		  "our RSTs to the ACKs of the old connection change nothing");
}

void estab_half_open(struct probe_job *job, const void *what, struct trial *out)
{
	const struct question *q = what;
	struct flow_numbers old;
	enum flow_silence silence;
	struct subject s;

	if (!subject_open(q->stand, &s, out)) {
		subject_end(&s);
		return;
	}
	old = *flow_numbers(s.flow);
	flow_renew(s.flow, old.snd_nxt + REBORN);
	be_reborn(&s, &old, out);
	silence = flow_silence(s.flow);
	/* The new connection is none of ours, and the old one may still be
	 * there. */
	flow_reset(s.flow);
	flow_resume(s.flow, &old);
	if (engine_ended(job->engine) != ENGINE_RUNNING)
		silence = SILENCE_STOPPED;
	if (silence == SILENCE_STOPPED ||
	    (out->result == TRIAL_MUTE && silence != SILENCE_REAL))
		trial_set(out, TRIAL_UNKNOWN, "%s", flow_silence_text(silence));
	else if (out->result == TRIAL_MUTE)
		subject_silence_doubt(&s, out);
	subject_end(&s);
}

/* --- an ACK that is a little old --------------------------------------- */

#define ACK_OLD_MAX 100

/* Make the service say something, unless it has, and acknowledge it, more than
 * once; how many bytes that are. */
static uint32_t hear_service(struct subject *s)
{
	const struct flow_numbers *n = flow_numbers(s->flow);
	const struct stand *st = s->stand;

	if (!s->heard.bytes && st->answers &&
	    reach_answers(st->job, s->flow, st->trigger))
		flow_absorb(s->flow, probe_patience(n->rtt_ns), TIME_S,
			    &s->heard);
	(void)flow_alive(s->flow);
	return n->rcv_nxt - n->irs - 1 - (n->their_fin ? 1 : 0);
}

static void judge_taken(const struct subject *s, const struct seen *seen,
			const char *what, struct trial *out)
{
	if (subject_doubt(s, seen, out))
		return;
	if (seen->life == FLOW_ALIVE && seen->got == GOT_SILENCE &&
	    subject_silence_doubt(s, out))
		return;
	if (seen->life != FLOW_ALIVE)
		trial_set(out, TRIAL_BROKEN, "%s: the connection is gone",
			  what);
	else if (seen->taken)
		trial_set(out, TRIAL_HOLDS, "%s: acknowledged", what);
	else if (seen->got == GOT_SILENCE)
		trial_set(out, TRIAL_MUTE, "%s: silence", what);
	else
		trial_set(out, TRIAL_BROKEN, "%s: not taken", what);
}

void estab_ack_old(struct probe_job *job, const void *what, struct trial *out)
{
	const struct question *q = what;
	struct stimulus old = {
		.flags = TCP_PSH | TCP_ACK,
		.payload = "GET ",
		.payload_len = 4,
		.why = "data with an ACK slightly below SND.UNA",
		.check = rule_get(RULE_ESTAB_ACK_OLD)->id,
	};
	struct subject s;
	struct seen seen;
	uint32_t heard;

	(void)job;
	if (!subject_open(q->stand, &s, out)) {
		subject_end(&s);
		return;
	}
	heard = hear_service(&s);
	if (!heard) {
		trial_set(out, TRIAL_SKIPPED,
			  "the service has said nothing that an ACK could be "
			  "below: --trigger http or send:TEXT makes it speak");
	} else if (flow_numbers(s.flow)->their_fin) {
		trial_set(out, TRIAL_UNKNOWN,
			  "the service closes the connection when it has "
			  "spoken");
	} else {
		old.ack = -(heard < ACK_OLD_MAX ? heard : ACK_OLD_MAX);
		subject_ask(&s, &old, &seen);
		judge_taken(&s, &seen, old.why, out);
	}
	subject_end(&s);
}

/* --- keepalive with a byte --------------------------------------------- */

#define KEEPALIVES 5

static bool is_bare_ack(const struct flow *f, const struct segment *s,
			const void *arg)
{
	(void)arg;
	return !(s->flags & (TCP_SYN | TCP_RST)) && segment_len(s) == 0 &&
	       s->ack == flow_numbers(f)->snd_nxt;
}

/* No answer to garbage: is there one to a keepalive without it? */
static void judge_numb(struct subject *s, struct trial *out)
{
	static const struct stimulus empty = {
		.flags = TCP_ACK,
		.seq = UINT32_MAX,
		.why = "keepalive without data",
	};
	static const struct flow_expect ack = { .set = TCP_ACK,
						.accept = is_bare_ack };
	const struct reply *reply;

	if (flow_ask_every(s->flow, &empty, &ack, SUBJECT_LIMIT_NS, &reply) ==
	    FLOW_SEGMENT)
		trial_set(out, TRIAL_MUTE,
			  "no answer to one byte below the window, but one to "
			  "a keepalive without data");
	else
		trial_set(out, TRIAL_UNKNOWN,
			  "no answer to any keepalive: something on the way "
			  "may swallow them");
}

/* What comes of a keepalive with garbage. */
enum kept {
	KEPT_ANSWERED,
	KEPT_DELIVERED, /* the service has sent the garbage back */
	KEPT_DEAD,
	KEPT_MUTE,
	KEPT_STOPPED,
};

static bool sends_garbage_back(const struct flow *f, const struct segment *s,
			       const void *arg)
{
	(void)f;
	(void)arg;
	return s->payload_len && s->payload[0] == 0;
}

static bool answers_keepalive(const struct flow *f, const struct segment *s,
			      const void *arg)
{
	if (s->flags & TCP_RST)
		return s->seq == flow_numbers(f)->rcv_nxt;
	return sends_garbage_back(f, s, arg) || is_bare_ack(f, s, arg);
}

static enum kept keep_alive(struct flow *f)
{
	static const struct flow_expect answer = { .accept =
							   answers_keepalive };
	const struct stimulus garbage = {
		.flags = TCP_ACK,
		.seq = UINT32_MAX,
		.payload = "",
		.payload_len = 1,
		.why = "keepalive with a byte of garbage",
		.check = rule_get(RULE_ESTAB_KEEPALIVE_1)->id,
	};
	const struct reply *reply;

	switch (flow_ask(f, &garbage, &answer, &reply)) {
	case FLOW_SEGMENT:
		if (reply->segment.flags & TCP_RST)
			return KEPT_DEAD;
		return reply->segment.payload_len ? KEPT_DELIVERED
						  : KEPT_ANSWERED;
	case FLOW_TIMEOUT:
		return KEPT_MUTE;
	case FLOW_ICMP:
	case FLOW_ECHO:
	case FLOW_STOPPED:
		break;
	}
	return KEPT_STOPPED;
}

/* So many of them; who delivers one gets the time to send it back. */
static enum kept keep_alive_all(struct subject *s)
{
	static const struct flow_expect garbage = {
		.accept = sends_garbage_back
	};
	enum kept kept = KEPT_ANSWERED;
	const struct reply *reply;

	for (int i = 0; i < KEEPALIVES && kept == KEPT_ANSWERED; i++)
		kept = keep_alive(s->flow);
	if (kept == KEPT_ANSWERED &&
	    flow_wait(s->flow, &garbage, probe_patience(s->stand->rtt_ns),
		      &reply) == FLOW_SEGMENT)
		kept = KEPT_DELIVERED;
	return kept;
}

void estab_keepalive_1(struct probe_job *job, const void *what,
		       struct trial *out)
{
	const struct question *q = what;
	struct subject s;

	(void)job;
	if (!subject_open(q->stand, &s, out)) {
		subject_end(&s);
		return;
	}
	switch (keep_alive_all(&s)) {
	case KEPT_ANSWERED:
		trial_set(out, TRIAL_HOLDS, "%d of %d answered", KEEPALIVES,
			  KEEPALIVES);
		break;
	case KEPT_DELIVERED:
		trial_set(out, TRIAL_BROKEN,
			  "the service sends the garbage back: it was "
			  "delivered");
		break;
	case KEPT_DEAD:
		s.lives = false;
		trial_set(out, TRIAL_UNKNOWN,
			  "the service ended the connection meanwhile");
		break;
	case KEPT_MUTE:
		judge_numb(&s, out);
		break;
	case KEPT_STOPPED:
		trial_set(out, TRIAL_UNKNOWN, "the run was stopped");
		break;
	}
	subject_end(&s);
}

/* --- wrong checksums --------------------------------------------------- */

/* Somebody took data with a wrong checksum: the target, or a box that mended
 * it? */
static void judge_mended(const struct probe_job *job, struct trial *out)
{
	if (job->route.checksum_offload)
		trial_set(out, TRIAL_SKIPPED,
			  "it was acknowledged, but %s verifies no checksums: "
			  "nothing was on a wire",
			  job->route.interface_name);
	else if (job->route.gateway.family != FAMILY_ANY)
		trial_set(out, TRIAL_UNKNOWN,
			  "it was acknowledged: the target does not verify, or "
			  "a box on the way mended the checksum");
	else
		trial_set(out, TRIAL_BROKEN,
			  "data with a wrong checksum was acknowledged");
}

#define BAD_SUM .flags = TCP_PSH | TCP_ACK, .payload = "G", .payload_len = 1
static void put_bad_sums(struct subject *s, struct seen *seen)
{
	const struct stimulus flipped = {
		BAD_SUM,
		.sum_mode = SEGMENT_SUM_XOR,
		.sum = 0x1234,
		.why = "a byte with a wrong checksum",
		.check = rule_get(RULE_ESTAB_BAD_CHECKSUM)->id,
	};
	const struct stimulus zero = {
		BAD_SUM,
		.sum_mode = SEGMENT_SUM_VALUE,
		.sum = 0,
		.why = "a byte with checksum 0",
	};

	/* Each twice: that one was lost looks like what is wanted. */
	*seen = (struct seen){ .life = FLOW_UNKNOWN };
	if (subject_say_twice(s, &flipped))
		subject_put(s, &zero, 2, seen);
}

void estab_bad_checksum(struct probe_job *job, const void *what,
			struct trial *out)
{
	static const struct stimulus good = {
		BAD_SUM,
		.why = "the same byte with the right checksum",
	};
	const struct question *q = what;
	struct subject s;
	struct seen seen;

	if (!subject_open(q->stand, &s, out)) {
		subject_end(&s);
		return;
	}
	put_bad_sums(&s, &seen);
	if (!subject_doubt(&s, &seen, out)) {
		if (seen.taken) {
			judge_mended(job, out);
		} else if (seen.got != GOT_SILENCE) {
			trial_set(out, TRIAL_BROKEN,
				  "a wrong checksum is answered");
		} else if (seen.life != FLOW_ALIVE) {
			trial_set(out, TRIAL_BROKEN,
				  "a wrong checksum ends the connection");
		} else {
			subject_ask(&s, &good, &seen);
			judge_taken(&s, &seen,
				    "two wrong checksums: silence; the right "
				    "one",
				    out);
			if (out->result != TRIAL_HOLDS)
				out->result = TRIAL_UNKNOWN;
		}
	}
	subject_end(&s);
}

/* --- options of length 0 ----------------------------------------------- */

static const uint8_t area_4[] = { 99, 0, 0, 0 };
static const uint8_t area_24[] = { 99, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
				   1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

const struct estab_area estab_areas[] = {
	{ area_4, sizeof(area_4), "data with an option of length 0" },
	{ area_24, sizeof(area_24),
	  "data with an option of length 0 and 22 bytes behind it" },
};
const size_t estab_areas_n = ARRAY_LEN(estab_areas);

/* It is silent: does a new connection tell that the host is still there? */
static bool host_lives(struct stand *st)
{
	struct trial ignored;
	struct subject s;
	bool lives = subject_open(st, &s, &ignored);

	subject_end(&s);
	return lives;
}

/* Whatever it was taken for, a plain repetition must be welcome. */
static void judge_zero_length(struct subject *s, const char *why,
			      const struct seen *first, struct trial *out)
{
	static const struct stimulus plain = {
		.flags = TCP_PSH | TCP_ACK,
		.payload = "G",
		.payload_len = 1,
		.why = "the same without that option",
	};
	struct seen seen;

	if (first->life == FLOW_DEAD || first->got == GOT_RST) {
		trial_set(out, TRIAL_HOLDS, "%s: reset, as RFC 9293 suggests",
			  why);
	} else if (first->taken) {
		trial_set(out, TRIAL_HOLDS, "%s: acknowledged", why);
	} else {
		subject_pause(s, 0); /* data is not limited */
		subject_ask(s, &plain, &seen);
		judge_taken(s, &seen, "dropped; repeated without the option",
			    out);
	}
}

void estab_zero_length(struct probe_job *job, const void *what,
		       struct trial *out)
{
	const struct question *q = what;
	const struct estab_area *area = q->row;
	const struct stimulus odd = {
		.flags = TCP_PSH | TCP_ACK,
		.payload = "G",
		.payload_len = 1,
		.options = area->bytes,
		.options_len = area->len,
		.more_options = true,
		.why = area->why,
		.check = rule_get(RULE_ESTAB_RESERVED_OPTS)->id,
	};
	struct subject s = { .stand = q->stand };
	struct seen seen;

	(void)job;
	if (!q->stand->dead && subject_open(q->stand, &s, out)) {
		subject_put(&s, &odd, 1, &seen);
		q->stand->dead = seen.put && seen.life == FLOW_MUTE &&
				 !host_lives(q->stand);
		if (!q->stand->dead && !subject_doubt(&s, &seen, out))
			judge_zero_length(&s, area->why, &seen, out);
	}
	if (q->stand->dead)
		trial_set(out, TRIAL_BROKEN,
			  "%s: the host answers nothing any more", area->why);
	subject_end(&s);
}
