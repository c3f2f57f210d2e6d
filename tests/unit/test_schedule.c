/* SPDX-License-Identifier: BSD-2-Clause */
/* A target's timers from what came of its probes, with some of them lost. */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "probe/schedule.h"
#include "tests/tap.h"

/* A target: idle 2 s, three probes 1 s apart, and 40 ms there and back. */
#define IDLE_MS 2000
#define INTERVAL_MS 1000
#define COUNT 3
#define RTT_MS 40

/* Probes at these times since our last segment, in ms; ended by 0. A minus
 * says that the one before was answered at its arrival. */
struct row {
	const char *name;
	int sights[3][8];
	int reset[3];
	int idle, interval, again, unanswered;
};

static const struct row rows[] = {
	{ "nobody probes", { { 0 } }, { 0 }, 0, 0, 0, 0 },
	{ "one probe", { { 2040 } }, { 0 }, 2000, 0, 0, 1 },
	{ "one probe, then a reset", { { 2040 } }, { 3040 }, 2000, 1000, 0, 1 },
	{ "all are seen",
	  { { 2040, 3040, 4040 }, { 2044, 3044, 4044 } },
	  { 5040, 5044 },
	  2000,
	  1000,
	  0,
	  3 },
	{ "the first is lost, elsewhere it is not",
	  { { 3040, 4040 }, { 2040, 3040, 4040 } },
	  { 5040, 5040 },
	  2000,
	  1000,
	  0,
	  3 },
	{ "the second is lost",
	  { { 2040, 4040 }, { 2040, 3040, 4040 }, { 2040, 3040, 4040 } },
	  { 5040, 5040, 5040 },
	  2000,
	  1000,
	  0,
	  3 },
	{ "the last is lost",
	  { { 2040, 3040 }, { 2040, 3040, 4040 }, { 2040, 3040, 4040 } },
	  { 5040, 5040, 5040 },
	  2000,
	  1000,
	  0,
	  3 },
	{ "each loses another one",
	  { { 3040, 4040 }, { 2040, 4040 }, { 2040, 3040 } },
	  { 5040, 5040, 5040 },
	  2000,
	  1000,
	  0,
	  3 },
	{ "the reset is lost",
	  { { 2040, 3040, 4040 }, { 2040, 3040, 4040 } },
	  { 0, 5040 },
	  2000,
	  1000,
	  0,
	  3 },
	{ "answered each time",
	  { { 2040, -2040, -2040 }, { 2040, -2040, -2040 } },
	  { 0 },
	  2000,
	  0,
	  2000,
	  1 },
	{ "our answer is lost once",
	  { { 2040, -1000, -2040 }, { 2040, -2040, -2040 } },
	  { 0 },
	  2000,
	  0,
	  2000,
	  1 },
	{ "every other one is answered",
	  { { 2040, 3040, -2040, 3040 }, { 2040, 3040, -2040, 3040 } },
	  { 0 },
	  2000,
	  1000,
	  2000,
	  2 },
};

static void fill(struct schedule_line *l, const int *sights, int reset)
{
	int64_t left = 0;

	*l = (struct schedule_line){ .rtt_ns = RTT_MS * TIME_MS };
	for (; sights[l->n]; l->n++) {
		struct schedule_sight *s = &l->sights[l->n];
		bool answered = sights[l->n] < 0;
		int64_t idle = (answered ? -sights[l->n] : sights[l->n]);

		if (answered)
			left = s[-1].t_ns;
		*s = (struct schedule_sight){
			.t_ns = left + idle * TIME_MS,
			.idle_ns = idle * TIME_MS,
			.unanswered = l->n > 0 && !answered,
		};
	}
	l->reset_ns = reset * TIME_MS;
}

static void test_row(const struct row *row)
{
	static struct schedule_line lines[3];
	const struct schedule_line *all[3];
	struct schedule s;
	char got[80], want[80];

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		fill(&lines[i], row->sights[i], row->reset[i]);
		all[i] = &lines[i];
	}
	schedule_read(all, ARRAY_LEN(all), &s);
	snprintf(got, sizeof(got), "%d %d %d %u", (int)(s.idle_ns / TIME_MS),
		 (int)(s.interval_ns / TIME_MS), (int)(s.again_ns / TIME_MS),
		 s.unanswered);
	snprintf(want, sizeof(want), "%d %d %d %d", row->idle, row->interval,
		 row->again, row->unanswered);
	tap_text(got, want, __FILE__, __LINE__, row->name);
}

/* Without a round trip known nothing is taken off. */
static void test_no_rtt(void)
{
	static struct schedule_line line = {
		.sights = { { .t_ns = TIME_S, .idle_ns = TIME_S } },
		.n = 1,
	};
	const struct schedule_line *lines[] = { &line };
	struct schedule s;

	schedule_read(lines, 1, &s);
	CHECK_INT(s.idle_ns, TIME_S);
	schedule_read(lines, 0, &s);
	CHECK_INT(s.idle_ns, 0);
}

/* --- chance ------------------------------------------------------------ */

static int64_t late(struct random *r)
{
	return (int64_t)random_below(r, 50) * TIME_MS;
}

static void lose_some(struct schedule_line *l, struct random *r, unsigned count)
{
	int64_t start = late(r);

	*l = (struct schedule_line){ .rtt_ns = late(r) + late(r) };
	for (unsigned i = 0; i < count; i++) {
		int64_t t =
			(IDLE_MS + i * INTERVAL_MS) * TIME_MS + start + late(r);

		if (random_chance(r, 20000))
			continue;
		l->sights[l->n] = (struct schedule_sight){
			.t_ns = t,
			.idle_ns = t,
			.unanswered = l->n > 0,
		};
		l->n++;
	}
	if (!random_chance(r, 20000))
		l->reset_ns =
			(IDLE_MS + (int64_t)count * INTERVAL_MS) * TIME_MS +
			start + late(r);
}

static bool near(int64_t ns, int64_t want_ms)
{
	int64_t off = ns - want_ms * TIME_MS;

	return (off < 0 ? -off : off) <= 100 * TIME_MS;
}

/*
 * Three connections, 2 % loss and 50 ms of jitter. Only when the first or the
 * last probe is lost on all of them nobody can tell: 16 in a million.
 */
static void test_loss(unsigned count)
{
	static struct schedule_line lines[3];
	const struct schedule_line *all[] = { &lines[0], &lines[1], &lines[2] };
	unsigned wrong = 0;
	struct random r;

	random_seed(&r, count);
	for (unsigned n = 0; n < 10000; n++) {
		struct schedule s;

		for (size_t i = 0; i < ARRAY_LEN(lines); i++)
			lose_some(&lines[i], &r, count);
		schedule_read(all, ARRAY_LEN(all), &s);
		wrong += !near(s.idle_ns, IDLE_MS) ||
			 !near(s.interval_ns, INTERVAL_MS) ||
			 s.unanswered != count;
	}
	CHECK_MSG(wrong <= 1, "of 10,000 schedules with %u probes %u are wrong",
		  count, wrong);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		test_row(&rows[i]);
	test_no_rtt();
	test_loss(COUNT);
	test_loss(9);
	test_loss(127);
	return tap_done();
}
