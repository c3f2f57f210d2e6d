/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A simulated network behind the link interface, with a clock of its own.
 *
 *	our end (struct link) | middlebox hooks | weather | peers
 *
 * Our end captures what it sends and what arrives. Hooks stand beside it: they
 * see each datagram, ours before the weather and the others' behind it. Peers
 * are hosts: the model TCP (sim/modelpeer.h), or a function of a test. All
 * chance comes from one seed, and time moves only in the link's receive(), so
 * that a run repeats exactly and two hours of keepalive take a millisecond.
 *
 * Waiting for ever while nothing can ever happen is a deadlock of the test or
 * of what it tests: receive() then says so and aborts.
 */
#ifndef TP_TESTS_SIM_SIMLINK_H
#define TP_TESTS_SIM_SIMLINK_H

#include "base/addr.h"
#include "base/base.h"
#include "base/err.h"
#include "engine/link.h"

struct simlink;

/* Our end, the same in every simulation. */
#define SIM_SOURCE4 "10.9.0.1"
#define SIM_SOURCE6 "fd00:9::1"
#define SIM_INTERFACE 7
#define SIM_INTERFACE_NAME "sim0"
#define SIM_MTU 1500
/* now() at the start, and wall() less now(). */
#define SIM_START_NS TIME_S
#define SIM_EPOCH_NS (INT64_C(1700000000) * TIME_S)

enum sim_dir {
	SIM_OUT, /* from us */
	SIM_IN,	 /* to us */
	SIM_DIR_N
};

/* What the way does to datagrams of one direction. Zeros: a perfect wire. */
struct sim_weather {
	uint32_t loss_ppm;
	uint32_t duplicate_ppm;
	uint32_t reorder_ppm; /* held back by reorder_ns, others overtake */
	uint32_t corrupt_ppm; /* one bit behind the IP header flips */
	int64_t delay_ns;
	int64_t jitter_ns; /* 0 to this more; alone it does not reorder */
	int64_t reorder_ns;
	uint64_t rate; /* bytes a second; 0 = unlimited */
	int64_t queue_ns; /* longer queues for the rate drop; 0 = unlimited */
};

/* What becomes of our own datagrams. */
enum sim_own {
	SIM_OWN_SEEN,	/* captured, and out */
	SIM_OWN_UNSEEN, /* out, but the capture does not show them */
	SIM_OWN_STUCK,	/* neither: no neighbour was found */
};

struct simlink_config {
	uint64_t seed;
	struct sim_weather weather[SIM_DIR_N];
	enum sim_own own;
	/* The guard is broken: our kernel resets whatever arrives, as it always
	 * does for ports that nobody holds. */
	bool own_kernel_resets;
	/* Our kernel stays silent even for ports that nobody holds. */
	bool own_kernel_silent;
	uint32_t capture_drop_ppm;
	int64_t lost_at_ns;	   /* of now(): the capture fails; 0 = never */
	int64_t interrupted_at_ns; /* of now(): a signal; 0 = never */
	bool no_ipv4, no_ipv6;	   /* no route of this family */
	bool gateway;		   /* targets are behind one */
	bool loopback, checksum_offload;
	uint32_t mtu; /* 0 = SIM_MTU */
};

/* Aborts when memory is short, as all of this does. */
struct simlink *simlink_open(const struct simlink_config *config);
/* Peers are not freed: they are the test's. Accepts NULL. */
void simlink_close(struct simlink *sim);
struct link *simlink_link(struct simlink *sim);
int64_t simlink_now(const struct simlink *sim);
/* Let time pass until `until_ns` and drop what arrives; for tests that drive
 * peers without an engine. */
void simlink_pass(struct simlink *sim, int64_t until_ns);

/*
 * A host. `receive` gets each datagram that reaches it; `expire` is called
 * when the time that `deadline` names has come. deadline and expire may be
 * NULL. It sends with simlink_emit().
 */
struct sim_peer {
	void (*receive)(struct sim_peer *peer, int64_t now_ns,
			const uint8_t *bytes, size_t len);
	int64_t (*deadline)(const struct sim_peer *peer);
	void (*expire)(struct sim_peer *peer, int64_t now_ns);
	bool answers_ping; /* by the simulation, on the peer's behalf */
};

/* The peer gets what is sent to addresses in the prefix; several prefixes may
 * lead to one peer, the first that matches counts. */
void simlink_attach(struct simlink *sim, struct sim_peer *peer,
		    const struct addr *prefix, unsigned bits);
/* While it is gone what is sent to the peer is lost, and what it sends. */
void simlink_unplug(struct simlink *sim, struct sim_peer *peer, bool is);
/* From a peer to us, after `delay_ns`, through the weather. */
void simlink_emit(struct simlink *sim, struct sim_peer *peer, int64_t delay_ns,
		  const uint8_t *bytes, size_t len);

/*
 * Scripted weather: lose the nth datagram of a direction, counted from 1 as
 * they enter the weather. Any number of them.
 */
void simlink_lose(struct simlink *sim, enum sim_dir dir, uint64_t nth);
/* Change the weather while it runs. */
void simlink_weather(struct simlink *sim, enum sim_dir dir,
		     const struct sim_weather *weather);

/*
 * A middlebox. It may alter the datagram in place, and its length up to
 * SIM_DATAGRAM_MAX; drop it; and send others with simlink_inject(), which no
 * hook sees: SIM_OUT ones go through the weather to the peer, SIM_IN ones
 * arrive at our end after `delay_ns`.
 */
#define SIM_DATAGRAM_MAX 65575 /* 40 bytes of IPv6 header and 65535 */
enum sim_fate { SIM_PASS, SIM_DROP };
struct sim_datagram {
	enum sim_dir dir;
	int64_t now_ns;
	uint8_t *bytes;
	size_t len;
};
typedef enum sim_fate sim_hook(void *arg, struct simlink *sim,
			       struct sim_datagram *datagram);
void simlink_hook(struct simlink *sim, sim_hook *hook, void *arg);
void simlink_inject(struct simlink *sim, enum sim_dir dir, int64_t delay_ns,
		    const uint8_t *bytes, size_t len);

/* Failures of the system below us. `nth` counts from 1 over the whole run. */
void simlink_fail_send(struct simlink *sim, uint64_t nth, enum err_code code);
void simlink_fail_hold(struct simlink *sim, uint64_t nth, enum err_code code);
/* Asked before each send: a code other than ERR_NONE is its failure. */
typedef enum err_code sim_send_check(void *arg, const uint8_t *bytes,
				     size_t len);
void simlink_check_send(struct simlink *sim, sim_send_check *check, void *arg);
/* Another program of this host has the port. */
void simlink_occupy(struct simlink *sim, uint16_t port);
/* The capture loses the next `n` datagrams that it would have shown. */
void simlink_drop_captures(struct simlink *sim, uint64_t n);
void simlink_set_own(struct simlink *sim, enum sim_own own);
void simlink_interrupt_at(struct simlink *sim, int64_t at_ns);
void simlink_lose_capture_at(struct simlink *sim, int64_t at_ns);

/* What our end sent, oldest first; of the first SIM_SENT_MAX the bytes. */
#define SIM_SENT_MAX 16384
struct sim_sent {
	int64_t at_ns; /* of now() */
	bool own_kernel;
	const uint8_t *bytes;
	size_t len;
};
const struct sim_sent *simlink_sent(const struct simlink *sim, size_t i);

struct simlink_counts {
	uint64_t sent;		/* by link_ops.send, with success */
	uint64_t kernel_resets; /* by our kernel */
	uint64_t shown;		/* given to the sink */
	uint64_t held;		/* ports held now */
	uint64_t holds;		/* ports held ever */
	uint64_t dropped;	/* by the capture */
	struct {
		uint64_t entered, lost, duplicated, reordered, corrupted;
		uint64_t arrived;
	} weather[SIM_DIR_N];
};
void simlink_counts(const struct simlink *sim, struct simlink_counts *out);

#endif
