/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Targets handed out one after the other, in two passes over the same texts:
 * the operands, then the lines of the file. Between the passes only the names'
 * addresses, a count and a hash of the lines are kept; a file whose second
 * reading differs is not probed on.
 */
#include "cli/targets.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/lines.h"
#include "cli/names.h"

/* Routes are asked for per block of this many bits (targets.h). */
#define IPV4_BLOCK_BITS 24

/* What one pass saw of the file. */
struct reading {
	uint64_t lines;
	uint64_t hash;
};

struct targets {
	struct targets_config config;
	struct lines *file;
	struct names names;
	struct addr told; /* to `each`, last; not again right away */

	/* Where the pass stands. */
	size_t operand;
	struct reading now, first; /* this pass; the first pass in all */
	bool checked;		   /* the first pass is done */

	/* The second pass: the specification in hand. */
	bool in_hand;
	struct target_spec spec;
	struct addr addr;  /* the one in hand */
	uint64_t left;	   /* addresses of the block behind it */
	struct name *name; /* of a spec that is no address */
	struct port_walk walk;
};

int targets_open(const struct targets_config *config, struct targets **out,
		 struct err *e)
{
	struct targets *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return err_set(e, ERR_MEMORY, "read targets: out of memory");
	t->config = *config;
	names_init(&t->names);
	if (config->file) {
		ret = lines_open(config->file, &t->file, e);
		if (ret) {
			targets_close(t);
			return ret;
		}
	}
	*out = t;
	return 0;
}

void targets_close(struct targets *t)
{
	if (!t)
		return;
	lines_close(t->file);
	names_fini(&t->names);
	free(t);
}

static int start_pass(struct targets *t, struct err *e)
{
	t->operand = 0;
	t->now = (struct reading){ .hash = NAMES_HASH_START };
	t->in_hand = false;
	return t->file ? lines_rewind(t->file, e) : 0;
}

static int changed(const struct targets *t, struct err *e)
{
	return err_set(e, ERR_IO, "%s: changed while it was being read",
		       lines_name(t->file));
}

/* The next line's specification; a fault is told with the line's place. */
static int next_line(struct targets *t, struct target_spec *spec, struct err *e)
{
	char *line;
	int ret = lines_next(t->file, &line, e);

	if (ret != 1)
		return ret;
	t->now.lines++;
	t->now.hash = names_hash(names_hash(t->now.hash, line), "\n");
	ret = target_spec_parse(line, t->config.family, spec, e);
	if (ret) {
		err_prefix(e, "%s:%" PRIu64, lines_name(t->file),
			   lines_number(t->file));
		return ret;
	}
	return 1;
}

/* The next specification of this pass: 1, 0 at the end, -code. */
static int next_spec(struct targets *t, struct target_spec *spec, struct err *e)
{
	int ret;

	if (t->operand < t->config.operands_n) {
		ret = target_spec_parse(t->config.operands[t->operand++],
					t->config.family, spec, e);
		return ret ? ret : 1;
	}
	return t->file ? next_line(t, spec, e) : 0;
}

static uint64_t saturating_mul(uint64_t a, uint64_t b)
{
	return b && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Addresses of the block: 1 for a name. */
static uint64_t addresses(const struct target_spec *spec)
{
	size_t width = addr_size((enum family)spec->first.family) * 8;
	size_t bits = width - spec->prefix;

	if (!spec->numeric)
		return 1;
	return bits < 64 ? UINT64_C(1) << bits : UINT64_MAX;
}

static uint64_t ports(const struct target_spec *spec)
{
	struct port_walk walk;
	uint64_t n = 0;
	uint16_t port;

	/* A range at a time: its last port is known when its first is. */
	port_walk_start(&walk, spec->ports);
	while (port_walk_next(&walk, &port)) {
		n += walk.last - port + 1u;
		walk.next = walk.last + 1;
	}
	return n;
}

typedef int address_fn(void *arg, const struct addr *a, struct err *e);

static int tell(struct targets *t, address_fn *each, void *arg,
		const struct addr *a, struct err *e)
{
	if (addr_equal(&t->told, a) && t->told.scope == a->scope)
		return 0;
	t->told = *a;
	return each ? each(arg, a, e) : 0;
}

/* A name's first occurrence: look it up and keep what came of it. */
static int check_name(struct targets *t, const char *host, address_fn *each,
		      void *arg, struct err *e)
{
	struct name *name = names_find(&t->names, host);
	struct err why = { 0 };

	if (name)
		return 0;
	name = names_add(&t->names, host);
	if (!name)
		return err_set(e, ERR_MEMORY, "look up: out of memory");
	if (t->config.lookup(t->config.lookup_arg, host, t->config.family,
			     &name->addr, &why) == 0)
		return tell(t, each, arg, &name->addr, e);
	name->addr = (struct addr){ .family = FAMILY_ANY };
	name->error = malloc(sizeof(why));
	if (!name->error)
		return err_set(e, ERR_MEMORY, "look up: out of memory");
	*name->error = why;
	return 0;
}

static int check_block(struct targets *t, const struct target_spec *spec,
		       address_fn *each, void *arg, struct err *e)
{
	uint64_t step = UINT64_C(1) << (32 - IPV4_BLOCK_BITS);
	uint64_t n = addresses(spec);
	int ret;

	if (spec->first.family != FAMILY_IPV4)
		return tell(t, each, arg, &spec->first, e);
	for (uint64_t i = 0; i < n; i += step) {
		struct addr a = addr_add(&spec->first, i);

		ret = tell(t, each, arg, &a, e);
		if (ret)
			return ret;
	}
	return 0;
}

static int check_found_any(const struct targets *t, struct err *e)
{
	if (t->file && !t->now.lines)
		return err_set(e, ERR_USAGE, "no targets in %s",
			       lines_name(t->file));
	if (!t->file && !t->config.operands_n)
		return err_set(e, ERR_USAGE, "no target (write HOST:PORT)");
	return 0;
}

int targets_check(struct targets *t, address_fn *each, void *arg,
		  uint64_t *count, struct err *e)
{
	struct target_spec spec;
	int ret = start_pass(t, e);

	*count = 0;
	if (ret)
		return ret;
	while ((ret = next_spec(t, &spec, e)) == 1) {
		ret = spec.numeric ? check_block(t, &spec, each, arg, e)
				   : check_name(t, spec.host, each, arg, e);
		if (ret)
			return ret;
		*count = saturating_add(
			*count, saturating_mul(addresses(&spec), ports(&spec)));
	}
	if (!ret)
		ret = check_found_any(t, e);
	if (ret)
		return ret;
	t->first = t->now;
	t->checked = true;
	return start_pass(t, e);
}

/* Second pass: the next specification in hand. What the first pass accepted
 * and this one does not comes from a file that changed. */
static int take_spec(struct targets *t, struct err *e)
{
	int ret = next_spec(t, &t->spec, e);

	if (ret == -ERR_USAGE || t->now.lines > t->first.lines)
		return changed(t, e);
	if (ret < 0)
		return ret;
	if (ret == 0) {
		if (t->now.lines != t->first.lines ||
		    t->now.hash != t->first.hash)
			return changed(t, e);
		return 0;
	}
	t->name = NULL;
	t->addr = t->spec.first;
	t->left = addresses(&t->spec) - 1;
	if (!t->spec.numeric) {
		t->name = names_find(&t->names, t->spec.host);
		if (!t->name)
			return changed(t, e);
		t->addr = t->name->addr;
	}
	port_walk_start(&t->walk, t->spec.ports);
	t->in_hand = true;
	return 1;
}

static void fill(const struct targets *t, uint16_t port, struct target *out)
{
	bool block =
		t->spec.numeric &&
		t->spec.prefix < addr_size((enum family)t->addr.family) * 8;

	out->at = (struct endpoint){ .addr = t->addr, .port = port };
	out->of_block = block;
	out->error.code = ERR_NONE;
	out->error.text[0] = '\0';
	if (t->name && t->name->error)
		out->error = *t->name->error;
	if (block) {
		char text[ADDR_TEXT_MAX];

		snprintf(out->host, sizeof(out->host), "%s",
			 addr_format(&t->addr, text));
	} else {
		memcpy(out->host, t->spec.host, sizeof(out->host));
	}
}

int targets_next(struct targets *t, struct target *out, struct err *e)
{
	uint16_t port;

	BUG_ON(!t->checked);
	for (;;) {
		if (!t->in_hand) {
			int ret = take_spec(t, e);

			if (ret != 1)
				return ret;
		}
		if (port_walk_next(&t->walk, &port)) {
			fill(t, port, out);
			return 1;
		}
		if (!t->left) {
			t->in_hand = false;
			continue;
		}
		t->left--;
		t->addr = addr_add(&t->addr, 1);
		port_walk_start(&t->walk, t->spec.ports);
	}
}
