/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The search for a timeout on the way.
 *
 * Connections idle side by side, each for its own time, and are then asked
 * whether they live; the times stand on a ladder of equal ratios. Between the
 * longest that lived and the shortest that died the next ladder is put, until
 * they are close. Idle connections cost nothing but time, so a round lasts
 * until the first of them is found dead: what is longer need not be tried.
 *
 * The question is one that the target must answer, and was answered when the
 * connection was new. What ends a connection by itself (a FIN, a RST) or
 * refreshes the record on the way (the target's own keepalive, data) bounds
 * what can be known.
 */
#include "probe/path_timeout.h"

#include <stdio.h>

#include "base/num.h"
#include "probe/hosts.h"
#include "probe/idle.h"
#include "wire/seq.h"

/* At the same time: enough that two rounds do, too few to be a burden. */
#define ABREAST 8
/* No record is forgotten sooner. */
#define SHORTEST_NS TIME_S
#define TICK_NS TIME_S

/* One connection and its idle time. */
struct attempt {
	struct path_timeout *search;
	int64_t idle_ns;
};

/* The bound of what can live: something died then, or is ended anyway. */
static int64_t bound(const struct path_timeout *p)
{
	if (p->died_ns && (!p->limit_ns || p->died_ns < p->limit_ns))
		return p->died_ns;
	return p->limit_ns;
}

/* How long a question takes that nobody answers: it is put twice. */
static int64_t question_ns(const struct path_timeout *p)
{
	const struct engine_config *config = engine_config(p->job->engine);

	return 2 * (int64_t)(config->retries + 1) * config->timeout_ns;
}

/* What of the time is left for being idle. */
static int64_t left_ns(const struct path_timeout *p)
{
	return p->start_ns + p->within_ns - engine_now(p->job->engine) -
	       question_ns(p) - TIME_S;
}

/* --- one connection ---------------------------------------------------- */

static void lived(struct path_timeout *p, int64_t ns)
{
	p->tried++;
	if (p->lived_ns < ns)
		p->lived_ns = ns;
}

static void died(struct path_timeout *p, const struct flow *f, int64_t ns,
		 bool by_rst)
{
	const struct flow_numbers *n = flow_numbers(f);

	p->tried++;
	if (p->died_ns && p->died_ns <= ns)
		return;
	p->died_ns = ns;
	p->by_rst = by_rst;
	p->ttl = n->ttl;
	p->rst_ttl = n->rst_ttl;
}

static void limited(struct path_timeout *p, enum path_limit limit, int64_t ns)
{
	p->tried++;
	if (p->limit_ns && p->limit_ns <= ns)
		return;
	p->limit = limit;
	p->limit_ns = ns;
}

/* A RST that nobody asked for: whose? */
static void was_reset(struct path_timeout *p, const struct flow *f, int64_t ns)
{
	const struct flow_numbers *n = flow_numbers(f);

	if (host_same_box(n->rst_ttl, n->ttl))
		limited(p, PATH_LIMIT_RST, ns);
	else
		died(p, f, ns, true);
}

/* What came while it was idle: true when that decides the attempt. */
static bool disturbed(struct path_timeout *p, struct flow *f,
		      const struct segment *s, uint32_t nxt, int64_t idle_ns)
{
	bool quiet = idle_ns > probe_patience(flow_numbers(f)->rtt_ns);

	switch (idle_classify(f, s, nxt, quiet)) {
	case IDLE_NOTHING:
	case IDLE_SYNACK:
		return false;
	case IDLE_PROBE:
	case IDLE_PROBE_BYTE:
	case IDLE_PROBE_ODD:
		flow_note(f, "the target's keepalive: the way remembers");
		limited(p, PATH_LIMIT_PROBE, idle_ns);
		break;
	case IDLE_DATA:
		if (seq_le(s->seq + segment_len(s), nxt))
			return false;
		flow_note(f, "the service speaks: the way remembers");
		limited(p,
			flow_numbers(f)->their_fin ? PATH_LIMIT_FIN
						   : PATH_LIMIT_DATA,
			idle_ns);
		break;
	case IDLE_RESET:
		flow_note(f, "an idle connection is reset");
		was_reset(p, f, idle_ns);
		break;
	}
	return true;
}

/* True when the time has passed, and nothing else. */
static bool stay_idle(const struct attempt *a, struct flow *f)
{
	static const struct flow_expect anything = { .clear = TCP_SYN };
	struct path_timeout *p = a->search;
	struct engine *e = p->job->engine;
	uint32_t nxt = flow_numbers(f)->rcv_nxt;
	int64_t start = engine_now(e);
	int64_t idle = 0;

	while (idle < a->idle_ns) {
		const struct reply *reply;
		int64_t left = a->idle_ns - idle;

		/* What is shorter was not survived. */
		if (bound(p) && bound(p) < a->idle_ns)
			return false;
		switch (flow_wait(f, &anything, left < TICK_NS ? left : TICK_NS,
				  &reply)) {
		case FLOW_SEGMENT:
			if (disturbed(p, f, &reply->segment, nxt,
				      engine_now(e) - start))
				return false;
			break;
		case FLOW_STOPPED:
			p->stopped = true;
			snprintf(p->why, sizeof(p->why), "the run was stopped");
			return false;
		case FLOW_ICMP:
		case FLOW_ECHO:
		case FLOW_TIMEOUT:
			break;
		}
		idle = engine_now(e) - start;
	}
	return true;
}

/* Text passes both ways, where the service sends it back. */
static bool still_echoes(const struct attempt *a, struct flow *f,
			 struct reach *reach)
{
	uint64_t before = reach->heard.bytes;

	if (!reach_echoed(a->search->trigger, reach))
		return true;
	reach_again(a->search->job, f, a->search->trigger, reach);
	return reach->heard.bytes > before;
}

/*
 * A way that loses packets is not a way that forgets: silence is asked again,
 * and by other means.
 */
static void judge(const struct attempt *a, struct flow *f, struct reach *reach,
		  int64_t idle_ns)
{
	struct path_timeout *p = a->search;
	enum flow_life life = flow_alive(f);

	if (life == FLOW_ALIVE && !still_echoes(a, f, reach)) {
		died(p, f, idle_ns, false);
		return;
	}
	if (life == FLOW_MUTE)
		life = idle_ask_by_fin(f, NULL);
	switch (life) {
	case FLOW_ALIVE:
		lived(p, a->idle_ns);
		break;
	case FLOW_DEAD:
		died(p, f, idle_ns, true);
		break;
	case FLOW_MUTE:
		died(p, f, idle_ns, false);
		break;
	case FLOW_UNKNOWN:
		snprintf(p->why, sizeof(p->why), "%s",
			 flow_silence_text(flow_silence(f)));
		break;
	}
}

static void attempt(void *arg)
{
	const struct attempt *a = arg;
	struct path_timeout *p = a->search;
	struct reach reach;
	struct flow *f = reach_established(p->job, p->trigger, &reach);
	int64_t start;

	if (!f)
		return;
	if (reach.how != REACHED) {
		snprintf(p->why, sizeof(p->why), "%s", reach.why);
	} else if (!p->mute && flow_alive(f) != FLOW_ALIVE) {
		snprintf(p->why, sizeof(p->why),
			 "a new connection does not answer either");
	} else {
		start = engine_now(p->job->engine);
		if (stay_idle(a, f))
			judge(a, f, &reach, engine_now(p->job->engine) - start);
	}
	flow_end(f);
}

/* --- the search -------------------------------------------------------- */

/* The nth root of a ratio, by bisection: libm is not worth it for that. */
static double root(double ratio, unsigned n)
{
	double low = 1, high = ratio;

	while (high - low > 1e-6 * low) {
		double middle = (low + high) / 2, power = 1;

		for (unsigned i = 0; i < n; i++)
			power *= middle;
		if (power < ratio)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/*
 * Idle times between what lived and what did not; when nothing died yet, the
 * last of them takes all the time there is.
 */
static void make_ladder(struct attempt ladder[static ABREAST], int64_t low_ns,
			int64_t high_ns, bool closed)
{
	double step = root((double)high_ns / (double)low_ns,
			   closed ? ABREAST : ABREAST + 1);
	double ns = (double)low_ns;

	for (size_t i = 0; i < ABREAST; i++) {
		ns *= step;
		ladder[i].idle_ns = (int64_t)ns;
	}
	if (closed)
		ladder[ABREAST - 1].idle_ns = high_ns;
}

/* Within a tenth, or a second. */
static bool is_close(int64_t low_ns, int64_t high_ns)
{
	return high_ns - low_ns <= TIME_S || high_ns - low_ns <= low_ns / 10;
}

/* One ladder; false when there is nothing more to learn, or no time. */
static bool search_round(struct path_timeout *p)
{
	struct attempt ladder[ABREAST];
	void *args[ABREAST];
	int64_t low = p->lived_ns ? p->lived_ns : SHORTEST_NS;
	int64_t high = bound(p);
	int64_t left = left_ns(p);
	bool open = !high || left < high;
	unsigned tried = p->tried;

	if (open)
		high = left;
	if (p->stopped || high <= low || (!open && is_close(low, high)) ||
	    (p->lived_ns && is_close(low, high)))
		return false;
	make_ladder(ladder, low, high, open);
	for (size_t i = 0; i < ABREAST; i++) {
		ladder[i].search = p;
		args[i] = &ladder[i];
	}
	if (engine_all(p->job->engine, attempt, args, ABREAST)) {
		snprintf(p->why, sizeof(p->why), "out of memory");
		return false;
	}
	return p->tried > tried;
}

static void say(const struct path_timeout *p)
{
	char low[NUM_DURATION_TEXT_MAX], high[NUM_DURATION_TEXT_MAX];

	if (bound(p))
		probe_say(p->job, "idle connections: alive after %s, not %s",
			  num_format_duration(p->lived_ns, low),
			  num_format_duration(bound(p), high));
}

void path_timeout_find(void *arg)
{
	struct path_timeout *p = arg;

	p->start_ns = engine_now(p->job->engine);
	probe_say(p->job, "%u idle connections side by side", ABREAST);
	while (search_round(p))
		say(p);
}

/* --- what came of it --------------------------------------------------- */

/* Something lived longer than something else: no one timeout explains that. */
static bool contradicts(const struct path_timeout *p)
{
	return p->died_ns && p->died_ns <= p->lived_ns;
}

static bool found(const struct path_timeout *p)
{
	return p->died_ns && bound(p) == p->died_ns && !contradicts(p);
}

static const char *limit_name(const struct path_timeout *p)
{
	static const char *const names[] = {
		[PATH_LIMIT_NONE] = "time", [PATH_LIMIT_FIN] = "fin",
		[PATH_LIMIT_RST] = "rst",   [PATH_LIMIT_PROBE] = "keepalive",
		[PATH_LIMIT_DATA] = "data",
	};

	return names[p->limit];
}

static void fact_ms(struct finding *f, const char *name, int64_t ns)
{
	if (ns)
		fact_int(f, name, (ns + TIME_MS / 2) / TIME_MS);
	else
		fact_null(f, name);
}

void path_timeout_facts(const struct path_timeout *p, struct finding *f)
{
	if (!p->tried || contradicts(p)) {
		fact_null(f, "path_timeout");
		return;
	}
	fact_object(f, "path_timeout");
	fact_ms(f, "lived_ms", p->lived_ns);
	if (found(p)) {
		fact_ms(f, "died_ms", p->died_ns);
		fact_text(f, "how", p->by_rst ? "rst" : "silence");
		fact_null(f, "limit");
	} else {
		fact_null(f, "died_ms");
		fact_null(f, "how");
		fact_text(f, "limit", limit_name(p));
	}
	fact_end(f);
}

static void describe_found(const struct path_timeout *p, struct line *l)
{
	char low[NUM_DURATION_TEXT_MAX], high[NUM_DURATION_TEXT_MAX];

	num_format_duration(p->lived_ns, low);
	num_format_duration(p->died_ns, high);
	if (p->lived_ns)
		line_add(l,
			 "a connection that was idle for %s lives, after "
			 "%s it is forgotten",
			 low, high);
	else
		line_add(l, "a connection that was idle for %s is forgotten",
			 high);
	if (!p->by_rst)
		line_add(l, ": silence");
	else
		line_add(l, ": RST with ttl %u, the SYN-ACK's was %u",
			 p->rst_ttl, p->ttl);
	if (!is_close(p->lived_ns, p->died_ns))
		line_add(l, " (a longer --for tells more exactly)");
}

static void describe_limit(const struct path_timeout *p, struct line *l)
{
	char at[NUM_DURATION_TEXT_MAX];

	num_format_duration(p->limit_ns, at);
	switch (p->limit) {
	case PATH_LIMIT_NONE:
		break;
	case PATH_LIMIT_FIN:
		line_add(l, "; after %s the service itself closes it", at);
		break;
	case PATH_LIMIT_RST:
		line_add(l, "; after %s the target itself resets it", at);
		break;
	case PATH_LIMIT_PROBE:
		line_add(l,
			 "; after %s the target's keepalive refreshes what the "
			 "way remembers",
			 at);
		break;
	case PATH_LIMIT_DATA:
		line_add(l,
			 "; after %s the service speaks by itself, which "
			 "refreshes what the way remembers",
			 at);
		break;
	}
}

void path_timeout_describe(const struct path_timeout *p, struct line *l)
{
	char low[NUM_DURATION_TEXT_MAX], high[NUM_DURATION_TEXT_MAX];

	num_format_duration(p->lived_ns, low);
	num_format_duration(p->died_ns, high);
	if (contradicts(p)) {
		line_add(l,
			 "idle connections disagree: one lived for %s, another "
			 "died after %s",
			 low, high);
	} else if (found(p)) {
		describe_found(p, l);
	} else if (!p->tried) {
		line_add(l, "no idle connection to ask: %s",
			 p->why[0] ? p->why : "the time is too short");
	} else {
		line_add(l, "no timeout on the way within %s", low);
		describe_limit(p, l);
	}
}
