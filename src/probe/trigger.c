/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a handshake to the state that a probe needs.
 *
 * A service may speak first (a banner), answer a request, or close by itself;
 * all that it says is acknowledged. A request that is not acknowledged is sent
 * again, so that a lost segment is not taken for a service that does not
 * answer.
 */
#include "probe/trigger.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/num.h"
#include "wire/seq.h"

/* With --trigger wait a service may take so long to close. */
#define WAIT_MAX_NS (300 * TIME_S)
/* Its answer to a request may come in pieces that are so far apart. */
#define ANSWER_TIMEOUTS 3
#define ANSWER_MAX_NS (30 * TIME_S)
#define REQUEST_MAX 512

static int read_payload(struct trigger *t, const char *text, struct err *e)
{
	size_t len = strlen(text);

	t->kind = TRIGGER_SEND;
	t->payload = malloc(len ? len : 1);
	if (!t->payload)
		return err_set(e, ERR_MEMORY,
			       "read the trigger: out of memory");
	if (!escape_read(text, t->payload, len, &t->payload_len))
		return err_set(e, ERR_USAGE,
			       "--trigger: send: knows the escapes \\n, \\r, "
			       "\\t, \\0, \\\\ and \\xNN");
	if (!t->payload_len)
		return err_set(e, ERR_USAGE, "--trigger: send: needs a text");
	return 0;
}

int trigger_prepare(struct trigger *t, struct err *e)
{
	static const struct {
		const char *name;
		enum trigger_kind kind;
	} kinds[] = {
		{ "auto", TRIGGER_AUTO },
		{ "http", TRIGGER_HTTP },
		{ "wait", TRIGGER_WAIT },
		{ "none", TRIGGER_NONE },
	};
	char safe[100];

	if (!t->text)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(t->text, kinds[i].name) == 0) {
			t->kind = kinds[i].kind;
			return 0;
		}
	}
	if (strncmp(t->text, "send:", 5) == 0)
		return read_payload(t, t->text + 5, e);
	return err_set(e, ERR_USAGE,
		       "--trigger: \"%s\" is none of http, send:TEXT, wait, "
		       "none, auto",
		       escape_text(t->text, safe, sizeof(safe)));
}

void trigger_release(struct trigger *t)
{
	free(t->payload);
}

/* --- the handshake ----------------------------------------------------- */

static void reach_set(struct reach *r, enum reached how, const char *fmt, ...)
	PRINTF(3, 4);

static void reach_set(struct reach *r, enum reached how, const char *fmt, ...)
{
	va_list args;

	r->how = how;
	va_start(args, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, args);
	va_end(args);
}

static void explain_silence(const struct flow *f, struct reach *out)
{
	const struct err *error = flow_error(f);
	enum flow_silence silence = flow_silence(f);

	if (error->code)
		reach_set(out, REACHED_NOTHING, "%s", error->text);
	else if (silence == SILENCE_REAL)
		reach_set(out, REACHED_SILENCE,
			  "nothing answered the SYN, to any try");
	else
		reach_set(out, REACHED_NOTHING, "%s",
			  flow_silence_text(silence));
}

static bool shake_hands(struct flow *f, struct reach *out)
{
	const struct reply *reply;
	char from[ADDR_TEXT_MAX];

	switch (flow_handshake(f, &reply)) {
	case FLOW_SEGMENT:
		if (flow_numbers(f)->stage == FLOW_ESTABLISHED)
			return true;
		flow_note(f, "nobody listens");
		reach_set(out, REACHED_REFUSED,
			  "nobody listens: RST to the SYN");
		break;
	case FLOW_ICMP:
		flow_note(f, "somebody on the way says no");
		reach_set(out, REACHED_BLOCKED, "ICMP %s from %s to the SYN",
			  icmp_text((enum family)reply->icmp.src.family,
				    reply->icmp.type, reply->icmp.code),
			  addr_format(&reply->icmp.src, from));
		break;
	case FLOW_TIMEOUT:
	case FLOW_ECHO:
		explain_silence(f, out);
		break;
	case FLOW_STOPPED:
		reach_set(out, REACHED_NOTHING, "the run was stopped");
		break;
	}
	return false;
}

/* --- asking ------------------------------------------------------------ */

/* How long the target may take before it is taken for quiet. */
static int64_t quiet_time(struct probe_job *job)
{
	return ANSWER_TIMEOUTS * engine_config(job->engine)->timeout_ns;
}

/*
 * Send a request and hear what comes of it: until the service has closed, or
 * has been quiet for a while and has acknowledged the request.
 */
static enum flow_event request(struct probe_job *job, struct flow *f,
			       const struct stimulus *what, struct reach *out)
{
	const struct engine_config *config = engine_config(job->engine);
	const struct flow_numbers *n = flow_numbers(f);
	struct stimulus s = *what;
	enum flow_event event = FLOW_TIMEOUT;

	for (unsigned tries = 0; tries <= config->retries; tries++) {
		if (flow_send(f, &s))
			return FLOW_TIMEOUT;
		event = flow_absorb(f, config->timeout_ns, ANSWER_MAX_NS,
				    &out->heard);
		if (event != FLOW_TIMEOUT || n->snd_una == n->snd_nxt)
			break;
		s.counts = false;
		s.seq = -(uint32_t)s.payload_len;
	}
	if (event == FLOW_TIMEOUT && n->snd_una == n->snd_nxt)
		event = flow_absorb(f, quiet_time(job), ANSWER_MAX_NS,
				    &out->heard);
	return event;
}

/* The name that the user gave, or the address; safe in a header line. */
static void host_name(const struct probe_job *job, char *out, size_t size)
{
	const char *host = job->finding->host;
	char text[ADDR_TEXT_MAX];

	if (host[0] && !strpbrk(host, ":/ \t\r\n"))
		snprintf(out, size, "%s", host);
	else if (job->target.addr.family == FAMILY_IPV6)
		snprintf(out, size, "[%s]",
			 addr_format(&job->target.addr, text));
	else
		snprintf(out, size, "%s", addr_format(&job->target.addr, text));
}

static const char *http_request(const struct probe_job *job, bool close,
				char text[static REQUEST_MAX])
{
	char host[FINDING_HOST_MAX];

	host_name(job, host, sizeof(host));
	snprintf(text, REQUEST_MAX,
		 "GET / HTTP/1.1\r\nHost: %s\r\nConnection: %s\r\n\r\n", host,
		 close ? "close" : "keep-alive");
	return text;
}

static enum flow_event ask_http(struct probe_job *job, struct flow *f,
				bool close, struct reach *out)
{
	char text[REQUEST_MAX];

	http_request(job, close, text);
	return request(job, f,
		       &(struct stimulus){
			       .flags = TCP_PSH | TCP_ACK,
			       .payload = text,
			       .payload_len = strlen(text),
			       .counts = true,
			       .why = "a minimal HTTP request",
		       },
		       out);
}

enum flow_event reach_again(struct probe_job *job, struct flow *f,
			    const struct trigger *t, struct reach *out)
{
	return request(job, f,
		       &(struct stimulus){
			       .flags = TCP_PSH | TCP_ACK,
			       .payload = t->payload,
			       .payload_len = t->payload_len,
			       .counts = true,
			       .why = "what the user wants to be sent",
		       },
		       out);
}

/* What ended the listening, where the service was to close or to stay. */
static void judge_end(struct reach *out, enum flow_event event,
		      const char *after)
{
	const struct flow_heard *heard = &out->heard;

	if (event == FLOW_STOPPED)
		reach_set(out, REACHED_NOTHING, "the run was stopped");
	else if (heard->rst)
		reach_set(out, REACHED_RESET, "the target reset it %s", after);
	else if (heard->fin)
		reach_set(out, REACHED_CLOSED, "the service closed it %s",
			  after);
	else
		reach_set(out, REACHED_OPEN, "the service keeps it open %s",
			  after);
}

static enum flow_event wait_for_close(struct probe_job *job, struct flow *f,
				      struct reach *out)
{
	int64_t start = engine_now(job->engine), waited = 0;
	char text[NUM_DURATION_TEXT_MAX];

	while (waited < WAIT_MAX_NS) {
		enum flow_event event =
			flow_absorb(f, TIME_S, TIME_S, &out->heard);

		if (event != FLOW_TIMEOUT)
			return event;
		waited = engine_now(job->engine) - start;
		probe_say(job, "waiting for the service to close: %s",
			  num_format_duration(waited, text));
	}
	return FLOW_TIMEOUT;
}

/* --- states ------------------------------------------------------------ */

struct flow *reach_established(struct probe_job *job, const struct trigger *t,
			       struct reach *out)
{
	struct flow *f = probe_flow(job);

	if (f)
		reach_on(job, f, t, out);
	return f;
}

/*
 * Nobody acknowledges the third segment of the handshake. Where it was lost the
 * target is still in SYN-RECEIVED, and answers otherwise than a connection; so
 * it is said again when nothing else would tell.
 */
static void ensure_established(struct flow *f)
{
	static const struct stimulus ack = {
		.flags = TCP_ACK,
		.why = "handshake: ACK, once more in case the first was lost",
	};

	if (flow_numbers(f)->snd_una != flow_numbers(f)->iss + 1)
		return;
	/* A failure is seen by the next segment too. */
	(void)flow_send(f, &ack);
}

void reach_on(struct probe_job *job, struct flow *f, const struct trigger *t,
	      struct reach *out)
{
	enum flow_event event;

	*out = (struct reach){ .how = REACHED_NOTHING };
	if (!shake_hands(f, out))
		return;
	event = flow_absorb(f, probe_patience(flow_numbers(f)->rtt_ns),
			    ANSWER_MAX_NS, &out->heard);
	if (event == FLOW_TIMEOUT && t->kind == TRIGGER_HTTP)
		event = ask_http(job, f, false, out);
	else if (event == FLOW_TIMEOUT && t->kind == TRIGGER_SEND)
		event = reach_again(job, f, t, out);
	out->last_ns = flow_left_ns(f);
	if (event == FLOW_TIMEOUT && !out->heard.bytes)
		ensure_established(f);
	judge_end(out, event, "before anything was tried");
	if (out->how == REACHED_OPEN)
		reach_set(out, REACHED, "the connection is open");
}

bool reach_echoed(const struct trigger *t, const struct reach *r)
{
	const struct flow_heard *heard = &r->heard;

	if (t->kind != TRIGGER_SEND || heard->bytes != heard->data_len ||
	    t->payload_len > heard->data_len)
		return false;
	return memcmp(heard->data + heard->data_len - t->payload_len,
		      t->payload, t->payload_len) == 0;
}

struct flow *reach_closed_first(struct probe_job *job, const struct trigger *t,
				struct reach *out)
{
	struct flow *f = probe_flow(job);

	if (f)
		reach_closed_first_on(job, f, t, out);
	return f;
}

void reach_closed_first_on(struct probe_job *job, struct flow *f,
			   const struct trigger *t, struct reach *out)
{
	const char *after = "by itself";
	enum flow_event event;

	*out = (struct reach){ .how = REACHED_NOTHING };
	if (!shake_hands(f, out))
		return;
	event = flow_absorb(f, probe_patience(flow_numbers(f)->rtt_ns),
			    ANSWER_MAX_NS, &out->heard);
	if (event == FLOW_TIMEOUT) {
		switch (t->kind) {
		case TRIGGER_AUTO:
		case TRIGGER_HTTP:
			event = ask_http(job, f, true, out);
			after = "after an HTTP request";
			break;
		case TRIGGER_SEND:
			event = reach_again(job, f, t, out);
			after = "after what was sent";
			break;
		case TRIGGER_WAIT:
			event = wait_for_close(job, f, out);
			break;
		case TRIGGER_NONE:
			break;
		}
	}
	judge_end(out, event, after);
	if (out->how == REACHED_CLOSED)
		out->how = REACHED;
}

void reach_handshake(struct flow *f, struct reach *out)
{
	*out = (struct reach){ .how = REACHED_NOTHING };
	if (shake_hands(f, out))
		reach_set(out, REACHED, "the connection is open");
}

/* The other end has sent something since; perhaps that was lost, and this is
 * what follows it. */
static bool is_new_data(const struct flow *f, const struct segment *s,
			const void *arg)
{
	const uint32_t *before = arg;

	(void)f;
	return !(s->flags & (TCP_SYN | TCP_RST)) &&
	       seq_lt(*before, s->seq + segment_len(s));
}

bool reach_answers(struct probe_job *job, struct flow *f,
		   const struct trigger *t)
{
	static const struct stimulus ack = {
		.flags = TCP_ACK,
		.why = "ACK of what the service said",
	};
	const uint32_t before = flow_numbers(f)->rcv_nxt;
	struct flow_expect expect = { .accept = is_new_data, .arg = &before };
	struct stimulus s = {
		.flags = TCP_PSH | TCP_ACK,
		.payload = t->payload,
		.payload_len = t->payload_len,
		.counts = true,
		.why = "does the service answer?",
	};
	const struct reply *reply;
	char text[REQUEST_MAX];

	if (t->kind == TRIGGER_HTTP) {
		s.payload = http_request(job, false, text);
		s.payload_len = strlen(text);
	} else if (t->kind != TRIGGER_SEND) {
		return false;
	}
	/* Should the answer be lost, it takes its time to come again: the
	 * same once more. */
	if (flow_ask(f, &s, &expect, &reply) != FLOW_SEGMENT) {
		s.counts = false;
		s.seq = -(uint32_t)s.payload_len;
		if (flow_ask(f, &s, &expect, &reply) != FLOW_SEGMENT)
			return false;
	}
	flow_note(f, "the service answers");
	return flow_send(f, &ack) == 0;
}
