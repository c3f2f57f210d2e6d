/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as an ICMP datagram, as they are and with the checksum put right
 * (few inputs would get past it otherwise). What was parsed is built, and
 * parsed to the same again.
 */
#include <string.h>

#include "wire/checksum.h"
#include "wire/icmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum {
	MESSAGE_MAX = 2048,
	/* A quote up to here is never cut. */
	QUOTE_WHOLE = 500,
};

static void check_same(const struct icmp *a, const struct icmp *b, bool quote)
{
	BUG_ON(a->what != b->what || a->type != b->type || a->code != b->code);
	BUG_ON(!addr_equal(&a->src, &b->src) || !addr_equal(&a->dst, &b->dst));
	BUG_ON(a->id != b->id || a->seq != b->seq || a->mtu != b->mtu);
	if (!quote)
		return;
	BUG_ON(a->quote.tcp != b->quote.tcp || a->quote.ttl != b->quote.ttl);
	BUG_ON(!addr_equal(&a->quote.src, &b->quote.src));
	BUG_ON(!addr_equal(&a->quote.dst, &b->quote.dst));
	BUG_ON(a->quote.sport != b->quote.sport);
	BUG_ON(a->quote.dport != b->quote.dport);
	BUG_ON(a->quote.seq != b->quote.seq);
}

static void check_rebuilt(struct icmp *icmp, const uint8_t *body, size_t len)
{
	static uint8_t out[MESSAGE_MAX + 48];
	struct icmp again;
	struct ip ip;
	size_t n;

	if (icmp->what == ICMP_OTHER)
		return;
	if (icmp->what == ICMP_ERROR)
		n = icmp_build_error(icmp, body, len, out, sizeof(out));
	else
		n = icmp_build_echo(icmp, body, len, out, sizeof(out));
	BUG_ON(!n || ip_parse(out, n, &ip) != IP_OK || ip.truncated);
	BUG_ON(icmp_parse(&ip, &again) < 0);
	/* An echo has no code but 0, whatever came. */
	if (icmp->what != ICMP_ERROR)
		icmp->code = 0;
	check_same(icmp, &again, len <= QUOTE_WHOLE);
}

/* The same message with the checksum that it should have. */
static void check_repaired(struct ip ip)
{
	static uint8_t message[MESSAGE_MAX];
	struct icmp icmp;
	uint64_t sum = 0;
	struct wr w;

	if (ip.payload_len < 8 || ip.payload_len > sizeof(message))
		return;
	w = wr_init(message, sizeof(message));
	wr_bytes(&w, ip.payload, ip.payload_len);
	wr_patch_u16(&w, 2, 0);
	if (ip.src.family == FAMILY_IPV6)
		sum = checksum_pseudo(&ip.src, &ip.dst, IP_PROTO_ICMPV6,
				      (uint32_t)w.len);
	sum = checksum_add(sum, message, w.len);
	wr_patch_u16(&w, 2, checksum_finish(sum));
	ip.payload = message;
	BUG_ON(icmp_parse(&ip, &icmp) < 0);
	check_rebuilt(&icmp, message + 8, w.len - 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct icmp icmp;
	struct ip ip;

	if (ip_parse(bytes, len, &ip) != IP_OK)
		return 0;
	if (icmp_parse(&ip, &icmp) == 0)
		BUG_ON(!icmp_text((enum family)ip.src.family, icmp.type,
				  icmp.code)[0]);
	if (ip.protocol ==
	    (ip.src.family == FAMILY_IPV6 ? IP_PROTO_ICMPV6 : IP_PROTO_ICMP))
		check_repaired(ip);
	return 0;
}
