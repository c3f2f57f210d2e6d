/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What send has sent to one target and what came back: a record a segment and
 * a record an answer, and the sums.
 */
#ifndef TP_PROBE_SENDLOG_H
#define TP_PROBE_SENDLOG_H

#include "engine/flow.h"
#include "wire/icmp.h"
#include "wire/segment.h"

/* What an answer was taken for. */
enum send_kind {
	SEND_SYN_ACK,
	SEND_ACK,
	SEND_DATA,
	SEND_FIN,
	SEND_RST,
	SEND_OTHER,
	SEND_UNREACHABLE, /* an ICMP error */
	SEND_EXPIRED,	  /* one that says that the hops were used up */
	SEND_KIND_N
};
enum send_kind send_classify(enum flow_event event, const struct reply *reply);
/* What it is called, and the verdict that it makes: the same word, but for
 * "expired", which is an "unreachable". */
const char *send_kind_name(enum send_kind kind);
const char *send_kind_verdict(enum send_kind kind);

/* More answers than these are only counted. */
#define SEND_ANSWERS_MAX 1000
#define SEND_NOBODY SIZE_MAX

/* One segment of ours. */
struct send_out {
	bool sent;
	bool counted; /* data or a FIN, in sequence */
	bool answered;
	uint8_t ttl;
	uint32_t seq;
	struct endpoint from;
	int64_t left_ns; /* capture stamp; 0: not seen leaving */
	int64_t rtt_ns;	 /* to its first answer; 0: unknown, or none */
	size_t evidence; /* its index in the trace; SIZE_MAX: not kept */
};

/* One answer. */
struct send_in {
	enum send_kind kind;
	/* It only acknowledges what was sent, and says nothing to it. */
	bool receipt;
	size_t to; /* index of the segment that it answers */
	int64_t t_ns;
	int64_t after_ns; /* since that one left; 0: unknown */
	size_t evidence;
	struct segment segment; /* without options and payload */
	struct icmp icmp;	/* SEND_UNREACHABLE, SEND_EXPIRED */
};

struct send_log {
	struct send_out *out;
	size_t total; /* to be sent */
	size_t sent, answered;
	struct send_in *in;
	size_t in_n, in_size, in_omitted;
	uint64_t kinds[SEND_KIND_N];
	/* The answer that the verdict is about: the first that says most. */
	struct send_in first;
	bool any;
	struct {
		size_t n;
		int64_t least_ns, most_ns, sum_ns;
	} rtt;
	/* Segments that got no answer in all their time: for these silence is
	 * proved; for others it is not, for the first reason met. */
	size_t silent, doubtful;
	enum flow_silence doubt;
	size_t malformed; /* answers that a real stack drops unread */
	size_t foreign;	  /* segments that our own kernel sent */
};

/* False when memory is short. */
bool send_log_init(struct send_log *log, size_t total) MUST_CHECK;
void send_log_fini(struct send_log *log);
/* Fills in what follows from the segment that it answers, and counts. */
void send_log_answer(struct send_log *log, struct send_in *in);
/* A segment's time is over without an answer. */
void send_log_silence(struct send_log *log, enum flow_silence why);
/* Has the target itself answered, or who says that it cannot be reached? */
bool send_log_settled(const struct send_log *log);
/* By segment, and by time. */
void send_log_sort(struct send_log *log);

#endif
