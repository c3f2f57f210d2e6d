/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets in one line, in tcpdump's manner. Nothing of a packet gets into the
 * text but numbers, so the text is safe for a terminal.
 */
#include "wire/text.h"

#include "base/line.h"
#include "wire/icmp.h"
#include "wire/options.h"

const char *text_flags(uint16_t flags, char out[static TEXT_FLAGS_MAX])
{
	static const char letters[] = "FSRP.UEWe"; /* from the lowest bit */
	struct line line = line_init(out, TEXT_FLAGS_MAX);

	for (unsigned i = 0; letters[i]; i++) {
		if (flags & 1U << i)
			line_add(&line, "%c", letters[i]);
	}
	if (!line.len)
		line_add(&line, "none");
	if (flags & TCP_RESERVED)
		line_add(&line, "/%u", (flags & TCP_RESERVED) / 0x200U);
	return line_text(&line);
}

const char *text_flag_names(uint16_t flags,
			    char out[static TEXT_FLAG_NAMES_MAX])
{
	static const struct {
		uint16_t flag;
		const char *name;
	} names[] = {
		{ TCP_SYN, "SYN" }, { TCP_FIN, "FIN" }, { TCP_RST, "RST" },
		{ TCP_PSH, "PSH" }, { TCP_URG, "URG" }, { TCP_ECE, "ECE" },
		{ TCP_CWR, "CWR" }, { TCP_AE, "AE" },	{ TCP_ACK, "ACK" },
	};
	struct line line = line_init(out, TEXT_FLAG_NAMES_MAX);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (flags & names[i].flag)
			line_add(&line, "%s%s", line.len ? "-" : "",
				 names[i].name);
	}
	if (flags & TCP_RESERVED)
		line_add(&line, "%sreserved:%x", line.len ? "-" : "",
			 (unsigned)(flags & TCP_RESERVED) >> 9);
	else if (!line.len)
		line_add(&line, "no flags");
	return line_text(&line);
}

static void add_seq(struct line *line, const struct segment *s)
{
	line_add(line, "seq %u", s->seq);
	if (s->payload_len)
		line_add(line, ":%u", s->seq + (uint32_t)s->payload_len);
	if (s->flags & TCP_ACK)
		line_add(line, ", ack %u", s->ack);
}

static void add_segment(struct line *line, const struct segment *s)
{
	size_t words = (TCP_HEADER_MIN + s->options_len + 3) / 4;
	char options[OPTIONS_TEXT_MAX];
	char flags[TEXT_FLAGS_MAX];

	line_add(line, "Flags [%s], ", text_flags(s->flags, flags));
	add_seq(line, s);
	line_add(line, ", win %u", s->window);
	if (s->flags & TCP_URG)
		line_add(line, ", urg %u", s->urgent);
	if (s->options_len)
		line_add(line, ", options [%s]",
			 options_text(s->options, s->options_len, options,
				      sizeof(options)));
	line_add(line, ", length %zu", s->payload_len);
	if (s->doff && s->doff != words)
		line_add(line, " (data offset %u)", s->doff);
	if (!s->sum_good)
		line_add(line, " (bad checksum)");
}

const char *text_segment(const struct segment *s, char *out, size_t size)
{
	struct line line = line_init(out, size);

	add_segment(&line, s);
	return line_text(&line);
}

static void add_addrs(struct line *line, const struct addr *src,
		      const struct addr *dst)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];

	line_add(line, "%s > %s", addr_format(src, a), addr_format(dst, b));
}

static void add_endpoints(struct line *line, const struct endpoint *src,
			  const struct endpoint *dst)
{
	char a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	line_add(line, "%s > %s", endpoint_format(src, a),
		 endpoint_format(dst, b));
}

static void add_tcp(struct line *line, const struct ip *ip)
{
	struct segment s;
	enum segment_fault fault = segment_parse_ip(ip, &s);

	if (ip->payload_len < 4) {
		add_addrs(line, &s.src, &s.dst);
		line_add(line, ": %s", segment_fault_text(fault));
		return;
	}
	add_endpoints(line, &(struct endpoint){ s.src, s.sport },
		      &(struct endpoint){ s.dst, s.dport });
	line_add(line, ": ");
	if (fault == SEGMENT_SHORT)
		line_add(line, "%s", segment_fault_text(fault));
	else
		add_segment(line, &s);
}

static void add_icmp(struct line *line, const struct ip *ip)
{
	const char *name = ip->src.family == FAMILY_IPV6 ? "icmp6" : "icmp";
	struct icmp icmp;

	add_addrs(line, &ip->src, &ip->dst);
	if (icmp_parse(ip, &icmp) < 0) {
		line_add(line, ": %s, short or bad checksum", name);
		return;
	}
	line_add(line, ": %s %s", name,
		 icmp_text(ip->src.family, icmp.type, icmp.code));
	if (icmp.what == ICMP_ECHO_REQUEST || icmp.what == ICMP_ECHO_REPLY)
		line_add(line, ", id %u, seq %u", icmp.id, icmp.seq);
	if (icmp.mtu)
		line_add(line, ", mtu %u", icmp.mtu);
	if (!icmp.quote.tcp)
		return;
	line_add(line, ", for ");
	add_endpoints(line,
		      &(struct endpoint){ icmp.quote.src, icmp.quote.sport },
		      &(struct endpoint){ icmp.quote.dst, icmp.quote.dport });
	line_add(line, " seq %u", icmp.quote.seq);
}

const char *text_packet(const uint8_t *bytes, size_t len, char *out,
			size_t size)
{
	struct line line = line_init(out, size);
	struct ip ip;
	enum ip_fault fault = ip_parse(bytes, len, &ip);

	if (!ip.dst.family) {
		line_add(&line, "%s", ip_fault_text(fault));
	} else if (fault) {
		add_addrs(&line, &ip.src, &ip.dst);
		line_add(&line, ": %s", ip_fault_text(fault));
	} else if (ip.protocol == IP_PROTO_TCP) {
		add_tcp(&line, &ip);
	} else if (ip.protocol == IP_PROTO_ICMP ||
		   ip.protocol == IP_PROTO_ICMPV6) {
		add_icmp(&line, &ip);
	} else {
		add_addrs(&line, &ip.src, &ip.dst);
		line_add(&line, ": protocol %u, length %zu", ip.protocol,
			 ip.payload_len);
	}
	return line_text(&line);
}
