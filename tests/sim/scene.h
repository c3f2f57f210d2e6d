/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scene for a test of the engine or of a probe: a simulated link, a model
 * TCP (or a function) as the target, an engine, and one task at a time.
 *
 *	struct scene s;
 *	scene_open(&s, &(struct scene_config){ … });
 *	model_port(s.target.model, …);
 *	scene_probe(&s, &nolisten_probe, &settings, 80, &finding);
 *	scene_close(&s);
 *
 * Closing checks what must hold of every scene: no port is held any more, and
 * nothing of ours is open on the model unless the test says so.
 */
#ifndef TP_TESTS_SIM_SCENE_H
#define TP_TESTS_SIM_SCENE_H

#include "engine/engine.h"
#include "engine/flow.h"
#include "probe/hosts.h"
#include "probe/probe.h"
#include "tests/sim/modelpeer.h"
#include "tests/sim/simlink.h"
#include "wire/segment.h"

/* Weather in which a probe must still come to the right verdict. */
extern const struct sim_weather scene_storm;

struct scene_config {
	struct simlink_config sim;
	struct model_config model;
	scriptpeer_fn *script; /* instead of the model */
	void *script_arg;
	bool ipv6;
	bool no_peer;	    /* nobody is there */
	int64_t timeout_ns; /* 0 = 1 s */
	int retries;	    /* 0 = 2, -1 = none */
	uint64_t rate;	    /* 0 = unlimited */
};

struct scene {
	struct scene_config config;
	struct simlink *sim;
	struct modelpeer target;
	struct scriptpeer script;
	struct engine *engine;
	struct hosts *hosts;
	struct route route;
	bool leaves_open; /* connections may stay on the model */
};

void scene_open(struct scene *s, const struct scene_config *config);
void scene_close(struct scene *s);

/* The target's end. */
struct endpoint scene_target(const struct scene *s, uint16_t port);

/* A port of the model, in that role and nothing else special. */
void scene_listen(struct scene *s, uint16_t port, enum model_role role);

/* The bare answer of a script to a segment: ends swapped, TTL 64. */
struct segment scene_answer(const struct segment *in, uint16_t flags);

/* Run one task to its end. */
void scene_run(struct scene *s, task_fn *fn, void *arg);
/* A flow to the target, inside a task; aborts when that fails. */
struct flow *scene_flow(struct scene *s, uint16_t port);

/* Run a probe on one port of the target; `f` must be finished by the test. */
void scene_probe(struct scene *s, const struct probe *p, const void *settings,
		 uint16_t port, struct finding *f);
/* Its check of that rule, or NULL. */
const struct check *scene_check(const struct finding *f, enum rule_id rule);

#endif
