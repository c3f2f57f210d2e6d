/* SPDX-License-Identifier: BSD-2-Clause */
/* The model TCP as a host of a simulated network. */
#ifndef TP_TESTS_SIM_MODELPEER_H
#define TP_TESTS_SIM_MODELPEER_H

#include "tests/model/model.h"
#include "tests/sim/simlink.h"

/* Where targets usually are, and the closed port to ask for. */
#define SIM_TARGET4 "10.9.0.2"
#define SIM_TARGET6 "fd00:9::2"

struct modelpeer {
	struct sim_peer peer;
	struct simlink *sim;
	struct model *model;
};

/* A new model at SIM_TARGET4 and SIM_TARGET6; of `config`, output and arg are
 * not looked at. */
void modelpeer_init(struct modelpeer *p, struct simlink *sim,
		    const struct model_config *config);
/* The same at other addresses. */
void modelpeer_init_at(struct modelpeer *p, struct simlink *sim,
		       const struct model_config *config,
		       const struct addr *prefix, unsigned bits);
/* Before or after the simulation is closed; it must not run in between. */
void modelpeer_fini(struct modelpeer *p);

/*
 * A host that is a function: called with each datagram that reaches it, it
 * answers with simlink_emit(p->sim, &p->peer, …), at once or later.
 */
struct scriptpeer;
typedef void scriptpeer_fn(struct scriptpeer *p, int64_t now_ns,
			   const uint8_t *bytes, size_t len);
struct scriptpeer {
	struct sim_peer peer;
	struct simlink *sim;
	scriptpeer_fn *fn;
	void *arg;
};

/* At SIM_TARGET4 and SIM_TARGET6. */
void scriptpeer_init(struct scriptpeer *p, struct simlink *sim,
		     scriptpeer_fn *fn, void *arg);

#endif
