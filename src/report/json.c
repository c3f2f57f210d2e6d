/* SPDX-License-Identifier: BSD-2-Clause */
/* A finding as one line of JSON; the fields and their order are a contract. */
#include "config.h"

#include <jansson.h>
#include <string.h>

#include "base/addr.h"
#include "base/escape.h"
#include "report/form.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/options.h"
#include "wire/segment.h"
#include "wire/text.h"

#define SCHEMA 1
/* Facts within facts: {"target":{"end":…}} is two. */
#define DEPTH_MAX 8
/* Digits that a double holds for sure: 1.9 stays 1.9. */
#define REAL_DIGITS 15

/*
 * A value under construction. Whatever fails for want of memory makes `failed`
 * true and is left out; the line is thrown away in the end.
 */
struct builder {
	bool failed;
};

/* Takes the value; NULL is a failure. */
static void put(struct builder *b, json_t *object, const char *key,
		json_t *value)
{
	if (json_object_set_new(object, key, value))
		b->failed = true;
}

static void append(struct builder *b, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		b->failed = true;
}

/* Text that is no UTF-8 is shown as a terminal would get it. */
static json_t *text_value(const char *text)
{
	json_t *value = json_string(text);
	size_t size = strlen(text) * 4 + 1;
	char *escaped;

	if (value)
		return value;
	escaped = malloc(size);
	if (!escaped)
		return NULL;
	value = json_string(escape_text(text, escaped, size));
	free(escaped);
	return value;
}

static void put_text(struct builder *b, json_t *object, const char *key,
		     const char *text)
{
	put(b, object, key, text ? text_value(text) : json_null());
}

static void put_int(struct builder *b, json_t *object, const char *key,
		    int64_t n)
{
	put(b, object, key, json_integer(n));
}

static void put_true(struct builder *b, json_t *object, const char *key)
{
	put(b, object, key, json_true());
}

static json_t *addr_value(const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	if (a->family == FAMILY_ANY)
		return json_null();
	return json_string(addr_format(a, text));
}

static json_t *target_value(struct builder *b, const struct finding *f)
{
	json_t *object = json_object();

	put_text(b, object, "host", f->host);
	put(b, object, "address", addr_value(&f->target.addr));
	put_int(b, object, "port", f->target.port);
	return object;
}

static json_t *source_value(struct builder *b, const struct finding *f)
{
	json_t *object;

	if (f->source.addr.family == FAMILY_ANY)
		return json_null();
	object = json_object();
	put(b, object, "address", addr_value(&f->source.addr));
	put(b, object, "port",
	    f->source.port ? json_integer(f->source.port) : json_null());
	put_text(b, object, "interface", f->interface[0] ? f->interface : NULL);
	return object;
}

/* "2026-11-20T22:20:46.001804Z" */
static json_t *time_value(int64_t ns)
{
	char date[FORM_TIME_MAX], text[FORM_TIME_MAX + 16];

	if (!*form_time(ns, date))
		return json_null();
	snprintf(text, sizeof(text), "%s.%06dZ", date,
		 (int)(ns % TIME_S / TIME_US));
	return json_string(text);
}

/* To the microsecond. */
static json_t *milliseconds(int64_t ns)
{
	int64_t us = (ns + TIME_US / 2) / TIME_US;

	return json_real((double)us / 1000.0);
}

static json_t *timestamps_value(struct builder *b, const struct options *o)
{
	json_t *object = json_object();

	put_int(b, object, "val", o->tsval);
	put_int(b, object, "ecr", o->tsecr);
	return object;
}

static json_t *sack_value(struct builder *b, const struct options *o)
{
	json_t *array = json_array();

	for (size_t i = 0; i < o->sack_n; i++) {
		json_t *block = json_object();

		put_int(b, block, "left", o->sack[i].left);
		put_int(b, block, "right", o->sack[i].right);
		append(b, array, block);
	}
	return array;
}

static void put_rare_options(struct builder *b, json_t *object,
			     const struct options *o)
{
	if (o->has_user_timeout)
		put_int(b, object, "user_timeout", o->user_timeout);
	if (o->has_md5)
		put_true(b, object, "md5");
	if (o->has_ao)
		put_true(b, object, "ao");
	if (o->has_mptcp)
		put_int(b, object, "mptcp", o->mptcp_subtype);
	if (o->has_fast_open)
		put_int(b, object, "fast_open", o->cookie_len);
	if (o->has_accecn)
		put_true(b, object, "accecn");
	if (o->unknown_n)
		put_int(b, object, "unknown", o->unknown_n);
	if (o->malformed)
		put_true(b, object, "malformed");
}

static json_t *options_value(struct builder *b, const uint8_t *bytes,
			     size_t len)
{
	json_t *object = json_object();
	struct options o;

	options_parse(bytes, len, &o);
	if (o.has_mss)
		put_int(b, object, "mss", o.mss);
	if (o.has_wscale)
		put_int(b, object, "wscale", o.wscale);
	if (o.sack_permitted)
		put_true(b, object, "sack");
	if (o.has_timestamps)
		put(b, object, "ts", timestamps_value(b, &o));
	if (o.sack_n)
		put(b, object, "sack_blocks", sack_value(b, &o));
	put_rare_options(b, object, &o);
	return object;
}

/* An infinite number, or none, has no place in JSON. */
static json_t *real_value(double v)
{
	json_t *value = json_real(v);

	return value ? value : json_null();
}

static json_t *fact_value(struct builder *b, const struct fact *fact)
{
	switch (fact->type) {
	case FACT_NULL:
		return json_null();
	case FACT_BOOL:
		return json_boolean(fact->value.flag);
	case FACT_INT:
		return json_integer(fact->value.integer);
	case FACT_REAL:
		return real_value(fact->value.real);
	case FACT_TEXT:
		return text_value(fact->value.text);
	case FACT_OBJECT:
		return json_object();
	case FACT_ARRAY:
		return json_array();
	case FACT_OPTIONS:
		return options_value(b, fact->value.bytes->bytes,
				     fact->value.bytes->len);
	case FACT_END:
		break;
	}
	return NULL;
}

/* The flat list becomes a tree: `path` holds the way down to where we are. */
static json_t *facts_value(struct builder *b, const struct finding *f)
{
	json_t *root = json_object(), *path[DEPTH_MAX] = { root };
	size_t depth = 0;

	for (size_t i = 0; i < f->facts_n && !b->failed; i++) {
		const struct fact *fact = &f->facts[i];
		json_t *value;

		if (fact->type == FACT_END) {
			BUG_ON(depth == 0);
			depth--;
			continue;
		}
		value = fact_value(b, fact);
		if (json_is_array(path[depth]))
			append(b, path[depth], value);
		else
			put(b, path[depth], fact->name, value);
		if (fact->type == FACT_OBJECT || fact->type == FACT_ARRAY) {
			depth++;
			BUG_ON(depth == DEPTH_MAX);
			path[depth] = value;
		}
	}
	BUG_ON(depth && !b->failed);
	return root;
}

static json_t *check_value(struct builder *b, const struct check *c)
{
	json_t *object = json_object();

	put_text(b, object, "id", c->rule->id);
	put_text(b, object, "title", c->rule->title);
	put_text(b, object, "ref", c->rule->ref);
	put_text(b, object, "level", level_name(c->rule->level));
	put_text(b, object, "outcome", outcome_name(c->outcome));
	if (c->observed)
		put_text(b, object, "observed", c->observed);
	if (c->reason)
		put_text(b, object, "reason", c->reason);
	return object;
}

static json_t *checks_value(struct builder *b, const struct finding *f)
{
	json_t *array = json_array();

	for (size_t i = 0; i < f->checks_n; i++)
		append(b, array, check_value(b, &f->checks[i]));
	return array;
}

static void put_segment(struct builder *b, json_t *object,
			const struct segment *s)
{
	char flags[TEXT_FLAGS_MAX];

	put_text(b, object, "flags", text_flags(s->flags, flags));
	put_int(b, object, "seq", s->seq);
	put_int(b, object, "ack", s->ack);
	put_int(b, object, "len", (int64_t)s->payload_len);
	put_int(b, object, "window", s->window);
	put_int(b, object, "ttl", s->ttl);
	put(b, object, "options", options_value(b, s->options, s->options_len));
}

static void put_icmp(struct builder *b, json_t *object, const struct icmp *icmp)
{
	json_t *part = json_object();

	put_int(b, part, "type", icmp->type);
	put_int(b, part, "code", icmp->code);
	put(b, part, "from", addr_value(&icmp->src));
	put_int(b, object, "ttl", icmp->ttl);
	put(b, object, "icmp", part);
}

/* What the bytes are: a segment, ICMP, or what is wrong with them. */
static void put_packet(struct builder *b, json_t *object,
		       const struct trace_entry *entry)
{
	enum segment_fault fault;
	enum ip_fault ip_fault;
	struct segment s;
	struct icmp icmp;
	struct ip ip;

	ip_fault = ip_parse(entry->bytes, entry->len, &ip);
	if (ip_fault) {
		put_text(b, object, "malformed", ip_fault_text(ip_fault));
		return;
	}
	fault = segment_parse_ip(&ip, &s);
	if (!fault)
		put_segment(b, object, &s);
	else if (fault == SEGMENT_NOT_TCP && icmp_parse(&ip, &icmp) == 0)
		put_icmp(b, object, &icmp);
	else
		put_text(b, object, "malformed", segment_fault_text(fault));
}

static json_t *entry_value(struct builder *b, const struct trace_entry *entry,
			   int64_t start_ns)
{
	json_t *object = json_object();
	char remark[TRACE_REMARK_MAX];
	bool seen = entry->t_ns != 0;

	put(b, object, "t_us",
	    seen ? json_integer((entry->t_ns - start_ns) / TIME_US)
		 : json_null());
	put_text(b, object, "dir", entry->dir == TRACE_OUT ? "out" : "in");
	put_packet(b, object, entry);
	if (*trace_remark(entry, remark))
		put_text(b, object, "note", remark);
	if (!seen)
		put(b, object, "seen", json_false());
	if (entry->foreign)
		put_true(b, object, "foreign");
	return object;
}

static json_t *segments_value(struct builder *b, const struct trace *t)
{
	json_t *array = json_array();
	int64_t start_ns = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (!start_ns)
			start_ns = t->entries[i].t_ns;
		append(b, array, entry_value(b, &t->entries[i], start_ns));
	}
	return array;
}

static void put_head(struct builder *b, json_t *root, const struct finding *f)
{
	put_int(b, root, "schema", SCHEMA);
	put_text(b, root, "version", PACKAGE_VERSION);
	put_text(b, root, "probe", f->probe);
	put(b, root, "target", target_value(b, f));
}

static void put_error(struct builder *b, json_t *root, const struct finding *f)
{
	json_t *error = json_object();

	put_text(b, error, "code", err_name(f->error.code));
	put_text(b, error, "message", f->error.text);
	put_text(b, root, "outcome", outcome_name(f->outcome));
	put(b, root, "error", error);
}

static void put_body(struct builder *b, json_t *root, const struct finding *f,
		     bool verbose)
{
	put(b, root, "source", source_value(b, f));
	put(b, root, "started", time_value(f->started_ns));
	put(b, root, "duration_ms", milliseconds(f->duration_ns));
	put_text(b, root, "verdict", f->verdict);
	put_text(b, root, "outcome", outcome_name(f->outcome));
	put_text(b, root, "summary", f->summary);
	if (f->explanation)
		put_text(b, root, "explanation", f->explanation);
	put(b, root, "facts", facts_value(b, f));
	put(b, root, "checks", checks_value(b, f));
	if (!verbose)
		return;
	put(b, root, "segments", segments_value(b, &f->trace));
	if (f->trace.omitted)
		put_int(b, root, "segments_omitted", (int64_t)f->trace.omitted);
}

int json_finding(const struct report_state *s, FILE *out,
		 const struct finding *f)
{
	struct builder b = { .failed = false };
	json_t *root = json_object();
	char *line;

	put_head(&b, root, f);
	if (f->outcome == OUTCOME_ERROR)
		put_error(&b, root, f);
	else
		put_body(&b, root, f, s->config.verbose);
	/* Whole: jansson would write it to a stream byte by byte. */
	line = b.failed ? NULL
			: json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(
								  REAL_DIGITS));
	json_decref(root);
	if (!line)
		return -ERR_MEMORY;
	fputs(line, out);
	putc('\n', out);
	free(line);
	return 0;
}
