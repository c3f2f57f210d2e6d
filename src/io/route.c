/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions to rtnetlink: RTM_GETROUTE for the way, RTM_GETLINK for what the
 * interface is. Answers are kept: a sweep of one host's 65,535 ports asks
 * once, and a sweep of a network asks once for the interface.
 */
#include "io/route.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

/* Both are direct-mapped and powers of two. */
#define ROUTES_KEPT 512
#define LINKS_KEPT 32
#define REPLY_BYTES 16384
/* Every network namespace numbers its loopback so. */
#define LOOPBACK_INDEX 1

struct link_data {
	uint32_t index; /* 0: this slot is free */
	char name[LINK_NAME_MAX];
	uint32_t mtu;
	unsigned flags;
	bool software;
};

/* What RTM_GETROUTE says. */
struct way {
	uint8_t type; /* RTN_… */
	uint32_t interface;
	uint32_t mtu; /* 0: the interface's */
	struct addr source, gateway;
};

struct kept_route {
	bool used;
	struct route_wish wish;
	struct route route;
};

struct routes {
	struct mnl_socket *socket;
	uint32_t seq;
	struct kept_route kept[ROUTES_KEPT];
	struct link_data links[LINKS_KEPT];
};

int routes_open(struct routes **out, struct err *e)
{
	struct routes *r = calloc(1, sizeof(*r));

	if (!r)
		return err_set(e, ERR_MEMORY, "routes: out of memory");
	r->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!r->socket || mnl_socket_bind(r->socket, 0, MNL_SOCKET_AUTOPID)) {
		err_set(e, ERR_UNSUPPORTED, "open a netlink socket: %s",
			strerror(errno));
		routes_close(r);
		return -ERR_UNSUPPORTED;
	}
	*out = r;
	return 0;
}

void routes_close(struct routes *r)
{
	if (!r)
		return;
	if (r->socket)
		mnl_socket_close(r->socket);
	free(r);
}

/* One question with one answer: 0, or -1 with the kernel's errno. */
static int ask(struct routes *r, struct nlmsghdr *question, mnl_cb_t each,
	       void *arg)
{
	char reply[REPLY_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
	unsigned self = mnl_socket_get_portid(r->socket);
	ssize_t len;

	question->nlmsg_seq = ++r->seq;
	if (mnl_socket_sendto(r->socket, question, question->nlmsg_len) < 0)
		return -1;
	len = mnl_socket_recvfrom(r->socket, reply, sizeof(reply));
	if (len < 0)
		return -1;
	return mnl_cb_run(reply, (size_t)len, r->seq, self, each, arg) < 0
		       ? -1
		       : 0;
}

static void take_addr(const void *bytes, size_t len, struct addr *out)
{
	*out = (struct addr){ .family = len == 4 ? FAMILY_IPV4 : FAMILY_IPV6 };
	memcpy(out->bytes, bytes, len == 4 ? 4 : 16);
}

static void take_addr_attr(const struct nlattr *attr, struct addr *out)
{
	uint16_t len = mnl_attr_get_payload_len(attr);

	if (len == 4 || len == 16)
		take_addr(mnl_attr_get_payload(attr), len, out);
}

/* An IPv4 route through an IPv6 neighbour. */
static void take_via(const struct nlattr *attr, struct addr *out)
{
	struct rtvia via;
	uint16_t len = mnl_attr_get_payload_len(attr);
	const char *bytes = mnl_attr_get_payload(attr);

	if (len != sizeof(via) + 4 && len != sizeof(via) + 16)
		return;
	take_addr(bytes + sizeof(via), len - sizeof(via), out);
}

static void take_u32(const struct nlattr *attr, uint32_t *out)
{
	if (!mnl_attr_validate(attr, MNL_TYPE_U32))
		*out = mnl_attr_get_u32(attr);
}

static int take_metric(const struct nlattr *attr, void *arg)
{
	if (mnl_attr_get_type(attr) == RTAX_MTU)
		take_u32(attr, arg);
	return MNL_CB_OK;
}

static int take_way_attr(const struct nlattr *attr, void *arg)
{
	struct way *way = arg;

	switch (mnl_attr_get_type(attr)) {
	case RTA_OIF:
		take_u32(attr, &way->interface);
		break;
	case RTA_PREFSRC:
		take_addr_attr(attr, &way->source);
		break;
	case RTA_GATEWAY:
		take_addr_attr(attr, &way->gateway);
		break;
	case RTA_VIA:
		take_via(attr, &way->gateway);
		break;
	case RTA_METRICS:
		mnl_attr_parse_nested(attr, take_metric, &way->mtu);
		break;
	}
	return MNL_CB_OK;
}

static int take_way(const struct nlmsghdr *message, void *arg)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(message);
	struct way *way = arg;

	way->type = rtm->rtm_type;
	return mnl_attr_parse(message, sizeof(*rtm), take_way_attr, way);
}

static int find_way(struct routes *r, const struct route_wish *wish,
		    uint32_t interface, struct way *out)
{
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(message, sizeof(*rtm));
	size_t size = addr_size((enum family)wish->to.family);

	message->nlmsg_type = RTM_GETROUTE;
	message->nlmsg_flags = NLM_F_REQUEST;
	rtm->rtm_family = size == 4 ? AF_INET : AF_INET6;
	rtm->rtm_dst_len = (unsigned char)(size * 8);
	mnl_attr_put(message, RTA_DST, size, wish->to.bytes);
	if (wish->source.family) {
		rtm->rtm_src_len = rtm->rtm_dst_len;
		mnl_attr_put(message, RTA_SRC, size, wish->source.bytes);
	}
	if (interface)
		mnl_attr_put_u32(message, RTA_OIF, interface);
	*out = (struct way){ 0 };
	return ask(r, message, take_way, out);
}

/* Interfaces without hardware, which may pass on unfinished checksums. */
static bool is_software(const char *kind)
{
	static const char *const KINDS[] = {
		"veth",	   "tun",    "dummy", "bridge", "macvlan",
		"macvtap", "ipvlan", "netkit", "ifb",	 "vrf",
	};

	for (size_t i = 0; i < ARRAY_LEN(KINDS); i++)
		if (!strcmp(kind, KINDS[i]))
			return true;
	return false;
}

static int take_info_attr(const struct nlattr *attr, void *arg)
{
	struct link_data *link = arg;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND &&
	    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
		link->software |= is_software(mnl_attr_get_str(attr));
	return MNL_CB_OK;
}

static int take_link_attr(const struct nlattr *attr, void *arg)
{
	struct link_data *link = arg;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		if (!mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			memccpy(link->name, mnl_attr_get_str(attr), '\0',
				sizeof(link->name) - 1);
		break;
	case IFLA_MTU:
		take_u32(attr, &link->mtu);
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attr, take_info_attr, link);
		break;
	}
	return MNL_CB_OK;
}

static int take_link(const struct nlmsghdr *message, void *arg)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(message);
	struct link_data *link = arg;

	link->index = (uint32_t)ifi->ifi_index;
	link->flags = ifi->ifi_flags;
	link->software = ifi->ifi_flags & IFF_LOOPBACK;
	return mnl_attr_parse(message, sizeof(*ifi), take_link_attr, link);
}

/* The interface, which has to be usable. */
static int find_link(struct routes *r, uint32_t index,
		     const struct link_data **out, struct err *e)
{
	char buffer[128] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct link_data *slot = &r->links[index % LINKS_KEPT];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *ifi =
		mnl_nlmsg_put_extra_header(message, sizeof(*ifi));

	*out = slot;
	if (slot->index == index)
		return 0;
	*slot = (struct link_data){ 0 };
	message->nlmsg_type = RTM_GETLINK;
	message->nlmsg_flags = NLM_F_REQUEST;
	ifi->ifi_index = (int)index;
	mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (ask(r, message, take_link, slot)) {
		*slot = (struct link_data){ 0 };
		return err_set(e, ERR_INTERFACE, "interface number %u: %s",
			       index, strerror(errno));
	}
	if (!(slot->flags & IFF_UP) || !(slot->flags & IFF_RUNNING)) {
		/* It may come up: ask again the next time. */
		slot->index = 0;
		return err_set(e, ERR_INTERFACE, "%s is down%s", slot->name,
			       slot->flags & IFF_UP ? ": no carrier" : "");
	}
	return 0;
}

/* The source has to be ours: what it sends would never be answered to us. */
static int check_source(struct routes *r, const struct route_wish *wish,
			struct err *e)
{
	const struct route_wish there = { .to = wish->source };
	char text[ADDR_TEXT_MAX];
	struct way way;

	if (!wish->source.family)
		return 0;
	addr_format(&wish->source, text);
	if (wish->source.family != wish->to.family)
		return err_set(e, ERR_USAGE,
			       "the source %s and the target are of different "
			       "families", text);
	if (find_way(r, &there, wish->source.scope, &way) ||
	    way.type != RTN_LOCAL)
		return err_set(e, ERR_USAGE,
			       "%s is not an address of this host", text);
	return 0;
}

/* Which interface has to be taken; 0: whichever the routing says. */
static int wanted_interface(const struct route_wish *wish, uint32_t *out,
			    struct err *e)
{
	const struct addr *to = &wish->to;
	char text[ADDR_TEXT_MAX];

	*out = wish->interface;
	if (to->family != FAMILY_IPV6 || !addr_is_link_local(to))
		return 0;
	if (!*out)
		*out = to->scope;
	addr_format(to, text);
	if (!*out)
		return err_set(e, ERR_USAGE,
			       "%s is link-local: name its interface, as in "
			       "%s%%eth0", text, text);
	if (to->scope && to->scope != *out)
		return err_set(e, ERR_USAGE,
			       "%s is on another interface than the one asked "
			       "for", text);
	return 0;
}

static int check_type(const struct way *way, const char *to, struct err *e)
{
	switch (way->type) {
	case RTN_UNICAST:
	case RTN_LOCAL:
	case RTN_ANYCAST:
		return 0;
	case RTN_BROADCAST:
	case RTN_MULTICAST:
		return err_set(e, ERR_HOST,
			       "%s is a group of hosts: no TCP is there", to);
	case RTN_UNREACHABLE:
		return err_set(e, ERR_ROUTE,
			       "no way to %s: its route says unreachable", to);
	case RTN_PROHIBIT:
		return err_set(e, ERR_ROUTE,
			       "no way to %s: its route says prohibited", to);
	case RTN_BLACKHOLE:
		return err_set(e, ERR_ROUTE,
			       "no way to %s: its route is a black hole", to);
	default:
		return err_set(e, ERR_ROUTE, "no way to %s: its route is of "
			       "type %u", to, way->type);
	}
}

static int no_way(const char *to, const struct link_data *over, int why,
		  struct err *e)
{
	/* The IPv4 lookup says EINVAL for a black hole, EACCES for a
	 * prohibition. */
	const char *text = why == EINVAL   ? "its route is a black hole"
			   : why == EACCES ? "its route says prohibited"
					   : strerror(why);

	if (over)
		return err_set(e, ERR_ROUTE, "no way to %s over %s: %s", to,
			       over->name, text);
	return err_set(e, ERR_ROUTE, "no way to %s: %s", to, text);
}

static int look_up(struct routes *r, const struct route_wish *wish,
		   struct route *out, struct err *e)
{
	const struct link_data *link = NULL;
	char to[ADDR_TEXT_MAX];
	struct way way;
	uint32_t interface;
	int ret;

	addr_format(&wish->to, to);
	if (addr_is_group(&wish->to))
		return check_type(&(struct way){ .type = RTN_MULTICAST }, to,
				  e);
	ret = wanted_interface(wish, &interface, e);
	if (!ret)
		ret = check_source(r, wish, e);
	if (!ret && interface)
		ret = find_link(r, interface, &link, e);
	if (ret)
		return ret;
	if (find_way(r, wish, interface, &way))
		return no_way(to, link, errno, e);
	ret = check_type(&way, to, e);
	if (ret)
		return ret;
	if (way.type == RTN_LOCAL)
		way.interface = LOOPBACK_INDEX;
	ret = find_link(r, way.interface, &link, e);
	if (ret)
		return ret;
	*out = (struct route){
		.source = wish->source.family ? wish->source : way.source,
		.gateway = way.gateway,
		.interface = link->index,
		.mtu = way.mtu ? way.mtu : link->mtu,
		.link_mtu = link->mtu,
		.loopback = link->flags & IFF_LOOPBACK,
		.checksum_offload = link->software,
	};
	memcpy(out->interface_name, link->name, sizeof(link->name));
	if (!out->source.family)
		return err_set(e, ERR_ROUTE,
			       "no way to %s: %s has no address to send from",
			       to, link->name);
	return 0;
}

static bool same_addr(const struct addr *a, const struct addr *b)
{
	return a->scope == b->scope && addr_equal(a, b);
}

static bool same_wish(const struct route_wish *a, const struct route_wish *b)
{
	return same_addr(&a->to, &b->to) && same_addr(&a->source, &b->source) &&
	       a->interface == b->interface;
}

/* FNV-1a of the target: of a wish, only that differs within a run. */
static size_t slot_of(const struct addr *to)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < sizeof(to->bytes); i++)
		hash = (hash ^ to->bytes[i]) * 16777619U;
	return (hash ^ hash >> 16) % ROUTES_KEPT;
}

int routes_find(struct routes *r, const struct route_wish *wish,
		struct route *out, struct err *e)
{
	struct kept_route *kept = &r->kept[slot_of(&wish->to)];
	int ret;

	if (!kept->used || !same_wish(&kept->wish, wish)) {
		ret = look_up(r, wish, &kept->route, e);
		kept->used = !ret;
		if (ret)
			return ret;
		kept->wish = *wish;
	}
	*out = kept->route;
	return 0;
}
