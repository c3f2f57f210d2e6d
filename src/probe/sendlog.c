/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of segments and answers, and which answer counts. */
#include "probe/sendlog.h"

#include <string.h>

static const char *const names[] = {
	[SEND_SYN_ACK] = "syn-ack",
	[SEND_ACK] = "ack",
	[SEND_DATA] = "data",
	[SEND_FIN] = "fin",
	[SEND_RST] = "rst",
	[SEND_OTHER] = "other",
	[SEND_UNREACHABLE] = "unreachable",
	[SEND_EXPIRED] = "expired",
};
static_assert(ARRAY_LEN(names) == SEND_KIND_N, "a kind without a name");

const char *send_kind_name(enum send_kind kind)
{
	return names[kind];
}

const char *send_kind_verdict(enum send_kind kind)
{
	return names[kind == SEND_EXPIRED ? SEND_UNREACHABLE : kind];
}

enum send_kind send_classify(enum flow_event event, const struct reply *reply)
{
	const struct segment *s = &reply->segment;
	uint16_t flags = s->flags;

	if (event == FLOW_ICMP)
		return icmp_is_hop_limit(&reply->icmp) ? SEND_EXPIRED
						       : SEND_UNREACHABLE;
	if (flags & TCP_RST)
		return SEND_RST;
	if (flags & TCP_SYN)
		return flags & TCP_ACK ? SEND_SYN_ACK : SEND_OTHER;
	if (s->payload_len)
		return SEND_DATA;
	if (flags & TCP_FIN)
		return SEND_FIN;
	return flags & TCP_ACK ? SEND_ACK : SEND_OTHER;
}

bool send_log_init(struct send_log *log, size_t total)
{
	*log = (struct send_log){
		.out = calloc(total, sizeof(struct send_out)),
		.total = total,
	};
	return log->out != NULL;
}

void send_log_fini(struct send_log *log)
{
	free(log->out);
	free(log->in);
}

/*
 * How much it says of the target: a router on the way nothing, a receipt that
 * the segment has arrived, all else what it was sent for.
 */
static unsigned weight(const struct send_in *in)
{
	if (in->kind == SEND_EXPIRED)
		return 0;
	return in->receipt ? 1 : 2;
}

static void choose_first(struct send_log *log, const struct send_in *in)
{
	unsigned old = weight(&log->first), new = weight(in);

	if (log->any &&
	    (new < old || (new == old && in->t_ns >= log->first.t_ns)))
		return;
	log->any = true;
	log->first = *in;
}

static void keep(struct send_log *log, const struct send_in *in)
{
	size_t size = log->in_size ? log->in_size * 2 : 4;
	struct send_in *moved;

	if (log->in_n == log->in_size && log->in_n < SEND_ANSWERS_MAX) {
		moved = reallocarray(log->in, size, sizeof(*moved));
		if (moved) {
			log->in = moved;
			log->in_size = size;
		}
	}
	if (log->in_n < log->in_size && log->in_n < SEND_ANSWERS_MAX)
		log->in[log->in_n++] = *in;
	else
		log->in_omitted++;
}

static void count_rtt(struct send_log *log, int64_t rtt_ns)
{
	if (!log->rtt.n || rtt_ns < log->rtt.least_ns)
		log->rtt.least_ns = rtt_ns;
	if (rtt_ns > log->rtt.most_ns)
		log->rtt.most_ns = rtt_ns;
	log->rtt.sum_ns += rtt_ns;
	log->rtt.n++;
}

void send_log_answer(struct send_log *log, struct send_in *in)
{
	struct send_out *out = &log->out[in->to];

	if (out->left_ns && in->t_ns > out->left_ns)
		in->after_ns = in->t_ns - out->left_ns;
	log->kinds[in->kind]++;
	choose_first(log, in);
	keep(log, in);
	if (out->answered)
		return;
	out->answered = true;
	log->answered++;
	if (!in->after_ns)
		return;
	out->rtt_ns = in->after_ns;
	count_rtt(log, in->after_ns);
}

void send_log_silence(struct send_log *log, enum flow_silence why)
{
	if (why == SILENCE_REAL) {
		log->silent++;
		return;
	}
	if (!log->doubtful)
		log->doubt = why;
	log->doubtful++;
}

bool send_log_settled(const struct send_log *log)
{
	return log->any && weight(&log->first) == 2;
}

static int by_segment(const void *a, const void *b)
{
	const struct send_in *x = a, *y = b;

	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return x->t_ns < y->t_ns ? -1 : x->t_ns > y->t_ns;
}

void send_log_sort(struct send_log *log)
{
	if (log->in_n)
		qsort(log->in, log->in_n, sizeof(*log->in), by_segment);
}
