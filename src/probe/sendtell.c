/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What send found, for people. Of a few segments the ladder shows what came;
 * the remarks add the fields that it has no room for, and the data. Of many
 * they are a list, a line an answer, and the ladder is left to -v.
 */
#include "probe/sendtell.h"

#include <string.h>

#include "base/escape.h"
#include "base/line.h"
#include "base/num.h"
#include "probe/sendfacts.h"
#include "wire/text.h"

/* More are told as a list. */
#define FEW_SEGMENTS 4
#define FEW_ANSWERS 16
#define LISTED_MAX 1000
/* Of the data of one answer: so many lines of so many characters. */
#define DATA_LINES 16
#define DATA_WIDTH 68
#define DATA_INDENT 4
#define REMARK_MAX 512

/* --- words ------------------------------------------------------------- */

static void add_when(struct line *l, int64_t after_ns)
{
	char took[NUM_DURATION_TEXT_MAX];

	if (after_ns)
		line_add(l, " after %s", num_format_duration(after_ns, took));
}

static void add_icmp(struct line *l, const struct icmp *icmp)
{
	enum family family = (enum family)icmp->src.family;
	char from[ADDR_TEXT_MAX];

	line_add(l, "%s says: %s (%s type %u code %u)",
		 addr_format(&icmp->src, from),
		 icmp_text(family, icmp->type, icmp->code),
		 family == FAMILY_IPV6 ? "ICMPv6" : "ICMP", icmp->type,
		 icmp->code);
	if (icmp->mtu)
		line_add(l, ", MTU %u", icmp->mtu);
}

static bool is_icmp(const struct send_in *in)
{
	return in->kind == SEND_UNREACHABLE || in->kind == SEND_EXPIRED;
}

/* "SYN-ACK after 13 us (ttl 64)" */
static void add_answer(struct line *l, const struct send_in *in)
{
	const struct segment *s = &in->segment;
	char flags[TEXT_FLAG_NAMES_MAX];

	if (is_icmp(in)) {
		add_icmp(l, &in->icmp);
		add_when(l, in->after_ns);
		return;
	}
	line_add(l, "%s", text_flag_names(s->flags, flags));
	if (s->payload_len)
		line_add(l, " with %zu byte%s of data", s->payload_len,
			 s->payload_len == 1 ? "" : "s");
	add_when(l, in->after_ns);
	line_add(l, " (ttl %u)", s->ttl);
}

/* --- the sentence ------------------------------------------------------ */

/* "; in all 60 syn-ack, 40 rst", where they are not all the same. */
static void add_tally(struct line *l, const struct send_log *log)
{
	const char *lead = "; in all ";
	unsigned different = 0;

	for (size_t i = 0; i < SEND_KIND_N; i++)
		different += log->kinds[i] != 0;
	if (different < 2)
		return;
	for (size_t i = 0; i < SEND_KIND_N; i++) {
		char count[NUM_COUNT_TEXT_MAX];

		if (!log->kinds[i])
			continue;
		line_add(l, "%s%s %s", lead,
			 num_format_count(log->kinds[i], count),
			 send_kind_name((enum send_kind)i));
		lead = ", ";
	}
}

static void add_round_trips(struct line *l, const struct send_log *log)
{
	char least[NUM_DURATION_TEXT_MAX], most[NUM_DURATION_TEXT_MAX];
	char mean[NUM_DURATION_TEXT_MAX];

	if (log->rtt.n < 2)
		return;
	line_add(l, "; round trips of %s to %s, %s on average",
		 num_format_duration(log->rtt.least_ns, least),
		 num_format_duration(log->rtt.most_ns, most),
		 num_format_duration(log->rtt.sum_ns / (int64_t)log->rtt.n,
				     mean));
}

/* "98 of 100 answered (2 % lost): " */
static void add_share(struct line *l, const struct send_log *log)
{
	double lost =
		100.0 * (double)(log->sent - log->answered) / (double)log->sent;

	line_add(l, "%zu of %zu answered", log->answered, log->sent);
	if (log->answered < log->sent)
		line_add(l, " (%.*f %% lost)", lost < 10 ? 1 : 0, lost);
	line_add(l, ": ");
}

static void add_more(struct line *l, const struct send_log *log)
{
	size_t more = log->in_n + log->in_omitted - 1;

	if (more)
		line_add(l, ", and %zu more answer%s", more,
			 more == 1 ? "" : "s");
}

static void conclude_answered(struct finding *f, const struct send_settings *s,
			      const struct send_log *log)
{
	const struct send_in *first = &log->first;
	char text[FINDING_SUMMARY_MAX];
	struct line l = line_init(text, sizeof(text));

	if (log->total > 1)
		add_share(&l, log);
	if (s->ttl_first != s->ttl_last && first->kind != SEND_EXPIRED)
		line_add(&l, "%s TTL %u: ",
			 is_icmp(first) ? "with" : "reached with",
			 log->out[first->to].ttl);
	add_answer(&l, first);
	if (log->total == 1)
		add_more(&l, log);
	else
		add_tally(&l, log);
	add_round_trips(&l, log);
	finding_conclude(f, send_kind_verdict(first->kind), OUTCOME_PASS, "%s",
			 text);
}

static void conclude_silence(struct probe_job *job, const struct send_log *log)
{
	char waited[NUM_DURATION_TEXT_MAX];

	num_format_duration(engine_config(job->engine)->timeout_ns, waited);
	if (log->total == 1)
		finding_conclude(job->finding, "silence", OUTCOME_PASS,
				 "nothing answered within %s", waited);
	else
		finding_conclude(job->finding, "silence", OUTCOME_PASS,
				 "none of %zu segments was answered within %s",
				 log->silent, waited);
}

static void conclude(struct probe_job *job, const struct send_settings *s,
		     const struct send_log *log)
{
	if (log->any)
		conclude_answered(job->finding, s, log);
	else if (log->malformed)
		finding_conclude(job->finding, "other", OUTCOME_PASS,
				 "only malformed segments answered (%zu)",
				 log->malformed);
	else if (log->doubtful)
		probe_conclude_unheard(job, "segment", log->doubt);
	else if (log->silent)
		conclude_silence(job, log);
	else
		finding_conclude(job->finding, "inconclusive",
				 OUTCOME_INCONCLUSIVE,
				 "the run was stopped before there was an "
				 "answer");
}

/* --- a few, at length -------------------------------------------------- */

/* "segment 2: seq 7, ack 0, …", the number where there are several. */
static void add_title(struct line *l, const char *what, size_t i, bool several)
{
	if (several)
		line_add(l, "%s %zu: ", what, i + 1);
	else
		line_add(l, "%s: ", what);
}

static void add_fields(struct line *l, const struct segment *s)
{
	char options[OPTIONS_TEXT_MAX];

	line_add(l, "seq %u, ack %u, win %u", s->seq, s->ack, s->window);
	if (s->urgent || s->flags & TCP_URG)
		line_add(l, ", urg %u", s->urgent);
	line_add(l, ", ttl %u, tos 0x%02x", s->ttl, s->tos);
	if (s->src.family == FAMILY_IPV6 && s->flow_label)
		line_add(l, ", flow label 0x%05x", s->flow_label);
	else if (s->src.family == FAMILY_IPV4)
		line_add(l, ", id %u%s", s->id, s->df ? ", DF" : "");
	/* Those of the others stand in the ladder. */
	if (s->options_len && !(s->flags & (TCP_SYN | TCP_RST)))
		line_add(l, ", options %s",
			 options_text(s->options, s->options_len, options,
				      sizeof(options)));
}

/* A line of text a line, and no line too wide. */
static size_t data_line(const uint8_t *bytes, size_t len, char *out,
			size_t size)
{
	const uint8_t *newline = memchr(bytes, '\n', len);
	size_t n = newline ? (size_t)(newline - bytes) + 1 : len;

	if (n > DATA_WIDTH)
		n = DATA_WIDTH;
	/* At worst each byte is four characters. */
	while (n > DATA_WIDTH / 4 &&
	       strlen(escape_bytes(bytes, n, out, size)) > DATA_WIDTH)
		n--;
	escape_bytes(bytes, n, out, size);
	return n;
}

static void remark_data(struct finding *f, const struct segment *s)
{
	char text[4 * DATA_WIDTH + 1];
	size_t at = 0;

	for (int i = 0; at < s->payload_len && i < DATA_LINES; i++) {
		at += data_line(s->payload + at, s->payload_len - at, text,
				sizeof(text));
		finding_remark(f, "%*s\"%s\"", DATA_INDENT, "", text);
	}
	if (at < s->payload_len)
		finding_remark(f, "%*sand %zu bytes more", DATA_INDENT, "",
			       s->payload_len - at);
}

static void remark_segment(struct finding *f, size_t k,
			   const struct send_log *log)
{
	char text[REMARK_MAX];
	struct line l = line_init(text, sizeof(text));
	enum segment_fault fault;
	struct segment s;

	if (!send_evidence(f, log->out[k].evidence, &s, &fault))
		return;
	add_title(&l, "segment", k, log->total > 1);
	add_fields(&l, &s);
	if (fault)
		line_add(&l, ", data offset %u", s.doff);
	finding_remark(f, "%s", text);
}

static void remark_answer(struct finding *f, size_t i,
			  const struct send_log *log)
{
	const struct send_in *in = &log->in[i];
	char text[REMARK_MAX];
	struct line l = line_init(text, sizeof(text));
	enum segment_fault fault;
	struct segment s = in->segment;

	add_title(&l, "answer", i, log->in_n > 1);
	if (is_icmp(in)) {
		add_icmp(&l, &in->icmp);
		line_add(&l, ", ttl %u; it quotes the segment with ttl %u",
			 in->icmp.ttl, in->icmp.quote.ttl);
		finding_remark(f, "%s", text);
		return;
	}
	if (!send_evidence(f, in->evidence, &s, &fault))
		s.options_len = s.payload_len = 0;
	add_fields(&l, &s);
	finding_remark(f, "%s", text);
	remark_data(f, &s);
}

static void remark_few(struct finding *f, const struct send_log *log)
{
	for (size_t k = 0; k < log->total; k++) {
		if (log->out[k].sent)
			remark_segment(f, k, log);
	}
	for (size_t i = 0; i < log->in_n; i++)
		remark_answer(f, i, log);
}

/* --- many, a line each ------------------------------------------------- */

/* What the lines of a list have in front. */
static void add_label(struct line *l, const struct send_settings *s,
		      const struct send_log *log, size_t k)
{
	int width = 1;

	for (size_t n = log->total; n >= 10; n /= 10)
		width++;
	if (s->ttl_first != s->ttl_last)
		line_add(l, "ttl %-3u ", log->out[k].ttl);
	else
		line_add(l, "%*zu ", width, k + 1);
}

static void list_answer(struct finding *f, struct line *l,
			const struct send_in *in)
{
	const struct segment *s = &in->segment;
	char took[NUM_DURATION_TEXT_MAX] = "", flags[TEXT_FLAG_NAMES_MAX];

	if (in->after_ns)
		num_format_duration(in->after_ns, took);
	line_add(l, "%10s  ", took);
	if (is_icmp(in)) {
		add_icmp(l, &in->icmp);
	} else {
		line_add(l, "%s seq %u win %u ttl %u",
			 text_flag_names(s->flags, flags), s->seq, s->window,
			 s->ttl);
		if (s->src.family == FAMILY_IPV4)
			line_add(l, " id %u%s", s->id, s->df ? " DF" : "");
		if (s->payload_len)
			line_add(l, " len %zu", s->payload_len);
	}
	finding_remark(f, "%s", line_text(l));
}

/* The answers to the kth segment, which begin at *i. */
static void list_segment(struct finding *f, const struct send_settings *s,
			 const struct send_log *log, size_t k, size_t *i)
{
	bool any = false;

	for (; *i < log->in_n && log->in[*i].to == k; (*i)++) {
		char text[REMARK_MAX];
		struct line l = line_init(text, sizeof(text));

		add_label(&l, s, log, k);
		list_answer(f, &l, &log->in[*i]);
		any = true;
	}
	if (!any && !log->out[k].answered) {
		char text[REMARK_MAX];
		struct line l = line_init(text, sizeof(text));

		add_label(&l, s, log, k);
		finding_remark(f, "%s%10s  no answer", line_text(&l), "");
	}
}

static void remark_many(struct finding *f, const struct send_settings *s,
			const struct send_log *log)
{
	char count[NUM_COUNT_TEXT_MAX];
	size_t i = 0, left = 0;

	for (size_t k = 0; k < log->total; k++) {
		if (!log->out[k].sent)
			continue;
		if (f->remarks_n < LISTED_MAX)
			list_segment(f, s, log, k, &i);
		else
			left++;
	}
	if (left)
		finding_remark(f, "and %s segments more, not listed",
			       num_format_count(left, count));
}

/* --- all --------------------------------------------------------------- */

static void remark_doubts(struct finding *f, const struct send_log *log)
{
	if (log->any && log->doubtful)
		finding_remark(f,
			       "of %zu without an answer nothing is proved: %s",
			       log->doubtful, flow_silence_text(log->doubt));
	if (log->any && log->malformed)
		finding_remark(f, "%zu more answers were malformed",
			       log->malformed);
}

void send_tell(struct probe_job *job, const struct send_settings *s,
	       const struct send_log *log, const struct reach *reach)
{
	struct finding *f = job->finding;

	f->crowded = log->total > FEW_SEGMENTS || log->in_n > FEW_ANSWERS;
	if (f->outcome == OUTCOME_ERROR)
		return;
	if (!f->verdict)
		conclude(job, s, log);
	if (f->crowded)
		remark_many(f, s, log);
	else
		remark_few(f, log);
	remark_doubts(f, log);
	send_facts(f, log, s->connected ? reach : NULL);
}
