/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which form, which stream. Every finding is written to memory first and from
 * there in one piece: a line is whole or absent, and the errno of a failed
 * write is that of the write.
 */
#include "report/report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "report/form.h"

const char *const report_format_names[] = {
	[REPORT_TEXT] = "text",
	[REPORT_JSON] = "json",
	[REPORT_TAP] = "tap",
	[REPORT_JUNIT] = "junit",
	[REPORT_FORMAT_N] = NULL,
};
static_assert(ARRAY_LEN(report_format_names) == REPORT_FORMAT_N + 1,
	      "a format without a name");

struct report {
	struct report_state state;
	bool flush; /* somebody watches */
	FILE *memory;
	char *text; /* what `memory` holds, `len` bytes after a flush */
	size_t len;
	char why[ERR_TEXT_MAX]; /* it was cut short; "": it was not */
	int failed;	  /* what went wrong first; nothing is written then */
	int failed_errno; /* and its errno */
};

/* What stands before the first finding. It goes out with that. */
static void begin(struct report *r)
{
	switch (r->state.config.format) {
	case REPORT_TAP:
		tap_begin(r->memory);
		break;
	case REPORT_JUNIT:
		junit_begin(r->memory);
		break;
	case REPORT_TEXT:
	case REPORT_JSON:
	case REPORT_FORMAT_N:
		break;
	}
}

int report_open(const struct report_config *config, struct report **out,
		struct err *e)
{
	struct report *r = calloc(1, sizeof(*r));

	BUG_ON(config->probe->verdicts_n > REPORT_VERDICTS_MAX);
	if (r)
		r->memory = open_memstream(&r->text, &r->len);
	if (!r || !r->memory) {
		free(r);
		return err_set(e, ERR_MEMORY, "open the report: out of memory");
	}
	r->state.config = *config;
	r->flush = isatty(fileno(config->out)) == 1;
	begin(r);
	*out = r;
	return 0;
}

static int fail(struct report *r, int code)
{
	r->failed = code;
	r->failed_errno = errno;
	return code;
}

/* Hand on what was written to memory since the last time. */
static int pass_on(struct report *r)
{
	FILE *out = r->state.config.out;
	size_t len;

	if (fflush(r->memory) || ferror(r->memory))
		return fail(r, -ERR_MEMORY);
	len = r->len;
	if (len && fwrite(r->text, 1, len, out) != len)
		return fail(r, -ERR_IO);
	rewind(r->memory);
	if (r->flush && fflush(out))
		return fail(r, -ERR_IO);
	return 0;
}

static void count(struct report_state *s, const struct finding *f)
{
	const struct probe *p = s->config.probe;

	s->sums.targets++;
	if (f->outcome == OUTCOME_ERROR) {
		s->sums.errors++;
		return;
	}
	for (size_t i = 0; f->verdict && i < p->verdicts_n; i++) {
		if (strcmp(p->verdicts[i].name, f->verdict) == 0) {
			s->sums.verdicts[i]++;
			return;
		}
	}
	s->sums.others++;
}

/* 0 or -ERR_MEMORY. */
static int write_finding(struct report *r, const struct finding *f)
{
	struct report_state *s = &r->state;

	switch (s->config.format) {
	case REPORT_TEXT:
		text_finding(s, r->memory, f);
		break;
	case REPORT_JSON:
		return json_finding(s, r->memory, f);
	case REPORT_TAP:
		return tap_finding(s, r->memory, f);
	case REPORT_JUNIT:
		return junit_finding(s, r->memory, f);
	case REPORT_FORMAT_N:
		BUG_ON(true);
	}
	return 0;
}

int report_finding(struct report *r, const struct finding *f)
{
	struct report_state *s = &r->state;

	count(s, f);
	if (s->config.quiet)
		return 0;
	if (r->failed) {
		errno = r->failed_errno;
		return r->failed;
	}
	if (s->config.format == REPORT_TEXT && !text_wants(s, f))
		return 0;
	if (write_finding(r, f))
		return fail(r, -ERR_MEMORY);
	return pass_on(r);
}

void report_cut_short(struct report *r, const char *why)
{
	snprintf(r->why, sizeof(r->why), "%s", why);
}

/* What stands behind the last finding. */
static void end(struct report *r)
{
	struct report_state *s = &r->state;

	if (r->why[0])
		s->cut_short = r->why;
	else if (s->sums.targets < s->config.expected)
		s->cut_short = "not all targets were probed";
	switch (s->config.format) {
	case REPORT_TEXT:
		text_end(s, r->memory);
		break;
	case REPORT_TAP:
		tap_end(s, r->memory);
		break;
	case REPORT_JUNIT:
		junit_end(s, r->memory);
		break;
	case REPORT_JSON:
	case REPORT_FORMAT_N:
		break;
	}
}

/* The last bytes on their way. */
static void finish(struct report *r)
{
	const struct report_config *config = &r->state.config;

	if (!r->failed && !config->quiet) {
		end(r);
		(void)pass_on(r);
	}
	if (!r->failed && (fflush(config->out) || ferror(config->out)))
		(void)fail(r, -ERR_IO);
}

int report_close(struct report *r, struct err *e)
{
	int ret, saved;

	finish(r);
	ret = r->failed;
	saved = r->failed_errno;
	if (ret == -ERR_MEMORY)
		(void)err_set(e, ERR_MEMORY,
			      "write the results: out of memory");
	else if (ret)
		(void)err_set(e, ERR_IO, "write the results: %s",
			      strerror(saved));
	fclose(r->memory);
	free(r->text);
	free(r);
	errno = saved;
	return ret;
}
