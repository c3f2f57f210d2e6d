/* SPDX-License-Identifier: BSD-2-Clause */
/* A background task that redraws one line on stderr. */
#include "cmd/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/num.h"

/* A run that is over by then needs none. */
#define FIRST_NS TIME_S
#define EVERY_NS (250 * TIME_MS)

static void draw_said(struct progress *p)
{
	fprintf(stderr, "\r\033[K%s", p->said);
	fflush(stderr);
	p->shown = true;
}

static void draw_count(struct progress *p, int64_t elapsed_ns)
{
	char done[NUM_COUNT_TEXT_MAX], total[NUM_COUNT_TEXT_MAX];
	char left[NUM_DURATION_TEXT_MAX];
	double share = (double)p->done / (double)p->total;
	struct engine_stats stats;

	engine_stats(p->engine, &stats);
	fprintf(stderr, "\r\033[K%s of %s targets (%.0f %%), %zu under way",
		num_format_count(p->done, done),
		num_format_count(p->total, total), share * 100, stats.tasks);
	if (p->done)
		fprintf(stderr, ", about %s left",
			num_format_duration(
				(int64_t)((double)elapsed_ns / share) -
					elapsed_ns,
				left));
	fflush(stderr);
	p->shown = true;
}

static void tell(void *arg)
{
	struct progress *p = arg;
	int64_t start = engine_now(p->engine);

	if (!engine_sleep(p->engine, FIRST_NS))
		return;
	do {
		if (p->said[0])
			draw_said(p);
		else
			draw_count(p, engine_now(p->engine) - start);
	} while (engine_sleep(p->engine, EVERY_NS));
	progress_clear(p);
}

int progress_start(struct progress *p, struct engine *e, uint64_t total)
{
	*p = (struct progress){ .engine = e, .total = total };
	if (!isatty(STDERR_FILENO) || !total)
		return 0;
	return engine_spawn(e, &(struct engine_job){ .fn = tell,
						     .arg = p,
						     .background = true });
}

void progress_say(struct progress *p, const char *text)
{
	if (p->total == 1)
		snprintf(p->said, sizeof(p->said), "%s", text);
}

void progress_clear(struct progress *p)
{
	if (!p->shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	p->shown = false;
}
