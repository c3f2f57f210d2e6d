/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosts of a simulated network: the model TCP, and functions of tests. */
#include "tests/sim/modelpeer.h"

static struct addr must_parse(const char *text)
{
	struct addr a;

	BUG_ON(addr_parse(text, &a));
	return a;
}

static void attach_usual(struct simlink *sim, struct sim_peer *peer)
{
	struct addr v4 = must_parse(SIM_TARGET4);
	struct addr v6 = must_parse(SIM_TARGET6);

	simlink_attach(sim, peer, &v4, 32);
	simlink_attach(sim, peer, &v6, 128);
}

static struct modelpeer *of_peer(const struct sim_peer *peer)
{
	return CONTAINER_OF((uintptr_t)peer, struct modelpeer, peer);
}

static void output(void *arg, const uint8_t *bytes, size_t len)
{
	struct modelpeer *p = arg;

	simlink_emit(p->sim, &p->peer, 0, bytes, len);
}

static void receive(struct sim_peer *peer, int64_t now_ns,
		    const uint8_t *bytes, size_t len)
{
	model_input(of_peer(peer)->model, now_ns, bytes, len);
}

static int64_t deadline(const struct sim_peer *peer)
{
	return model_deadline(of_peer(peer)->model);
}

static void expire(struct sim_peer *peer, int64_t now_ns)
{
	model_expire(of_peer(peer)->model, now_ns);
}

static void init(struct modelpeer *p, struct simlink *sim,
		 const struct model_config *config)
{
	struct model_config ours = *config;

	ours.output = output;
	ours.arg = p;
	*p = (struct modelpeer){
		.peer = { .receive = receive,
			  .deadline = deadline,
			  .expire = expire },
		.sim = sim,
		.model = model_new(&ours),
	};
}

void modelpeer_init(struct modelpeer *p, struct simlink *sim,
		    const struct model_config *config)
{
	init(p, sim, config);
	attach_usual(sim, &p->peer);
}

void modelpeer_init_at(struct modelpeer *p, struct simlink *sim,
		       const struct model_config *config,
		       const struct addr *prefix, unsigned bits)
{
	init(p, sim, config);
	simlink_attach(sim, &p->peer, prefix, bits);
}

void modelpeer_fini(struct modelpeer *p)
{
	model_free(p->model);
	p->model = NULL;
}

static void script_receive(struct sim_peer *peer, int64_t now_ns,
			   const uint8_t *bytes, size_t len)
{
	struct scriptpeer *p = CONTAINER_OF(peer, struct scriptpeer, peer);

	p->fn(p, now_ns, bytes, len);
}

void scriptpeer_init(struct scriptpeer *p, struct simlink *sim,
		     scriptpeer_fn *fn, void *arg)
{
	*p = (struct scriptpeer){
		.peer = { .receive = script_receive },
		.sim = sim,
		.fn = fn,
		.arg = arg,
	};
	attach_usual(sim, &p->peer);
}
