/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program is written here rather than compiled from an expression: it has
 * to follow every port that is taken while the run goes on, behind IPv6's
 * fixed header and IPv4's variable one alike, and building it takes a
 * microsecond. It loads at plain offsets from the start of the packet, which
 * work for paged packets too.
 *
 *	frames of another host, or of a VLAN on top of this interface: no
 *	IPv4: ICMP yes, TCP if the ports match, later fragments no
 *	IPv6: ICMPv6 up to echo yes, TCP if the ports match, yes to what has
 *	      extension headers: they are rare, and parsed above
 *
 * Frames of others are refused because the interface that they belong to may
 * be captured too, and would show them a second time.
 */
#include "io/filter.h"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>

#define ICMPV6_ECHO_REPLY 129
#define IPV6_HEADER 40
#define VLAN_ID_MASK 0xfff
#define FRAGMENT_OFFSET_MASK 0x1fff
#define EXTENSION_MOBILITY 135

static size_t filter_find(const struct filter *f, uint16_t port)
{
	size_t i = 0;

	while (i < f->n && f->range[i].high < port)
		i++;
	return i;
}

static void filter_remove(struct filter *f, size_t at)
{
	f->n--;
	memmove(&f->range[at], &f->range[at + 1],
		(f->n - at) * sizeof(f->range[0]));
}

bool filter_add(struct filter *f, uint16_t port)
{
	size_t i = filter_find(f, port);
	bool after = i > 0 && f->range[i - 1].high + 1 == port;
	bool before = i < f->n && port + 1 == f->range[i].low;

	if (i < f->n && f->range[i].low <= port)
		return false;
	if (after && before) {
		f->range[i - 1].high = f->range[i].high;
		filter_remove(f, i);
	} else if (after) {
		f->range[i - 1].high = port;
	} else if (before) {
		f->range[i].low = port;
	} else if (f->n == FILTER_RANGES_MAX) {
		if (f->range[0].low > port)
			f->range[0].low = port;
		f->range[0].high = f->range[f->n - 1].high;
		if (f->range[0].high < port)
			f->range[0].high = port;
		f->n = 1;
	} else {
		memmove(&f->range[i + 1], &f->range[i],
			(f->n - i) * sizeof(f->range[0]));
		f->range[i].low = f->range[i].high = port;
		f->n++;
	}
	return true;
}

/* Where a jump leads; resolved when all instructions stand. */
enum label { NEXT, OVER_NEXT, IPV4, PORTS, ACCEPT, DROP, LABEL_N };

struct program {
	struct sock_filter *out;
	size_t n;
	struct {
		uint8_t yes, no; /* enum label */
	} jump[FILTER_PROGRAM_MAX];
	size_t label[LABEL_N];
};

static void put(struct program *p, int code, uint32_t k)
{
	BUG_ON(p->n >= FILTER_PROGRAM_MAX);
	p->out[p->n] = (struct sock_filter){ .code = (uint16_t)code, .k = k };
	p->jump[p->n].yes = p->jump[p->n].no = NEXT;
	p->n++;
}

static void put_jump(struct program *p, int test, uint32_t k, enum label yes,
		     enum label no)
{
	put(p, BPF_JMP | BPF_K | test, k);
	p->jump[p->n - 1].yes = (uint8_t)yes;
	p->jump[p->n - 1].no = (uint8_t)no;
}

static void put_label(struct program *p, enum label label)
{
	p->label[label] = p->n;
}

static uint8_t distance(const struct program *p, size_t from, enum label to)
{
	size_t d;

	if (to == NEXT || to == OVER_NEXT)
		return to == OVER_NEXT;
	d = p->label[to] - from - 1;
	BUG_ON(p->label[to] <= from || d > UINT8_MAX);
	return (uint8_t)d;
}

static void resolve_jumps(struct program *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (BPF_CLASS(p->out[i].code) != BPF_JMP)
			continue;
		p->out[i].jt = distance(p, i, p->jump[i].yes);
		p->out[i].jf = distance(p, i, p->jump[i].no);
	}
}

static void put_start(struct program *p, uint32_t offset)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_PKTTYPE);
	put_jump(p, BPF_JEQ, PACKET_OTHERHOST, DROP, NEXT);
	put(p, BPF_LD | BPF_W | BPF_ABS,
	    (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG);
	put_jump(p, BPF_JSET, VLAN_ID_MASK, DROP, NEXT);
	put(p, BPF_LD | BPF_B | BPF_ABS, offset);
	put(p, BPF_ALU | BPF_RSH | BPF_K, 4);
	put_jump(p, BPF_JEQ, 4, IPV4, NEXT);
	put_jump(p, BPF_JEQ, 6, NEXT, DROP);
}

static void put_ipv6(struct program *p, uint32_t offset)
{
	static const uint8_t EXTENSIONS[] = {
		IPPROTO_HOPOPTS,  IPPROTO_ROUTING, IPPROTO_FRAGMENT,
		IPPROTO_AH,	  IPPROTO_DSTOPTS, EXTENSION_MOBILITY,
	};

	put(p, BPF_LD | BPF_B | BPF_ABS, offset + 6);
	put(p, BPF_LDX | BPF_IMM, IPV6_HEADER);
	put_jump(p, BPF_JEQ, IPPROTO_TCP, PORTS, NEXT);
	for (size_t i = 0; i < ARRAY_LEN(EXTENSIONS); i++)
		put_jump(p, BPF_JEQ, EXTENSIONS[i], ACCEPT, NEXT);
	put_jump(p, BPF_JEQ, IPPROTO_ICMPV6, NEXT, DROP);
	put(p, BPF_LD | BPF_B | BPF_ABS, offset + IPV6_HEADER);
	put_jump(p, BPF_JGT, ICMPV6_ECHO_REPLY, DROP, ACCEPT);
}

/* Goes on at PORTS. */
static void put_ipv4(struct program *p, uint32_t offset)
{
	put_label(p, IPV4);
	put(p, BPF_LD | BPF_B | BPF_ABS, offset + 9);
	put_jump(p, BPF_JEQ, IPPROTO_ICMP, ACCEPT, NEXT);
	put_jump(p, BPF_JEQ, IPPROTO_TCP, NEXT, DROP);
	put(p, BPF_LD | BPF_H | BPF_ABS, offset + 6);
	put_jump(p, BPF_JSET, FRAGMENT_OFFSET_MASK, DROP, NEXT);
	put(p, BPF_LD | BPF_B | BPF_ABS, offset);
	put(p, BPF_ALU | BPF_AND | BPF_K, 15);
	put(p, BPF_ALU | BPF_LSH | BPF_K, 2);
	put(p, BPF_MISC | BPF_TAX, 0);
}

/* X holds the length of the IP header. */
static void put_ports(struct program *p, const struct filter *f,
		      uint32_t offset)
{
	put_label(p, PORTS);
	for (uint32_t end = 0; end < 2; end++) {
		put(p, BPF_LD | BPF_H | BPF_IND, offset + 2 * end);
		for (size_t i = 0; i < f->n; i++) {
			put_jump(p, BPF_JGT, f->range[i].high, OVER_NEXT,
				 NEXT);
			put_jump(p, BPF_JGE, f->range[i].low, ACCEPT, NEXT);
		}
	}
}

size_t filter_build(const struct filter *f, uint32_t offset, uint32_t snaplen,
		    struct sock_filter out[static FILTER_PROGRAM_MAX])
{
	struct program p = { .out = out };

	put_start(&p, offset);
	put_ipv6(&p, offset);
	put_ipv4(&p, offset);
	put_ports(&p, f, offset);
	put_label(&p, DROP);
	put(&p, BPF_RET | BPF_K, 0);
	put_label(&p, ACCEPT);
	put(&p, BPF_RET | BPF_K, snaplen);
	resolve_jumps(&p);
	return p.n;
}
