/* SPDX-License-Identifier: BSD-2-Clause */
/* Setting a scene, playing it, and clearing up. */
#include "tests/sim/scene.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

const struct sim_weather scene_storm = {
	.loss_ppm = 150000,
	.duplicate_ppm = 150000,
	.reorder_ppm = 200000,
	.reorder_ns = 40 * TIME_MS,
	.delay_ns = 15 * TIME_MS,
	.jitter_ns = 10 * TIME_MS,
	.corrupt_ppm = 20000,
};

static void set_peer(struct scene *s)
{
	if (s->config.no_peer)
		return;
	if (s->config.script)
		scriptpeer_init(&s->script, s->sim, s->config.script,
				s->config.script_arg);
	else
		modelpeer_init(&s->target, s->sim, &s->config.model);
}

void scene_open(struct scene *s, const struct scene_config *config)
{
	struct engine_config engine = {
		.seed = config->sim.seed,
		.timeout_ns = config->timeout_ns ? config->timeout_ns : TIME_S,
		.retries = config->retries < 0 ? 0
			   : config->retries   ? (unsigned)config->retries
					       : 2,
		.rate = config->rate,
	};
	struct route_wish wish = { 0 };
	struct err err;

	memset(s, 0, sizeof(*s));
	s->config = *config;
	s->sim = simlink_open(&config->sim);
	set_peer(s);
	engine.link = simlink_link(s->sim);
	s->engine = engine_new(&engine, &err);
	s->hosts = hosts_new();
	BUG_ON(!s->engine || !s->hosts);
	wish.to = scene_target(s, 0).addr;
	BUG_ON(engine.link->ops->route(engine.link, &wish, &s->route, &err));
}

void scene_close(struct scene *s)
{
	struct simlink_counts counts;

	if (s->target.model && !s->leaves_open) {
		/* What is on its way still arrives. */
		simlink_pass(s->sim, simlink_now(s->sim) + 10 * TIME_S);
		CHECK_INT(model_open_connections(s->target.model), 0);
	}
	hosts_free(s->hosts);
	engine_free(s->engine);
	simlink_counts(s->sim, &counts);
	CHECK_INT(counts.held, 0);
	simlink_close(s->sim);
	if (s->target.model)
		modelpeer_fini(&s->target);
}

struct endpoint scene_target(const struct scene *s, uint16_t port)
{
	struct endpoint target = { .port = port };

	BUG_ON(addr_parse(s->config.ipv6 ? SIM_TARGET6 : SIM_TARGET4,
			  &target.addr));
	return target;
}

void scene_listen(struct scene *s, uint16_t port, enum model_role role)
{
	model_port(s->target.model,
		   &(struct model_port){ .port = port, .role = role });
}

struct segment scene_answer(const struct segment *in, uint16_t flags)
{
	return (struct segment){
		.src = in->dst,
		.dst = in->src,
		.sport = in->dport,
		.dport = in->sport,
		.flags = flags,
		.ttl = 64,
		.df = true,
	};
}

/* One task, once. */
struct cue {
	struct scene *scene;
	task_fn *fn;
	void *arg;
	bool given;
};

static bool next(void *arg)
{
	struct cue *cue = arg;

	if (cue->given)
		return false;
	cue->given = true;
	BUG_ON(engine_spawn(
		cue->scene->engine,
		&(struct engine_job){ .fn = cue->fn, .arg = cue->arg }));
	return true;
}

void scene_run(struct scene *s, task_fn *fn, void *arg)
{
	struct cue cue = { .scene = s, .fn = fn, .arg = arg };
	struct engine_feed feed = { .next = next, .arg = &cue, .window = 1 };
	struct err err;

	if (engine_run(s->engine, &feed, &err))
		tap_note("the run failed: %s", err.text);
}

struct flow *scene_flow(struct scene *s, uint16_t port)
{
	struct flow_spec spec = {
		.remote = scene_target(s, port),
		.route = &s->route,
	};
	struct flow *f;
	struct err err;

	BUG_ON(flow_open(s->engine, &spec, &f, &err));
	return f;
}

struct part {
	const struct probe *probe;
	struct probe_job job;
};

static void play(void *arg)
{
	struct part *part = arg;

	part->probe->run(&part->job);
}

void scene_probe(struct scene *s, const struct probe *p, const void *settings,
		 uint16_t port, struct finding *f)
{
	struct part part = {
		.probe = p,
		.job = {
			.engine = s->engine,
			.settings = settings,
			.hosts = s->hosts,
			.target = scene_target(s, port),
			.route = s->route,
			.keep_packets = true,
			.at_length = true,
			.finding = f,
		},
	};

	finding_init(f, p->name);
	f->target = part.job.target;
	scene_run(s, play, &part);
	trace_sort(&f->trace);
}

const struct check *scene_check(const struct finding *f, enum rule_id rule)
{
	for (size_t i = 0; i < f->checks_n; i++) {
		if (f->checks[i].rule == rule_get(rule))
			return &f->checks[i];
	}
	return NULL;
}
