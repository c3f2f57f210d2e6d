/* SPDX-License-Identifier: BSD-2-Clause */
/* The keepalive probe in a situation. */
#include "tests/sim/situation.h"

#include <string.h>

#include "tests/tap.h"
#include "wire/segment.h"

void situation_run(const struct situation *at, struct finding *f)
{
	struct model_port port = at->port;
	struct scene s;

	scene_open(&s, &at->scene);
	port.port = SITUATION_PORT;
	model_port(s.target.model, &port);
	for (size_t i = 0; i < ARRAY_LEN(at->faults); i++) {
		if (at->faults[i])
			model_break(s.target.model, at->faults[i]);
	}
	if (at->hook)
		simlink_hook(s.sim, at->hook, at->hook_arg);
	scene_probe(&s, &keepalive_probe, &at->ask, SITUATION_PORT, f);
	s.leaves_open = at->leaves_open;
	scene_close(&s);
}

void expect_finding(const struct finding *f, const char *verdict,
		    const char *summary)
{
	CHECK_MSG(f->verdict && strcmp(f->verdict, verdict) == 0,
		  "%s, want %s: %s", f->verdict ? f->verdict : "no verdict",
		  verdict, f->summary);
	CHECK_MSG(strstr(f->summary, summary) != NULL, "\"%s\" in \"%s\"",
		  summary, f->summary);
}

void expect_check(const struct finding *f, enum rule_id rule,
		  enum outcome outcome, const char *words)
{
	const struct check *c = scene_check(f, rule);
	const char *said = !c ? "" : c->observed ? c->observed : c->reason;

	CHECK_MSG(c && c->outcome == outcome, "%s is %s: %s",
		  rule_get(rule)->id, c ? outcome_name(c->outcome) : "missing",
		  said);
	CHECK_MSG(strstr(said, words) != NULL, "\"%s\" in \"%s\"", words, said);
}

/* --- facts ------------------------------------------------------------- */

static const struct fact *find_fact(const struct finding *f, const char *name)
{
	for (size_t i = 0; i < f->facts_n; i++) {
		if (f->facts[i].name && strcmp(f->facts[i].name, name) == 0)
			return &f->facts[i];
	}
	return NULL;
}

int64_t fact_number(const struct finding *f, const char *name)
{
	const struct fact *fact = find_fact(f, name);

	return fact && fact->type == FACT_INT ? fact->value.integer : -1;
}

const char *fact_words(const struct finding *f, const char *name)
{
	const struct fact *fact = find_fact(f, name);

	return fact && fact->type == FACT_TEXT ? fact->value.text : "";
}

bool fact_is_null(const struct finding *f, const char *name)
{
	const struct fact *fact = find_fact(f, name);

	return fact && fact->type == FACT_NULL;
}

bool fact_is_there(const struct finding *f, const char *name)
{
	return find_fact(f, name) != NULL;
}

bool is_near(int64_t got, int64_t want)
{
	int64_t off = got - want;

	return (off < 0 ? -off : off) * 20 <= want;
}

/* --- a box on the way -------------------------------------------------- */

static int64_t *box_memory(struct box *box, uint16_t port)
{
	for (size_t i = 0; i < box->n; i++) {
		if (box->known[i].port == port)
			return &box->known[i].seen_ns;
	}
	BUG_ON(box->n == ARRAY_LEN(box->known));
	box->known[box->n].port = port;
	return &box->known[box->n++].seen_ns;
}

static void box_reset(const struct box *box, struct simlink *sim,
		      const struct segment *s, int64_t delay_ns)
{
	struct segment rst = {
		.src = s->src,
		.dst = s->dst,
		.sport = s->sport,
		.dport = s->dport,
		.flags = TCP_RST,
		.seq = s->seq + segment_len(s),
		.ttl = box->ttl,
	};
	uint8_t bytes[80];

	simlink_inject(sim, SIM_IN, delay_ns, bytes,
		       segment_build(&rst, bytes, sizeof(bytes)));
}

enum sim_fate box_hook(void *arg, struct simlink *sim, struct sim_datagram *d)
{
	struct box *box = arg;
	struct segment s, answer;
	int64_t *seen;

	if (segment_parse(d->bytes, d->len, &s))
		return SIM_PASS;
	if (d->dir == SIM_IN && s.flags & TCP_SYN && box->resets_at_ns)
		box_reset(box, sim, &s, box->resets_at_ns);
	seen = box_memory(box, d->dir == SIM_OUT ? s.sport : s.dport);
	if (s.flags & TCP_SYN || !box->forgets_ns ||
	    d->now_ns - *seen < box->forgets_ns) {
		*seen = d->now_ns;
		return SIM_PASS;
	}
	if (d->dir == SIM_OUT && box->resets && !(s.flags & TCP_RST)) {
		answer = scene_answer(&s, TCP_RST);
		answer.seq = s.ack;
		box_reset(box, sim, &answer, 0);
	}
	return SIM_DROP;
}
