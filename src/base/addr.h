/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses of both families and endpoints, as values: copied, compared,
 * counted up, read from text and written to it. No name is ever looked up.
 */
#ifndef TP_BASE_ADDR_H
#define TP_BASE_ADDR_H

#include "base/base.h"

enum family {
	FAMILY_ANY = 0,
	FAMILY_IPV4 = 4,
	FAMILY_IPV6 = 6,
};

struct addr {
	uint8_t family;	   /* enum family */
	uint8_t bytes[16]; /* network order; IPv4 uses the first four, the
			      rest are zero */
	uint32_t scope;	   /* interface index of a link-local address, or 0 */
};

struct endpoint {
	struct addr addr;
	uint16_t port;
};

/* 4, 16, or 0 for no family. */
size_t addr_size(enum family family);
/* Family and bytes; the scope does not count. */
bool addr_equal(const struct addr *a, const struct addr *b);
bool addr_is_loopback(const struct addr *a);
bool addr_is_link_local(const struct addr *a);
/* Multicast, or IPv4's limited broadcast: nothing a TCP can talk to. */
bool addr_is_group(const struct addr *a);
/* The address `n` further on; wraps at the end of the space. */
struct addr addr_add(const struct addr *a, uint64_t n);
/* The first address of the prefix of `bits` that holds `a`. */
struct addr addr_prefix(const struct addr *a, unsigned bits);

/* ::ffff:10.9.0.2, as one socket of both families names an IPv4 peer, as
 * 10.9.0.2; any other as it is. */
struct addr addr_unmap(const struct addr *a);

/* Numeric text without scope; 0, or -1 when it is none. */
int addr_parse(const char *text, struct addr *out) MUST_CHECK;

#define ADDR_TEXT_MAX 48
const char *addr_format(const struct addr *a, char text[static ADDR_TEXT_MAX]);

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
/* "10.9.0.2:80", "[fd00::2]:80". */
#define ENDPOINT_TEXT_MAX 56
const char *endpoint_format(const struct endpoint *e,
			    char text[static ENDPOINT_TEXT_MAX]);

#endif
