/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The facts of send. Segments are told field by field from the packets that
 * were kept as evidence, ours as they left and the target's as they came.
 */
#include "probe/sendfacts.h"

#include "wire/text.h"

/* Segments of ours that are told one by one. */
#define STIMULI_MAX 1000
/* Of all payload together: a flood must not become a flood of text. */
#define DATA_MAX ((size_t)256 * 1024)

/* What is written, and what room for payload is left. */
struct facts {
	struct finding *f;
	size_t data_left;
};

bool send_evidence(const struct finding *f, size_t evidence,
		   struct segment *out, enum segment_fault *fault)
{
	const struct trace *t = &f->trace;

	if (evidence >= t->n)
		return false;
	*fault = segment_parse(t->entries[evidence].bytes,
			       t->entries[evidence].len, out);
	return *fault != SEGMENT_NOT_TCP;
}

static void fact_time(struct finding *f, const char *name, int64_t ns)
{
	if (ns)
		fact_real(f, name, (double)ns / (double)TIME_US);
	else
		fact_null(f, name);
}

/* --- a segment --------------------------------------------------------- */

static void add_data(struct facts *to, const struct segment *s)
{
	size_t len =
		s->payload_len < to->data_left ? s->payload_len : to->data_left;

	to->data_left -= len;
	fact_escaped(to->f, "data", s->payload, len);
	fact_hex(to->f, "data_hex", s->payload, len);
}

static void add_ip(struct finding *f, const struct segment *s)
{
	fact_int(f, "ttl", s->ttl);
	fact_int(f, "tos", s->tos);
	if (s->src.family == FAMILY_IPV6) {
		fact_null(f, "df");
		fact_null(f, "id");
		fact_int(f, "flow_label", s->flow_label);
	} else {
		fact_bool(f, "df", s->df);
		fact_int(f, "id", s->id);
		fact_null(f, "flow_label");
	}
}

static void add_options(struct finding *f, const struct segment *s)
{
	char text[OPTIONS_TEXT_MAX];

	fact_options(f, "options", s->options, s->options_len);
	fact_text(f, "options_text",
		  options_text(s->options, s->options_len, text, sizeof(text)));
}

static void add_segment(struct facts *to, const struct segment *s)
{
	struct finding *f = to->f;
	char flags[TEXT_FLAGS_MAX];

	fact_text(f, "flags", text_flags(s->flags, flags));
	fact_int(f, "seq", s->seq);
	fact_int(f, "ack", s->ack);
	fact_int(f, "window", s->window);
	fact_int(f, "urgent", s->urgent);
	fact_int(f, "data_offset", s->doff);
	add_ip(f, s);
	add_options(f, s);
	fact_int(f, "data_len", (int64_t)s->payload_len);
	add_data(to, s);
}

/* --- ours -------------------------------------------------------------- */

static void add_stimulus(struct facts *to, const struct send_out *out,
			 int64_t start_ns)
{
	enum segment_fault fault;
	struct segment s;

	fact_object(to->f, NULL);
	fact_int(to->f, "port", out->from.port);
	if (out->left_ns)
		fact_real(to->f, "left_us",
			  (double)(out->left_ns - start_ns) / (double)TIME_US);
	else
		fact_null(to->f, "left_us");
	if (send_evidence(to->f, out->evidence, &s, &fault)) {
		add_segment(to, &s);
		fact_int(to->f, "checksum", s.sum);
		fact_bool(to->f, "checksum_good", s.sum_good);
		if (fault)
			fact_text(to->f, "malformed",
				  segment_fault_text(fault));
	}
	fact_end(to->f);
}

static void add_stimuli(struct facts *to, const struct send_log *log)
{
	int64_t start_ns = 0;
	size_t told = 0;

	fact_array(to->f, "stimuli");
	for (size_t k = 0; k < log->total && told < STIMULI_MAX; k++) {
		const struct send_out *out = &log->out[k];

		if (!out->sent)
			continue;
		if (!start_ns)
			start_ns = out->left_ns;
		add_stimulus(to, out, start_ns);
		told++;
	}
	fact_end(to->f);
	fact_int(to->f, "stimuli_omitted", (int64_t)(log->sent - told));
}

/* --- answers ----------------------------------------------------------- */

static void add_icmp(struct finding *f, const struct icmp *icmp)
{
	char from[ADDR_TEXT_MAX];

	fact_object(f, "icmp");
	fact_int(f, "type", icmp->type);
	fact_int(f, "code", icmp->code);
	fact_text(f, "from", addr_format(&icmp->src, from));
	fact_int(f, "ttl", icmp->ttl);
	if (icmp->mtu)
		fact_int(f, "mtu", icmp->mtu);
	fact_int(f, "quoted_ttl", icmp->quote.ttl);
	fact_end(f);
}

static void add_answer(struct facts *to, const struct send_in *in)
{
	struct segment s = in->segment;
	enum segment_fault fault;

	fact_object(to->f, NULL);
	fact_int(to->f, "to", (int64_t)in->to);
	fact_time(to->f, "after_us", in->after_ns);
	fact_text(to->f, "taken_for", send_kind_name(in->kind));
	if (in->kind == SEND_UNREACHABLE || in->kind == SEND_EXPIRED) {
		add_icmp(to->f, &in->icmp);
	} else {
		if (!send_evidence(to->f, in->evidence, &s, &fault))
			s.options_len = s.payload_len = 0;
		add_segment(to, &s);
	}
	fact_end(to->f);
}

static void add_answers(struct facts *to, const struct send_log *log)
{
	fact_array(to->f, "answers");
	for (size_t i = 0; i < log->in_n; i++)
		add_answer(to, &log->in[i]);
	fact_end(to->f);
	fact_int(to->f, "answers_omitted", (int64_t)log->in_omitted);
}

/* --- all --------------------------------------------------------------- */

static void add_rtt(struct finding *f, const struct send_log *log)
{
	if (!log->rtt.n) {
		fact_null(f, "rtt_us");
		return;
	}
	fact_object(f, "rtt_us");
	fact_time(f, "min", log->rtt.least_ns);
	fact_time(f, "avg", log->rtt.sum_ns / (int64_t)log->rtt.n);
	fact_time(f, "max", log->rtt.most_ns);
	fact_end(f);
}

static void add_connection(struct finding *f, const struct reach *reach)
{
	if (!reach) {
		fact_null(f, "connection");
		return;
	}
	fact_object(f, "connection");
	fact_bool(f, "open", reach->how == REACHED);
	fact_int(f, "heard_bytes", (int64_t)reach->heard.bytes);
	fact_escaped(f, "heard", reach->heard.data, reach->heard.data_len);
	fact_end(f);
}

void send_facts(struct finding *f, const struct send_log *log,
		const struct reach *reach)
{
	struct facts to = { .f = f, .data_left = DATA_MAX };

	fact_int(f, "sent", (int64_t)log->sent);
	fact_int(f, "answered", (int64_t)log->answered);
	add_rtt(f, log);
	add_connection(f, reach);
	add_stimuli(&to, log);
	add_answers(&to, log);
	if (log->malformed)
		fact_int(f, "malformed", (int64_t)log->malformed);
	if (log->foreign)
		fact_int(f, "own_kernel_resets", (int64_t)log->foreign);
}
