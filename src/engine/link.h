/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world, as the engine knows it: send these bytes, give me what arrived
 * until this time, what time is it, which way to there, hold this port.
 *
 * src/io/live.c implements it on libnet and libpcap, tests/sim/simlink.c as a
 * simulated network with a virtual clock. Nothing above it touches a socket
 * or reads a clock.
 */
#ifndef TP_ENGINE_LINK_H
#define TP_ENGINE_LINK_H

#include "base/addr.h"
#include "base/base.h"
#include "base/err.h"

#define LINK_NAME_MAX 16

/* The way to one target. */
struct route {
	struct addr source;
	struct addr gateway; /* family FAMILY_ANY when the target is on-link */
	uint32_t interface;  /* its index */
	char interface_name[LINK_NAME_MAX];
	uint32_t mtu;	   /* of the way, as far as it is known */
	uint32_t link_mtu; /* of the interface; 0: unknown */
	bool loopback;
	/* Software interface (veth, tap, loopback): checksums may be left
	 * unfinished and unverified on it. */
	bool checksum_offload;
};

/* Which way a route is wanted; zeros leave the choice to the kernel. */
struct route_wish {
	struct addr to;
	struct addr source;
	uint32_t interface;
};

/*
 * One datagram that the capture saw, ours leaving or another's arriving: the
 * engine tells by the addresses. Link headers are gone; a datagram that an
 * interface shows twice is handed up once.
 */
struct link_packet {
	int64_t t_ns;	      /* the capture's stamp, ns since the epoch */
	const uint8_t *bytes; /* from the IP header on; valid in the call */
	size_t len;
};

typedef void link_sink(void *arg, const struct link_packet *packet);

enum link_event {
	LINK_QUIET,	  /* `until` was reached and nothing more is there */
	LINK_TRAFFIC,	  /* the sink was called at least once */
	LINK_INTERRUPTED, /* the user wants the run to end */
	LINK_LOST,	  /* the capture failed for good; *e says why */
};

/* What the silence of a target may not be concluded from. */
struct link_health {
	uint64_t dropped; /* packets that the capture lost since its start */
};

struct link;

struct link_ops {
	/* Monotonic nanoseconds; never 0. */
	int64_t (*now)(struct link *);
	/* Nanoseconds since the epoch, for the record only. */
	int64_t (*wall)(struct link *);
	int (*route)(struct link *, const struct route_wish *, struct route *,
		     struct err *e);
	/*
	 * Hold a TCP port of this host, both families, all addresses, so that
	 * our own kernel answers nothing that arrives for it. `wanted` 0 lets
	 * the kernel choose. Held until it is released, or the process ends.
	 */
	int (*hold)(struct link *, uint16_t wanted, uint16_t *port,
		    struct err *e);
	void (*release)(struct link *, uint16_t port);
	/* Send one IP datagram now. */
	int (*send)(struct link *, const struct route *, const uint8_t *bytes,
		    size_t len, struct err *e);
	/*
	 * Hand all that has arrived to the sink; when that was nothing, wait
	 * for something until `until_ns` (of now()), TIME_NEVER for ever.
	 * Returns after the first batch. The sink may send.
	 */
	enum link_event (*receive)(struct link *, int64_t until_ns,
				   link_sink *sink, void *arg, struct err *e);
	void (*health)(struct link *, struct link_health *);
};

/* Embedded first in what implements it. */
struct link {
	const struct link_ops *ops;
};

#endif
