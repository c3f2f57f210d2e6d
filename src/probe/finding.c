/* SPDX-License-Identifier: BSD-2-Clause */
/* A finding grows as its probe learns: facts, checks, and the conclusion. */
#include "probe/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/line.h"

/* What a closed port's finding needs: one allocation each in a sweep. */
#define FACTS_FIRST 16
#define CHECKS_FIRST 8
#define REMARKS_FIRST 4

static const char *const outcome_names[] = {
	[OUTCOME_PASS] = "pass",
	[OUTCOME_FAIL] = "fail",
	[OUTCOME_INCONCLUSIVE] = "inconclusive",
	[OUTCOME_ERROR] = "error",
	[OUTCOME_SKIP] = "skip",
};
static_assert(ARRAY_LEN(outcome_names) == OUTCOME_N,
	      "an outcome without a name");

const char *outcome_name(enum outcome o)
{
	BUG_ON((unsigned)o >= OUTCOME_N);
	return outcome_names[o];
}

void finding_init(struct finding *f, const char *probe)
{
	/* Until it is concluded, a finding says nothing definite. */
	*f = (struct finding){
		.probe = probe,
		.outcome = OUTCOME_INCONCLUSIVE,
	};
	trace_init(&f->trace);
}

void finding_fini(struct finding *f)
{
	for (size_t i = 0; i < f->facts_n; i++) {
		if (f->facts[i].type == FACT_TEXT)
			free(f->facts[i].value.text);
		else if (f->facts[i].type == FACT_OPTIONS)
			free(f->facts[i].value.bytes);
	}
	free(f->explanation);
	f->explanation = NULL;
	free(f->facts);
	f->facts = NULL;
	f->facts_n = f->facts_size = 0;

	for (size_t i = 0; i < f->checks_n; i++) {
		free(f->checks[i].observed);
		free(f->checks[i].reason);
	}
	free(f->checks);
	f->checks = NULL;
	f->checks_n = f->checks_size = 0;

	for (size_t i = 0; i < f->remarks_n; i++)
		free(f->remarks[i]);
	free(f->remarks);
	f->remarks = NULL;
	f->remarks_n = f->remarks_size = 0;

	trace_fini(&f->trace);
	trace_init(&f->trace);
}

/* A finding that lacks a part is no finding, concluded or not. */
static void become_short(struct finding *f)
{
	f->short_of_memory = true;
	f->verdict = NULL;
	f->outcome = OUTCOME_ERROR;
	(void)err_set(&f->error, ERR_MEMORY, "keep what was found: %s",
		      "out of memory");
}

/*
 * Room for one more of `item` bytes behind the `n` that are there: the array,
 * moved if need be, or NULL with the old one untouched.
 */
static void *grown(void *array, size_t n, size_t *size, size_t first,
		   size_t item)
{
	size_t wanted = *size ? *size * 2 : first;
	void *moved;

	if (n < *size)
		return array;
	moved = reallocarray(array, wanted, item);
	if (moved)
		*size = wanted;
	return moved;
}

void finding_conclude(struct finding *f, const char *verdict,
		      enum outcome outcome, const char *fmt, ...)
{
	va_list args;

	if (f->outcome == OUTCOME_ERROR)
		return;
	va_start(args, fmt);
	vsnprintf(f->summary, sizeof(f->summary), fmt, args);
	va_end(args);
	if (f->short_of_memory) {
		become_short(f);
		return;
	}
	f->verdict = verdict;
	f->outcome = outcome;
}

void finding_explain(struct finding *f, const char *fmt, ...)
{
	char *more = NULL, *whole = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&more, fmt, args) < 0)
		more = NULL;
	va_end(args);
	if (!more ||
	    asprintf(&whole, "%s%s%s", f->explanation ? f->explanation : "",
		     f->explanation ? "\n" : "", more) < 0) {
		become_short(f);
	} else {
		free(f->explanation);
		f->explanation = whole;
	}
	free(more);
}

void finding_fail(struct finding *f, const struct err *e)
{
	f->verdict = NULL;
	f->outcome = OUTCOME_ERROR;
	f->error = *e;
}

/* The new last fact; NULL when memory is short. */
static struct fact *fact_add(struct finding *f, const char *name,
			     enum fact_type type)
{
	struct fact *facts = grown(f->facts, f->facts_n, &f->facts_size,
				   FACTS_FIRST, sizeof(*facts));

	if (!facts) {
		become_short(f);
		return NULL;
	}
	f->facts = facts;
	facts[f->facts_n] = (struct fact){ .name = name, .type = type };
	return &facts[f->facts_n++];
}

void fact_null(struct finding *f, const char *name)
{
	(void)fact_add(f, name, FACT_NULL);
}

void fact_bool(struct finding *f, const char *name, bool v)
{
	struct fact *fact = fact_add(f, name, FACT_BOOL);

	if (fact)
		fact->value.flag = v;
}

void fact_int(struct finding *f, const char *name, int64_t v)
{
	struct fact *fact = fact_add(f, name, FACT_INT);

	if (fact)
		fact->value.integer = v;
}

void fact_real(struct finding *f, const char *name, double v)
{
	struct fact *fact = fact_add(f, name, FACT_REAL);

	if (fact)
		fact->value.real = v;
}

/* A text that is the fact's own from now on; NULL: memory was short. */
static void fact_own_text(struct finding *f, const char *name, char *text)
{
	struct fact *fact = text ? fact_add(f, name, FACT_TEXT) : NULL;

	if (!fact) {
		free(text);
		become_short(f);
		return;
	}
	fact->value.text = text;
}

void fact_text(struct finding *f, const char *name, const char *v)
{
	fact_own_text(f, name, strdup(v));
}

void fact_escaped(struct finding *f, const char *name, const uint8_t *bytes,
		  size_t len)
{
	size_t size = 4 * len + 1; /* each byte as \xNN */
	char *text = malloc(size);

	if (text)
		escape_bytes(bytes, len, text, size);
	fact_own_text(f, name, text);
}

void fact_hex(struct finding *f, const char *name, const uint8_t *bytes,
	      size_t len)
{
	size_t size = 2 * len + 1;
	char *text = malloc(size);
	struct line line = line_init(text, text ? size : 0);

	line_add_hex(&line, bytes, len);
	fact_own_text(f, name, text);
}

void fact_options(struct finding *f, const char *name, const uint8_t *bytes,
		  size_t len)
{
	struct fact_bytes *copy = malloc(sizeof(*copy) + len);
	struct fact *fact = copy ? fact_add(f, name, FACT_OPTIONS) : NULL;

	if (!fact) {
		free(copy);
		become_short(f);
		return;
	}
	copy->len = len;
	if (len)
		memcpy(copy->bytes, bytes, len);
	fact->value.bytes = copy;
}

void fact_object(struct finding *f, const char *name)
{
	(void)fact_add(f, name, FACT_OBJECT);
}

void fact_array(struct finding *f, const char *name)
{
	(void)fact_add(f, name, FACT_ARRAY);
}

void fact_end(struct finding *f)
{
	(void)fact_add(f, NULL, FACT_END);
}

void finding_remark(struct finding *f, const char *fmt, ...)
{
	char **remarks = grown(f->remarks, f->remarks_n, &f->remarks_size,
			       REMARKS_FIRST, sizeof(*remarks));
	va_list args;
	int len;

	if (!remarks) {
		become_short(f);
		return;
	}
	f->remarks = remarks;
	va_start(args, fmt);
	len = vasprintf(&remarks[f->remarks_n], fmt, args);
	va_end(args);
	if (len < 0)
		become_short(f);
	else
		f->remarks_n++;
}

/* The new last check; NULL when memory is short. */
static struct check *check_add(struct finding *f, const struct rule *rule,
			       enum outcome outcome)
{
	struct check *checks = grown(f->checks, f->checks_n, &f->checks_size,
				     CHECKS_FIRST, sizeof(*checks));

	if (!checks) {
		become_short(f);
		return NULL;
	}
	f->checks = checks;
	checks[f->checks_n] = (struct check){
		.rule = rule,
		.outcome = outcome,
	};
	return &checks[f->checks_n++];
}

static void PRINTF(3, 0) check_say(struct finding *f, char **where,
				   const char *fmt, va_list args)
{
	if (vasprintf(where, fmt, args) < 0) {
		*where = NULL;
		become_short(f);
	}
}

void finding_check(struct finding *f, const struct rule *rule,
		   enum outcome outcome, const char *fmt, ...)
{
	struct check *check = check_add(f, rule, outcome);
	va_list args;

	if (!check)
		return;
	va_start(args, fmt);
	check_say(f, &check->observed, fmt, args);
	va_end(args);
}

void finding_check_undecided(struct finding *f, const struct rule *rule,
			     enum outcome outcome, const char *fmt, ...)
{
	struct check *check;
	va_list args;

	BUG_ON(outcome != OUTCOME_SKIP && outcome != OUTCOME_INCONCLUSIVE);
	check = check_add(f, rule, outcome);
	if (!check)
		return;
	va_start(args, fmt);
	check_say(f, &check->reason, fmt, args);
	va_end(args);
}

bool finding_violates(const struct finding *f)
{
	for (size_t i = 0; i < f->checks_n; i++) {
		const struct check *c = &f->checks[i];

		if (c->outcome == OUTCOME_FAIL && c->rule->level == LEVEL_MUST)
			return true;
	}
	return false;
}
