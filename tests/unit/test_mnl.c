/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tcpprobe relies on in libmnl. It is linked twice, with libmnl itself
 * and with what stands in for it in a static program (src/static/mnl.c): both
 * must hold.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define SEQ 7
#define PORT_ID 99
#define FLAG_ATTR 1
#define NESTED_ATTR 2
#define NAME_ATTR 3

/* What the callbacks below have seen. */
struct seen {
	int messages, attrs, nested;
	uint32_t flag;
	char name[8];
};

static int take_nested(const struct nlattr *attr, void *arg)
{
	struct seen *seen = arg;

	seen->nested++;
	if (mnl_attr_get_type(attr) == NAME_ATTR &&
	    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
		memccpy(seen->name, mnl_attr_get_str(attr), '\0',
			sizeof(seen->name) - 1);
	return MNL_CB_OK;
}

static int take_attr(const struct nlattr *attr, void *arg)
{
	struct seen *seen = arg;

	seen->attrs++;
	if (mnl_attr_get_type(attr) == FLAG_ATTR &&
	    !mnl_attr_validate(attr, MNL_TYPE_U32))
		seen->flag = mnl_attr_get_u32(attr);
	if (mnl_attr_get_type(attr) == NESTED_ATTR)
		return mnl_attr_parse_nested(attr, take_nested, seen);
	return MNL_CB_OK;
}

static int take_message(const struct nlmsghdr *message, void *arg)
{
	struct seen *seen = arg;

	seen->messages++;
	return mnl_attr_parse(message, sizeof(struct rtmsg), take_attr, seen);
}

/* A message with a number, and a name in a nest. */
static struct nlmsghdr *build(void *buffer)
{
	char nest[16] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlattr *name = (void *)nest;
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(message, sizeof(*rtm));

	message->nlmsg_type = RTM_NEWROUTE;
	message->nlmsg_seq = SEQ;
	message->nlmsg_pid = PORT_ID;
	rtm->rtm_family = AF_INET;
	mnl_attr_put_u32(message, FLAG_ATTR, 0x12345678);
	name->nla_type = NAME_ATTR;
	name->nla_len = sizeof(*name) + 8;
	memcpy(mnl_attr_get_payload(name), "macvtap", 8);
	mnl_attr_put(message, NESTED_ATTR, name->nla_len, nest);
	return message;
}

static int run(const void *bytes, size_t len, struct seen *seen)
{
	*seen = (struct seen){ 0 };
	errno = 0;
	return mnl_cb_run(bytes, len, SEQ, PORT_ID, take_message, seen);
}

static void test_built_and_read(void)
{
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message;
	const struct rtmsg *rtm;
	struct seen seen;

	memset(buffer, 0xff, sizeof(buffer));
	message = build(buffer);
	rtm = mnl_nlmsg_get_payload(message);
	CHECK_INT(message->nlmsg_len, 16 + 12 + 8 + 4 + 12);
	CHECK_INT(rtm->rtm_family, AF_INET);
	CHECK_INT(rtm->rtm_table, 0);
	CHECK_INT(run(buffer, message->nlmsg_len, &seen), MNL_CB_OK);
	CHECK(seen.messages == 1 && seen.attrs == 2 && seen.nested == 1);
	CHECK_INT(seen.flag, 0x12345678);
	CHECK_TEXT(seen.name, "macvtap");
}

/* Each time in memory of just that length: a sanitizer sees what is read
 * behind it. */
static void test_cut_off(void)
{
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	const uint32_t whole = build(buffer)->nlmsg_len;
	int early = 0;

	for (uint32_t len = 1; len < whole; len++) {
		struct nlmsghdr *cut = malloc(len);
		struct seen seen;

		if (!cut)
			abort();
		memcpy(cut, buffer, len);
		early += run(cut, len, &seen) != MNL_CB_OK || seen.messages;
		/* libmnl rounds the length of a message up. */
		if (len >= sizeof(*cut) && len % MNL_ALIGNTO == 0) {
			cut->nlmsg_len = len;
			early += run(cut, len, &seen) != MNL_CB_OK ||
				 seen.name[0];
		}
		free(cut);
	}
	CHECK_MSG(!early, "nothing is found in half a message");
}

static void test_validate(void)
{
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct nlattr *attr = mnl_nlmsg_get_payload(message);

	mnl_attr_put(message, FLAG_ATTR, 3, "abc");
	CHECK_INT(message->nlmsg_len, 16 + 4 + 4);
	CHECK_INT(mnl_attr_get_payload_len(attr), 3);
	CHECK(mnl_attr_validate(attr, MNL_TYPE_U32) < 0);
	CHECK(mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0);
	attr->nla_type |= NLA_F_NESTED;
	CHECK_INT(mnl_attr_get_type(attr), FLAG_ATTR);
}

/* A message of one header, or with an error's payload. */
static void test_status(uint16_t type, int error, int want, int want_errno)
{
	char buffer[64] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct nlmsgerr *said =
		mnl_nlmsg_put_extra_header(message, sizeof(*said));
	struct seen seen;

	message->nlmsg_type = type;
	said->error = error;
	CHECK_INT(run(buffer, message->nlmsg_len, &seen), want);
	CHECK_INT(seen.messages, 0);
	if (want < 0)
		CHECK_INT(errno, want_errno);
}

static void test_not_ours(void)
{
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = build(buffer);
	struct seen seen;

	message->nlmsg_seq++;
	CHECK_INT(run(buffer, message->nlmsg_len, &seen), MNL_CB_ERROR);
	CHECK_INT(errno, EPROTO);
	message = build(buffer);
	message->nlmsg_pid++;
	CHECK_INT(run(buffer, message->nlmsg_len, &seen), MNL_CB_ERROR);
	CHECK_INT(errno, ESRCH);
	message = build(buffer);
	message->nlmsg_flags = NLM_F_DUMP_INTR;
	CHECK_INT(run(buffer, message->nlmsg_len, &seen), MNL_CB_ERROR);
	CHECK_INT(errno, EINTR);
}

static void test_several(void)
{
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	size_t len = build(buffer)->nlmsg_len;
	struct nlmsghdr *last;
	struct seen seen;

	build(buffer + len);
	last = mnl_nlmsg_put_header(buffer + 2 * len);
	last->nlmsg_type = NLMSG_DONE;
	CHECK_INT(run(buffer, 2 * len, &seen), MNL_CB_OK);
	CHECK_INT(seen.messages, 2);
	CHECK_INT(run(buffer, 2 * len + last->nlmsg_len, &seen), MNL_CB_STOP);
	CHECK_INT(seen.messages, 2);
}

static int count(const struct nlmsghdr *message, void *arg)
{
	int *messages = arg;

	(void)message;
	++*messages;
	return MNL_CB_OK;
}

/* The kernel answers, and an answer that does not fit is no answer. */
static void test_kernel(void)
{
	char buffer[16384] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *ifi =
		mnl_nlmsg_put_extra_header(message, sizeof(*ifi));
	ssize_t len;
	int messages = 0;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID)) {
		tap_skip("netlink", "the kernel refuses the socket");
		return;
	}
	CHECK(mnl_socket_get_portid(nl) != 0);
	message->nlmsg_type = RTM_GETLINK;
	message->nlmsg_flags = NLM_F_REQUEST;
	message->nlmsg_seq = SEQ;
	ifi->ifi_index = 1;
	CHECK(mnl_socket_sendto(nl, message, message->nlmsg_len) > 0);
	CHECK(mnl_socket_sendto(nl, message, message->nlmsg_len) > 0);
	CHECK(mnl_socket_recvfrom(nl, buffer, 32) < 0 && errno == ENOSPC);
	len = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));
	CHECK(len > 32);
	CHECK_INT(mnl_cb_run(buffer, (size_t)len, SEQ,
			     mnl_socket_get_portid(nl), count, &messages),
		  MNL_CB_OK);
	CHECK_INT(messages, 1);
	CHECK(!mnl_socket_close(nl));
}

int main(void)
{
	test_built_and_read();
	test_cut_off();
	test_validate();
	test_status(NLMSG_ERROR, -ENODEV, MNL_CB_ERROR, ENODEV);
	test_status(NLMSG_ERROR, 0, MNL_CB_STOP, 0);
	test_status(NLMSG_DONE, 0, MNL_CB_STOP, 0);
	test_status(NLMSG_NOOP, 0, MNL_CB_OK, 0);
	test_not_ours();
	test_several();
	test_kernel();
	return tap_done();
}
