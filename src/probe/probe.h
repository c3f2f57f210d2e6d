/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract of a probe: one row in the table of probe.c, one file, one
 * straight-line function per target. A probe reads no clock, does no I/O,
 * keeps no state between targets but what struct hosts offers, and prints
 * nothing: it fills a finding.
 */
#ifndef TP_PROBE_PROBE_H
#define TP_PROBE_PROBE_H

#include "base/base.h"
#include "cli/options.h"
#include "engine/engine.h"
#include "engine/flow.h"
#include "probe/finding.h"

struct hosts;

/* One target's turn, as the probe's function gets it. */
struct probe_job {
	struct engine *engine;
	const void *settings; /* the probe's own, filled from its rows */
	struct hosts *hosts;  /* what is known of each host; shared */
	struct endpoint target;
	struct route route;
	bool keep_packets; /* the conversation is evidence */
	bool at_length;	   /* few are asked: what it means will be read */
	struct finding *finding;
	unsigned flows; /* opened so far: each gets a pair of its own */
	/* Where a long run says how far it is; NULL: nobody listens. */
	void (*say)(void *arg, const char *text);
	void *say_arg;
};

/*
 * Open the job's next conversation with the target, from a port that this job
 * has not used yet. NULL when that fails; the finding is an error then.
 */
struct flow *probe_flow(struct probe_job *job);
/* The same with other offers in its SYN: of the spec only these count. */
struct flow *probe_flow_offering(struct probe_job *job,
				 const struct flow_spec *offers);
/* The trace that a conversation of the job writes to, or NULL. */
struct trace *probe_trace(struct probe_job *job);
/*
 * How long to wait before silence means something where an answer took `rtt`:
 * the larger of three round trips, one and 300 ms, and 500 ms.
 */
int64_t probe_patience(int64_t rtt_ns);

/*
 * The verdict "inconclusive" where nothing answered our `what` and silence
 * proves nothing, with the reason.
 */
void probe_conclude_unheard(struct probe_job *job, const char *what,
			    enum flow_silence why);

/* How far this target's turn is, for who watches a terminal: one phrase. Cheap,
 * and as often as there is news. */
void probe_say(const struct probe_job *job, const char *fmt, ...) PRINTF(2, 3);

struct probe_verdict {
	const char *name;
	const char *meaning;
	/* Of many targets with this verdict a text report counts all and
	 * lists none. */
	bool counted;
};

struct probe {
	const char *name;
	const char *summary; /* one line, no full stop */
	const struct opt *options;
	size_t options_n;
	const void *defaults; /* of the settings */
	size_t settings_size;
	/*
	 * Once per run, with the user's rights, before anything is sent: check
	 * what the rows alone cannot, read files. 0 or a negative code, of
	 * which ERR_USAGE is misuse. Both may be NULL; release() is called
	 * whenever there are settings.
	 */
	int (*prepare)(void *settings, struct err *e);
	void (*release)(void *settings);
	/* What the user should know before anything is sent, one line of at
	 * most `size` bytes: its length, 0 for nothing. May be NULL. */
	int (*notice)(const void *settings, char *text, size_t size);
	const struct probe_verdict *verdicts;
	size_t verdicts_n;
	/* The packets are the answer: text shows them without -v too. */
	bool shows_packets;
	void (*run)(struct probe_job *job);
};

extern const struct probe *const probes[];
extern const size_t probes_n;

/* By name, or NULL. */
const struct probe *probe_find(const char *name);
/* The row of a verdict, or NULL. */
const struct probe_verdict *probe_verdict_find(const struct probe *p,
					       const char *name);

#endif
