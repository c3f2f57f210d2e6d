/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses of both families and endpoints, as values.
 *
 * Text is read and written here and not by the system's inet_pton() and
 * inet_ntop(): those need the socket headers and number the families in their
 * own way. What they accept is what is accepted here.
 */
#include "base/addr.h"

#include <inttypes.h>
#include <string.h>

#include "base/line.h"
#include "base/num.h"

size_t addr_size(enum family family)
{
	switch (family) {
	case FAMILY_IPV4:
		return 4;
	case FAMILY_IPV6:
		return 16;
	case FAMILY_ANY:
		break;
	}
	return 0;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family &&
	       memcmp(a->bytes, b->bytes, addr_size(a->family)) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (a->family == FAMILY_IPV4)
		return a->bytes[0] == 127;
	return a->family == FAMILY_IPV6 &&
	       memcmp(a->bytes, one, sizeof(one)) == 0;
}

bool addr_is_link_local(const struct addr *a)
{
	if (a->family == FAMILY_IPV4)
		return a->bytes[0] == 169 && a->bytes[1] == 254;
	return a->family == FAMILY_IPV6 && a->bytes[0] == 0xfe &&
	       (a->bytes[1] & 0xc0) == 0x80;
}

bool addr_is_group(const struct addr *a)
{
	static const uint8_t broadcast[4] = { 255, 255, 255, 255 };

	if (a->family == FAMILY_IPV4)
		return (a->bytes[0] & 0xf0) == 0xe0 ||
		       memcmp(a->bytes, broadcast, sizeof(broadcast)) == 0;
	return a->family == FAMILY_IPV6 && a->bytes[0] == 0xff;
}

struct addr addr_add(const struct addr *a, uint64_t n)
{
	struct addr sum = *a;
	unsigned carry = 0;

	for (size_t i = addr_size(a->family); i-- > 0;) {
		unsigned v = sum.bytes[i] + (unsigned)(n & 0xff) + carry;

		sum.bytes[i] = (uint8_t)v;
		carry = v >> 8;
		n >>= 8;
	}
	return sum;
}

struct addr addr_prefix(const struct addr *a, unsigned bits)
{
	struct addr first = *a;

	for (size_t i = 0; i < addr_size(a->family); i++) {
		unsigned kept = bits < 8 ? bits : 8;

		first.bytes[i] &= (uint8_t)(0xff00 >> kept);
		bits -= kept;
	}
	return first;
}

/* Dotted quad, four decimal numbers without leading zeros. */
static int parse_ipv4(const char *text, uint8_t out[static 4])
{
	for (size_t i = 0; i < 4; i++) {
		const char *start = text;
		unsigned v = 0;

		while (*text >= '0' && *text <= '9') {
			v = v * 10 + (unsigned)(*text++ - '0');
			if (v > 255)
				return -1;
		}
		if (text == start || (*start == '0' && text - start > 1))
			return -1;
		if (*text != (i < 3 ? '.' : '\0'))
			return -1;
		text++;
		out[i] = (uint8_t)v;
	}
	return 0;
}

/* What has been read of an IPv6 address. */
struct groups {
	uint8_t bytes[16];
	size_t n;   /* bytes so far */
	size_t gap; /* where "::" stood, in bytes; SIZE_MAX: nowhere yet */
};

/*
 * One group of up to four digits, or the dotted quad that may end the text.
 * Returns what follows, or NULL.
 */
static const char *parse_group(const char *text, struct groups *g)
{
	const char *start = text;
	unsigned v = 0;

	for (; num_hex_digit(*text) >= 0; text++) {
		if (text - start == 4)
			return NULL;
		v = v << 4 | (unsigned)num_hex_digit(*text);
	}
	if (text == start)
		return NULL;
	if (*text == '.') {
		if (g->n > 12 || parse_ipv4(start, g->bytes + g->n) < 0)
			return NULL;
		g->n += 4;
		return start + strlen(start);
	}
	if (g->n > 14)
		return NULL;
	g->bytes[g->n++] = (uint8_t)(v >> 8);
	g->bytes[g->n++] = (uint8_t)v;
	return text;
}

static int parse_ipv6(const char *text, uint8_t out[static 16])
{
	struct groups g = { .gap = SIZE_MAX };
	size_t tail;

	if (text[0] == ':' && text[1] == ':') {
		g.gap = 0;
		text += 2;
	}
	while (*text) {
		text = parse_group(text, &g);
		if (!text)
			return -1;
		if (!*text)
			break;
		if (*text++ != ':')
			return -1;
		if (*text == ':') {
			if (g.gap != SIZE_MAX)
				return -1;
			g.gap = g.n;
			text++;
		} else if (!*text) {
			return -1;
		}
	}
	/* "::" stands for one group at least. */
	if (g.gap == SIZE_MAX ? g.n != 16 : g.n > 14)
		return -1;
	if (g.gap == SIZE_MAX)
		g.gap = 16;
	tail = g.n - (g.gap < g.n ? g.gap : g.n);
	memset(out, 0, 16);
	memcpy(out, g.bytes, g.n - tail);
	memcpy(out + 16 - tail, g.bytes + g.n - tail, tail);
	return 0;
}

int addr_parse(const char *text, struct addr *out)
{
	struct addr a = { .family = FAMILY_IPV4 };

	if (strchr(text, ':')) {
		a.family = FAMILY_IPV6;
		if (parse_ipv6(text, a.bytes) < 0)
			return -1;
	} else if (parse_ipv4(text, a.bytes) < 0) {
		return -1;
	}
	*out = a;
	return 0;
}

static unsigned group_at(const uint8_t bytes[static 16], size_t i)
{
	return (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
}

/* The first of the longest runs of zero groups; *len is 0 without one. */
static size_t longest_gap(const uint8_t bytes[static 16], size_t *len)
{
	size_t best = 0;

	*len = 0;
	for (size_t i = 0; i < 8; i++) {
		size_t n = 0;

		while (i + n < 8 && group_at(bytes, i + n) == 0)
			n++;
		if (n > *len) {
			best = i;
			*len = n;
		}
		i += n;
	}
	/* RFC 5952 4.2.2: a single group is not shortened. */
	if (*len < 2)
		*len = 0;
	return best;
}

static void format_quad(struct line *line, const uint8_t quad[static 4])
{
	line_add(line, "%u.%u.%u.%u", quad[0], quad[1], quad[2], quad[3]);
}

/* Are these sixteen an IPv4 address, mapped into IPv6 (RFC 4291 2.5.5.2)? */
static bool is_mapped(const uint8_t bytes[static 16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(bytes, mapped, sizeof(mapped)) == 0;
}

struct addr addr_unmap(const struct addr *a)
{
	struct addr plain = { .family = FAMILY_IPV4 };

	if (a->family != FAMILY_IPV6 || !is_mapped(a->bytes))
		return *a;
	memcpy(plain.bytes, a->bytes + 12, 4);
	return plain;
}

/* RFC 5952: lower case, no leading zeros, the longest gap shortened. */
static void format_ipv6(struct line *line, const uint8_t bytes[static 16])
{
	size_t gap_len;
	size_t gap = longest_gap(bytes, &gap_len);

	if (is_mapped(bytes)) {
		line_add(line, "::ffff:");
		format_quad(line, bytes + 12);
		return;
	}
	for (size_t i = 0; i < 8; i++) {
		if (gap_len && i == gap) {
			line_add(line, "::");
			i += gap_len - 1;
			continue;
		}
		if (i && !(gap_len && i == gap + gap_len))
			line_add(line, ":");
		line_add(line, "%x", group_at(bytes, i));
	}
}

const char *addr_format(const struct addr *a, char text[static ADDR_TEXT_MAX])
{
	struct line line = line_init(text, ADDR_TEXT_MAX);

	if (a->family == FAMILY_IPV4)
		format_quad(&line, a->bytes);
	else if (a->family == FAMILY_IPV6)
		format_ipv6(&line, a->bytes);
	else
		line_add(&line, "*");
	return line_text(&line);
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && addr_equal(&a->addr, &b->addr);
}

const char *endpoint_format(const struct endpoint *e,
			    char text[static ENDPOINT_TEXT_MAX])
{
	struct line line = line_init(text, ENDPOINT_TEXT_MAX);
	bool brackets = e->addr.family == FAMILY_IPV6;
	char addr[ADDR_TEXT_MAX];

	line_add(&line, "%s%s%s:%" PRIu16, brackets ? "[" : "",
		 addr_format(&e->addr, addr), brackets ? "]" : "", e->port);
	return line_text(&line);
}
