/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What send crafts, against the model TCP: it leaves as it was asked for, its
 * numbers count from where they should, and the verdict is what came back.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/sendscene.h"
#include "tests/tap.h"

/* --- verdicts ---------------------------------------------------------- */

struct verdict_case {
	uint16_t port;
	const char *line, *verdict, *summary;
};

static const struct verdict_case verdict_cases[] = {
	{ SEND_LISTENING, "", "syn-ack", "SYN-ACK after 20.0 ms (ttl 64)" },
	{ SEND_CLOSED, "", "rst", "RST-ACK after 20.0 ms (ttl 64)" },
	{ SEND_FILTERED, "", "silence", "nothing answered within 1.00 s" },
	{ SEND_CLOSED, "--flags .", "rst", "RST after" },
	{ SEND_CLOSED, "--flags FPU --data hello", "rst", "RST-ACK" },
	{ SEND_CLOSED, "--flags R", "silence", NULL },
	{ SEND_LISTENING, "--flags .", "rst", "RST after" },
	{ SEND_LISTENING, "--checksum bad", "silence", NULL },
	{ SEND_LISTENING, "--data-offset 0", "silence", NULL },
	{ SEND_LISTENING, "-c 3 -I 10ms", "syn-ack",
	  "3 of 3 answered: SYN-ACK after 20.0 ms (ttl 64); round trips of" },
	{ SEND_FILTERED, "-c 3 -I 10ms", "silence",
	  "none of 3 segments was answered" },
	{ SEND_ECHO, "-C --data hello", "data",
	  "PSH-ACK with 5 bytes of data after 20.0 ms" },
	{ SEND_HOLD, "-C --data hello", "ack", "ACK after 20.0 ms" },
	{ SEND_HOLD, "-C -f R --seq +1", "ack", NULL },
	{ SEND_HOLD, "-C -f R", "silence", NULL },
	{ SEND_HOLD, "-C -f R --seq +win+1", "silence", NULL },
	{ SEND_HOLD, "-C -f S", "ack", NULL },
	{ SEND_HOLD, "-C -f S --seq +win+100", "ack", NULL },
	{ SEND_HOLD, "-C --ack +1", "ack", NULL },
	{ SEND_HOLD, "-C --ack -win-1", "ack", NULL },
	{ SEND_HOLD, "-C --seq -1 --data x", "ack", NULL },
	{ SEND_HOLD, "-C --seq +win --data x", "ack", NULL },
	{ SEND_HOLD, "-C", "silence", NULL },
	{ SEND_ECHO, "-C -f F.", "fin", NULL },
	{ SEND_HOLD, "-C -f F.", "ack", NULL },
	{ SEND_HTTP, "-C --data GET\\r\\n\\r\\n", "data", NULL },
	{ SEND_CLOSER, "-C --data x", "rst", NULL },
	{ SEND_CLOSED, "-C --data x", "inconclusive",
	  "no connection: nobody listens" },
	{ SEND_FILTERED, "-C --data x", "inconclusive",
	  "no connection: nothing answered the SYN" },
};

static void test_verdicts(bool ipv6)
{
	static const struct sim_weather calm = { .delay_ns = 10 * TIME_MS };

	for (size_t i = 0; i < ARRAY_LEN(verdict_cases); i++) {
		const struct verdict_case *c = &verdict_cases[i];
		struct finding f;

		sendscene_once(
			&(struct scene_config){ .sim.weather = { calm, calm },
						.ipv6 = ipv6 },
			c->port, c->line, &f);
		sendscene_expect(&f, c->line, c->verdict, c->summary);
		CHECK_INT(f.outcome, strcmp(c->verdict, "inconclusive") == 0
					     ? OUTCOME_INCONCLUSIVE
					     : OUTCOME_PASS);
		finding_fini(&f);
	}
}

/* --- what leaves ------------------------------------------------------- */

static void test_fields(void)
{
	static const char line[] =
		"--flags FPUEWe --reserved 5 --seq 0x01020304 --ack 7 "
		"--window 513 --urgent 99 --checksum 0xbeef "
		"--options mss=1,nop,wscale=2 --data a\\r\\n --ttl 9 "
		"--tos 0xa8 --ecn ce --no-df --ip-id 4711";
	struct finding f;
	struct segment s;
	struct scene scene;

	sendscene_open(&scene, &(struct scene_config){ .no_peer = true });
	sendscene_run(&scene, 80, line, &f);
	CHECK_INT(sendscene_sent(&scene, 0, &s), SEGMENT_OK);
	CHECK_INT(s.flags, TCP_FIN | TCP_PSH | TCP_URG | TCP_ECE | TCP_CWR |
				   TCP_AE | 5 << 9);
	CHECK_INT(s.seq, 0x01020304);
	CHECK_INT(s.ack, 7);
	CHECK_INT(s.window, 513);
	CHECK_INT(s.urgent, 99);
	CHECK_INT(s.sum, 0xbeef);
	CHECK(!s.sum_good);
	/* Padded with zeros to a multiple of four. */
	CHECK_INT(s.options_len, 8);
	CHECK(s.options_len == 8 &&
	      memcmp(s.options, "\2\4\0\1\1\3\3\2", 8) == 0);
	CHECK(s.payload_len == 3 && memcmp(s.payload, "a\r\n", 3) == 0);
	CHECK_INT(s.ttl, 9);
	CHECK_INT(s.tos, 0xab);
	CHECK(!s.df);
	CHECK_INT(s.id, 4711);
	CHECK_INT(s.dport, 80);
	/* The same in the facts. */
	CHECK_TEXT(sendscene_text(&f, "flags", 0), "FPUEWe/5");
	CHECK_INT(sendscene_number(&f, "urgent", 0), 99);
	CHECK_INT(sendscene_number(&f, "checksum", 0), 0xbeef);
	CHECK_INT(sendscene_number(&f, "tos", 0), 0xab);
	CHECK_TEXT(sendscene_text(&f, "data", 0), "a\\r\\n");
	CHECK_TEXT(sendscene_text(&f, "data_hex", 0), "610d0a");
	CHECK_TEXT(sendscene_text(&f, "options_text", 0), "mss 1,nop,wscale 2");
	finding_fini(&f);
	scene_close(&scene);
}

struct wire_case {
	const char *line;
	uint8_t doff;
	enum segment_fault fault;
	uint16_t window;
	const char *options;
};

/* Lies, defaults, and what is left out. */
static void test_wire(void)
{
	static const struct wire_case cases[] = {
		{ "", 10, SEGMENT_OK, 64240, NULL },
		{ "--options none", 5, SEGMENT_OK, 64240, "" },
		{ "--options nop", 6, SEGMENT_OK, 64240, "nop,eol" },
		{ "--options raw:03", 6, SEGMENT_OK, 64240, "[bad opt]" },
		{ "--window 0", 10, SEGMENT_OK, 0, NULL },
		{ "--data-offset 0", 0, SEGMENT_DOFF, 64240, "" },
		{ "--data-offset 4", 4, SEGMENT_DOFF, 64240, "" },
		{ "--data-offset 15", 15, SEGMENT_DOFF, 64240, "" },
		{ "--data-offset 5", 5, SEGMENT_OK, 64240, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct wire_case *c = &cases[i];
		char options[OPTIONS_TEXT_MAX];
		struct finding f;
		struct segment s;
		struct scene scene;

		sendscene_open(&scene,
			       &(struct scene_config){ .no_peer = true });
		sendscene_run(&scene, 80, c->line, &f);
		CHECK_INT(sendscene_sent(&scene, 0, &s), c->fault);
		CHECK_MSG(s.doff == c->doff && s.window == c->window,
			  "%s: data offset %u, window %u", c->line, s.doff,
			  s.window);
		if (c->options)
			CHECK_TEXT(options_text(s.options, s.options_len,
						options, sizeof(options)),
				   c->options);
		CHECK_INT(sendscene_number(&f, "data_offset", 0), c->doff);
		finding_fini(&f);
		scene_close(&scene);
	}
}

static void test_ipv6(void)
{
	struct scene scene;
	struct finding f;
	struct segment s;

	sendscene_open(&scene,
		       &(struct scene_config){ .no_peer = true, .ipv6 = true });
	sendscene_run(&scene, 80, "--flow-label 0xfedcb --tos 7 --ttl 3", &f);
	CHECK_INT(sendscene_sent(&scene, 0, &s), SEGMENT_OK);
	CHECK_INT(s.flow_label, 0xfedcb);
	CHECK_INT(s.tos, 7);
	CHECK_INT(s.ttl, 3);
	CHECK_INT(sendscene_fact(&f, "id", 0)->type, FACT_NULL);
	CHECK_INT(sendscene_number(&f, "flow_label", 0), 0xfedcb);
	finding_fini(&f);
	scene_close(&scene);
	sendscene_once(&(struct scene_config){ .ipv6 = true }, 80, "--ip-id 7",
		       &f);
	CHECK_TEXT(f.error.text,
		   "--ip-id is only for IPv4, and fd00:9::2 is not");
	CHECK_INT(f.error.code, ERR_USAGE);
	finding_fini(&f);
	sendscene_once(&(struct scene_config){ .ipv6 = true }, 80, "--no-df",
		       &f);
	CHECK_INT(f.error.code, ERR_USAGE);
	finding_fini(&f);
	sendscene_once(&(struct scene_config){ .ipv6 = false }, 80,
		       "--flow-label 1", &f);
	CHECK_TEXT(f.error.text,
		   "--flow-label is only for IPv6, and 10.9.0.2 is not");
	finding_fini(&f);
}

/* More than a frame carries is refused, with how much it is too long. */
static void test_too_long(void)
{
	struct finding f;

	sendscene_once(&(struct scene_config){ .sim.seed = 1 }, SEND_CLOSED,
		       "--options none --data-size 1460", &f);
	sendscene_expect(&f, "1460 bytes", "rst", NULL);
	finding_fini(&f);
	sendscene_once(&(struct scene_config){ .sim.seed = 1 }, SEND_CLOSED,
		       "--options none --data-size 1461", &f);
	CHECK_INT(f.outcome, OUTCOME_ERROR);
	CHECK_INT(f.error.code, ERR_USAGE);
	CHECK_TEXT(f.error.text, "send a datagram of 1501 bytes: sim0 carries "
				 "at most 1500, make it 1 shorter");
	finding_fini(&f);
}

/* --- numbers within a connection --------------------------------------- */

/* What the model knows, while the segment is on its way. */
struct watched {
	struct scene *scene;
	uint16_t port;
	size_t segments; /* of ours, behind the handshake, without the ACKs */
	struct segment last;
	struct model_view view;
	uint32_t seqs[8];
};

static enum sim_fate watch(void *arg, struct simlink *sim,
			   struct sim_datagram *d)
{
	struct watched *w = arg;
	struct segment s;

	(void)sim;
	if (d->dir != SIM_OUT || segment_parse(d->bytes, d->len, &s) ||
	    !s.urgent)
		return SIM_PASS;
	w->last = s;
	if (w->segments < ARRAY_LEN(w->seqs))
		w->seqs[w->segments] = s.seq;
	w->segments++;
	model_look(w->scene->target.model, w->port,
		   &(struct endpoint){ s.src, s.sport }, &w->view);
	return SIM_PASS;
}

/* The urgent pointer marks the crafted ones. */
static void watch_run(uint16_t port, const char *line, struct watched *w,
		      struct finding *f)
{
	char marked[200];
	struct scene s;

	snprintf(marked, sizeof(marked), "-C --urgent 1 %s", line);
	sendscene_open(&s, &(struct scene_config){ .sim.seed = 5 });
	*w = (struct watched){ .scene = &s, .port = port };
	simlink_hook(s.sim, watch, w);
	sendscene_run(&s, port, marked, f);
	scene_close(&s);
}

static void test_relative(void)
{
	static const struct {
		const char *line;
		int64_t seq, ack; /* from what the target expects, and sends */
		bool by_window;
	} cases[] = {
		{ "", 0, 0, false },
		{ "--seq +0 --ack +0", 0, 0, false },
		{ "--seq +1 --ack -1", 1, -1, false },
		{ "--seq -5 --ack +7", -5, 7, false },
		{ "--seq +win", 0, 0, true },
		{ "--seq +win-1", -1, 0, true },
		{ "--ack -win", 0, -64240, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct watched w;
		struct finding f;
		uint32_t seq, ack;

		watch_run(SEND_BANNER, cases[i].line, &w, &f);
		seq = w.view.rcv_nxt + (uint32_t)cases[i].seq;
		ack = w.view.snd_nxt + (uint32_t)cases[i].ack;
		if (cases[i].by_window)
			seq += w.view.rcv_window;
		CHECK_MSG(w.segments == 1 && w.last.seq == seq &&
				  w.last.ack == ack,
			  "%s: seq %u (want %u), ack %u (want %u)",
			  cases[i].line, w.last.seq, seq, w.last.ack, ack);
		/* What the banner said was heard, and acknowledged. */
		CHECK_TEXT(sendscene_text(&f, "heard", 0), "220 model\\r\\n");
		finding_fini(&f);
	}
}

/* A number is written where no flag makes it count, too. */
static void test_ack_without_flag(void)
{
	struct watched w;
	struct finding f;

	watch_run(SEND_HOLD, "--flags P --ack +3 --data x", &w, &f);
	CHECK_INT(w.last.ack, w.view.snd_nxt + 3);
	finding_fini(&f);
	watch_run(SEND_HOLD, "--flags P --data x", &w, &f);
	CHECK_INT(w.last.ack, 0);
	finding_fini(&f);
}

static void test_sequence(void)
{
	struct watched w;
	struct finding f;

	watch_run(SEND_HOLD, "-c 3 -I 10ms --data hello", &w, &f);
	CHECK_INT(w.segments, 3);
	CHECK_INT(w.seqs[1] - w.seqs[0], 5);
	CHECK_INT(w.seqs[2] - w.seqs[0], 10);
	finding_fini(&f);
	/* The same again: the target has it already. */
	watch_run(SEND_HOLD, "-c 3 -I 10ms --data hello --repeat", &w, &f);
	CHECK_INT(w.segments, 3);
	CHECK_INT(w.seqs[1] - w.seqs[0], 0);
	CHECK_INT(w.seqs[2] - w.seqs[0], 0);
	CHECK_TEXT(sendscene_text(&f, "taken_for", 2), "ack");
	finding_fini(&f);
}

static void test_counted_options(void)
{
	struct watched w;
	struct options o;
	struct finding f;

	watch_run(SEND_HOLD, "--options nop,nop,sack=+10-+20", &w, &f);
	CHECK_INT(sendscene_fact(&f, "options", 0)->value.bytes->len, 12);
	options_parse(sendscene_fact(&f, "options", 0)->value.bytes->bytes, 12,
		      &o);
	CHECK_INT(o.sack_n, 1);
	CHECK_INT(o.sack[0].left, w.view.snd_nxt + 10);
	CHECK_INT(o.sack[0].right, w.view.snd_nxt + 20);
	finding_fini(&f);
	/* An old timestamp: PAWS wants it dropped and acknowledged. */
	watch_run(SEND_HOLD, "--options nop,nop,ts=-100000:+0 --data x", &w,
		  &f);
	sendscene_expect(&f, "an old timestamp", "ack", NULL);
	CHECK_INT(sendscene_number(&f, "ack", 1), w.last.seq);
	finding_fini(&f);
}

/* Without our acknowledgement the target sends its answer again and again. */
static void test_no_ack(void)
{
	struct finding f;

	sendscene_once(&(struct scene_config){ .sim.seed = 2 }, SEND_ECHO,
		       "-C --data hello", &f);
	CHECK_INT(sendscene_number(&f, "answered", 0), 1);
	CHECK_TEXT(sendscene_text(&f, "taken_for", 2), NULL);
	finding_fini(&f);
	sendscene_once(&(struct scene_config){ .sim.seed = 2 }, SEND_ECHO,
		       "-C --data hello --no-ack", &f);
	CHECK_TEXT(sendscene_text(&f, "taken_for", 1), "data");
	CHECK_TEXT(sendscene_text(&f, "taken_for", 2), "data");
	CHECK_TEXT(sendscene_text(&f, "taken_for", 3), "data");
	finding_fini(&f);
}

/* The whole answer of a service, acknowledged to its end. */
static void test_http(void)
{
	struct finding f;
	size_t n = 0;

	sendscene_once(&(struct scene_config){ .sim.seed = 3 }, SEND_HTTP,
		       "-C --data GET\\r\\n\\r\\n", &f);
	while (sendscene_text(&f, "taken_for", n))
		n++;
	CHECK(n >= 2);
	CHECK(strstr(sendscene_text(&f, "data", 2), "HTTP/1") != NULL);
	CHECK(sendscene_remarks(&f, "\"HTTP/1"));
	CHECK(strchr(sendscene_text(&f, "flags", n), 'F') != NULL);
	finding_fini(&f);
}

/* --- misuse ------------------------------------------------------------ */

static void test_misuse(void)
{
	static const struct {
		const char *words[6];
		const char *says;
	} cases[] = {
		{ { "--seq", "+1" },
		  "--seq: a number with a sign counts from what is next, and "
		  "that is only known with --connected" },
		{ { "--ack", "-win" },
		  "--ack: a number with a sign counts from what is next, and "
		  "that is only known with --connected" },
		{ { "--options", "sack=+1-+2" },
		  "--options: a sack with a sign counts from what is next, and "
		  "that is only known with --connected" },
		{ { "--repeat" }, "--repeat needs --connected" },
		{ { "--no-ack" }, "--no-ack needs --connected" },
		{ { "--trigger", "http" }, "--trigger needs --connected" },
		{ { "--tos", "3", "--ecn", "ect0" },
		  "--ecn ect0 contradicts the two low bits of --tos (ce)" },
		{ { "--ttl", "1-200", "--count", "10000" },
		  "--count: 2000000 segments for all TTLs together are more "
		  "than 1000000" },
		{ { "--data", "a", "--data-size", "3" },
		  "only one of --data, --data-hex, --data-file and --data-size "
		  "can be the data" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct send_settings s;
		struct opt_group group = { .rows = send_probe.options,
					   .n = send_probe.options_n,
					   .settings = &s };
		char *argv[7] = { NULL };
		struct err e = { 0 };
		int argc = 1;

		for (size_t w = 0; w < 6 && cases[i].words[w]; w++)
			argv[argc++] = (char *)(uintptr_t)cases[i].words[w];
		memcpy(&s, send_probe.defaults, sizeof(s));
		CHECK_INT(options_parse_args(&group, 1, argc, argv, &e), 0);
		CHECK_INT(send_probe.prepare(&s, &e), -ERR_USAGE);
		CHECK_TEXT(e.text, cases[i].says);
		send_probe.release(&s);
	}
}

int main(void)
{
	test_verdicts(false);
	test_verdicts(true);
	test_fields();
	test_wire();
	test_ipv6();
	test_too_long();
	test_relative();
	test_ack_without_flag();
	test_sequence();
	test_counted_options();
	test_no_ack();
	test_http();
	test_misuse();
	return tap_done();
}
