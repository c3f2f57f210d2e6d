/* SPDX-License-Identifier: BSD-2-Clause */
/* A command line of send, run on the model. */
#include "tests/sim/sendscene.h"

#include <string.h>

#include "tests/tap.h"

static const struct model_port ports[] = {
	{ .port = SEND_LISTENING, .role = MODEL_LISTEN },
	{ .port = SEND_FILTERED, .role = MODEL_FILTERED },
	{ .port = SEND_ECHO, .role = MODEL_ECHO },
	{ .port = SEND_HOLD, .role = MODEL_HOLD },
	{ .port = SEND_BANNER, .role = MODEL_BANNER },
	{ .port = SEND_HTTP, .role = MODEL_HTTP },
	{ .port = SEND_STREAM, .role = MODEL_STREAM, .bytes = 50000000 },
	{ .port = SEND_CLOSER, .role = MODEL_CLOSER, .after_ns = 50 * TIME_MS },
};

#define WORDS_MAX 40
#define LINE_MAX 400

/* The settings that a command line makes; "" is none. */
static void parse(const char *line, struct send_settings *s)
{
	static char words[LINE_MAX];
	struct opt_group group = { .rows = send_probe.options,
				   .n = send_probe.options_n,
				   .settings = s };
	char *argv[WORDS_MAX] = { words }, *at = words;
	struct err e = { 0 };
	int argc = 1;

	BUG_ON(strlen(line) >= sizeof(words));
	memcpy(words, line, strlen(line) + 1);
	while (*at) {
		BUG_ON(argc == WORDS_MAX);
		argv[argc++] = at;
		at += strcspn(at, " ");
		if (*at)
			*at++ = '\0';
	}
	memcpy(s, send_probe.defaults, sizeof(*s));
	if (options_parse_args(&group, 1, argc, argv, &e) ||
	    send_probe.prepare(s, &e)) {
		tap_note("%s: %s", line, e.text);
		BUG_ON(true);
	}
}

void sendscene_run(struct scene *s, uint16_t port, const char *line,
		   struct finding *f)
{
	struct send_settings settings;

	parse(line, &settings);
	scene_probe(s, &send_probe, &settings, port, f);
	send_probe.release(&settings);
}

void sendscene_open(struct scene *s, const struct scene_config *config)
{
	scene_open(s, config);
	for (size_t i = 0; i < ARRAY_LEN(ports) && s->target.model; i++)
		model_port(s->target.model, &ports[i]);
}

void sendscene_once(const struct scene_config *config, uint16_t port,
		    const char *line, struct finding *f)
{
	struct scene s;

	sendscene_open(&s, config);
	sendscene_run(&s, port, line, f);
	scene_close(&s);
}

void sendscene_expect(const struct finding *f, const char *line,
		      const char *verdict, const char *summary)
{
	CHECK_MSG(f->verdict && strcmp(f->verdict, verdict) == 0 &&
			  (!summary || strstr(f->summary, summary)),
		  "\"%s\" is %s (%s), want %s (%s)", line,
		  f->verdict ? f->verdict : "no verdict",
		  f->outcome == OUTCOME_ERROR ? f->error.text : f->summary,
		  verdict, summary ? summary : "");
}

const struct fact *sendscene_fact(const struct finding *f, const char *name,
				  size_t nth)
{
	for (size_t i = 0; i < f->facts_n; i++) {
		if (f->facts[i].name && strcmp(f->facts[i].name, name) == 0 &&
		    nth-- == 0)
			return &f->facts[i];
	}
	return NULL;
}

int64_t sendscene_number(const struct finding *f, const char *name, size_t nth)
{
	const struct fact *at = sendscene_fact(f, name, nth);

	if (at && at->type == FACT_REAL)
		return (int64_t)at->value.real;
	return at && at->type == FACT_INT ? at->value.integer : -77;
}

const char *sendscene_text(const struct finding *f, const char *name,
			   size_t nth)
{
	const struct fact *at = sendscene_fact(f, name, nth);

	return at && at->type == FACT_TEXT ? at->value.text : NULL;
}

bool sendscene_remarks(const struct finding *f, const char *what)
{
	for (size_t i = 0; i < f->remarks_n; i++) {
		if (strstr(f->remarks[i], what))
			return true;
	}
	return false;
}

enum segment_fault sendscene_sent(const struct scene *s, size_t nth,
				  struct segment *out)
{
	const struct sim_sent *at = simlink_sent(s->sim, nth);

	*out = (struct segment){ 0 };
	return at ? segment_parse(at->bytes, at->len, out) : SEGMENT_NOT_TCP;
}
