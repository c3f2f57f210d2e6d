/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a probe found about one target: a verdict, a sentence, facts, checks,
 * and the packets as evidence. The probe fills it; a report renders it.
 *
 * Facts are a flat list of tokens, written in the order of the JSON object:
 *
 *	fact_int(f, "rtt_us", 24);
 *	fact_object(f, "rst");
 *	fact_int(f, "seq", 0);
 *	fact_end(f);
 *
 * Names are static strings; values are copied. Out of memory is remembered
 * (finding->short_of_memory) and makes the finding an error.
 */
#ifndef TP_PROBE_FINDING_H
#define TP_PROBE_FINDING_H

#include "base/addr.h"
#include "base/base.h"
#include "base/err.h"
#include "engine/trace.h"
#include "probe/rule.h"

enum outcome {
	OUTCOME_PASS,
	OUTCOME_FAIL,
	OUTCOME_INCONCLUSIVE,
	OUTCOME_ERROR,
	OUTCOME_SKIP, /* of a check only */
	OUTCOME_N
};
const char *outcome_name(enum outcome o);

enum fact_type {
	FACT_NULL,
	FACT_BOOL,
	FACT_INT,
	FACT_REAL,
	FACT_TEXT,
	FACT_OBJECT, /* up to its FACT_END */
	FACT_ARRAY,  /* up to its FACT_END; its members have no name */
	FACT_END,
	FACT_OPTIONS, /* the bytes of TCP options */
};

struct fact_bytes {
	size_t len;
	uint8_t bytes[];
};

struct fact {
	const char *name;
	enum fact_type type;
	union {
		bool flag;
		int64_t integer;
		double real;
		char *text;
		struct fact_bytes *bytes;
	} value;
};

struct check {
	const struct rule *rule;
	enum outcome outcome;
	char *observed; /* what was seen, one phrase; NULL on a skip */
	char *reason;	/* of a skip or an inconclusive outcome; else NULL */
};

#define FINDING_SUMMARY_MAX 400
#define FINDING_HOST_MAX 256

struct finding {
	const char *probe; /* name of the command */
	/* The question's two ends. */
	char host[FINDING_HOST_MAX]; /* as the user wrote it */
	struct endpoint target;
	struct endpoint source; /* port 0: none was opened */
	char interface[16];	/* "" when unknown */
	int64_t started_ns;	/* since the epoch */
	int64_t duration_ns;

	const char *verdict; /* a static string; NULL on an error */
	enum outcome outcome;
	/* The user expected another verdict: set by who judges the run. */
	bool unexpected;
	char summary[FINDING_SUMMARY_MAX]; /* one sentence */
	char *explanation; /* what it means, a paragraph a line; NULL: none */
	/* Among many it deserves no line of text: nobody is there. */
	bool routine;
	/* Its packets are too many to be drawn, unless -v wants them. */
	bool crowded;
	struct err error; /* OUTCOME_ERROR */

	struct fact *facts;
	size_t facts_n, facts_size;
	struct check *checks;
	size_t checks_n, checks_size;
	/* What more there is to say to a reader, a line each. */
	char **remarks;
	size_t remarks_n, remarks_size;
	struct trace trace;
	bool short_of_memory;
};

void finding_init(struct finding *f, const char *probe);
void finding_fini(struct finding *f);

/* The verdict, the outcome that goes with it, and the sentence. A finding that
 * has failed stays an error. */
void finding_conclude(struct finding *f, const char *verdict,
		      enum outcome outcome, const char *fmt, ...) PRINTF(4, 5);
/* One more paragraph on what the verdict means for whoever asked. */
void finding_explain(struct finding *f, const char *fmt, ...) PRINTF(2, 3);
/* The probe could not do its work. */
void finding_fail(struct finding *f, const struct err *e);

void fact_null(struct finding *f, const char *name);
void fact_bool(struct finding *f, const char *name, bool v);
void fact_int(struct finding *f, const char *name, int64_t v);
void fact_real(struct finding *f, const char *name, double v);
void fact_text(struct finding *f, const char *name, const char *v);
/* Bytes as text: escaped, and as hexadecimal digits. */
void fact_escaped(struct finding *f, const char *name, const uint8_t *bytes,
		  size_t len);
void fact_hex(struct finding *f, const char *name, const uint8_t *bytes,
	      size_t len);
void fact_options(struct finding *f, const char *name, const uint8_t *bytes,
		  size_t len);
void fact_object(struct finding *f, const char *name);
void fact_array(struct finding *f, const char *name);
void fact_end(struct finding *f);

/*
 * A line under the sentence, where text tells at length; programs read facts.
 * Blanks stay as they are in a line that fits, a longer one is wrapped.
 */
void finding_remark(struct finding *f, const char *fmt, ...) PRINTF(2, 3);

/* One check's outcome; `fmt` is what was observed. */
void finding_check(struct finding *f, const struct rule *rule,
		   enum outcome outcome, const char *fmt, ...) PRINTF(4, 5);
/* A check that says nothing: OUTCOME_SKIP or OUTCOME_INCONCLUSIVE, and why. */
void finding_check_undecided(struct finding *f, const struct rule *rule,
			     enum outcome outcome, const char *fmt, ...)
	PRINTF(4, 5);
/* Has a check of level MUST failed? */
bool finding_violates(const struct finding *f);

#endif
