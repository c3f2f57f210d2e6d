/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a datagram: the payload lies inside them, and a header that is
 * written from what was read says the same again.
 */
#include <string.h>

#include "wire/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_payload(const struct ip *ip, const uint8_t *bytes, size_t len)
{
	size_t at = (size_t)(ip->payload - bytes);

	BUG_ON(ip->payload < bytes || at > len);
	BUG_ON(at < 20 || ip->payload_len > len - at);
	/* Short of the end only where the header says so. */
	BUG_ON((ip->truncated || ip->offloaded) && at + ip->payload_len != len);
	BUG_ON(ip->truncated && ip->offloaded);
}

static void check_written(const struct ip *ip)
{
	uint8_t header[40];
	struct wr w = wr_init(header, sizeof(header));
	struct ip again;

	ip_write_header(&w, ip, ip->payload_len);
	BUG_ON(w.bad);
	BUG_ON(ip_parse(header, w.len, &again) != IP_OK);
	BUG_ON(!addr_equal(&again.src, &ip->src));
	BUG_ON(!addr_equal(&again.dst, &ip->dst));
	BUG_ON(again.protocol != ip->protocol || again.ttl != ip->ttl);
	BUG_ON(again.tos != ip->tos || again.df != ip->df);
	BUG_ON(again.id != ip->id || again.flow_label != ip->flow_label);
	BUG_ON(ip->src.family == FAMILY_IPV4 &&
	       again.more_fragments != ip->more_fragments);
	BUG_ON(again.payload != header + w.len);
	/* IPv6 claims "all that is there" by a length of 0. */
	BUG_ON(again.truncated != (ip->payload_len > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	enum ip_fault fault;
	struct ip ip;

	fault = ip_parse(bytes, len, &ip);
	BUG_ON(fault >= IP_FAULT_N || !ip_fault_text(fault)[0]);
	if (fault != IP_OK) {
		BUG_ON(ip.payload || ip.payload_len);
		return 0;
	}
	check_payload(&ip, bytes, len);
	if (ip.payload_len <= 65515)
		check_written(&ip);
	return 0;
}
