/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of the options that every probing command takes. */
#include "cmd/settings.h"

#include <string.h>

#include "base/escape.h"

static const char *const color_names[] = {
	[COLOR_AUTO] = "auto",
	[COLOR_ALWAYS] = "always",
	[COLOR_NEVER] = "never",
	NULL,
};

#define ROW(member) .offset = offsetof(struct settings, member)

const struct opt settings_rows[] = {
	{ .letter = '4', .type = OPT_SET, .value = FAMILY_IPV4, ROW(family),
	  .help = "IPv4 only" },
	{ .letter = '6', .type = OPT_SET, .value = FAMILY_IPV6, ROW(family),
	  .help = "IPv6 only" },
	{ .letter = 'i', .name = "interface", .type = OPT_TEXT, .arg = "NAME",
	  ROW(interface), .shown = "from the route", .hint = HINT_INTERFACE,
	  .help = "send and capture here" },
	{ .letter = 'S', .name = "source", .type = OPT_TEXT, .arg = "ADDR",
	  ROW(source), .shown = "from the route", .hint = HINT_ADDRESS,
	  .help = "source address; must be one of this host's" },
	{ .letter = 'p', .name = "source-port", .type = OPT_NUMBER,
	  .arg = "PORT", ROW(source_port), .min = 1, .max = UINT16_MAX,
	  .shown = "a free one", .help = "first source port" },
	{ .letter = 't', .name = "timeout", .type = OPT_DURATION,
	  .arg = "DURATION", ROW(timeout_ns), .min = TIME_MS,
	  .max = 3600 * (uint64_t)TIME_S, .shown = "1s",
	  .help = "how long to wait for one answer" },
	{ .letter = 'r', .name = "retries", .type = OPT_NUMBER, .arg = "N",
	  ROW(retries), .max = 100, .shown = "2",
	  .help = "resend an unanswered stimulus so often" },
	{ .letter = 'R', .name = "rate", .type = OPT_NUMBER, .arg = "N",
	  ROW(rate), .min = 1, .max = 1000000000, .shown = "1000",
	  .help = "stimuli a second, all targets together" },
	{ .name = "deadline", .type = OPT_DURATION, .arg = "DURATION",
	  ROW(deadline_ns), .min = TIME_MS, .max = INT64_MAX,
	  .shown = "none", .help = "give up as a whole" },
	{ .letter = 'e', .name = "expect", .type = OPT_TEXT,
	  .arg = "VERDICT[,VERDICT...]", ROW(expect), .shown = "none",
	  .hint = HINT_VERDICTS,
	  .help = "exit 1 unless every target's verdict is one of these" },
	{ .letter = 'o', .name = "output", .type = OPT_CHOICE,
	  .arg = "FORMAT", ROW(output), .choices = report_format_names,
	  .shown = "text", .help = "the format of the results" },
	{ .letter = 'w', .name = "write", .type = OPT_TEXT, .arg = "FILE",
	  ROW(write), .shown = "none", .hint = HINT_FILE,
	  .help = "the packets as evidence, pcapng with a comment on each; "
		  "- is standard output" },
	{ .name = "targets", .type = OPT_TEXT, .arg = "FILE", ROW(targets),
	  .hint = HINT_FILE,
	  .help = "read targets from FILE, one a line; - is standard "
		  "input" },
	{ .letter = 'v', .name = "verbose", .type = OPT_FLAG, ROW(verbose),
	  .help = "add the ladder diagram of the conversation" },
	{ .letter = 'q', .name = "quiet", .type = OPT_FLAG, ROW(quiet),
	  .help = "the exit status only" },
	{ .name = "color", .type = OPT_CHOICE, .arg = "WHEN", ROW(color),
	  .choices = color_names, .shown = "auto",
	  .help = "colour; NO_COLOR is honoured" },
	{ .name = "seed", .type = OPT_NUMBER, .arg = "N", ROW(seed),
	  .max = UINT64_MAX - 1, .shown = "random",
	  .help = "make the run's random choices repeatable" },
	{ .letter = 'h', .name = "help", .type = OPT_HELP, ROW(help),
	  .help = "this text" },
};
const size_t settings_rows_n = ARRAY_LEN(settings_rows);

void settings_init(struct settings *s)
{
	*s = (struct settings){
		.timeout_ns = TIME_S,
		.retries = 2,
		.rate = 1000,
		.seed = SETTINGS_NO_SEED,
	};
}

static int unknown_verdict(const struct probe *p, const char *word,
			   struct err *e)
{
	const char *names[SETTINGS_EXPECT_MAX];
	const char *near;
	char safe[64];
	size_t n = 0;

	for (; n < p->verdicts_n && n < ARRAY_LEN(names); n++)
		names[n] = p->verdicts[n].name;
	near = options_nearest(word, names, n);
	escape_text(word, safe, sizeof(safe));
	if (near)
		return err_set(e, ERR_USAGE,
			       "--expect: \"%s\" is no verdict of %s (did you "
			       "mean %s?)",
			       safe, p->name, near);
	return err_set(e, ERR_USAGE, "--expect: \"%s\" is no verdict of %s",
		       safe, p->name);
}

static int finish_expect(struct settings *s, const struct probe *p,
			 struct err *e)
{
	const char *rest = s->expect;

	while (rest) {
		size_t len = strcspn(rest, ",");
		const struct probe_verdict *v;
		char word[64];

		if (len >= sizeof(word))
			len = sizeof(word) - 1;
		memcpy(word, rest, len);
		word[len] = '\0';
		v = probe_verdict_find(p, word);
		if (!v)
			return unknown_verdict(p, word, e);
		if (!settings_expects(s, v->name))
			s->expected[s->expected_n++] = v;
		rest = strchr(rest, ',');
		if (rest)
			rest++;
	}
	return 0;
}

int settings_finish(struct settings *s, const struct probe *p, struct err *e)
{
	char safe[64];

	BUG_ON(p->verdicts_n > SETTINGS_EXPECT_MAX);
	if (s->source && addr_parse(s->source, &s->source_addr))
		return err_set(e, ERR_USAGE, "--source: \"%s\" is no address",
			       escape_text(s->source, safe, sizeof(safe)));
	if (s->source && s->family && s->source_addr.family != s->family)
		return err_set(e, ERR_USAGE,
			       "--source: %s is not an IPv%d address",
			       s->source, s->family);
	/* A target of the other family could not be sent to from there. */
	if (s->source)
		s->family = s->source_addr.family;
	return finish_expect(s, p, e);
}

bool settings_expects(const struct settings *s, const char *verdict)
{
	for (size_t i = 0; verdict && i < s->expected_n; i++) {
		if (strcmp(s->expected[i]->name, verdict) == 0)
			return true;
	}
	return false;
}
