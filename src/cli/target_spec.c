/* SPDX-License-Identifier: BSD-2-Clause */
/* One target as the user wrote it: host, block, ports; nothing is looked up. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/num.h"
#include "cli/targets.h"

#define QUOTE_MAX 100
#define PORT_MAX 65535
#define PORT_DIGITS_MAX 5

/* A piece of the text: never copied before it is known to fit. */
struct piece {
	const char *at;
	size_t len;
};

struct parts {
	const char *text; /* all of it */
	struct piece host;
	struct piece prefix; /* at NULL: none */
	const char *ports;   /* "" when there are none */
	bool brackets;
};

/* The whole text quoted, then what is wrong with it. */
static int PRINTF(3, 4)
	refuse(const char *text, struct err *e, const char *fmt, ...)
{
	char quoted[QUOTE_MAX], why[ERR_TEXT_MAX - QUOTE_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	escape_text(text, quoted, sizeof(quoted));
	return err_set(e, ERR_USAGE, "\"%s\": %s", quoted, why);
}

static const char *quote(struct piece p, char out[static QUOTE_MAX / 2])
{
	return escape_bytes(p.at, p.len, out, QUOTE_MAX / 2);
}

static bool is_digits(struct piece p)
{
	for (size_t i = 0; i < p.len; i++) {
		if (p.at[i] < '0' || p.at[i] > '9')
			return false;
	}
	return p.len > 0;
}

/* Digits within min..max, at most `digits` of them without leading zeros. */
static bool read_number(struct piece p, uint64_t min, uint64_t max,
			uint64_t *out)
{
	char text[PORT_DIGITS_MAX + 1];
	const char *why;

	if (!is_digits(p) || p.len > PORT_DIGITS_MAX)
		return false;
	memcpy(text, p.at, p.len);
	text[p.len] = '\0';
	return num_parse_u64(text, min, max, out, &why) == 0;
}

/* The first item of "80,443,8000-8010": its two ends, and where it ends. */
static bool read_item(const char *ports, uint32_t *first, uint32_t *last,
		      struct piece *item)
{
	size_t len = strcspn(ports, ",");
	const char *dash = memchr(ports, '-', len);
	struct piece low = { ports, dash ? (size_t)(dash - ports) : len };
	uint64_t a, b;

	*item = (struct piece){ ports, len };
	if (!read_number(low, 1, PORT_MAX, &a))
		return false;
	b = a;
	if (dash) {
		struct piece high = { dash + 1, len - low.len - 1 };

		if (!read_number(high, 1, PORT_MAX, &b))
			return false;
	}
	*first = (uint32_t)a;
	*last = (uint32_t)b;
	return true;
}

static int check_ports(const struct parts *p, struct err *e)
{
	const char *at = p->ports;
	char quoted[QUOTE_MAX / 2];

	for (;;) {
		struct piece item;
		uint32_t first, last;

		if (!read_item(at, &first, &last, &item))
			return refuse(p->text, e,
				      "\"%s\" is no port (1 to 65535)",
				      quote(item, quoted));
		if (last < first)
			return refuse(p->text, e, "the range %s runs backwards",
				      quote(item, quoted));
		if (item.at[item.len] == '\0')
			return 0;
		at = item.at + item.len + 1;
	}
}

/* "[HOST]:PORTS", "[HOST/BITS]:PORTS", "[HOST]/BITS:PORTS". */
static int split_brackets(const char *text, struct parts *p, struct err *e)
{
	const char *close = strchr(text, ']'), *rest, *slash;

	if (!close)
		return refuse(text, e, "no closing bracket");
	rest = close + 1;
	p->brackets = true;
	p->host = (struct piece){ text + 1, (size_t)(close - text - 1) };
	slash = memchr(p->host.at, '/', p->host.len);
	if (slash) {
		p->host.len = (size_t)(slash - p->host.at);
		p->prefix = (struct piece){ slash + 1,
					    (size_t)(close - slash - 1) };
	} else if (*rest == '/') {
		size_t len = strcspn(rest + 1, ":");

		p->prefix = (struct piece){ rest + 1, len };
		rest += 1 + len;
	}
	if (*rest != '\0' && *rest != ':')
		return refuse(text, e, "junk behind the bracket");
	if (*rest == ':')
		p->ports = rest + 1;
	return 0;
}

/* "HOST:PORTS", "HOST/BITS:PORTS". */
static int split_plain(const char *text, struct parts *p, struct err *e)
{
	const char *colon = strchr(text, ':'), *slash;
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	struct addr addr;

	/* "fd00::2:80" is one address as much as an address and a port. */
	if (addr_parse(text, &addr) == 0 && addr.family == FAMILY_IPV6)
		return refuse(text, e,
			      "an IPv6 address needs brackets "
			      "(write [ADDRESS]:PORT)");
	if (colon && strchr(colon + 1, ':'))
		return refuse(text, e,
			      "too many colons (an IPv6 address is "
			      "written [ADDRESS]:PORT)");
	slash = memchr(text, '/', len);
	p->host.at = text;
	p->host.len = slash ? (size_t)(slash - text) : len;
	if (slash)
		p->prefix = (struct piece){ slash + 1,
					    (size_t)(text + len - slash - 1) };
	if (colon)
		p->ports = colon + 1;
	return 0;
}

/* What a host can be made of: anything but blanks and control characters; the
 * resolver knows the rest. */
static bool host_is_sane(struct piece host)
{
	for (size_t i = 0; i < host.len; i++) {
		unsigned char c = (unsigned char)host.at[i];

		if (c <= ' ' || c == 0x7f)
			return false;
	}
	return true;
}

static int check_host(const struct parts *p, struct err *e)
{
	struct piece all = { .at = p->text };
	char quoted[QUOTE_MAX / 2];

	if (!p->host.len)
		return refuse(p->text, e, "no host (write HOST:PORT)");
	if (p->host.len >= TARGET_HOST_MAX)
		return refuse(p->text, e,
			      "the host is longer than %d characters",
			      TARGET_HOST_MAX - 1);
	if (!host_is_sane(p->host))
		return refuse(p->text, e,
			      "a host has no blanks or control characters");
	if (*p->ports)
		return 0;
	all.len = strlen(p->text);
	if (all.at[all.len - 1] == ':')
		all.len--;
	return refuse(p->text, e, "no port (write %s:80)", quote(all, quoted));
}

/* "10.9.0.256" must not reach the resolver, which reads "10.9" as 10.0.0.9. */
static bool looks_numeric(const char *host)
{
	return host[strspn(host, "0123456789.")] == '\0';
}

static int read_address(const struct parts *p, struct target_spec *out,
			struct err *e)
{
	out->numeric = addr_parse(out->host, &out->first) == 0;
	if (out->numeric) {
		if (p->brackets && out->first.family != FAMILY_IPV6)
			return refuse(p->text, e,
				      "brackets are for IPv6 addresses");
		return 0;
	}
	/* "fe80::1%eth0" is left to the resolver, which knows interfaces. */
	if (p->brackets && !strchr(out->host, '%'))
		return refuse(p->text, e, "no IPv6 address in the brackets");
	if (looks_numeric(out->host))
		return refuse(p->text, e, "no IPv4 address");
	if (p->prefix.at)
		return refuse(p->text, e,
			      "a block needs an address, not a name");
	return 0;
}

static int read_prefix(const struct parts *p, struct target_spec *out,
		       struct err *e)
{
	size_t width = addr_size((enum family)out->first.family) * 8;
	char quoted[QUOTE_MAX / 2];
	uint64_t bits = width;

	if (p->prefix.at && !read_number(p->prefix, 0, width, &bits))
		return refuse(p->text, e,
			      "\"%s\" is no prefix length (0 to %zu)",
			      quote(p->prefix, quoted), width);
	out->prefix = (unsigned)bits;
	if (p->prefix.at)
		out->first = addr_prefix(&out->first, out->prefix);
	return 0;
}

int target_spec_parse(const char *text, enum family family,
		      struct target_spec *out, struct err *e)
{
	struct parts p = { .text = text, .host.at = text, .ports = "" };
	int ret;

	ret = text[0] == '[' ? split_brackets(text, &p, e)
			     : split_plain(text, &p, e);
	if (!ret)
		ret = check_host(&p, e);
	if (ret)
		return ret;
	*out = (struct target_spec){ .ports = p.ports };
	memcpy(out->host, p.host.at, p.host.len);

	ret = read_address(&p, out, e);
	if (!ret)
		ret = read_prefix(&p, out, e);
	if (!ret)
		ret = check_ports(&p, e);
	if (ret)
		return ret;
	if (out->numeric && family != FAMILY_ANY && out->first.family != family)
		return refuse(text, e, "an IPv%d address, but -%d was given",
			      (int)out->first.family, (int)family);
	return 0;
}

void port_walk_start(struct port_walk *w, const char *ports)
{
	*w = (struct port_walk){ .rest = ports, .next = 1, .last = 0 };
}

bool port_walk_next(struct port_walk *w, uint16_t *port)
{
	struct piece item;

	if (w->next > w->last) {
		if (!*w->rest || !read_item(w->rest, &w->next, &w->last, &item))
			return false;
		w->rest = item.at + item.len;
		if (*w->rest == ',')
			w->rest++;
	}
	*port = (uint16_t)w->next++;
	return true;
}
