/* SPDX-License-Identifier: BSD-2-Clause */
/* Loss, duplication, reordering, corruption, delay and rate by seed. */
#include "tests/sim/weather.h"

#include <string.h>

void sim_way_fini(struct sim_way *way)
{
	free(way->lose);
	way->lose = NULL;
}

static bool lost(struct sim_way *way)
{
	for (size_t i = 0; i < way->lose_n; i++) {
		if (way->lose[i] == way->entered)
			return true;
	}
	return random_chance(&way->random, way->weather.loss_ppm);
}

/* When the last byte is through the bottleneck; false when its queue is full.
 */
static bool queue(struct sim_way *way, int64_t now_ns, size_t len,
		  int64_t *out_ns)
{
	const struct sim_weather *w = &way->weather;
	int64_t start = now_ns;

	*out_ns = now_ns;
	if (!w->rate)
		return true;
	if (way->busy_until_ns > start)
		start = way->busy_until_ns;
	if (w->queue_ns && start - now_ns > w->queue_ns)
		return false;
	way->busy_until_ns = start + (int64_t)((uint64_t)len *
					       (uint64_t)TIME_S / w->rate);
	*out_ns = way->busy_until_ns;
	return true;
}

static int64_t arrival(struct sim_way *way, int64_t from_ns)
{
	const struct sim_weather *w = &way->weather;
	int64_t at = from_ns + w->delay_ns;

	if (w->jitter_ns)
		at += (int64_t)(random_u64(&way->random) %
				(uint64_t)(w->jitter_ns + 1));
	if (random_chance(&way->random, w->reorder_ppm)) {
		way->reordered++;
		return at + w->reorder_ns;
	}
	if (at < way->last_ns)
		at = way->last_ns;
	way->last_ns = at;
	return at;
}

/* The IP header is spared: who it is for must stay readable, and IPv6 has no
 * sum over it. */
static void corrupt(struct sim_way *way, uint8_t *bytes, size_t len)
{
	size_t header = len && bytes[0] >> 4 == 6 ? 40 : 20;
	uint32_t bit;

	if (len <= header)
		return;
	bit = random_below(&way->random, (uint32_t)(8 * (len - header)));
	bytes[header + bit / 8] ^= (uint8_t)(1U << bit % 8);
	way->corrupted++;
}

static void leave(struct sim_way *way, struct sim_events *events,
		  enum sim_event_kind kind, int64_t at_ns,
		  const uint8_t *bytes, size_t len)
{
	uint8_t *copy;

	if (!random_chance(&way->random, way->weather.corrupt_ppm)) {
		sim_events_add(events, kind, at_ns, bytes, len);
		return;
	}
	copy = malloc(len + 1);
	BUG_ON(!copy);
	memcpy(copy, bytes, len);
	corrupt(way, copy, len);
	sim_events_add(events, kind, at_ns, copy, len);
	free(copy);
}

void sim_way_enter(struct sim_way *way, struct sim_events *events,
		   enum sim_event_kind kind, int64_t now_ns,
		   const uint8_t *bytes, size_t len)
{
	int64_t out_ns;

	way->entered++;
	if (lost(way) || !queue(way, now_ns, len, &out_ns)) {
		way->lost++;
		return;
	}
	leave(way, events, kind, arrival(way, out_ns), bytes, len);
	if (random_chance(&way->random, way->weather.duplicate_ppm)) {
		way->duplicated++;
		leave(way, events, kind, arrival(way, out_ns), bytes, len);
	}
}
