/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model's life: segments find their connection or port (9293 3.10.7),
 * deadlines fire, and tests look inside. A connection that ends is only marked
 * CLOSED at first and taken out when the input that ended it is done.
 */
#include "tests/model/model.h"

#include <string.h>

#include "base/random.h"
#include "tests/model/internal.h"
#include "wire/icmp.h"
#include "wire/ip.h"

/* The shortest option area in which Linux looks for a signature (a TCP MD5
 * option's length), and trips over an illegal length on the way. */
#define MODEL_AUTH_MIN 18

static const char *const state_names[] = {
	[MODEL_STATE_CLOSED] = "CLOSED",
	[MODEL_SYN_RECEIVED] = "SYN-RECEIVED",
	[MODEL_ESTABLISHED] = "ESTABLISHED",
	[MODEL_FIN_WAIT_1] = "FIN-WAIT-1",
	[MODEL_FIN_WAIT_2] = "FIN-WAIT-2",
	[MODEL_CLOSE_WAIT] = "CLOSE-WAIT",
	[MODEL_CLOSING] = "CLOSING",
	[MODEL_LAST_ACK] = "LAST-ACK",
	[MODEL_TIME_WAIT] = "TIME-WAIT",
};
static_assert(ARRAY_LEN(state_names) == MODEL_STATE_N, "a name a state");

const char *model_state_name(enum model_state state)
{
	return state_names[state];
}

void model_bytes_add(struct model_bytes *b, const void *bytes, size_t len)
{
	if (!len)
		return;
	if (len > b->size - b->len) {
		b->size = 2 * (b->len + len);
		b->bytes = realloc(b->bytes, b->size);
		BUG_ON(!b->bytes);
	}
	memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
}

void model_bytes_drop(struct model_bytes *b, size_t len)
{
	BUG_ON(len > b->len);
	b->len -= len;
	if (len && b->len)
		memmove(b->bytes, b->bytes + len, b->len);
}

/* Connections. */

struct model_conn *model_conn_new(struct model *m, struct model_door *door,
				  const struct model_in *in)
{
	struct model_conn *c = calloc(1, sizeof(*c));

	BUG_ON(!c);
	c->door = door;
	c->local = (struct endpoint){ .addr = in->s.dst, .port = in->s.dport };
	c->remote = (struct endpoint){ .addr = in->s.src,
				       .port = in->s.sport };
	for (unsigned i = 0; i < MODEL_TIMER_N; i++)
		c->at[i] = TIME_NEVER;
	c->next = m->conns;
	m->conns = c;
	return c;
}

void model_conn_kill(struct model_conn *c)
{
	c->state = MODEL_STATE_CLOSED;
	for (unsigned i = 0; i < MODEL_TIMER_N; i++)
		c->at[i] = TIME_NEVER;
}

static void conn_free(struct model_conn *c)
{
	model_queue_free(c);
	free(c->in.bytes);
	free(c->out.bytes);
	free(c);
}

/* Take out those in CLOSED, or all. */
static void reap(struct model *m, bool all)
{
	struct model_conn **link = &m->conns;

	while (*link) {
		struct model_conn *c = *link;

		if (all || model_gone(c)) {
			*link = c->next;
			conn_free(c);
		} else {
			link = &c->next;
		}
	}
}

static struct model_conn *find(const struct model *m,
			       const struct endpoint *local,
			       const struct endpoint *remote)
{
	struct model_conn *c = m->conns;

	while (c && !(endpoint_equal(&c->local, local) &&
		      endpoint_equal(&c->remote, remote)))
		c = c->next;
	return c;
}

static struct model_door *door_of(const struct model *m, uint16_t port)
{
	for (size_t i = 0; i < m->doors_n; i++) {
		if (m->doors[i].spec.port == port)
			return (struct model_door *)(uintptr_t)&m->doors[i];
	}
	return NULL;
}

/* Half-open ones, or those that wait to be accepted. */
size_t model_count(const struct model *m, const struct model_door *door,
		   bool requests)
{
	size_t n = 0;

	for (const struct model_conn *c = m->conns; c; c = c->next) {
		if (c->door != door || model_gone(c) ||
		    c->state == MODEL_TIME_WAIT)
			continue;
		if ((c->state == MODEL_SYN_RECEIVED) == requests)
			n++;
	}
	return n;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h ^= v;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 29;
}

static uint64_t mix_endpoint(uint64_t h, const struct endpoint *e)
{
	for (size_t i = 0; i < sizeof(e->addr.bytes); i += 4)
		h = mix(h, (uint64_t)e->addr.bytes[i] << 24 |
			   (uint64_t)e->addr.bytes[i + 1] << 16 |
			   (uint64_t)e->addr.bytes[i + 2] << 8 |
			   (uint64_t)e->addr.bytes[i + 3]);
	return mix(h, e->port);
}

uint64_t model_hash(const struct model *m, const struct endpoint *local,
		    const struct endpoint *remote, unsigned purpose)
{
	uint64_t h = mix(m->secret[0], m->secret[1] + purpose);

	return mix_endpoint(mix_endpoint(h, local), remote);
}

/* Input. */

static void ping(struct model *m, const struct ip *ip)
{
	struct icmp echo;
	struct addr asked;
	size_t len;

	if (m->config.no_ping || icmp_parse(ip, &echo) ||
	    echo.what != ICMP_ECHO_REQUEST || ip->payload_len < 8)
		return;
	asked = echo.dst;
	echo.dst = echo.src;
	echo.src = asked;
	echo.what = ICMP_ECHO_REPLY;
	echo.ttl = m->config.ttl;
	len = icmp_build_echo(&echo, ip->payload + 8, ip->payload_len - 8,
			      m->buffer, sizeof(m->buffer));
	if (len)
		m->config.output(m->config.arg, m->buffer, len);
}

/* 9293 MUST-57, MUST-63: nothing that a TCP can talk to, or itself. */
static bool bad_addresses(const struct segment *s)
{
	const struct addr zero = { .family = s->src.family };

	return addr_is_group(&s->src) || addr_is_group(&s->dst) ||
	       addr_equal(&s->src, &zero) ||
	       (addr_equal(&s->src, &s->dst) && s->sport == s->dport) ||
	       (addr_is_loopback(&s->src) && !addr_is_loopback(&s->dst));
}

/*
 * Linux looks for signatures before anything else, and only while enough bytes
 * for one are left; an illegal length that it meets there drops the segment.
 */
static bool auth_options_bad(const struct segment *s)
{
	struct rd r = rd_init(s->options, s->options_len);

	while (r.left >= MODEL_AUTH_MIN) {
		uint8_t kind = rd_u8(&r);
		uint8_t len;

		if (kind == OPTION_END)
			return false;
		if (kind == OPTION_NOP)
			continue;
		len = rd_u8(&r);
		if (len < 2 || len - 2U > r.left)
			return true;
		rd_bytes(&r, len - 2U);
	}
	return false;
}

static bool known_option(uint8_t kind)
{
	return kind == OPTION_NOP || kind == OPTION_MSS ||
	       kind == OPTION_WSCALE || kind == OPTION_SACK_PERMITTED ||
	       kind == OPTION_SACK || kind == OPTION_TIMESTAMPS;
}

static size_t known_options_len(const struct segment *s)
{
	struct rd r = rd_init(s->options, s->options_len);
	size_t len = 0;
	struct option option;

	while (option_next(&r, &option)) {
		if (!known_option(option.kind))
			return len;
		len = s->options_len - r.left;
	}
	return s->options_len;
}

/* False when the segment is dropped for its options. */
static bool read_options(struct model *m, struct model_in *in, bool time_wait)
{
	size_t len = in->s.options_len;

	if (model_broken(m, MODEL_OPTIONS_UNPARSED))
		len = 0;
	else if (model_broken(m, MODEL_UNKNOWN_OPTION_STOPS))
		len = known_options_len(&in->s);
	options_parse(in->s.options, len, &in->o);
	if (in->o.malformed && model_broken(m, MODEL_BAD_OPTION_KILLS))
		m->dead = true;
	if (m->dead)
		return false;
	return time_wait || !(auth_options_bad(&in->s) || in->o.has_md5);
}

static bool takes_bad_sum(const struct model *m, const struct model_conn *c,
			  const struct model_door *door)
{
	if (c && c->state != MODEL_SYN_RECEIVED)
		return model_broken(m, MODEL_ESTAB_BAD_SUM);
	if (c || (door && door->spec.role > MODEL_FILTERED))
		return model_broken(m, MODEL_LISTEN_BAD_SUM);
	return model_broken(m, MODEL_CLOSED_BAD_SUM);
}

static void conn_segment(struct model *m, struct model_conn *c,
			 struct model_in *in)
{
	if (c->state == MODEL_SYN_RECEIVED)
		model_request_input(m, c, in);
	else if (c->state == MODEL_TIME_WAIT ||
		 (c->state == MODEL_FIN_WAIT_2 && c->orphan))
		model_timewait_input(m, c, in);
	else
		model_conn_input(m, c, in);
}

static void tcp(struct model *m, struct model_in *in)
{
	struct endpoint local = { .addr = in->s.dst, .port = in->s.dport };
	struct endpoint remote = { .addr = in->s.src, .port = in->s.sport };
	struct model_conn *c = find(m, &local, &remote);
	struct model_door *door = door_of(m, local.port);

	if (door && door->spec.role == MODEL_FILTERED)
		return;
	if (!in->s.sum_good && !takes_bad_sum(m, c, door))
		return;
	if (!read_options(m, in, c && c->state == MODEL_TIME_WAIT))
		return;
	if (c)
		conn_segment(m, c, in);
	else if (door && door->spec.role > MODEL_FILTERED)
		model_listen_input(m, door, in);
	else
		model_closed_input(m, in);
}

void model_input(struct model *m, int64_t now_ns, const uint8_t *bytes,
		 size_t len)
{
	struct model_in in;
	struct ip ip;

	m->now_ns = now_ns;
	if (m->dead || ip_parse(bytes, len, &ip) != IP_OK || ip.truncated ||
	    ip.more_fragments)
		return;
	if (ip.protocol != IP_PROTO_TCP) {
		ping(m, &ip);
		return;
	}
	if (segment_parse_ip(&ip, &in.s) != SEGMENT_OK || in.s.truncated ||
	    bad_addresses(&in.s))
		return;
	tcp(m, &in);
	reap(m, false);
}

/* Time. */

int64_t model_deadline(const struct model *m)
{
	int64_t first = TIME_NEVER;

	for (const struct model_conn *c = m->conns; c; c = c->next) {
		for (unsigned i = 0; i < MODEL_TIMER_N; i++) {
			if (c->at[i] < first)
				first = c->at[i];
		}
	}
	return first;
}

static void timer_expire(struct model *m, struct model_conn *c,
			 enum model_timer timer)
{
	switch (timer) {
	case MODEL_TIMER_RTX:
		if (c->state == MODEL_SYN_RECEIVED)
			model_request_expire(m, c);
		else
			model_rtx_expire(m, c);
		break;
	case MODEL_TIMER_PERSIST:
		model_persist_expire(m, c);
		break;
	case MODEL_TIMER_ACK:
		model_ack(m, c);
		break;
	case MODEL_TIMER_KEEPALIVE:
		model_keepalive_expire(m, c);
		break;
	case MODEL_TIMER_APP:
		model_app_expire(m, c);
		break;
	case MODEL_TIMER_IDLE:
		model_app_close(m, c);
		break;
	case MODEL_TIMER_LIFE:
		model_conn_kill(c);
		break;
	case MODEL_TIMER_N:
		break;
	}
}

void model_expire(struct model *m, int64_t now_ns)
{
	m->now_ns = now_ns;
	for (struct model_conn *c = m->conns; c; c = c->next) {
		for (unsigned i = 0; i < MODEL_TIMER_N; i++) {
			if (model_gone(c) || c->at[i] > now_ns)
				continue;
			c->at[i] = TIME_NEVER;
			timer_expire(m, c, (enum model_timer)i);
		}
	}
	reap(m, false);
}

/* What tests do. */

struct model *model_new(const struct model_config *config)
{
	struct model *m = calloc(1, sizeof(*m));
	struct random random;

	BUG_ON(!m);
	m->config = *config;
	m->config.mtu = config->mtu ? config->mtu : 1500;
	m->config.ttl = config->ttl ? config->ttl : 64;
	m->config.wscale = config->wscale ? config->wscale : 7;
	if (!config->time_wait_ns)
		m->config.time_wait_ns = 60 * TIME_S;
	if (!config->fin_timeout_ns)
		m->config.fin_timeout_ns = 60 * TIME_S;
	if (!config->challenge_ns)
		m->config.challenge_ns = 500 * TIME_MS;
	if (!config->synack_retries)
		m->config.synack_retries = 5;
	if (!config->retries)
		m->config.retries = 15;
	if (!config->orphan_retries)
		m->config.orphan_retries = 8;
	random_seed(&random, config->seed);
	m->secret[0] = random_u64(&random);
	m->secret[1] = random_u64(&random);
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	reap(m, true);
	for (size_t i = 0; i < m->doors_n; i++)
		free(m->doors[i].heard.bytes);
	free(m);
}

void model_port(struct model *m, const struct model_port *port)
{
	struct model_door *door = door_of(m, port->port);

	if (!door) {
		BUG_ON(m->doors_n == MODEL_PORTS_MAX);
		door = &m->doors[m->doors_n++];
	}
	door->spec = *port;
	if (!door->spec.backlog)
		door->spec.backlog = 128;
	if (!door->spec.buffer)
		door->spec.buffer = 65160;
	if (!door->spec.banner)
		door->spec.banner = "220 model\r\n";
	if (!door->spec.bytes)
		door->spec.bytes = 100000;
}

void model_break(struct model *m, enum model_fault fault)
{
	m->faults[fault] = true;
}

void model_repair(struct model *m, enum model_fault fault)
{
	m->faults[fault] = false;
	m->dead = false;
}

void model_reboot(struct model *m)
{
	reap(m, true);
	m->dead = false;
}

void model_kill(struct model *m, int64_t now_ns, uint16_t port)
{
	m->now_ns = now_ns;
	for (struct model_conn *c = m->conns; c; c = c->next) {
		if (c->local.port != port || !c->opened || c->orphan ||
		    c->state == MODEL_TIME_WAIT)
			continue;
		model_app_close(m, c);
		c->orphan = true;
		if (c->state == MODEL_FIN_WAIT_2)
			model_finwait2_enter(m, c);
	}
	reap(m, false);
}

void model_read(struct model *m, int64_t now_ns, uint16_t port)
{
	m->now_ns = now_ns;
	for (struct model_conn *c = m->conns; c; c = c->next) {
		uint32_t before = model_receive_window(c);
		size_t freed = c->in.len;

		if (c->local.port != port || !c->opened || !freed)
			continue;
		model_app_hear(c, c->in.bytes, freed);
		model_bytes_drop(&c->in, freed);
		/* 9293 MUST-39: only a worthwhile update. */
		if (before < c->mss && freed >= c->mss)
			model_ack(m, c);
	}
}

size_t model_connections(const struct model *m, enum model_state state)
{
	size_t n = 0;

	for (const struct model_conn *c = m->conns; c; c = c->next)
		n += c->state == state;
	return n;
}

size_t model_open_connections(const struct model *m)
{
	size_t n = 0;

	for (unsigned i = MODEL_SYN_RECEIVED; i < MODEL_TIME_WAIT; i++)
		n += model_connections(m, (enum model_state)i);
	return n;
}

bool model_look(const struct model *m, uint16_t port,
		const struct endpoint *remote, struct model_view *view)
{
	const struct model_conn *c = m->conns;

	while (c && !(c->local.port == port &&
		      endpoint_equal(&c->remote, remote)))
		c = c->next;
	if (!c)
		return false;
	*view = (struct model_view){
		.state = c->state,
		.iss = c->iss,
		.snd_una = c->snd_una,
		.snd_nxt = c->snd_nxt,
		.irs = c->irs,
		.rcv_nxt = c->rcv_nxt,
		.rcv_window = model_receive_window(c),
		.timestamps = c->ts,
		.sack = c->sack_ok,
		.snd_shift = c->snd_shift,
		.rcv_shift = c->rcv_shift,
		.mss = c->mss,
	};
	return true;
}

const uint8_t *model_heard(const struct model *m, uint16_t port, size_t *len)
{
	const struct model_door *door = door_of(m, port);

	*len = door ? door->heard.len : 0;
	return door ? door->heard.bytes : NULL;
}
