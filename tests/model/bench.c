/* SPDX-License-Identifier: BSD-2-Clause */
/* Scripts against the model. */
#include "tests/model/bench.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

#define MODEL_ADDR4 "10.9.0.2"
#define MODEL_ADDR6 "fd00:9::2"
#define OUR_ADDR4 "10.9.0.1"
#define OUR_ADDR6 "fd00:9::1"
#define RESERVED_SHIFT 9

struct step {
	uint16_t flags;
	uint32_t seq, ack;
	uint8_t payload[2048];
	size_t payload_len;
	bool bad_sum, no_ts, has_options;
	uint32_t ts_off;
	uint16_t window;
	uint8_t doff;
	uint8_t options[OPTIONS_MAX];
	size_t options_len;
};

static struct addr must_parse(const char *text)
{
	struct addr a;

	BUG_ON(addr_parse(text, &a));
	return a;
}

static void put(struct bench *b, const char *fmt, ...) PRINTF(2, 3);
static void put(struct bench *b, const char *fmt, ...)
{
	size_t room = sizeof(b->text) - b->text_len;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(b->text + b->text_len, room, fmt, args);
	va_end(args);
	BUG_ON(n < 0 || (size_t)n >= room);
	b->text_len += (size_t)n;
}

static struct bench_pair *pair(struct bench *b)
{
	return &b->pairs[b->pair];
}

const struct bench_pair *bench_pair(const struct bench *b)
{
	return &b->pairs[b->pair];
}

/* What the model says. */

static void put_flags(struct bench *b, uint16_t flags)
{
	static const char letters[] = "FSRPAUECa";

	/* In the order that one says: SYN, FIN, RST, PSH, URG, ACK. */
	static const uint8_t order[] = { 1, 0, 2, 3, 5, 4, 6, 7, 8 };

	for (size_t i = 0; i < sizeof(order); i++) {
		if (flags >> order[i] & 1)
			put(b, "%c", letters[order[i]]);
	}
	if (flags & TCP_RESERVED)
		put(b, "%%%u", (unsigned)(flags >> RESERVED_SHIFT));
	if (!flags)
		put(b, "N");
}

static void put_sack(struct bench *b, const struct bench_pair *p)
{
	for (unsigned i = 0; i < b->options.sack_n; i++)
		put(b, "%c%" PRId32 "-%" PRId32, i ? ',' : '<',
		    (int32_t)(b->options.sack[i].left - p->x),
		    (int32_t)(b->options.sack[i].right - p->x));
	if (b->options.sack_n)
		put(b, ">");
}

static void put_reply(struct bench *b, const struct bench_pair *p)
{
	const struct segment *s = &b->reply;

	if (b->text_len && b->text[b->text_len - 1] != ' ')
		put(b, " ");
	if (b->shown_from_ns)
		put(b, "@%" PRId64 " ",
		    (b->now_ns - b->shown_from_ns) / TIME_MS);
	if (p != pair(b))
		put(b, "#%td ", p - b->pairs);
	put_flags(b, s->flags);
	if (s->seq == 0)
		put(b, ":z");
	else
		put(b, ":%" PRId32, (int32_t)(s->seq - p->iss));
	if (s->flags & TCP_ACK || s->payload_len)
		put(b, ":%" PRId32, (int32_t)(s->ack - p->x));
	if (s->payload_len)
		put(b, ":%zu", s->payload_len);
	put_sack(b, p);
}

static void output(void *arg, const uint8_t *bytes, size_t len)
{
	struct bench *b = arg;
	struct bench_pair *p;

	BUG_ON(len > sizeof(b->last));
	memcpy(b->last, bytes, len);
	b->replies++;
	if (segment_parse(b->last, len, &b->reply) != SEGMENT_OK) {
		put(b, "?");
		return;
	}
	options_parse(b->reply.options, b->reply.options_len, &b->options);
	p = &b->pairs[(b->reply.dport - BENCH_SPORT) % BENCH_PAIRS_MAX];
	if (b->options.has_timestamps && !(b->reply.flags & TCP_RST))
		p->ts_recent = b->options.tsval;
	if (!p->knows_iss && b->reply.flags & TCP_SYN) {
		p->knows_iss = true;
		p->iss = b->reply.seq;
	}
	if (!b->reply.sum_good)
		put(b, "bad-sum ");
	if (!b->quiet)
		put_reply(b, p);
}

/* What is said to it. */

static size_t ordinary_options(const struct bench *b, const struct step *step,
			       uint8_t out[static OPTIONS_MAX])
{
	const struct bench_pair *p = bench_pair(b);
	uint32_t tsval = 1000 + (uint32_t)(b->now_ns / TIME_MS) + step->ts_off;
	struct wr w = wr_init(out, OPTIONS_MAX);
	bool syn = (step->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;

	if (!p->ts || step->no_ts)
		return 0;
	if (syn) {
		option_write_mss(&w, 1460);
		option_write_sack_permitted(&w);
	} else {
		wr_u8(&w, OPTION_NOP);
		wr_u8(&w, OPTION_NOP);
	}
	option_write_timestamps(&w, tsval, syn ? 0 : p->ts_recent);
	if (syn) {
		wr_u8(&w, OPTION_NOP);
		option_write_wscale(&w, 7);
	}
	return w.len;
}

static void send(struct bench *b, const struct step *step)
{
	const struct bench_pair *p = pair(b);
	bool ipv4 = b->family == FAMILY_IPV4;
	uint8_t options[OPTIONS_MAX], bytes[2200];
	size_t options_len = ordinary_options(b, step, options);
	struct segment s = {
		.src = must_parse(ipv4 ? OUR_ADDR4 : OUR_ADDR6),
		.dst = must_parse(ipv4 ? MODEL_ADDR4 : MODEL_ADDR6),
		.sport = (uint16_t)(BENCH_SPORT + b->pair),
		.dport = b->port,
		.seq = p->x + step->seq,
		.ack = step->flags & TCP_ACK ? p->iss + step->ack : 0,
		.flags = step->flags,
		.window = step->window,
		.doff = step->doff,
		.ttl = 64,
		.options = step->has_options ? step->options : options,
		.options_len = step->has_options ? step->options_len :
						   options_len,
		.payload = step->payload,
		.payload_len = step->payload_len,
		.sum_mode = step->bad_sum ? SEGMENT_SUM_XOR : SEGMENT_SUM_GOOD,
		.sum = 0x1234,
	};
	size_t len = segment_build(&s, bytes, sizeof(bytes));

	BUG_ON(!len);
	model_input(b->m, b->now_ns, bytes, len);
}

static const char *read_flags(const char *at, uint16_t *flags)
{
	static const char letters[] = "FSRPAUEC";
	const char *found;

	while (*at && *at != 'N' && (found = strchr(letters, *at))) {
		*flags |= (uint16_t)(1U << (found - letters));
		at++;
	}
	return *at == 'N' ? at + 1 : at;
}

static const char *read_number(const char *at, uint32_t *out)
{
	char *end;
	long long n = strtoll(at, &end, 10);

	*out = (uint32_t)n;
	return end;
}

static const char *read_text(const char *at, struct step *step)
{
	uint32_t n;

	if (*at != '\'') {
		at = read_number(at, &n);
		BUG_ON(n > sizeof(step->payload));
		for (uint32_t i = 0; i < n; i++)
			step->payload[i] = (uint8_t)('a' + i % 26);
		step->payload_len = n;
		return at;
	}
	for (at++; *at != '\''; at++)
		step->payload[step->payload_len++] =
			*at == '$' ? '\n' : (uint8_t)*at;
	return at + 1;
}

static const char *read_options(const char *at, struct step *step)
{
	const char *end = strchr(at, '}');
	char hex[2 * OPTIONS_MAX + 1];
	size_t len = (size_t)(end - at);

	BUG_ON(!end || len >= sizeof(hex));
	memcpy(hex, at, len);
	hex[len] = '\0';
	step->options_len = tap_hex(hex, step->options, OPTIONS_MAX);
	step->has_options = true;
	return end + 1;
}

static const char *read_modifier(const char *at, struct step *step)
{
	uint32_t n;

	switch (*at) {
	case '!':
		step->bad_sum = true;
		return at + 1;
	case '.':
		step->no_ts = true;
		return at + 1;
	case '%':
		at = read_number(at + 1, &n);
		step->flags |= (uint16_t)(n << RESERVED_SHIFT);
		return at;
	case '^':
		return read_number(at + 1, &step->ts_off);
	case 'w':
		at = read_number(at + 2, &n);
		step->window = (uint16_t)n;
		return at;
	case 'd':
		at = read_number(at + 2, &n);
		step->doff = (uint8_t)n;
		return at;
	case '{':
		return read_options(at + 1, step);
	}
	BUG_ON(true);
	return at;
}

static void run_segment(struct bench *b, const char *token)
{
	struct step step = { .window = 64240 };
	const char *at = read_flags(token, &step.flags);

	if (*at == ':')
		at = read_number(at + 1, &step.seq);
	if (*at == ':')
		at = read_number(at + 1, &step.ack);
	if (*at == ':')
		at = read_text(at + 1, &step);
	while (*at)
		at = read_modifier(at, &step);
	send(b, &step);
}

static void wait(struct bench *b, const char *token)
{
	uint32_t ms;
	int64_t until;

	read_number(token, &ms);
	until = b->now_ns + (int64_t)ms * TIME_MS;
	b->shown_from_ns = b->now_ns;
	while (model_deadline(b->m) <= until) {
		if (model_deadline(b->m) > b->now_ns)
			b->now_ns = model_deadline(b->m);
		model_expire(b->m, b->now_ns);
	}
	b->now_ns = until;
	b->shown_from_ns = 0;
}

static void open_connection(struct bench *b, bool options)
{
	b->quiet = true;
	pair(b)->ts = options;
	run_segment(b, "S");
	run_segment(b, options ? "A:1:1w=502" : "A:1:1");
	b->quiet = false;
}

/* False when the step says nothing by itself and is not shown. */
static bool run_step(struct bench *b, const char *token)
{
	uint32_t port;

	if (strcmp(token, "new") == 0) {
		b->pair++;
		BUG_ON(b->pair == BENCH_PAIRS_MAX);
		return false;
	}
	if (strncmp(token, "pair=", 5) == 0) {
		read_number(token + 5, &b->pair);
		return false;
	}
	if (strncmp(token, "open", 4) == 0) {
		open_connection(b, token[4] == '+');
		return false;
	}
	if (strncmp(token, "to=", 3) == 0) {
		read_number(token + 3, &port);
		b->port = (uint16_t)port;
		return false;
	}
	if (*token == '~')
		wait(b, token + 1);
	else if (strcmp(token, "close") == 0)
		model_kill(b->m, b->now_ns, b->port);
	else if (strcmp(token, "read") == 0)
		model_read(b->m, b->now_ns, b->port);
	else
		run_segment(b, token);
	return true;
}

const char *bench_run(struct bench *b, uint16_t port, const char *script)
{
	char copy[1024], *token, *rest = copy;
	size_t len = strlen(script) + 1;
	bool first = true;

	b->port = port;
	b->text_len = 0;
	b->text[0] = '\0';
	BUG_ON(len > sizeof(copy));
	memcpy(copy, script, len);
	while ((token = strsep(&rest, " "))) {
		size_t start = b->text_len;
		size_t said;

		if (!first)
			put(b, " | ");
		said = b->text_len;
		if (!run_step(b, token)) {
			b->text_len = start;
			b->text[start] = '\0';
			continue;
		}
		if (b->text_len == said)
			put(b, "-");
		first = false;
	}
	return b->text;
}

static const struct model_port ports[] = {
	{ .port = BENCH_BOUND, .role = MODEL_BOUND },
	{ .port = BENCH_FILTERED, .role = MODEL_FILTERED },
	{ .port = BENCH_ECHO, .role = MODEL_ECHO },
	{ .port = BENCH_SINK, .role = MODEL_SINK },
	{ .port = BENCH_HOLD, .role = MODEL_HOLD },
	{ .port = BENCH_CLOSER, .role = MODEL_CLOSER,
	  .after_ns = 100 * TIME_MS },
	{ .port = BENCH_STREAM, .role = MODEL_STREAM, .bytes = 40000 },
	{ .port = BENCH_BANNER, .role = MODEL_BANNER, .banner = "hi\n" },
	{ .port = BENCH_LISTEN, .role = MODEL_LISTEN, .backlog = 1 },
	{ .port = BENCH_DEAF, .role = MODEL_HOLD, .deaf = true,
	  .buffer = 4096 },
	{ .port = BENCH_ALIVE, .role = MODEL_HOLD,
	  .keepalive = { .idle_ns = 2 * TIME_S,
			 .interval_ns = TIME_S,
			 .count = 3 } },
	{ .port = BENCH_HTTP, .role = MODEL_HTTP },
	{ .port = BENCH_HALF, .role = MODEL_HTTP, .half_close = true },
	{ .port = BENCH_LINGER, .role = MODEL_CLOSER, .abortive = true,
	  .after_ns = 100 * TIME_MS },
	{ .port = BENCH_SLOW, .role = MODEL_ECHO, .after_ns = 50 * TIME_MS },
	{ .port = BENCH_DEFER, .role = MODEL_ECHO, .defers = true },
};

void bench_init(struct bench *b, const struct model_config *config,
		enum family family)
{
	struct model_config ours = *config;

	*b = (struct bench){
		.now_ns = 1000 * TIME_S,
		.family = family,
	};
	for (unsigned i = 0; i < BENCH_PAIRS_MAX; i++)
		b->pairs[i].x = 0x20000000 + 0x01357913 * i;
	ours.output = output;
	ours.arg = b;
	b->m = model_new(&ours);
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		model_port(b->m, &ports[i]);
}

void bench_fini(struct bench *b)
{
	model_free(b->m);
}

void bench_check(const struct bench_row *rows, size_t n, enum family family)
{
	const struct model_config config = { .seed = 1 };
	const char *ip = family == FAMILY_IPV4 ? "IPv4" : "IPv6";

	for (size_t i = 0; i < n; i++) {
		struct bench b;
		char name[256];

		snprintf(name, sizeof(name), "%s: %s", ip, rows[i].id);
		bench_init(&b, &config, family);
		tap_text(bench_run(&b, rows[i].port, rows[i].script),
			 rows[i].want, __FILE__, __LINE__, name);
		bench_fini(&b);
	}
}

const char *bench_once(enum model_fault fault, uint16_t port,
		       const char *script, char out[static BENCH_TEXT_MAX])
{
	struct bench b;

	bench_init(&b, &(struct model_config){ .seed = 1 }, FAMILY_IPV4);
	if (fault != MODEL_FAULT_N)
		model_break(b.m, fault);
	bench_run(&b, port, script);
	memcpy(out, b.text, sizeof(b.text));
	bench_fini(&b);
	return out;
}

struct endpoint bench_remote(const struct bench *b)
{
	return (struct endpoint){
		.addr = must_parse(b->family == FAMILY_IPV4 ? OUR_ADDR4 :
							      OUR_ADDR6),
		.port = (uint16_t)(BENCH_SPORT + b->pair),
	};
}
