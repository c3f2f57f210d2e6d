/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Link headers. What the frame says of its protocol is compared with the
 * version in the IP header, so nothing but IP gets through.
 */
#include "io/framing.h"

#include "base/bytes.h"

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_VLAN = 0x8100,
	TYPE_VLAN_SERVICE = 0x88a8,
};
#define VLAN_ID_MASK 0xfff
#define ETHERNET_ADDRESSES 12
#define COOKED_BEFORE_TYPE 14
#define COOKED2_BEHIND_TYPE 18

/* The protocol behind any number of tags; 0 when a tag names a VLAN. */
static uint16_t skip_tags(struct rd *r, uint16_t type)
{
	while (!r->bad && (type == TYPE_VLAN || type == TYPE_VLAN_SERVICE)) {
		if (rd_u16(r) & VLAN_ID_MASK)
			return 0;
		type = rd_u16(r);
	}
	return type;
}

static uint16_t skip_header(struct rd *r, enum framing framing)
{
	uint16_t type = 0;

	switch (framing) {
	case FRAMING_ETHERNET:
		rd_bytes(r, ETHERNET_ADDRESSES);
		return skip_tags(r, rd_u16(r));
	case FRAMING_COOKED:
		rd_bytes(r, COOKED_BEFORE_TYPE);
		return skip_tags(r, rd_u16(r));
	case FRAMING_COOKED2:
		type = rd_u16(r);
		rd_bytes(r, COOKED2_BEHIND_TYPE);
		return skip_tags(r, type);
	case FRAMING_FAMILY:
		rd_bytes(r, 4);
		break;
	case FRAMING_NONE:
	case FRAMING_N:
		break;
	}
	/* No type is written there: the version is all there is. */
	if (!r->bad && r->left)
		type = r->at[0] >> 4 == 4 ? TYPE_IPV4 : TYPE_IPV6;
	return type;
}

const uint8_t *framing_strip(enum framing framing, const uint8_t *frame,
			     size_t len, size_t *datagram_len)
{
	struct rd r = rd_init(frame, len);
	uint16_t type = skip_header(&r, framing);
	unsigned version;

	if (r.bad || !r.left)
		return NULL;
	version = r.at[0] >> 4;
	if (!(type == TYPE_IPV4 && version == 4) &&
	    !(type == TYPE_IPV6 && version == 6))
		return NULL;
	*datagram_len = r.left;
	return r.at;
}
