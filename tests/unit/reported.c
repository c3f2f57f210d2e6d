/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings as a probe would leave them, and reports kept in memory. */
#include "tests/unit/reported.h"

#include <string.h>

#include "tests/tap.h"
#include "wire/icmp.h"
#include "wire/options.h"

static const struct probe_verdict verdicts[] = {
	{ "listening", "SYN-ACK", false },
	{ "refused", "RST", true },
	{ "filtered", "silence", true },
	{ "contradictory", "answers disagree", false },
};
const struct probe reported_probe = {
	.name = "nolisten",
	.verdicts = verdicts,
	.verdicts_n = ARRAY_LEN(verdicts),
};

struct endpoint reported_endpoint(const char *addr, uint16_t port)
{
	struct endpoint e = { .port = port };

	BUG_ON(addr_parse(addr, &e.addr));
	return e;
}

void reported_begin(struct finding *f, const char *host, const char *addr,
		    uint16_t port)
{
	finding_init(f, "nolisten");
	snprintf(f->host, sizeof(f->host), "%s", host);
	f->target = reported_endpoint(addr, port);
	f->source = reported_endpoint("10.9.0.1", 41234);
	memcpy(f->interface, "eth0", 5);
	f->started_ns = INT64_C(1795213246001804999);
	f->duration_ns = 1900400;
}

static size_t build(const struct reported_packet *p, uint8_t bytes[static 200])
{
	struct endpoint ours = reported_endpoint("10.9.0.1", p->port);
	struct endpoint theirs = reported_endpoint("10.9.0.2", 80);
	uint8_t options[OPTIONS_MAX];
	struct wr w = wr_init(options, sizeof(options));
	struct segment s = {
		.src = p->in ? theirs.addr : ours.addr,
		.dst = p->in ? ours.addr : theirs.addr,
		.sport = p->in ? theirs.port : ours.port,
		.dport = p->in ? ours.port : theirs.port,
		.seq = p->seq,
		.ack = p->ack,
		.flags = p->flags,
		.window = 64240,
		.ttl = p->ttl ? p->ttl : 64,
		.sum_mode = p->sum_mode,
		.sum = p->sum_mode == SEGMENT_SUM_XOR ? 0x1234 : 0,
	};

	if (p->options) {
		option_write_mss(&w, 1460);
		option_write_sack_permitted(&w);
		option_write_timestamps(&w, 7, p->in ? 5 : 0);
		option_write_wscale(&w, 10);
		option_write_padding(&w);
	}
	s.options = options;
	s.options_len = w.len;
	if (p->payload) {
		s.payload = (const uint8_t *)p->payload;
		s.payload_len = strlen(p->payload);
	}
	return segment_build(&s, bytes, 200);
}

struct trace_entry *reported_add(struct finding *f, int64_t t_ns,
				 const char *note, struct reported_packet p)
{
	uint8_t bytes[200];
	size_t len = build(&p, bytes);

	BUG_ON(!len);
	return trace_add(&f->trace, p.in ? TRACE_IN : TRACE_OUT, t_ns, bytes,
			 len, note);
}

/* The host of a third party says that the last segment got nowhere. */
static void add_icmp(struct finding *f, int64_t t_ns)
{
	const struct trace_entry *last = &f->trace.entries[f->trace.n - 1];
	struct icmp icmp = {
		.what = ICMP_ERROR,
		.src = reported_endpoint("10.9.0.254", 0).addr,
		.dst = reported_endpoint("10.9.0.1", 0).addr,
		.ttl = 63,
		.type = 3,
		.code = 1,
	};
	uint8_t bytes[200];
	size_t len =
		icmp_build_error(&icmp, last->bytes, 28, bytes, sizeof(bytes));

	BUG_ON(!len);
	trace_add(&f->trace, TRACE_IN, t_ns, bytes, len, NULL);
}

void reported_converse(struct finding *f)
{
	const uint8_t junk[] = { 0x45, 0, 0 };

	reported_add(f, REPORTED_T0, "to the port: closed-syn",
		     (struct reported_packet){ .port = 1001,
					       .flags = TCP_SYN,
					       .seq = 1234567890,
					       .options = true });
	reported_add(f, REPORTED_T0 + 1000000, NULL,
		     (struct reported_packet){ .port = 1002,
					       .flags = TCP_SYN,
					       .seq = 5,
					       .sum_mode = SEGMENT_SUM_XOR });
	reported_add(f, REPORTED_T0 + 24000, "a listener",
		     (struct reported_packet){ .in = true,
					       .port = 1001,
					       .flags = TCP_SYN | TCP_ACK,
					       .seq = 4294967295,
					       .ack = 1234567891,
					       .options = true,
					       .ttl = 63 });
	reported_add(f, REPORTED_T0 + 30000, NULL,
		     (struct reported_packet){ .port = 1001,
					       .flags = TCP_ACK | TCP_PSH,
					       .seq = 1234567891,
					       .payload = "hello" });
	reported_add(f, REPORTED_T0 + 50000, NULL,
		     (struct reported_packet){ .in = true,
					       .port = 1001,
					       .flags = TCP_ACK,
					       .seq = 0,
					       .ack = 1234567896,
					       .ttl = 63 });
	reported_add(f, REPORTED_T0 + 60000, NULL,
		     (struct reported_packet){ .port = 1001,
					       .flags = TCP_RST,
					       .seq = 1234567800 })
		->foreign = true;
	reported_add(f, 0, "behind the window",
		     (struct reported_packet){ .port = 1001,
					       .flags = TCP_FIN | TCP_ACK,
					       .seq = 1234567896,
					       .ack = 0 });
	reported_add(
		f, REPORTED_T0 + 1500000000, NULL,
		(struct reported_packet){ .port = 1003, .flags = 0, .seq = 9 });
	add_icmp(f, REPORTED_T0 + 1500300000);
	trace_add(&f->trace, TRACE_IN, REPORTED_T0 + 1500400000, junk,
		  sizeof(junk), NULL);
	f->trace.omitted = 1234;
}

char *reported_text(const struct finding *f, size_t n,
		    struct report_config config, const char *cut)
{
	struct report *r = NULL;
	char *text;
	size_t len;

	config.out = open_memstream(&text, &len);
	if (!config.probe)
		config.probe = &reported_probe;
	BUG_ON(!config.out || report_open(&config, &r, NULL));
	for (size_t i = 0; i < n; i++)
		CHECK_INT(report_finding(r, &f[i]), 0);
	if (cut)
		report_cut_short(r, cut);
	CHECK_INT(report_close(r, NULL), 0);
	fclose(config.out);
	return text;
}

void reported_check_width(const char *text)
{
	size_t column = 0, widest = 0;

	for (const char *c = text; *c; c++) {
		if ((*c & 0xc0) != 0x80)
			column++;
		if (*c == '\n')
			column = 0;
		widest = column > widest ? column : widest;
	}
	CHECK_MSG(widest <= 80, "no line beyond 80 columns, %zu", widest);
}
