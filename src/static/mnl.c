/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Only in a static program, and only where there is no libmnl.a, as on Debian:
 * those functions of libmnl that tcpprobe calls, with the prototypes of its
 * header and the meaning of its manual. A function that is missing here is
 * missed by the linker.
 *
 * The kernel is the only peer, and a message that it has sent whole is taken
 * to be whole: what is checked is that no length leads out of the message.
 */
#include <assert.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_HEADER sizeof(struct nlmsghdr)
#define ATTR_HEADER sizeof(struct nlattr)
static_assert(MESSAGE_HEADER % MNL_ALIGNTO == 0 &&
		      ATTR_HEADER % MNL_ALIGNTO == 0,
	      "what follows a header is aligned");

struct mnl_socket {
	int fd;
	struct sockaddr_nl self;
};

/* libmnl's own macro for this mixes signs. */
static size_t aligned(size_t len)
{
	return (len + MNL_ALIGNTO - 1) / MNL_ALIGNTO * MNL_ALIGNTO;
}

/* --- sockets ------------------------------------------------------------- */

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	struct mnl_socket *nl = calloc(1, sizeof(*nl));

	if (!nl)
		return NULL;
	nl->fd = socket(AF_NETLINK, SOCK_RAW | flags, bus);
	if (nl->fd < 0) {
		free(nl);
		return NULL;
	}
	return nl;
}

int mnl_socket_bind(struct mnl_socket *nl, unsigned groups, pid_t pid)
{
	socklen_t len = sizeof(nl->self);

	nl->self = (struct sockaddr_nl){
		.nl_family = AF_NETLINK,
		.nl_pid = (uint32_t)pid,
		.nl_groups = groups,
	};
	if (bind(nl->fd, (struct sockaddr *)&nl->self, len))
		return -1;
	return getsockname(nl->fd, (struct sockaddr *)&nl->self, &len);
}

unsigned mnl_socket_get_portid(const struct mnl_socket *nl)
{
	return nl->self.nl_pid;
}

int mnl_socket_close(struct mnl_socket *nl)
{
	int ret = close(nl->fd);

	free(nl);
	return ret;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req,
			  size_t siz)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return sendto(nl->fd, req, siz, 0, (const struct sockaddr *)&kernel,
		      sizeof(kernel));
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t siz)
{
	/* MSG_TRUNC: the whole length, of what did not fit as well. */
	ssize_t len = recv(nl->fd, buf, siz, MSG_TRUNC);

	if (len > (ssize_t)siz) {
		errno = ENOSPC;
		return -1;
	}
	return len;
}

/* --- messages ------------------------------------------------------------ */

struct nlmsghdr *mnl_nlmsg_put_header(void *buf)
{
	struct nlmsghdr *nlh = buf;

	memset(nlh, 0, MESSAGE_HEADER);
	nlh->nlmsg_len = MESSAGE_HEADER;
	return nlh;
}

/* Room for so many bytes of zero, at the end. */
static void *extend(struct nlmsghdr *nlh, size_t len)
{
	char *end = (char *)nlh + nlh->nlmsg_len;

	len = aligned(len);
	memset(end, 0, len);
	nlh->nlmsg_len += (uint32_t)len;
	return end;
}

void *mnl_nlmsg_put_extra_header(struct nlmsghdr *nlh, size_t size)
{
	return extend(nlh, size);
}

void *mnl_nlmsg_get_payload(const struct nlmsghdr *nlh)
{
	return (char *)nlh + MESSAGE_HEADER;
}

/* What the kernel says of a question: 0, or the error it failed with. */
static int take_error(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *said = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_len < MESSAGE_HEADER + sizeof(*said)) {
		errno = EBADMSG;
		return MNL_CB_ERROR;
	}
	errno = abs(said->error);
	return errno ? MNL_CB_ERROR : MNL_CB_STOP;
}

static int take_message(const struct nlmsghdr *nlh, unsigned seq,
			unsigned portid, mnl_cb_t cb_data, void *data)
{
	if (nlh->nlmsg_pid != portid && nlh->nlmsg_pid && portid) {
		errno = ESRCH;
		return MNL_CB_ERROR;
	}
	if (nlh->nlmsg_seq != seq && nlh->nlmsg_seq && seq) {
		errno = EPROTO;
		return MNL_CB_ERROR;
	}
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR) {
		errno = EINTR;
		return MNL_CB_ERROR;
	}
	switch (nlh->nlmsg_type) {
	case NLMSG_NOOP:
	case NLMSG_OVERRUN:
		return MNL_CB_OK;
	case NLMSG_ERROR:
		return take_error(nlh);
	case NLMSG_DONE:
		return MNL_CB_STOP;
	default:
		return cb_data ? cb_data(nlh, data) : MNL_CB_OK;
	}
}

int mnl_cb_run(const void *buf, size_t numbytes, unsigned seq, unsigned portid,
	       mnl_cb_t cb_data, void *data)
{
	const char *at = buf;
	int ret = MNL_CB_OK;

	while (ret > MNL_CB_STOP && numbytes >= MESSAGE_HEADER) {
		const struct nlmsghdr *nlh = (const void *)at;
		size_t step = aligned(nlh->nlmsg_len);

		if (nlh->nlmsg_len < MESSAGE_HEADER ||
		    nlh->nlmsg_len > numbytes)
			break;
		ret = take_message(nlh, seq, portid, cb_data, data);
		if (step >= numbytes)
			break;
		at += step;
		numbytes -= step;
	}
	return ret;
}

/* --- attributes ---------------------------------------------------------- */

uint16_t mnl_attr_get_type(const struct nlattr *attr)
{
	return (uint16_t)(attr->nla_type & NLA_TYPE_MASK);
}

uint16_t mnl_attr_get_payload_len(const struct nlattr *attr)
{
	return (uint16_t)(attr->nla_len - ATTR_HEADER);
}

void *mnl_attr_get_payload(const struct nlattr *attr)
{
	return (char *)attr + ATTR_HEADER;
}

uint32_t mnl_attr_get_u32(const struct nlattr *attr)
{
	uint32_t n;

	memcpy(&n, mnl_attr_get_payload(attr), sizeof(n));
	return n;
}

const char *mnl_attr_get_str(const struct nlattr *attr)
{
	return mnl_attr_get_payload(attr);
}

int mnl_attr_validate(const struct nlattr *attr, enum mnl_attr_data_type type)
{
	const char *data = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	bool right = false;

	if (type == MNL_TYPE_U32)
		right = len == sizeof(uint32_t);
	else if (type == MNL_TYPE_NUL_STRING)
		right = len && data[len - 1] == '\0';
	if (right)
		return 0;
	errno = ERANGE;
	return -1;
}

static int parse(const char *at, size_t len, mnl_attr_cb_t cb, void *data)
{
	int ret = MNL_CB_OK;

	while (ret > MNL_CB_STOP && len >= ATTR_HEADER) {
		const struct nlattr *attr = (const void *)at;
		size_t step = aligned(attr->nla_len);

		if (attr->nla_len < ATTR_HEADER || attr->nla_len > len)
			break;
		ret = cb(attr, data);
		if (step >= len)
			break;
		at += step;
		len -= step;
	}
	return ret;
}

int mnl_attr_parse(const struct nlmsghdr *nlh, unsigned offset,
		   mnl_attr_cb_t cb, void *data)
{
	size_t before = MESSAGE_HEADER + aligned(offset);

	if (nlh->nlmsg_len < before)
		return MNL_CB_OK;
	return parse((const char *)nlh + before, nlh->nlmsg_len - before, cb,
		     data);
}

int mnl_attr_parse_nested(const struct nlattr *attr, mnl_attr_cb_t cb,
			  void *data)
{
	return parse(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr),
		     cb, data);
}

void mnl_attr_put(struct nlmsghdr *nlh, uint16_t type, size_t len,
		  const void *data)
{
	struct nlattr *attr = extend(nlh, ATTR_HEADER + len);

	attr->nla_type = type;
	attr->nla_len = (uint16_t)(ATTR_HEADER + len);
	memcpy(mnl_attr_get_payload(attr), data, len);
}

void mnl_attr_put_u32(struct nlmsghdr *nlh, uint16_t type, uint32_t data)
{
	mnl_attr_put(nlh, type, sizeof(data), &data);
}
