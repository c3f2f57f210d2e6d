/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Source ports: one held port serves many conversations, as long as their
 * targets differ. A sweep of 65,535 ports of one host needs one.
 */
#include <string.h>

#include "engine/internal.h"

static int hold_another(struct engine *e, struct err *err)
{
	struct link *link = e->config.link;
	struct ports *p = &e->ports;
	uint16_t wanted = 0;
	uint16_t port;
	int rc;

	if (p->n == p->size) {
		size_t size = p->size ? p->size * 2 : 8;
		uint16_t *held = reallocarray(p->held, size, sizeof(*held));

		if (!held)
			return err_set(err, ERR_MEMORY,
				       "hold a source port: out of memory");
		p->held = held;
		p->size = size;
	}
	/* From --source-port on upwards; the kernel chooses past the end. */
	if (e->config.source_port &&
	    p->n <= (size_t)(UINT16_MAX - e->config.source_port))
		wanted = (uint16_t)(e->config.source_port + p->n);
	rc = link->ops->hold(link, wanted, &port, err);
	/* Only the first was asked for by number. */
	if (rc == -ERR_BUSY && wanted && p->n)
		rc = link->ops->hold(link, 0, &port, err);
	if (rc)
		return rc;
	p->held[p->n++] = port;
	return 0;
}

int ports_take(struct engine *e, const struct flow_spec *spec, uint16_t *port,
	       struct err *err)
{
	struct endpoint local = { .addr = spec->route->source };

	for (size_t i = spec->nth;; i++) {
		while (i >= e->ports.n) {
			int rc = hold_another(e, err);

			if (rc)
				return rc;
		}
		local.port = e->ports.held[i];
		if (demux_taken(e, &local, &spec->remote))
			continue;
		/* Our own port is no target of ours: nobody is behind it. */
		if (local.port == spec->remote.port &&
		    addr_equal(&local.addr, &spec->remote.addr))
			continue;
		*port = local.port;
		return 0;
	}
}

void ports_release_all(struct engine *e)
{
	struct link *link = e->config.link;

	for (size_t i = 0; i < e->ports.n; i++)
		link->ops->release(link, e->ports.held[i]);
	free(e->ports.held);
	e->ports = (struct ports){ 0 };
}
