/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the engine share, and nobody else sees. */
#ifndef TP_ENGINE_INTERNAL_H
#define TP_ENGINE_INTERNAL_H

#include "engine/engine.h"
#include "engine/flow.h"
#include "engine/timer.h"

/* A task and what it waits for. */
struct engine_task {
	struct task *task;
	struct engine_job job;
	struct timer timer;
	struct engine_task *next_ready;
	bool ready; /* in the ready list */
	bool woken; /* by an event, not by its deadline */
	/* All tasks, so that a stop can wake them. */
	struct engine_task *next, **link;
};

/* What left lately, to know it again when the capture shows it leaving. */
#define FLOW_SENT_N 32

struct flow_sent {
	uint32_t seq, ack;
	uint16_t flags, window;
	uint32_t trace_index; /* UINT32_MAX: not in the trace */
	bool seen;
};

/* One arrival, copied; reply points into bytes. */
struct flow_item {
	struct flow_item *next;
	enum flow_event event;
	struct reply reply;
	size_t len;
	uint8_t bytes[];
};

/* What is kept for a task that is not waiting just now. */
#define FLOW_INBOX_MAX 64
#define INBOX_BYTES_MAX ((size_t)32 * 1024 * 1024)

struct flow {
	struct engine *engine;
	struct flow *next; /* in its bucket */
	struct flow *linger_next;
	int64_t linger_until;
	unsigned linger_resets;
	bool lingering;
	bool echo;
	bool refused; /* the target reset the pair */
	struct flow_numbers n;
	struct route route;
	struct trace *trace;
	const char *check;	 /* that the last stimulus named */
	struct flow_spec offers; /* what our SYN offers */
	uint8_t our_wscale;
	uint32_t ts_offset;
	uint16_t ping_seq;
	struct flow_sent sent[FLOW_SENT_N];
	size_t sent_n;	 /* in all; the ring holds the last FLOW_SENT_N */
	int64_t left_ns; /* the last that was seen leaving */
	int64_t syn_left_ns;
	bool syn_repeated;
	struct flow_item *inbox, **inbox_last;
	size_t inbox_n;
	struct flow_item *current; /* what the last wait returned */
	struct engine_task *waiter;
	const struct flow_expect *expect; /* of the waiter */
	bool settling; /* the waiter waits for our own segments to leave */
	struct flow_counts counts;
	int64_t asked_ns; /* when the last question was first put */
	struct err error;
};

/* The table of 4-tuples; chains through flow->next. */
struct demux {
	struct flow **buckets;
	size_t buckets_n; /* a power of two */
	size_t flows_n;
	/* Ended flows that still answer for their pair, oldest first. */
	struct flow *linger_first, **linger_last;
	size_t lingering_n;
};

/* The source ports that we hold. They are kept until the engine ends: a late
 * segment must not meet our kernel. */
struct ports {
	uint16_t *held;
	size_t n, size;
};

struct engine {
	struct engine_config config;
	struct random random;
	struct task_pool *pool;
	struct timers timers;
	struct engine_task *tasks;
	struct engine_task *ready_first, **ready_last;
	size_t ready_n;
	struct engine_task *current;
	size_t alive; /* without the background */
	size_t background;
	size_t pacing;	 /* tasks that wait for their turn to send */
	int64_t slot_ns; /* when the next stimulus may go */
	int64_t interval_ns;
	enum engine_end end;
	bool stopping;
	struct err error; /* of the link, when it was lost */
	struct demux demux;
	struct ports ports;
	size_t inbox_bytes; /* of all flows */
	uint64_t drops;	    /* of the capture, when last looked at */
	int64_t drops_ns;   /* when they were last found to have grown */
	int64_t looked_ns;
	struct engine_stats stats;
	uint8_t packet[SEGMENT_MAX]; /* to build in: task stacks are small */
};

/* Pause the current task until it is woken or the time comes: true when
 * woken. While the engine is stopping it returns false at once. */
bool engine_wait(struct engine *e, int64_t until_ns);
void engine_wake(struct engine *e, struct engine_task *t);
/* Wait for the turn to send a stimulus: false when the engine is stopping. */
bool engine_pace(struct engine *e);

/* Has the capture lost packets since then? Looked at when silence must be
 * judged only: when in doubt, yes. */
bool engine_dropped_since(struct engine *e, int64_t since_ns);

/* demux.c */
int demux_init(struct demux *d) MUST_CHECK;
void demux_fini(struct engine *e);
void demux_add(struct engine *e, struct flow *f);
void demux_remove(struct engine *e, struct flow *f);
bool demux_taken(struct engine *e, const struct endpoint *local,
		 const struct endpoint *remote);
/* From now on the flow only resets what arrives; the table owns it. */
void demux_linger(struct engine *e, struct flow *f);
link_sink demux_packet;

/* flow.c: what demux hands over */
void flow_arrived(struct flow *f, const struct link_packet *packet,
		  const struct segment *segment, enum segment_fault fault);
void flow_quoted(struct flow *f, const struct link_packet *packet,
		 const struct icmp *m);
void flow_left(struct flow *f, const struct link_packet *packet,
	       const struct segment *segment);
void flow_free(struct flow *f);

/* send.c */
struct flow_options {
	uint8_t bytes[OPTIONS_MAX];
};
/* The segment that a stimulus means now; `room` holds its options. */
void flow_describe(struct flow *f, const struct stimulus *s,
		   struct segment *out, struct flow_options *room);
/* Leave now, whatever the pace; remembers it for flow_left(). */
int flow_transmit(struct flow *f, const struct segment *s, const char *why);
/* flow_transmit(), then move the flow's numbers if the stimulus counts. The
 * first try is 1. */
int flow_emit(struct flow *f, const struct stimulus *s,
	      const struct segment *segment, unsigned tries);
int flow_transmit_echo(struct flow *f);

/* ports.c */
int ports_take(struct engine *e, const struct flow_spec *spec, uint16_t *port,
	       struct err *err) MUST_CHECK;
void ports_release_all(struct engine *e);

#endif
