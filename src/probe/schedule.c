/* SPDX-License-Identifier: BSD-2-Clause */
/* Medians, and what loss cannot take away. */
#include "probe/schedule.h"

/* More of a kind than that tell nothing new. */
#define SAMPLES_MAX 64

struct samples {
	int64_t ns[SAMPLES_MAX]; /* sorted */
	size_t n;
};

static void samples_add(struct samples *s, int64_t ns)
{
	size_t at = s->n;

	if (s->n == SAMPLES_MAX)
		return;
	while (at > 0 && s->ns[at - 1] > ns) {
		s->ns[at] = s->ns[at - 1];
		at--;
	}
	s->ns[at] = ns;
	s->n++;
}

/* Of an even number the lower one: loss makes distances longer, and the mean of
 * two may be one that never was. */
static int64_t samples_median(const struct samples *s)
{
	return s->n ? s->ns[(s->n - 1) / 2] : 0;
}

/* The shortest way there and back: the others waited somewhere. */
static int64_t best_rtt(const struct schedule_line *const *lines, size_t n)
{
	int64_t best = 0;

	for (size_t i = 0; i < n; i++) {
		if (lines[i]->rtt_ns && (!best || lines[i]->rtt_ns < best))
			best = lines[i]->rtt_ns;
	}
	return best;
}

/*
 * Our last segment and the probe each travel one way: a round trip is not the
 * target's waiting.
 */
static int64_t first_idle(const struct schedule_line *const *lines, size_t n,
			  int64_t rtt_ns)
{
	int64_t first = 0;

	for (size_t i = 0; i < n; i++) {
		if (lines[i]->n &&
		    (!first || lines[i]->sights[0].idle_ns < first))
			first = lines[i]->sights[0].idle_ns;
	}
	return first > rtt_ns ? first - rtt_ns : first;
}

/* Of one connection: from an unanswered probe to the next or to the reset, and
 * from an answered one on. */
static void sample_line(const struct schedule_line *l, int64_t rtt_ns,
			struct samples *interval, struct samples *again)
{
	for (size_t i = 1; i < l->n; i++) {
		const struct schedule_sight *s = &l->sights[i];

		if (s->unanswered)
			samples_add(interval, s->t_ns - s[-1].t_ns);
		else
			samples_add(again, s->idle_ns - rtt_ns);
	}
	if (l->n && l->reset_ns)
		samples_add(interval, l->reset_ns - l->sights[l->n - 1].t_ns);
}

/* How many probes a distance stands for: one, and those that were lost. */
static unsigned steps(int64_t distance_ns, int64_t interval_ns)
{
	if (!interval_ns || distance_ns < interval_ns)
		return 1;
	return (unsigned)((distance_ns + interval_ns / 2) / interval_ns);
}

/*
 * The longest row of probes without an answer, those that never arrived
 * included: each distance is counted by itself, so that no error adds up.
 */
static unsigned longest_row(const struct schedule_line *l,
			    const struct schedule *s, int64_t rtt_ns)
{
	unsigned longest = 0, row = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct schedule_sight *at = &l->sights[i];

		if (at->unanswered && i > 0)
			row += steps(at->t_ns - at[-1].t_ns, s->interval_ns);
		else
			row = steps(at->idle_ns - rtt_ns - s->idle_ns +
					    s->interval_ns,
				    s->interval_ns);
		if (longest < row)
			longest = row;
	}
	return longest;
}

void schedule_read(const struct schedule_line *const *lines, size_t n,
		   struct schedule *out)
{
	struct samples interval = { .n = 0 }, again = { .n = 0 };
	int64_t rtt = best_rtt(lines, n);

	*out = (struct schedule){ .idle_ns = first_idle(lines, n, rtt) };
	for (size_t i = 0; i < n; i++)
		sample_line(lines[i], rtt, &interval, &again);
	out->interval_ns = samples_median(&interval);
	out->again_ns = samples_median(&again);
	for (size_t i = 0; i < n; i++) {
		unsigned row = longest_row(lines[i], out, rtt);

		if (out->unanswered < row)
			out->unanswered = row;
	}
}
