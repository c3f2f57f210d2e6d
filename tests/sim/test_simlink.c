/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulated network: its clock, weather, capture and failures. */
#include "tests/sim/simlink.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/modelpeer.h"
#include "tests/tap.h"
#include "wire/icmp.h"
#include "wire/segment.h"

#define MS TIME_MS

/* What the sink of a link got. */
struct heard {
	unsigned n;
	int64_t last_ns;      /* now() of the last one, by its stamp */
	struct segment last;  /* in `bytes` */
	uint8_t bytes[2048];
	size_t len;
	unsigned ours, theirs, bad_sums, icmp;
	uint64_t digest; /* of stamps and bytes */
};

static struct addr address(const char *text)
{
	struct addr a;

	if (addr_parse(text, &a))
		abort();
	return a;
}

static void hear(void *arg, const struct link_packet *packet)
{
	struct addr us = address(SIM_SOURCE4);
	struct heard *h = arg;

	h->n++;
	h->last_ns = packet->t_ns - SIM_EPOCH_NS;
	h->digest = h->digest * 31 + (uint64_t)packet->t_ns;
	for (size_t i = 0; i < packet->len; i++)
		h->digest = h->digest * 31 + packet->bytes[i];
	h->len = packet->len;
	memcpy(h->bytes, packet->bytes, packet->len);
	if (segment_parse(h->bytes, h->len, &h->last) != SEGMENT_OK) {
		h->icmp++;
		return;
	}
	h->bad_sums += !h->last.sum_good;
	if (addr_equal(&h->last.src, &us))
		h->ours++;
	else
		h->theirs++;
}

static int64_t now(struct simlink *sim)
{
	struct link *link = simlink_link(sim);

	return link->ops->now(link);
}

static enum link_event receive(struct simlink *sim, int64_t until_ns,
			       struct heard *h)
{
	struct link *link = simlink_link(sim);
	struct err e;

	return link->ops->receive(link, until_ns, hear, h, &e);
}

/* Until nothing comes for a second. */
static void drain(struct simlink *sim, struct heard *h)
{
	while (receive(sim, now(sim) + TIME_S, h) == LINK_TRAFFIC)
		;
}

static int send_segment(struct simlink *sim, const struct segment *s)
{
	struct link *link = simlink_link(sim);
	struct route_wish wish = { .to = s->dst };
	struct route route;
	uint8_t bytes[2048];
	struct err e;
	size_t len;

	if (link->ops->route(link, &wish, &route, &e))
		return -(int)e.code;
	len = segment_build(s, bytes, sizeof(bytes));
	return link->ops->send(link, &route, bytes, len, &e);
}

/* From port 33000 to port 7 of the usual target. */
static int send_flags(struct simlink *sim, uint16_t flags, uint32_t seq,
		      uint32_t ack)
{
	struct segment s = {
		.src = address(SIM_SOURCE4),
		.dst = address(SIM_TARGET4),
		.sport = 33000,
		.dport = 7,
		.flags = flags,
		.seq = seq,
		.ack = ack,
		.window = 1000,
		.ttl = 64,
	};

	return send_segment(sim, &s);
}

/* A host that sends each datagram back where it came from, with its first
 * byte of payload as the delay in ms. */
static void turn_round(struct scriptpeer *p, int64_t now_ns,
		       const uint8_t *bytes, size_t len)
{
	const int64_t *delay = p->arg;
	struct segment s, back;
	uint8_t out[2048];

	(void)now_ns;
	if (segment_parse(bytes, len, &s) != SEGMENT_OK || !s.sum_good)
		return;
	back = s;
	back.src = s.dst;
	back.dst = s.src;
	back.sport = s.dport;
	back.dport = s.sport;
	back.flags = TCP_RST; /* our kernel has nothing to say to it */
	back.sum_mode = SEGMENT_SUM_GOOD;
	len = segment_build(&back, out, sizeof(out));
	simlink_emit(p->sim, &p->peer, delay ? *delay : 0, out, len);
}

static void test_clock(void)
{
	struct simlink *sim = simlink_open(&(struct simlink_config){ 0 });
	struct link *link = simlink_link(sim);
	struct heard h = { 0 };

	CHECK_INT(now(sim), SIM_START_NS);
	CHECK_INT(link->ops->wall(link), SIM_EPOCH_NS + SIM_START_NS);
	CHECK_INT(receive(sim, 5 * TIME_S, &h), LINK_QUIET);
	CHECK_INT(now(sim), 5 * TIME_S);
	CHECK_INT(receive(sim, TIME_S, &h), LINK_QUIET);
	CHECK_INT(now(sim), 5 * TIME_S);
	simlink_pass(sim, 7200 * TIME_S);
	CHECK_INT(now(sim), 7200 * TIME_S);
	CHECK_INT(h.n, 0);
	simlink_close(sim);
	simlink_close(NULL);
}

/* In a child: a deadlock must end the process by abort(). */
static bool aborts(bool timer_pending)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		struct rlimit no_core = { 0 };
		struct heard h = { 0 };
		struct simlink *sim =
			simlink_open(&(struct simlink_config){ 0 });

		setrlimit(RLIMIT_CORE, &no_core);
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		if (timer_pending)
			simlink_interrupt_at(sim, 9 * TIME_S);
		receive(sim, TIME_NEVER, &h);
		status = now(sim) == 9 * TIME_S ? 0 : 2;
		simlink_close(sim);
		_exit(status);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	return timer_pending ? WIFEXITED(status) && !WEXITSTATUS(status) :
			       WIFSIGNALED(status);
}

static void test_deadlock(void)
{
	CHECK(aborts(false));
	CHECK(aborts(true));
}

static void test_route(void)
{
	struct simlink_config config = { .gateway = true, .no_ipv6 = true };
	struct simlink *sim = simlink_open(&config);
	struct link *link = simlink_link(sim);
	struct route_wish wish = { .to = address(SIM_TARGET4) };
	struct route route;
	struct err e;

	CHECK_INT(link->ops->route(link, &wish, &route, &e), 0);
	CHECK_INT(route.interface, SIM_INTERFACE);
	CHECK_TEXT(route.interface_name, "sim0");
	CHECK_INT(route.mtu, 1500);
	CHECK(!route.loopback && !route.checksum_offload);
	CHECK_INT(route.gateway.family, FAMILY_IPV4);
	wish.interface = 3;
	CHECK_INT(link->ops->route(link, &wish, &route, &e), -ERR_INTERFACE);
	wish.interface = SIM_INTERFACE;
	wish.source = address("10.9.0.77");
	CHECK_INT(link->ops->route(link, &wish, &route, &e), -ERR_ROUTE);
	wish.source = address(SIM_SOURCE4);
	CHECK_INT(link->ops->route(link, &wish, &route, &e), 0);
	wish = (struct route_wish){ .to = address(SIM_TARGET6) };
	CHECK_INT(link->ops->route(link, &wish, &route, &e), -ERR_ROUTE);
	simlink_close(sim);
}

static void test_hold(void)
{
	struct simlink *sim = simlink_open(&(struct simlink_config){ 0 });
	struct link *link = simlink_link(sim);
	struct simlink_counts counts;
	uint16_t a, b, c;
	struct err e;

	simlink_occupy(sim, 444);
	simlink_fail_hold(sim, 6, ERR_PERMISSION);
	CHECK_INT(link->ops->hold(link, 0, &a, &e), 0);
	CHECK_INT(link->ops->hold(link, 0, &b, &e), 0);
	CHECK(a != b);
	CHECK_INT(link->ops->hold(link, a, &c, &e), -ERR_BUSY);
	CHECK_INT(link->ops->hold(link, 444, &c, &e), -ERR_BUSY);
	CHECK_INT(link->ops->hold(link, 555, &c, &e), 0);
	CHECK_INT(c, 555);
	CHECK_INT(link->ops->hold(link, 556, &c, &e), -ERR_PERMISSION);
	simlink_counts(sim, &counts);
	CHECK_INT(counts.held, 3);
	link->ops->release(link, a);
	link->ops->release(link, 555);
	simlink_counts(sim, &counts);
	CHECK_INT(counts.held, 1);
	CHECK_INT(counts.holds, 3);
	CHECK_INT(link->ops->hold(link, a, &c, &e), 0);
	simlink_close(sim);
}

/* Every port can be held, once. */
static void test_all_ports(void)
{
	struct simlink *sim = simlink_open(&(struct simlink_config){ 0 });
	struct link *link = simlink_link(sim);
	unsigned held = 0;
	uint16_t port;
	struct err e;

	while (link->ops->hold(link, 0, &port, &e) == 0)
		held++;
	CHECK_INT(e.code, ERR_BUSY);
	CHECK_INT(held, 65536 - 33000);
	simlink_close(sim);
}

static void test_capture(void)
{
	struct simlink_config config = {
		.weather = { [SIM_OUT] = { .delay_ns = 10 * MS },
			     [SIM_IN] = { .delay_ns = 20 * MS } },
	};
	struct simlink *sim = simlink_open(&config);
	int64_t think = 5 * MS;
	struct heard h = { 0 };
	struct scriptpeer p;

	scriptpeer_init(&p, sim, turn_round, &think);
	CHECK_INT(send_flags(sim, TCP_ACK, 1, 2), 0);
	/* Ours first, at once; the answer 35 ms later. */
	CHECK_INT(receive(sim, TIME_NEVER, &h), LINK_TRAFFIC);
	CHECK(h.n == 1 && h.ours == 1);
	CHECK_INT(h.last_ns, SIM_START_NS);
	CHECK_INT(now(sim), SIM_START_NS);
	CHECK_INT(receive(sim, SIM_START_NS + 34 * MS, &h), LINK_QUIET);
	CHECK_INT(receive(sim, TIME_NEVER, &h), LINK_TRAFFIC);
	CHECK(h.n == 2 && h.theirs == 1);
	CHECK_INT(h.last_ns, SIM_START_NS + 35 * MS);
	CHECK_INT(now(sim), SIM_START_NS + 35 * MS);
	CHECK_INT(h.last.dport, 33000);
	simlink_close(sim);
}

static void test_own(void)
{
	struct simlink *sim = simlink_open(&(struct simlink_config){ 0 });
	const struct sim_sent *sent;
	struct simlink_counts counts;
	struct heard h = { 0 };
	struct scriptpeer p;

	scriptpeer_init(&p, sim, turn_round, NULL);
	simlink_set_own(sim, SIM_OWN_UNSEEN);
	send_flags(sim, TCP_ACK, 1, 2);
	drain(sim, &h);
	CHECK(h.ours == 0 && h.theirs == 1);
	simlink_set_own(sim, SIM_OWN_STUCK);
	send_flags(sim, TCP_ACK, 1, 2);
	drain(sim, &h);
	CHECK(h.ours == 0 && h.theirs == 1);
	simlink_set_own(sim, SIM_OWN_SEEN);
	send_flags(sim, TCP_ACK, 7, 2);
	drain(sim, &h);
	CHECK(h.ours == 1 && h.theirs == 2);
	simlink_counts(sim, &counts);
	CHECK_INT(counts.sent, 3);
	CHECK_INT(counts.shown, h.n);
	sent = simlink_sent(sim, 2);
	CHECK(sent && sent->len == 40 && !sent->own_kernel);
	CHECK(simlink_sent(sim, 3) == NULL);
	simlink_close(sim);
}

static void test_capture_drops(void)
{
	struct simlink_config config = { .capture_drop_ppm = 300000,
					 .seed = 4 };
	struct simlink *sim = simlink_open(&config);
	struct link *link = simlink_link(sim);
	struct link_health health;
	struct heard h = { 0 };

	simlink_drop_captures(sim, 10);
	for (unsigned i = 0; i < 1010; i++)
		send_flags(sim, TCP_ACK, i, 2);
	drain(sim, &h);
	link->ops->health(link, &health);
	CHECK_INT(health.dropped + h.n, 1010);
	CHECK_MSG(health.dropped > 250 && health.dropped < 370,
		  "about three in ten are dropped");
	simlink_close(sim);
}

static enum err_code no_rst(void *arg, const uint8_t *bytes, size_t len)
{
	struct segment s;

	(void)arg;
	if (segment_parse(bytes, len, &s) == SEGMENT_OK && s.flags & TCP_RST)
		return ERR_PERMISSION;
	return ERR_NONE;
}

static void test_send_failures(void)
{
	struct simlink *sim = simlink_open(&(struct simlink_config){ 0 });
	struct segment big = {
		.src = address(SIM_SOURCE4),
		.dst = address(SIM_TARGET4),
		.payload = (const uint8_t[1461]){ 0 },
		.payload_len = 1461,
		.ttl = 64,
	};
	struct simlink_counts counts;
	struct heard h = { 0 };

	simlink_fail_send(sim, 2, ERR_SEND);
	simlink_check_send(sim, no_rst, NULL);
	CHECK_INT(send_flags(sim, TCP_ACK, 1, 1), 0);
	CHECK_INT(send_flags(sim, TCP_ACK, 1, 1), -ERR_SEND);
	CHECK_INT(send_flags(sim, TCP_ACK, 1, 1), 0);
	CHECK_INT(send_flags(sim, TCP_RST, 1, 1), -ERR_PERMISSION);
	CHECK_INT(send_segment(sim, &big), -ERR_SEND);
	big.payload_len--;
	CHECK_INT(send_segment(sim, &big), 0);
	drain(sim, &h);
	simlink_counts(sim, &counts);
	CHECK(h.n == 3 && counts.sent == 3);
	simlink_close(sim);
}

static void test_end(void)
{
	struct simlink_config config = { .lost_at_ns = 9 * TIME_S,
					 .interrupted_at_ns = 4 * TIME_S };
	struct simlink *sim = simlink_open(&config);
	struct heard h = { 0 };

	CHECK_INT(receive(sim, TIME_NEVER, &h), LINK_INTERRUPTED);
	CHECK_INT(now(sim), 4 * TIME_S);
	CHECK_INT(receive(sim, 8 * TIME_S, &h), LINK_QUIET);
	CHECK_INT(receive(sim, TIME_NEVER, &h), LINK_LOST);
	CHECK_INT(now(sim), 9 * TIME_S);
	send_flags(sim, TCP_ACK, 1, 1);
	CHECK_INT(receive(sim, TIME_NEVER, &h), LINK_LOST);
	CHECK_INT(h.n, 0);
	simlink_close(sim);
}

/* Weather. */

static const struct sim_weather storm = {
	.loss_ppm = 100000,
	.duplicate_ppm = 100000,
	.reorder_ppm = 100000,
	.corrupt_ppm = 100000,
	.delay_ns = 10 * MS,
	.jitter_ns = 5 * MS,
	.reorder_ns = 30 * MS,
};

static uint64_t storm_digest(uint64_t seed, struct simlink_counts *counts,
			     struct heard *h)
{
	struct simlink_config config = { .seed = seed,
					 .weather = { storm, storm } };
	struct simlink *sim = simlink_open(&config);
	struct scriptpeer p;

	*h = (struct heard){ 0 };
	scriptpeer_init(&p, sim, turn_round, NULL);
	for (unsigned i = 0; i < 1000; i++) {
		send_flags(sim, TCP_ACK, i, 2);
		receive(sim, now(sim) + 3 * MS, h);
	}
	drain(sim, h);
	simlink_counts(sim, counts);
	simlink_close(sim);
	return h->digest;
}

static bool about(uint64_t n, uint64_t of, unsigned tenth_percent)
{
	uint64_t want = of * tenth_percent / 1000;

	return n > want * 7 / 10 && n < want * 13 / 10;
}

static void test_weather(void)
{
	struct simlink_counts c, again;
	struct heard h, other;
	uint64_t digest = storm_digest(1, &c, &h);

	CHECK_INT(storm_digest(1, &again, &other), digest);
	CHECK(storm_digest(2, &again, &other) != digest);
	CHECK_INT(c.weather[SIM_OUT].entered, 1000);
	for (unsigned dir = 0; dir < SIM_DIR_N; dir++) {
		uint64_t in = c.weather[dir].entered;

		CHECK(about(c.weather[dir].lost, in, 100));
		CHECK(about(c.weather[dir].duplicated, in, 90));
		CHECK(about(c.weather[dir].reordered, in, 99));
		CHECK(about(c.weather[dir].corrupted, in, 99));
		CHECK_INT(c.weather[dir].arrived,
			  in - c.weather[dir].lost +
				  c.weather[dir].duplicated);
	}
	/* What was corrupted on the way out, the peer dropped by its sum; what
	 * was corrupted on the way in shows, unless its header broke. */
	CHECK(c.weather[SIM_IN].entered < c.weather[SIM_OUT].arrived);
	CHECK(h.bad_sums > 0 &&
	      h.bad_sums + h.icmp == c.weather[SIM_IN].corrupted);
}

/* Jitter alone keeps the order, reordering does not. */
static unsigned overtakes(const struct sim_weather *weather)
{
	struct simlink_config config = { .weather = { [SIM_IN] = *weather } };
	struct simlink *sim = simlink_open(&config);
	unsigned n = 0;
	uint32_t last = 0;
	struct heard h = { 0 };
	struct scriptpeer p;

	scriptpeer_init(&p, sim, turn_round, NULL);
	simlink_set_own(sim, SIM_OWN_UNSEEN);
	for (unsigned i = 1; i <= 200; i++) {
		send_flags(sim, TCP_ACK, i, 2);
		simlink_pass(sim, now(sim));
	}
	for (unsigned i = 0; i < 200; i++) {
		h.theirs = 0;
		simlink_pass(sim, now(sim));
		while (!h.theirs &&
		       receive(sim, now(sim) + MS / 10, &h) != LINK_TRAFFIC &&
		       now(sim) < 9 * TIME_S)
			;
		n += h.theirs && h.last.seq < last;
		last = h.last.seq;
	}
	simlink_close(sim);
	return n;
}

static void test_order(void)
{
	struct sim_weather jitter = { .delay_ns = 10 * MS,
				      .jitter_ns = 20 * MS };
	struct sim_weather reorder = { .delay_ns = 10 * MS,
				       .jitter_ns = 20 * MS,
				       .reorder_ppm = 200000,
				       .reorder_ns = 10 * MS };

	CHECK_INT(overtakes(&jitter), 0);
	CHECK(overtakes(&reorder) > 3);
}

static void test_rate(void)
{
	struct simlink_config config = {
		.weather = { [SIM_OUT] = { .rate = 40000,
					   .queue_ns = 5 * MS } },
	};
	struct simlink *sim = simlink_open(&config);
	struct simlink_counts counts;
	struct heard h = { 0 };
	struct scriptpeer p;

	scriptpeer_init(&p, sim, turn_round, NULL);
	/* 40 bytes take 1 ms; behind 5 ms of queue nothing more is taken. */
	for (unsigned i = 0; i < 20; i++)
		send_flags(sim, TCP_ACK, i, 2);
	drain(sim, &h);
	simlink_counts(sim, &counts);
	CHECK_INT(counts.weather[SIM_OUT].arrived, 6);
	CHECK_INT(counts.weather[SIM_OUT].lost, 14);
	CHECK_INT(h.last_ns, SIM_START_NS + 6 * MS);
	simlink_close(sim);
}

static void test_nth(void)
{
	struct simlink *sim = simlink_open(&(struct simlink_config){ 0 });
	struct heard h = { 0 };
	struct scriptpeer p;

	scriptpeer_init(&p, sim, turn_round, NULL);
	simlink_lose(sim, SIM_OUT, 2);
	simlink_lose(sim, SIM_OUT, 3);
	simlink_lose(sim, SIM_IN, 2);
	for (unsigned i = 1; i <= 5; i++) {
		h.theirs = 0;
		send_flags(sim, TCP_ACK, i, 2);
		drain(sim, &h);
		CHECK_INT(h.theirs, i == 1 || i == 5);
	}
	simlink_close(sim);
}

/* A middlebox that resets ACKs in the target's name and raises SEQ of SYNs. */
static enum sim_fate meddle(void *arg, struct simlink *sim,
			    struct sim_datagram *d)
{
	unsigned *seen = arg;
	struct segment s, forged;
	uint8_t out[64];
	size_t len;

	seen[d->dir]++;
	if (d->dir == SIM_IN || segment_parse(d->bytes, d->len, &s))
		return SIM_PASS;
	if (s.flags & TCP_SYN) {
		s.seq += 1000;
		s.sum_mode = SEGMENT_SUM_GOOD;
		len = segment_build(&s, out, sizeof(out));
		memcpy(d->bytes, out, len);
		d->len = len;
		return SIM_PASS;
	}
	forged = (struct segment){ .src = s.dst, .dst = s.src,
				   .sport = s.dport, .dport = s.sport,
				   .seq = s.ack, .flags = TCP_RST,
				   .ttl = 250 };
	len = segment_build(&forged, out, sizeof(out));
	simlink_inject(sim, SIM_IN, 2 * MS, out, len);
	return SIM_DROP;
}

static void test_hook(void)
{
	struct simlink *sim = simlink_open(&(struct simlink_config){ 0 });
	unsigned seen[SIM_DIR_N] = { 0 };
	struct heard h = { 0 };
	struct scriptpeer p;

	scriptpeer_init(&p, sim, turn_round, NULL);
	simlink_hook(sim, meddle, seen);
	send_flags(sim, TCP_SYN, 5, 0);
	drain(sim, &h);
	CHECK_INT(h.last.seq, 1005);
	CHECK_INT(h.last.ttl, 64);
	CHECK(seen[SIM_OUT] == 1 && seen[SIM_IN] == 1);
	send_flags(sim, TCP_ACK, 5, 77);
	drain(sim, &h);
	CHECK_INT(h.last.seq, 77);
	CHECK_INT(h.last.ttl, 250);
	CHECK(seen[SIM_OUT] == 2 && seen[SIM_IN] == 1);
	CHECK(h.ours == 2 && h.theirs == 2);
	simlink_close(sim);
}

/* Our own kernel. */

static void kernel(const struct simlink_config *config, bool hold,
		   struct simlink_counts *counts, struct heard *h)
{
	struct model_config model = { .seed = 1 };
	struct simlink *sim = simlink_open(config);
	struct link *link = simlink_link(sim);
	struct modelpeer p;
	uint16_t port;
	struct err e;

	*h = (struct heard){ 0 };
	modelpeer_init(&p, sim, &model);
	model_port(p.model, &(struct model_port){ .port = 7,
						  .role = MODEL_SINK });
	if (hold && link->ops->hold(link, 33000, &port, &e))
		abort();
	send_flags(sim, TCP_SYN, 5, 0);
	while (receive(sim, SIM_START_NS + TIME_S / 2, h) == LINK_TRAFFIC)
		;
	simlink_counts(sim, counts);
	CHECK_INT(model_connections(p.model, MODEL_SYN_RECEIVED),
		  counts->kernel_resets ? 0 : 1);
	modelpeer_fini(&p);
	simlink_close(sim);
}

static void test_kernel(void)
{
	struct simlink_counts c;
	struct heard h;

	kernel(&(struct simlink_config){ 0 }, true, &c, &h);
	CHECK(c.kernel_resets == 0 && h.n == 2);
	kernel(&(struct simlink_config){ 0 }, false, &c, &h);
	CHECK(c.kernel_resets == 1 && h.n == 3 && h.ours == 2);
	kernel(&(struct simlink_config){ .own_kernel_silent = true }, false,
	       &c, &h);
	CHECK(c.kernel_resets == 0 && h.n == 2);
	kernel(&(struct simlink_config){ .own_kernel_resets = true }, true,
	       &c, &h);
	CHECK(c.kernel_resets == 1 && h.n == 3 && h.ours == 2);
	CHECK_INT(h.last.flags, TCP_RST);
	CHECK_INT(h.last.window, 0);
	CHECK_INT(h.last.id, 0);
	CHECK(h.last.df && c.sent == 1);
}

/* Hosts. */

static unsigned ping(struct simlink *sim, const char *to)
{
	struct link *link = simlink_link(sim);
	struct icmp echo = { .what = ICMP_ECHO_REQUEST,
			     .dst = address(to), .ttl = 64, .id = 9,
			     .seq = 1 };
	struct route_wish wish = { .to = echo.dst };
	struct heard h = { 0 };
	struct route route;
	uint8_t bytes[128];
	struct err e;
	size_t len;

	if (link->ops->route(link, &wish, &route, &e))
		abort();
	echo.src = route.source;
	len = icmp_build_echo(&echo, (const uint8_t *)"ping", 4, bytes,
			      sizeof(bytes));
	link->ops->send(link, &route, bytes, len, &e);
	drain(sim, &h);
	return h.n - 1;
}

static void test_hosts(void)
{
	struct simlink *sim = simlink_open(&(struct simlink_config){ 0 });
	struct addr prefix = address("10.20.0.0");
	struct model_config model = { .seed = 1 };
	struct scriptpeer silent;
	struct modelpeer wide;

	scriptpeer_init(&silent, sim, turn_round, NULL);
	modelpeer_init_at(&wide, sim, &model, &prefix, 16);
	CHECK_INT(ping(sim, SIM_TARGET4), 0);
	silent.peer.answers_ping = true;
	CHECK_INT(ping(sim, SIM_TARGET4), 1);
	CHECK_INT(ping(sim, SIM_TARGET6), 1);
	CHECK_INT(ping(sim, "10.20.77.1"), 1);
	CHECK_INT(ping(sim, "10.21.0.1"), 0);
	simlink_unplug(sim, &wide.peer, true);
	CHECK_INT(ping(sim, "10.20.77.1"), 0);
	simlink_unplug(sim, &wide.peer, false);
	CHECK_INT(ping(sim, "10.20.77.1"), 1);
	modelpeer_fini(&wide);
	simlink_close(sim);
}

/* The model's timers run on the simulation's clock. */
static void test_model(void)
{
	struct simlink *sim = simlink_open(&(struct simlink_config){ 0 });
	struct link *link = simlink_link(sim);
	struct model_config model = { .seed = 1 };
	struct heard h = { 0 };
	struct modelpeer p;
	int64_t at[8] = { 0 };
	unsigned n = 0;
	uint16_t port;
	struct err e;

	if (link->ops->hold(link, 33000, &port, &e))
		abort();
	modelpeer_init(&p, sim, &model);
	model_port(p.model, &(struct model_port){ .port = 7,
						  .role = MODEL_ECHO });
	send_flags(sim, TCP_SYN, 5, 0);
	while (n < 8 && receive(sim, 100 * TIME_S, &h) == LINK_TRAFFIC) {
		if (h.theirs)
			at[n++] = h.last_ns - SIM_START_NS;
	}
	CHECK_INT(n, 6);
	CHECK(at[0] == 0 && at[1] == TIME_S && at[5] == 31 * TIME_S);
	CHECK_INT(now(sim), 100 * TIME_S);
	CHECK_INT(model_open_connections(p.model), 0);
	modelpeer_fini(&p);
	simlink_close(sim);
}

int main(void)
{
	test_clock();
	test_deadlock();
	test_route();
	test_hold();
	test_all_ports();
	test_capture();
	test_own();
	test_capture_drops();
	test_send_failures();
	test_end();
	test_weather();
	test_order();
	test_rate();
	test_nth();
	test_hook();
	test_kernel();
	test_hosts();
	test_model();
	return tap_done();
}
