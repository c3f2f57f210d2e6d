/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a list of checks, and refusing what is none. */
#include "probe/only.h"

#include <stdio.h>
#include <string.h>

#include "base/escape.h"

/* More checks than any probe has. */
#define CHECKS_MAX 64
#define WORD_MAX 64

static int unknown_check(const char *word, const char *probe,
			 const char *const *ids, size_t n, struct err *e)
{
	const char *near = options_nearest(word, ids, n);
	char safe[WORD_MAX * 4];

	escape_text(word, safe, sizeof(safe));
	if (near)
		return err_set(e, ERR_USAGE,
			       "--only: \"%s\" is no check of %s (did you mean "
			       "%s?)",
			       safe, probe, near);
	return err_set(e, ERR_USAGE,
		       "--only: \"%s\" is no check of %s; tcpprobe-%s(1) lists "
		       "them",
		       safe, probe, probe);
}

static size_t find(const char *word, const char *const *ids, size_t n)
{
	size_t i = 0;

	while (i < n && strcmp(word, ids[i]) != 0)
		i++;
	return i;
}

int only_prepare(struct only *o, const char *probe, const enum rule_id *rules,
		 size_t n, struct err *e)
{
	const char *ids[CHECKS_MAX];
	const char *rest = o->text;

	BUG_ON(n > ARRAY_LEN(ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = rule_get(rules[i])->id;
	while (rest) {
		size_t len = strcspn(rest, ",");
		char word[WORD_MAX];
		size_t at;

		/* No id is that long: cut, it is still none. */
		snprintf(word, sizeof(word), "%.*s", (int)len, rest);
		at = find(word, ids, n);
		if (at == n)
			return unknown_check(word, probe, ids, n, e);
		o->named[rules[at]] = true;
		rest = rest[len] ? rest + len + 1 : NULL;
	}
	return 0;
}

bool only_wants(const struct only *o, enum rule_id rule)
{
	return !o->text || o->named[rule];
}

bool only_names(const struct only *o, enum rule_id rule)
{
	return o->named[rule];
}
