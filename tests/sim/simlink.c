/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated network: a heap of events in virtual time. A round runs what
 * is due, and only when that showed our end nothing does the clock move on to
 * the next event or deadline.
 */
#include "tests/sim/simlink.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/sim/events.h"
#include "tests/sim/weather.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/segment.h"

#define SIM_PREFIXES_MAX 256
#define SIM_PEERS_MAX 64
#define SIM_HOOKS_MAX 8
#define SIM_FAILURES_MAX 64
#define SIM_PORTS 65536
/* The kernel's choice when asked for any port: upwards from here. */
#define SIM_PORT_FIRST 33000
/* Rounds without a step of the clock before a loop is called endless. */
#define SIM_ROUNDS_MAX 20000000

struct prefix {
	struct addr addr;
	unsigned bits;
	struct sim_peer *peer;
};

struct failure {
	uint64_t nth;
	enum err_code code;
};

struct failures {
	struct failure list[SIM_FAILURES_MAX];
	size_t n;
	uint64_t asked;
};

enum port_use { PORT_FREE, PORT_HELD, PORT_OCCUPIED };

struct simlink {
	struct link link;
	struct simlink_config config;
	int64_t now_ns;
	uint64_t rounds; /* since the clock moved */
	struct sim_events events;
	struct sim_way ways[SIM_DIR_N];
	struct random capture_random;
	struct addr source4, source6;

	struct prefix prefixes[SIM_PREFIXES_MAX];
	size_t prefixes_n;
	struct {
		struct sim_peer *peer;
		bool unplugged;
	} peers[SIM_PEERS_MAX];
	size_t peers_n;
	struct {
		sim_hook *hook;
		void *arg;
	} hooks[SIM_HOOKS_MAX];
	size_t hooks_n;
	/* What hooks may alter. One a direction: while our end looks at what
	 * arrived, it sends. */
	uint8_t scratch[SIM_DIR_N][SIM_DATAGRAM_MAX];

	uint8_t ports[SIM_PORTS]; /* enum port_use */
	uint16_t next_port;
	struct failures send_failures, hold_failures;
	sim_send_check *send_check;
	void *send_check_arg;

	link_sink *sink; /* during receive() */
	void *sink_arg;
	uint64_t drop_next;
	bool lost, interrupted;

	struct sim_sent *sent;
	size_t sent_n, sent_size;
	struct simlink_counts counts;
};

static struct simlink *from_link(struct link *link)
{
	return CONTAINER_OF(link, struct simlink, link);
}

static bool fails(struct failures *f, enum err_code *code)
{
	f->asked++;
	for (size_t i = 0; i < f->n; i++) {
		if (f->list[i].nth == f->asked) {
			*code = f->list[i].code;
			return true;
		}
	}
	return false;
}

static void failures_add(struct failures *f, uint64_t nth, enum err_code code)
{
	BUG_ON(f->n == SIM_FAILURES_MAX);
	f->list[f->n++] = (struct failure){ .nth = nth, .code = code };
}

/* The way out and back. */

static bool hooks_pass(struct simlink *sim, struct sim_datagram *d,
		       const uint8_t *bytes, size_t len)
{
	BUG_ON(len > SIM_DATAGRAM_MAX);
	d->now_ns = sim->now_ns;
	d->bytes = sim->scratch[d->dir];
	d->len = len;
	memcpy(d->bytes, bytes, len);
	for (size_t i = 0; i < sim->hooks_n; i++) {
		if (sim->hooks[i].hook(sim->hooks[i].arg, sim, d) == SIM_DROP)
			return false;
		BUG_ON(d->len > SIM_DATAGRAM_MAX);
	}
	return true;
}

static void enter(struct simlink *sim, enum sim_dir dir, const uint8_t *bytes,
		  size_t len)
{
	sim_way_enter(&sim->ways[dir], &sim->events,
		      dir == SIM_OUT ? SIM_REACH_PEER : SIM_REACH_HOOK,
		      sim->now_ns, bytes, len);
}

static void remember_sent(struct simlink *sim, const uint8_t *bytes,
			  size_t len, bool own_kernel)
{
	uint8_t *copy;

	if (sim->sent_n == SIM_SENT_MAX)
		return;
	if (sim->sent_n == sim->sent_size) {
		sim->sent_size = sim->sent_size ? 2 * sim->sent_size : 64;
		sim->sent = realloc(sim->sent,
				    sim->sent_size * sizeof(sim->sent[0]));
		BUG_ON(!sim->sent);
	}
	copy = malloc(len + 1);
	BUG_ON(!copy);
	memcpy(copy, bytes, len);
	sim->sent[sim->sent_n++] = (struct sim_sent){
		.at_ns = sim->now_ns,
		.own_kernel = own_kernel,
		.bytes = copy,
		.len = len,
	};
}

static void leave(struct simlink *sim, const uint8_t *bytes, size_t len,
		  bool own_kernel)
{
	struct sim_datagram d = { .dir = SIM_OUT };

	remember_sent(sim, bytes, len, own_kernel);
	if (sim->config.own == SIM_OWN_STUCK)
		return;
	if (sim->config.own == SIM_OWN_SEEN)
		sim_events_add(&sim->events, SIM_CAPTURE, sim->now_ns, bytes,
			       len);
	if (hooks_pass(sim, &d, bytes, len))
		enter(sim, SIM_OUT, d.bytes, d.len);
}

static void show(struct simlink *sim, int64_t at_ns, const uint8_t *bytes,
		 size_t len)
{
	struct link_packet packet = {
		.t_ns = SIM_EPOCH_NS + at_ns,
		.bytes = bytes,
		.len = len,
	};

	if (sim->lost)
		return;
	if (sim->drop_next || random_chance(&sim->capture_random,
					    sim->config.capture_drop_ppm)) {
		if (sim->drop_next)
			sim->drop_next--;
		sim->counts.dropped++;
		return;
	}
	sim->counts.shown++;
	if (sim->sink)
		sim->sink(sim->sink_arg, &packet);
}

static bool is_ours(const struct simlink *sim, const struct addr *a)
{
	return addr_equal(a, &sim->source4) || addr_equal(a, &sim->source6);
}

/*
 * What a kernel does with a segment that no socket of its own wants (RFC 9293
 * 3.10.7.1); the guard, a held port, is what keeps it silent.
 */
static void own_kernel(struct simlink *sim, const uint8_t *bytes, size_t len)
{
	struct segment s, reset;
	uint8_t out[64];

	if (sim->config.own_kernel_silent ||
	    segment_parse(bytes, len, &s) != SEGMENT_OK || !s.sum_good ||
	    s.flags & TCP_RST || !is_ours(sim, &s.dst))
		return;
	if (sim->ports[s.dport] == PORT_HELD && !sim->config.own_kernel_resets)
		return;
	reset = (struct segment){
		.src = s.dst,
		.dst = s.src,
		.sport = s.dport,
		.dport = s.sport,
		.flags = TCP_RST,
		.ttl = 64,
		.df = true,
	};
	if (s.flags & TCP_ACK) {
		reset.seq = s.ack;
	} else {
		reset.flags |= TCP_ACK;
		reset.ack = s.seq + segment_len(&s);
	}
	sim->counts.kernel_resets++;
	leave(sim, out, segment_build(&reset, out, sizeof(out)), true);
}

static void reach_us(struct simlink *sim, const struct sim_event *event)
{
	struct sim_datagram d = { .dir = SIM_IN };

	if (event->kind == SIM_REACH_HOOK) {
		sim->counts.weather[SIM_IN].arrived++;
		if (!hooks_pass(sim, &d, event->bytes, event->len))
			return;
	} else {
		d.bytes = sim->scratch[SIM_IN];
		d.len = event->len;
		memcpy(d.bytes, event->bytes, event->len);
	}
	show(sim, event->at_ns, d.bytes, d.len);
	own_kernel(sim, d.bytes, d.len);
}

/* Peers. */

static struct sim_peer *peer_of(const struct simlink *sim,
				const struct addr *addr)
{
	for (size_t i = 0; i < sim->prefixes_n; i++) {
		const struct prefix *p = &sim->prefixes[i];
		struct addr masked = addr_prefix(addr, p->bits);

		if (masked.family == p->addr.family &&
		    addr_equal(&masked, &p->addr))
			return p->peer;
	}
	return NULL;
}

static bool unplugged(const struct simlink *sim, const struct sim_peer *peer)
{
	for (size_t i = 0; i < sim->peers_n; i++) {
		if (sim->peers[i].peer == peer)
			return sim->peers[i].unplugged;
	}
	return true;
}

static void answer_ping(struct simlink *sim, struct sim_peer *peer,
			const struct ip *ip)
{
	uint8_t out[SIM_MTU];
	struct icmp request;
	struct addr kept;
	size_t len;

	if (icmp_parse(ip, &request) || request.what != ICMP_ECHO_REQUEST ||
	    ip->payload_len < 8)
		return;
	kept = request.src;
	request.src = request.dst;
	request.dst = kept;
	request.what = ICMP_ECHO_REPLY;
	request.ttl = 64;
	len = icmp_build_echo(&request, ip->payload + 8, ip->payload_len - 8,
			      out, sizeof(out));
	if (len)
		simlink_emit(sim, peer, 0, out, len);
}

static void reach_peer(struct simlink *sim, const struct sim_event *event)
{
	struct sim_peer *peer;
	struct ip ip;

	if (ip_parse(event->bytes, event->len, &ip) == IP_SHORT)
		return;
	peer = peer_of(sim, &ip.dst);
	if (!peer || unplugged(sim, peer))
		return;
	sim->counts.weather[SIM_OUT].arrived++;
	if (peer->answers_ping)
		answer_ping(sim, peer, &ip);
	peer->receive(peer, sim->now_ns, event->bytes, event->len);
}

static int64_t peer_deadline(const struct sim_peer *peer)
{
	return peer->deadline ? peer->deadline(peer) : TIME_NEVER;
}

static void expire_peers(struct simlink *sim)
{
	for (size_t i = 0; i < sim->peers_n; i++) {
		struct sim_peer *peer = sim->peers[i].peer;

		if (peer_deadline(peer) <= sim->now_ns)
			peer->expire(peer, sim->now_ns);
	}
}

/* Time. */

static void happen(struct simlink *sim, const struct sim_event *event)
{
	switch (event->kind) {
	case SIM_CAPTURE:
		show(sim, event->at_ns, event->bytes, event->len);
		break;
	case SIM_ENTER:
		enter(sim, SIM_IN, event->bytes, event->len);
		break;
	case SIM_REACH_PEER:
		reach_peer(sim, event);
		break;
	case SIM_REACH_HOOK:
	case SIM_REACH_US:
		reach_us(sim, event);
		break;
	case SIM_INTERRUPT:
		sim->interrupted = true;
		break;
	case SIM_LOSE_CAPTURE:
		sim->lost = true;
		break;
	}
}

/* One batch: what this brings about is for the next one, even if it is due at
 * the same instant. */
static void run_due(struct simlink *sim)
{
	uint64_t limit = sim->events.planned;
	const struct sim_event *first;

	while ((first = sim_events_first(&sim->events)) &&
	       first->at_ns <= sim->now_ns && first->order < limit) {
		struct sim_event *event = sim_events_take(&sim->events);

		happen(sim, event);
		free(event);
	}
	expire_peers(sim);
}

static int64_t next_time(const struct simlink *sim)
{
	const struct sim_event *first = sim_events_first(&sim->events);
	int64_t next = first ? first->at_ns : TIME_NEVER;

	for (size_t i = 0; i < sim->peers_n; i++) {
		int64_t at = peer_deadline(sim->peers[i].peer);

		if (at < next)
			next = at;
	}
	return next;
}

static void advance(struct simlink *sim, int64_t to_ns)
{
	if (to_ns > sim->now_ns) {
		sim->now_ns = to_ns;
		sim->rounds = 0;
		return;
	}
	if (++sim->rounds < SIM_ROUNDS_MAX)
		return;
	fprintf(stderr, "simlink: endless loop at %" PRId64 " ns\n",
		sim->now_ns);
	abort();
}

static void deadlock(const struct simlink *sim)
{
	fprintf(stderr,
		"simlink: deadlock at %" PRId64 " ns: waiting for ever, and "
		"nothing will ever happen\n",
		sim->now_ns);
	abort();
}

static enum link_event run_until(struct simlink *sim, int64_t until_ns,
				 struct err *e)
{
	uint64_t shown = sim->counts.shown;

	for (;;) {
		int64_t next;

		run_due(sim);
		if (sim->lost) {
			err_set(e, ERR_CAPTURE, "capture on %s: it is gone",
				SIM_INTERFACE_NAME);
			return LINK_LOST;
		}
		if (sim->interrupted) {
			sim->interrupted = false;
			return LINK_INTERRUPTED;
		}
		if (sim->counts.shown != shown)
			return LINK_TRAFFIC;
		next = next_time(sim);
		if (next > until_ns) {
			advance(sim, until_ns);
			return LINK_QUIET;
		}
		if (next == TIME_NEVER)
			deadlock(sim);
		advance(sim, next);
	}
}

/* The link. */

static int64_t sim_now(struct link *link)
{
	return from_link(link)->now_ns;
}

static int64_t sim_wall(struct link *link)
{
	return SIM_EPOCH_NS + from_link(link)->now_ns;
}

static int check_wish(const struct simlink *sim, const struct route_wish *wish,
		      const struct addr *source, struct err *e)
{
	char text[ADDR_TEXT_MAX];

	if (wish->interface && wish->interface != SIM_INTERFACE)
		return err_set(e, ERR_INTERFACE, "interface %" PRIu32
			       ": no such interface", wish->interface);
	if (wish->source.family != FAMILY_ANY &&
	    !addr_equal(&wish->source, source))
		return err_set(e, ERR_ROUTE, "source %s: not this host's",
			       addr_format(&wish->source, text));
	if (wish->to.family == FAMILY_IPV4 ? sim->config.no_ipv4 :
					     sim->config.no_ipv6)
		return err_set(e, ERR_ROUTE, "route to %s: no route",
			       addr_format(&wish->to, text));
	return 0;
}

static struct addr must_parse(const char *text)
{
	struct addr a;

	BUG_ON(addr_parse(text, &a));
	return a;
}

static int sim_route(struct link *link, const struct route_wish *wish,
		     struct route *route, struct err *e)
{
	struct simlink *sim = from_link(link);
	bool ipv4 = wish->to.family == FAMILY_IPV4;
	int bad;

	BUG_ON(!addr_size(wish->to.family));
	*route = (struct route){
		.source = ipv4 ? sim->source4 : sim->source6,
		.interface = SIM_INTERFACE,
		.interface_name = SIM_INTERFACE_NAME,
		.mtu = sim->config.mtu,
		.link_mtu = sim->config.mtu,
		.loopback = sim->config.loopback,
		.checksum_offload = sim->config.checksum_offload,
	};
	bad = check_wish(sim, wish, &route->source, e);
	if (!bad && sim->config.gateway)
		route->gateway =
			must_parse(ipv4 ? "10.9.0.254" : "fd00:9::fe");
	return bad;
}

static uint16_t free_port(struct simlink *sim)
{
	for (unsigned tries = 0; tries < SIM_PORTS - SIM_PORT_FIRST; tries++) {
		uint16_t port = sim->next_port++;

		if (sim->next_port < SIM_PORT_FIRST)
			sim->next_port = SIM_PORT_FIRST;
		if (sim->ports[port] == PORT_FREE)
			return port;
	}
	return 0;
}

static int sim_hold(struct link *link, uint16_t wanted, uint16_t *port,
		    struct err *e)
{
	struct simlink *sim = from_link(link);
	enum err_code code;

	if (fails(&sim->hold_failures, &code))
		return err_set(e, code, "hold a port: %s", err_name(code));
	if (!wanted)
		wanted = free_port(sim);
	if (!wanted)
		return err_set(e, ERR_BUSY, "hold a port: none is free");
	if (sim->ports[wanted] != PORT_FREE)
		return err_set(e, ERR_BUSY, "hold port %u: it is taken",
			       (unsigned)wanted);
	sim->ports[wanted] = PORT_HELD;
	sim->counts.held++;
	sim->counts.holds++;
	*port = wanted;
	return 0;
}

static void sim_release(struct link *link, uint16_t port)
{
	struct simlink *sim = from_link(link);

	BUG_ON(sim->ports[port] != PORT_HELD);
	sim->ports[port] = PORT_FREE;
	sim->counts.held--;
}

static int sim_send(struct link *link, const struct route *route,
		    const uint8_t *bytes, size_t len, struct err *e)
{
	struct simlink *sim = from_link(link);
	enum err_code code = ERR_NONE;

	if (!fails(&sim->send_failures, &code) && sim->send_check)
		code = sim->send_check(sim->send_check_arg, bytes, len);
	if (code != ERR_NONE)
		return err_set(e, code, "send on %s: %s", SIM_INTERFACE_NAME,
			       err_name(code));
	if (len > route->mtu)
		return err_set(e, ERR_SEND, "send on %s: message too long",
			       SIM_INTERFACE_NAME);
	sim->counts.sent++;
	leave(sim, bytes, len, false);
	return 0;
}

static enum link_event sim_receive(struct link *link, int64_t until_ns,
				   link_sink *sink, void *arg, struct err *e)
{
	struct simlink *sim = from_link(link);
	enum link_event event;

	sim->sink = sink;
	sim->sink_arg = arg;
	event = run_until(sim, until_ns, e);
	sim->sink = NULL;
	return event;
}

static void sim_health(struct link *link, struct link_health *health)
{
	health->dropped = from_link(link)->counts.dropped;
}

static const struct link_ops sim_ops = {
	.now = sim_now,
	.wall = sim_wall,
	.route = sim_route,
	.hold = sim_hold,
	.release = sim_release,
	.send = sim_send,
	.receive = sim_receive,
	.health = sim_health,
};

/* What a test does with it. */

struct simlink *simlink_open(const struct simlink_config *config)
{
	struct simlink *sim = calloc(1, sizeof(*sim));

	BUG_ON(!sim);
	sim->link.ops = &sim_ops;
	sim->config = *config;
	if (!sim->config.mtu)
		sim->config.mtu = SIM_MTU;
	sim->now_ns = SIM_START_NS;
	sim->next_port = SIM_PORT_FIRST;
	sim->source4 = must_parse(SIM_SOURCE4);
	sim->source6 = must_parse(SIM_SOURCE6);
	for (unsigned dir = 0; dir < SIM_DIR_N; dir++) {
		sim->ways[dir].weather = config->weather[dir];
		random_seed(&sim->ways[dir].random, 3 * config->seed + dir);
	}
	random_seed(&sim->capture_random, 3 * config->seed + SIM_DIR_N);
	if (config->lost_at_ns)
		simlink_lose_capture_at(sim, config->lost_at_ns);
	if (config->interrupted_at_ns)
		simlink_interrupt_at(sim, config->interrupted_at_ns);
	return sim;
}

void simlink_close(struct simlink *sim)
{
	if (!sim)
		return;
	for (size_t i = 0; i < sim->sent_n; i++)
		free((void *)(uintptr_t)sim->sent[i].bytes);
	free(sim->sent);
	for (unsigned dir = 0; dir < SIM_DIR_N; dir++)
		sim_way_fini(&sim->ways[dir]);
	sim_events_fini(&sim->events);
	free(sim);
}

struct link *simlink_link(struct simlink *sim)
{
	return &sim->link;
}

int64_t simlink_now(const struct simlink *sim)
{
	return sim->now_ns;
}

void simlink_pass(struct simlink *sim, int64_t until_ns)
{
	struct err e;

	BUG_ON(until_ns == TIME_NEVER);
	while (run_until(sim, until_ns, &e) == LINK_TRAFFIC)
		;
}

void simlink_attach(struct simlink *sim, struct sim_peer *peer,
		    const struct addr *prefix, unsigned bits)
{
	BUG_ON(sim->prefixes_n == SIM_PREFIXES_MAX);
	sim->prefixes[sim->prefixes_n++] = (struct prefix){
		.addr = addr_prefix(prefix, bits),
		.bits = bits,
		.peer = peer,
	};
	for (size_t i = 0; i < sim->peers_n; i++) {
		if (sim->peers[i].peer == peer)
			return;
	}
	BUG_ON(sim->peers_n == SIM_PEERS_MAX);
	sim->peers[sim->peers_n++].peer = peer;
}

void simlink_unplug(struct simlink *sim, struct sim_peer *peer, bool is)
{
	for (size_t i = 0; i < sim->peers_n; i++) {
		if (sim->peers[i].peer == peer)
			sim->peers[i].unplugged = is;
	}
}

void simlink_emit(struct simlink *sim, struct sim_peer *peer, int64_t delay_ns,
		  const uint8_t *bytes, size_t len)
{
	if (unplugged(sim, peer))
		return;
	if (delay_ns)
		sim_events_add(&sim->events, SIM_ENTER, sim->now_ns + delay_ns,
			       bytes, len);
	else
		enter(sim, SIM_IN, bytes, len);
}

void simlink_lose(struct simlink *sim, enum sim_dir dir, uint64_t nth)
{
	struct sim_way *way = &sim->ways[dir];

	way->lose = realloc(way->lose,
			    (way->lose_n + 1) * sizeof(way->lose[0]));
	BUG_ON(!way->lose);
	way->lose[way->lose_n++] = nth;
}

void simlink_weather(struct simlink *sim, enum sim_dir dir,
		     const struct sim_weather *weather)
{
	sim->ways[dir].weather = *weather;
}

void simlink_hook(struct simlink *sim, sim_hook *hook, void *arg)
{
	BUG_ON(sim->hooks_n == SIM_HOOKS_MAX);
	sim->hooks[sim->hooks_n].hook = hook;
	sim->hooks[sim->hooks_n++].arg = arg;
}

void simlink_inject(struct simlink *sim, enum sim_dir dir, int64_t delay_ns,
		    const uint8_t *bytes, size_t len)
{
	if (dir == SIM_OUT)
		enter(sim, SIM_OUT, bytes, len);
	else
		sim_events_add(&sim->events, SIM_REACH_US,
			       sim->now_ns + delay_ns, bytes, len);
}

void simlink_fail_send(struct simlink *sim, uint64_t nth, enum err_code code)
{
	failures_add(&sim->send_failures, nth, code);
}

void simlink_fail_hold(struct simlink *sim, uint64_t nth, enum err_code code)
{
	failures_add(&sim->hold_failures, nth, code);
}

void simlink_check_send(struct simlink *sim, sim_send_check *check, void *arg)
{
	sim->send_check = check;
	sim->send_check_arg = arg;
}

void simlink_occupy(struct simlink *sim, uint16_t port)
{
	sim->ports[port] = PORT_OCCUPIED;
}

void simlink_drop_captures(struct simlink *sim, uint64_t n)
{
	sim->drop_next += n;
}

void simlink_set_own(struct simlink *sim, enum sim_own own)
{
	sim->config.own = own;
}

void simlink_interrupt_at(struct simlink *sim, int64_t at_ns)
{
	sim_events_add(&sim->events, SIM_INTERRUPT, at_ns, NULL, 0);
}

void simlink_lose_capture_at(struct simlink *sim, int64_t at_ns)
{
	sim_events_add(&sim->events, SIM_LOSE_CAPTURE, at_ns, NULL, 0);
}

const struct sim_sent *simlink_sent(const struct simlink *sim, size_t i)
{
	return i < sim->sent_n ? &sim->sent[i] : NULL;
}

void simlink_counts(const struct simlink *sim, struct simlink_counts *out)
{
	*out = sim->counts;
	for (unsigned dir = 0; dir < SIM_DIR_N; dir++) {
		const struct sim_way *way = &sim->ways[dir];

		out->weather[dir].entered = way->entered;
		out->weather[dir].lost = way->lost;
		out->weather[dir].duplicated = way->duplicated;
		out->weather[dir].reordered = way->reordered;
		out->weather[dir].corrupted = way->corrupted;
	}
}
