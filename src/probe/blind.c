/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stimuli of an ESTABLISHED connection, and how one of them is put and
 * judged.
 *
 * Outside the window means 100,000 beyond its edge or more: Linux takes the
 * edge itself for inside, scaling rounds a window up, and it may have grown
 * since the last ACK.
 */
#include "probe/blind.h"

#include <stdio.h>

#include "probe/hosts.h"

/* The beginning of something that services understand, and never its end. */
#define DATA(n) .payload = "GET / HTTP", .payload_len = n
#define BELOW(n) (-(uint32_t)(n))

static const uint8_t unknown_option[] = { 99, 6, 1, 2, 3, 4, 1, 1 };

const struct blind_row blind_rows[] = {
	{ .id = "rst-exact",
	  .rule = RULE_ESTAB_RST_EXACT,
	  .want = WANT_RESET,
	  .s = { .flags = TCP_RST, .why = "RST at RCV.NXT" } },

	{ .id = "rst-one-above",
	  .rule = RULE_ESTAB_RST_INWINDOW,
	  .want = WANT_CHALLENGE,
	  .in_window = true,
	  .s = { .flags = TCP_RST, .seq = 1, .why = "RST at RCV.NXT+1" } },
	{ .id = "rst-in-window",
	  .rule = RULE_ESTAB_RST_INWINDOW,
	  .want = WANT_CHALLENGE,
	  .in_window = true,
	  .s = { .flags = TCP_RST, .seq = 100, .why = "RST at RCV.NXT+100" } },
	{ .id = "rst-window-end",
	  .rule = RULE_ESTAB_RST_INWINDOW,
	  .want = WANT_CHALLENGE,
	  .in_window = true,
	  .past_window = true,
	  .s = { .flags = TCP_RST,
		 .seq = BELOW(1),
		 .why = "RST at the last byte of the window" } },

	{ .id = "rst-one-below",
	  .rule = RULE_ESTAB_RST_OUT,
	  .want = WANT_SILENCE,
	  .s = { .flags = TCP_RST,
		 .seq = BELOW(1),
		 .why = "RST at RCV.NXT-1" } },
	{ .id = "rst-out-of-window",
	  .rule = RULE_ESTAB_RST_OUT,
	  .want = WANT_SILENCE,
	  .past_window = true,
	  .s = { .flags = TCP_RST,
		 .seq = 100000,
		 .why = "RST 100,000 beyond the window" } },
	{ .id = "rst-far-below",
	  .rule = RULE_ESTAB_RST_OUT,
	  .want = WANT_SILENCE,
	  .s = { .flags = TCP_RST,
		 .seq = BELOW(300000),
		 .why = "RST at RCV.NXT-300,000" } },

	{ .id = "rst-exact-old-timestamp",
	  .rule = RULE_ESTAB_RST_PAWS,
	  .want = WANT_RESET,
	  .timestamps = true,
	  .s = { .flags = TCP_RST,
		 .ts_shift_ms = -1000000,
		 .why = "RST at RCV.NXT with a timestamp of 1000 s ago" } },

	{ .id = "syn-exact",
	  .rule = RULE_ESTAB_SYN_CHALLENGE,
	  .want = WANT_CHALLENGE,
	  .in_window = true,
	  .s = { .flags = TCP_SYN, .why = "SYN at RCV.NXT" } },
	{ .id = "syn-in-window",
	  .rule = RULE_ESTAB_SYN_CHALLENGE,
	  .want = WANT_CHALLENGE,
	  .in_window = true,
	  .s = { .flags = TCP_SYN, .seq = 100, .why = "SYN at RCV.NXT+100" } },
	{ .id = "syn-out-of-window",
	  .rule = RULE_ESTAB_SYN_CHALLENGE,
	  .want = WANT_CHALLENGE,
	  .s = { .flags = TCP_SYN,
		 .seq = BELOW(10000),
		 .why = "SYN at RCV.NXT-10,000" } },
	{ .id = "syn-far-above",
	  .rule = RULE_ESTAB_SYN_CHALLENGE,
	  .want = WANT_CHALLENGE,
	  .past_window = true,
	  .s = { .flags = TCP_SYN,
		 .seq = 200000,
		 .why = "SYN 200,000 beyond the window" } },
	{ .id = "syn-isn",
	  .rule = RULE_ESTAB_SYN_CHALLENGE,
	  .want = WANT_CHALLENGE,
	  .s = { .flags = TCP_SYN,
		 .seq_from = FLOW_ISN,
		 .why = "our first SYN again" } },

	{ .id = "syn-ack-again",
	  .rule = RULE_ESTAB_SYNACK_DUP,
	  .want = WANT_CHALLENGE,
	  .invalid = true,
	  .s = { .flags = TCP_SYN | TCP_ACK,
		 .seq_from = FLOW_ISN,
		 .why = "SYN-ACK at our ISN" } },
	{ .id = "syn-fin-below",
	  .rule = RULE_ESTAB_SYNACK_DUP,
	  .want = WANT_CHALLENGE,
	  .s = { .flags = TCP_SYN | TCP_FIN,
		 .seq = BELOW(10000),
		 .why = "SYN-FIN at RCV.NXT-10,000" } },

	{ .id = "ack-one-above",
	  .rule = RULE_ESTAB_ACK_ABOVE,
	  .want = WANT_CHALLENGE,
	  .s = { .flags = TCP_ACK, .ack = 1, .why = "ACK of SND.NXT+1" } },
	{ .id = "ack-too-new",
	  .rule = RULE_ESTAB_ACK_ABOVE,
	  .want = WANT_CHALLENGE,
	  .invalid = true,
	  .s = { .flags = TCP_ACK,
		 .ack = 1000000,
		 .why = "ACK of SND.NXT+1,000,000" } },
	{ .id = "ack-too-new-data",
	  .rule = RULE_ESTAB_ACK_ABOVE,
	  .want = WANT_CHALLENGE,
	  .s = { .flags = TCP_PSH | TCP_ACK,
		 .ack = 1000000,
		 DATA(4),
		 .why = "data with an ACK of SND.NXT+1,000,000" } },

	{ .id = "ack-too-old",
	  .rule = RULE_ESTAB_ACK_TOO_OLD,
	  .want = WANT_CHALLENGE,
	  .s = { .flags = TCP_PSH | TCP_ACK,
		 .ack = BELOW(200000),
		 DATA(4),
		 .why = "data with an ACK of SND.UNA-200,000" } },
	{ .id = "ack-below-isn",
	  .rule = RULE_ESTAB_ACK_TOO_OLD,
	  .want = WANT_CHALLENGE,
	  .informs = true,
	  .s = { .flags = TCP_PSH | TCP_ACK,
		 .ack = BELOW(100),
		 .ack_from = FLOW_ISN,
		 DATA(4),
		 .why = "data with an ACK of 100 below the target's ISN" } },

	{ .id = "no-ack-data",
	  .rule = RULE_ESTAB_NOACK_DROP,
	  .want = WANT_SILENCE,
	  .s = { .flags = TCP_PSH, DATA(5), .why = "data without ACK" } },
	{ .id = "no-ack-fin",
	  .rule = RULE_ESTAB_NOACK_DROP,
	  .want = WANT_SILENCE,
	  .s = { .flags = TCP_FIN, .why = "FIN without ACK" } },
	{ .id = "no-flags",
	  .rule = RULE_ESTAB_NOACK_DROP,
	  .want = WANT_SILENCE,
	  .s = { .flags = 0, .why = "no flags at all" } },
	{ .id = "no-ack-urg",
	  .rule = RULE_ESTAB_NOACK_DROP,
	  .want = WANT_SILENCE,
	  .s = { .flags = TCP_URG, .why = "URG without ACK" } },

	{ .id = "seq-above-data",
	  .rule = RULE_ESTAB_SEQ_ABOVE,
	  .want = WANT_ACK,
	  .past_window = true,
	  .invalid = true,
	  .s = { .flags = TCP_PSH | TCP_ACK,
		 .seq = 100000,
		 DATA(4),
		 .why = "data 100,000 beyond the window" } },
	{ .id = "seq-above-fin",
	  .rule = RULE_ESTAB_SEQ_ABOVE,
	  .want = WANT_ACK,
	  .past_window = true,
	  .s = { .flags = TCP_FIN | TCP_ACK,
		 .seq = 100000,
		 .why = "FIN 100,000 beyond the window" } },

	{ .id = "seq-old-data",
	  .rule = RULE_ESTAB_SEQ_OLD,
	  .want = WANT_ACK,
	  .s = { .flags = TCP_PSH | TCP_ACK,
		 .seq = BELOW(10),
		 DATA(10),
		 .why = "the 10 bytes below RCV.NXT" } },

	{ .id = "keepalive-0",
	  .rule = RULE_ESTAB_KEEPALIVE_0,
	  .want = WANT_ACK,
	  .s = { .flags = TCP_ACK,
		 .seq = BELOW(1),
		 .why = "keepalive without data" } },

	{ .id = "reserved-bits",
	  .rule = RULE_ESTAB_RESERVED_OPTS,
	  .want = WANT_TAKEN,
	  .s = { .flags = TCP_PSH | TCP_ACK | TCP_RESERVED,
		 DATA(1),
		 .why = "data with all reserved bits" } },
	{ .id = "unknown-option",
	  .rule = RULE_ESTAB_RESERVED_OPTS,
	  .want = WANT_TAKEN,
	  .s = { .flags = TCP_PSH | TCP_ACK,
		 DATA(1),
		 .options = unknown_option,
		 .options_len = sizeof(unknown_option),
		 .more_options = true,
		 .why = "data with an unknown option" } },
};
const size_t blind_rows_n = ARRAY_LEN(blind_rows);

/* --- putting one ------------------------------------------------------- */

/* False when it makes no sense on this connection. */
static bool applies(const struct blind_row *row, const struct flow_numbers *n,
		    struct trial *out)
{
	uint32_t offset = row->past_window ? 1 : row->s.seq;

	if (row->timestamps && !n->timestamps) {
		trial_set(out, TRIAL_SKIPPED, "no timestamps are negotiated");
		return false;
	}
	if (row->in_window && n->window <= offset) {
		trial_set(out, TRIAL_UNKNOWN,
			  "its window of %u bytes is too small for a segment "
			  "inside it",
			  n->window);
		return false;
	}
	return true;
}

/* What the answer is called where it is judged. */
static const char *answer_text(const struct blind_row *row,
			       const struct seen *seen, char text[static 40])
{
	switch (seen->got) {
	case GOT_SILENCE:
		return "silence";
	case GOT_SYN_ACK:
		return "SYN-ACK";
	case GOT_CHALLENGE_ACK:
		if (row->want == WANT_ACK)
			return seen->dsack ? "ACK with DSACK" : "ACK";
		return "challenge ACK";
	case GOT_ACK:
		snprintf(text, 40, "ACK of %u byte%s of it", seen->taken,
			 seen->taken == 1 ? "" : "s");
		return text;
	case GOT_RST:
		return "RST";
	case GOT_N:
		break;
	}
	return NULL;
}

static enum trial_result result_of(const struct blind_row *row,
				   const struct seen *seen)
{
	bool alive = seen->life == FLOW_ALIVE;
	bool silent = seen->got == GOT_SILENCE;

	if (row->want == WANT_RESET)
		return alive ? TRIAL_BROKEN : TRIAL_HOLDS;
	if (!alive || seen->mute)
		return TRIAL_BROKEN;
	switch (row->want) {
	case WANT_CHALLENGE:
	case WANT_ACK:
		if (silent)
			return TRIAL_MUTE;
		return seen->got == GOT_CHALLENGE_ACK ? TRIAL_HOLDS
						      : TRIAL_BROKEN;
	case WANT_SILENCE:
		return silent ? TRIAL_HOLDS : TRIAL_BROKEN;
	case WANT_TAKEN:
		if (silent)
			return TRIAL_MUTE;
		return seen->taken == row->s.payload_len ? TRIAL_HOLDS
							 : TRIAL_BROKEN;
	case WANT_RESET:
		break;
	}
	return TRIAL_BROKEN;
}

/* A connection that gives no sign of life shows one thing: it answers, or not.
 */
static bool numb(const struct subject *s, const struct blind_row *row,
		 const struct seen *seen, struct trial *out)
{
	if (s->stand->state != STAND_NUMB || !seen->put)
		return false;
	if (seen->got == GOT_CHALLENGE_ACK)
		trial_set(out, TRIAL_HOLDS, "%s: ACK", row->s.why);
	else
		trial_set(out, TRIAL_UNKNOWN,
			  "no answer to any keepalive: something on the way "
			  "may swallow them");
	return true;
}

static void judge(const struct blind_row *row, const struct subject *s,
		  const struct seen *seen, struct trial *out)
{
	bool alive = seen->life == FLOW_ALIVE;
	char text[40];

	if (numb(s, row, seen, out))
		return;
	/* What took data that it must not take may be dead, or alive, or
	 * wherever that data leads it. */
	if (seen->taken && row->want != WANT_TAKEN && !row->informs) {
		trial_set(out, TRIAL_BROKEN, "%s: %s", row->s.why,
			  answer_text(row, seen, text));
		return;
	}
	if (subject_doubt(s, seen, out))
		return;
	if (alive && seen->got == GOT_SILENCE && subject_silence_doubt(s, out))
		return;
	trial_set(out, row->informs ? TRIAL_HOLDS : result_of(row, seen),
		  "%s: %s, and the connection %s%s", row->s.why,
		  answer_text(row, seen, text), alive ? "lives" : "is gone",
		  seen->mute ? ", but its service answers no more" : "");
}

void blind_trial(struct probe_job *job, const void *what, struct trial *out)
{
	const struct question *q = what;
	const struct blind_row *row = q->row;
	struct stimulus stimulus = row->s;
	struct subject s;

	(void)job;
	*q->seen = (struct seen){ .life = FLOW_UNKNOWN };
	if (!subject_open(q->stand, &s, out) ||
	    !applies(row, flow_numbers(s.flow), out)) {
		subject_end(&s);
		return;
	}
	stimulus.check = rule_get(row->rule)->id;
	if (row->past_window)
		stimulus.seq += flow_numbers(s.flow)->window;
	/* Where silence is right, twice: that one was lost looks like it. */
	if (row->want == WANT_SILENCE)
		subject_put(&s, &stimulus, 2, q->seen);
	else
		subject_ask(&s, &stimulus, q->seen);
	judge(row, &s, q->seen, out);
	subject_end(&s);
}

const char *blind_got(const struct blind_row *row, const struct seen *seen)
{
	if (row->want == WANT_ACK && seen->got == GOT_CHALLENGE_ACK)
		return got_name(GOT_ACK);
	return got_name(seen->got);
}

/* --- calibration ------------------------------------------------------- */

/* One connection, to see what can be seen here. */
struct look {
	struct stand *stand;
	const struct blind_row *row; /* NULL: does the service answer? */
	bool silent; /* nothing answered it, or another box did */
	bool answers;
};

static void look(void *arg)
{
	struct look *l = arg;
	struct trial ignored;
	struct subject s;
	struct seen seen;
	struct question q = { l->stand, l->row, &seen };

	if (l->row) {
		blind_trial(l->stand->job, &q, &ignored);
		l->silent = seen.put && seen.life == FLOW_ALIVE &&
			    (seen.got == GOT_SILENCE ||
			     !host_same_box(seen.ttl, l->stand->control.ttl));
		return;
	}
	l->answers = subject_open(l->stand, &s, &ignored) &&
		     reach_answers(l->stand->job, s.flow, l->stand->trigger);
	subject_end(&s);
}

/* Linux's conntrack calls three kinds of our stimuli invalid. One that gets no
 * answer is the target's affair; several are a filter's. */
#define LOOKS_MAX 4
#define FILTER_SILENT 2

void blind_calibrate(struct stand *st)
{
	struct look looks[LOOKS_MAX];
	void *args[LOOKS_MAX] = { NULL };
	unsigned silent = 0;
	size_t n = 0;

	if (st->trigger->kind == TRIGGER_HTTP ||
	    st->trigger->kind == TRIGGER_SEND)
		looks[n++] = (struct look){ .stand = st };
	for (size_t i = 0; i < blind_rows_n; i++) {
		BUG_ON(n == LOOKS_MAX && blind_rows[i].invalid);
		if (blind_rows[i].invalid)
			looks[n++] = (struct look){ .stand = st,
						    .row = &blind_rows[i] };
	}
	for (size_t i = 0; i < n; i++)
		args[i] = &looks[i];
	if (engine_all(st->job->engine, look, args, n))
		return; /* out of memory: nothing was learnt */
	for (size_t i = 0; i < n; i++) {
		silent += looks[i].silent;
		st->answers |= looks[i].answers;
	}
	st->filtered = silent >= FILTER_SILENT;
}
