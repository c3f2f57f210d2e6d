/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP options from a list: the ones with a name, any kind with its data, and
 * bytes as they are. In the order in which they are written; nothing is added.
 */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/num.h"
#include "cli/craft.h"
#include "cli/options.h"

#define QUOTE_MAX 100
/* A word of a pair is copied to be read: "+4294967295". */
#define WORD_MAX 16

/* The list as far as it was read. `need` also counts what does not fit. */
struct maker {
	struct craft_options *out;
	size_t need;
	/* For messages: the item itself is cut into pieces. */
	char item[QUOTE_MAX];
	struct err *e;
};

static int refuse(const struct maker *m, const char *why)
{
	char quoted[QUOTE_MAX];

	return err_set(m->e, ERR_USAGE, "--options: \"%s\" %s",
		       escape_text(m->item, quoted, sizeof(quoted)), why);
}

static void put(struct maker *m, uint32_t byte)
{
	if (m->need < OPTIONS_MAX)
		m->out->bytes[m->need] = (uint8_t)byte;
	m->need++;
}

static void put_head(struct maker *m, uint8_t kind, size_t data_len)
{
	put(m, kind);
	put(m, (uint32_t)data_len + 2);
}

static void put_word(struct maker *m, uint32_t v)
{
	for (unsigned shift = 32; shift; shift -= 8)
		put(m, v >> (shift - 8));
}

/* The word that comes next counts from there. */
static void count_from(struct maker *m, enum craft_base base)
{
	struct craft_options *o = m->out;

	if (m->need + 4 > OPTIONS_MAX)
		return;
	o->counted[o->counted_n].at = (uint8_t)m->need;
	o->counted[o->counted_n++].base = (uint8_t)base;
}

/* "7", "+7", "-7": a word of `len` characters. */
static int take_word(struct maker *m, const char *text, size_t len,
		     enum craft_base base)
{
	static const char why_not[] = "has no number where one belongs";
	bool minus = len && *text == '-', plus = len && *text == '+';
	char word[WORD_MAX];
	const char *why;
	uint64_t v;

	if (len >= sizeof(word))
		return refuse(m, why_not);
	memcpy(word, text, len);
	word[len] = '\0';
	if (num_parse_u64(word + (minus || plus), 0, UINT32_MAX, &v, &why))
		return refuse(m, why_not);
	if (minus || plus)
		count_from(m, base);
	put_word(m, minus ? 0 - (uint32_t)v : (uint32_t)v);
	return 0;
}

/* Two words with a mark in between, which is no sign of the first one. */
static int take_pair(struct maker *m, const char *text, char mark,
		     const enum craft_base bases[static 2])
{
	const char *middle = *text ? strchr(text + 1, mark) : NULL;
	int ret;

	if (!middle)
		return refuse(m, mark == ':' ? "needs two numbers, as in ts=1:2"
					     : "needs two numbers, as in "
					       "sack=1-2");
	ret = take_word(m, text, (size_t)(middle - text), bases[0]);
	if (ret)
		return ret;
	return take_word(m, middle + 1, strlen(middle + 1), bases[1]);
}

static int take_small(struct maker *m, const char *text, uint64_t max,
		      uint64_t *v)
{
	const char *why;

	if (num_parse_u64(text, 0, max, v, &why))
		return refuse(m, max > UINT8_MAX
					 ? "needs a number from 0 to 65535"
					 : "needs a number from 0 to 255");
	return 0;
}

/* --- the options ------------------------------------------------------- */

/* Each is given what stands behind its "=", or NULL. */

static int add_mss(struct maker *m, const char *value)
{
	uint64_t v;
	int ret = take_small(m, value, UINT16_MAX, &v);

	put_head(m, OPTION_MSS, 2);
	put(m, (uint32_t)v >> 8);
	put(m, (uint32_t)v);
	return ret;
}

static int add_wscale(struct maker *m, const char *value)
{
	uint64_t v;
	int ret = take_small(m, value, UINT8_MAX, &v);

	put_head(m, OPTION_WSCALE, 1);
	put(m, (uint32_t)v);
	return ret;
}

static int add_sack_ok(struct maker *m, const char *value)
{
	(void)value;
	put_head(m, OPTION_SACK_PERMITTED, 0);
	return 0;
}

static int add_timestamps(struct maker *m, const char *value)
{
	static const enum craft_base bases[] = { CRAFT_TSVAL, CRAFT_TSECR };

	put_head(m, OPTION_TIMESTAMPS, 8);
	return take_pair(m, value ? value : "+0:+0", ':', bases);
}

static int add_sack(struct maker *m, const char *value)
{
	static const enum craft_base bases[] = { CRAFT_RCV_NXT, CRAFT_RCV_NXT };

	put_head(m, OPTION_SACK, 8);
	return take_pair(m, value, '-', bases);
}

static int add_nop(struct maker *m, const char *value)
{
	(void)value;
	put(m, OPTION_NOP);
	return 0;
}

static int add_eol(struct maker *m, const char *value)
{
	(void)value;
	put(m, OPTION_END);
	return 0;
}

static int add_raw(struct maker *m, const char *hex)
{
	uint8_t bytes[OPTIONS_MAX];
	size_t len;

	if (!craft_hex(hex, bytes, sizeof(bytes), &len))
		return refuse(m, "has data that is not pairs of hexadecimal "
				 "digits");
	for (size_t i = 0; i < len; i++)
		put(m, i < sizeof(bytes) ? bytes[i] : 0);
	return 0;
}

static int add_kind(struct maker *m, uint8_t kind, const char *hex)
{
	size_t at = m->need;
	int ret;

	put_head(m, kind, 0);
	ret = add_raw(m, hex);
	if (at + 1 < OPTIONS_MAX)
		m->out->bytes[at + 1] = (uint8_t)(m->need - at);
	return ret;
}

static int add_tfo(struct maker *m, const char *value)
{
	return add_kind(m, OPTION_FAST_OPEN, value ? value : "");
}

static int add_md5(struct maker *m, const char *value)
{
	return add_kind(m, OPTION_MD5, value);
}

static const struct named {
	const char *name;
	enum { BARE, VALUE, EITHER } takes;
	int (*add)(struct maker *m, const char *value);
} named[] = {
	{ "mss", VALUE, add_mss },	  { "wscale", VALUE, add_wscale },
	{ "sack-ok", BARE, add_sack_ok }, { "ts", EITHER, add_timestamps },
	{ "sack", VALUE, add_sack },	  { "nop", BARE, add_nop },
	{ "eol", BARE, add_eol },	  { "tfo", EITHER, add_tfo },
	{ "md5", VALUE, add_md5 },
};

static int refuse_name(const struct maker *m, const char *name)
{
	const char *names[ARRAY_LEN(named)], *near;
	char why[64 + QUOTE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		names[i] = named[i].name;
	near = options_nearest(name, names, ARRAY_LEN(names));
	if (!near)
		return refuse(m, "is no option (try mss=1460, sack-ok, ts, "
				 "nop, wscale=7, 254:beef, raw:0101)");
	snprintf(why, sizeof(why), "is no option (did you mean %s?)", near);
	return refuse(m, why);
}

/* "mss=1460", "nop". *item is cut at its "=". */
static int add_named(struct maker *m, char *item)
{
	char *equals = strchr(item, '=');
	const char *value = NULL;

	if (equals) {
		*equals = '\0';
		value = equals + 1;
	}
	for (size_t i = 0; i < ARRAY_LEN(named); i++) {
		if (strcmp(named[i].name, item) != 0)
			continue;
		if (named[i].takes == BARE && value)
			return refuse(m, "takes no value");
		if (named[i].takes == VALUE && !value)
			return refuse(m, "needs a value, behind a =");
		return named[i].add(m, value);
	}
	return refuse_name(m, item);
}

/* "raw:0101", "254:beef": false when it is neither. */
static bool add_coloned(struct maker *m, char *item, int *ret)
{
	char *colon = strchr(item, ':');
	const char *why;
	uint64_t kind;

	if (!colon || memchr(item, '=', (size_t)(colon - item)))
		return false;
	*colon = '\0';
	if (strcmp(item, "raw") == 0)
		*ret = add_raw(m, colon + 1);
	else if (num_parse_u64(item, 0, UINT8_MAX, &kind, &why))
		*ret = refuse(m, "is neither raw:HEX nor KIND:HEX with a kind "
				 "from 0 to 255");
	else
		*ret = add_kind(m, (uint8_t)kind, colon + 1);
	return true;
}

static int add_item(struct maker *m, char *item)
{
	int ret;

	snprintf(m->item, sizeof(m->item), "%s", item);
	if (add_coloned(m, item, &ret))
		return ret;
	return add_named(m, item);
}

int craft_options(const char *text, struct craft_options *out, struct err *e)
{
	struct craft_options made = { .given = true };
	struct maker m = { .out = &made, .e = e };
	char *copy = strdup(text), *item = copy;
	int ret = 0;

	if (!copy)
		return err_set(e, ERR_MEMORY,
			       "read the options: out of memory");
	if (strcmp(text, "none") == 0)
		item = NULL;
	while (item && !ret) {
		char *comma = strchr(item, ',');

		if (comma)
			*comma = '\0';
		ret = add_item(&m, item);
		item = comma ? comma + 1 : NULL;
	}
	free(copy);
	if (ret)
		return ret;
	if (m.need > OPTIONS_MAX)
		return err_set(e, ERR_USAGE,
			       "--options: these are %zu bytes, and a segment "
			       "has room for %d",
			       m.need, OPTIONS_MAX);
	made.len = m.need;
	*out = made;
	return 0;
}

bool craft_options_count_from(const struct craft_options *o,
			      enum craft_base base)
{
	for (size_t i = 0; i < o->counted_n; i++) {
		if (o->counted[i].base == base)
			return true;
	}
	return false;
}

void craft_options_fill(const struct craft_options *o,
			const uint32_t bases[static CRAFT_BASE_N],
			uint8_t out[static OPTIONS_MAX])
{
	memcpy(out, o->bytes, OPTIONS_MAX);
	for (size_t i = 0; i < o->counted_n; i++) {
		size_t at = o->counted[i].at;
		struct rd r = rd_init(o->bytes + at, 4);
		struct wr w = wr_init(out + at, 4);

		wr_u32(&w, rd_u32(&r) + bases[o->counted[i].base]);
	}
}
