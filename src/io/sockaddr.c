/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints to socket addresses and back. */
#include "io/sockaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

socklen_t sockaddr_from(const struct endpoint *e, struct sockaddr_storage *out)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	memset(out, 0, sizeof(*out));
	if (e->addr.family == FAMILY_IPV4) {
		in.sin_port = htons(e->port);
		memcpy(&in.sin_addr, e->addr.bytes, sizeof(in.sin_addr));
		memcpy(out, &in, sizeof(in));
		return sizeof(in);
	}
	in6.sin6_port = htons(e->port);
	in6.sin6_scope_id = e->addr.scope;
	memcpy(&in6.sin6_addr, e->addr.bytes, sizeof(in6.sin6_addr));
	memcpy(out, &in6, sizeof(in6));
	return sizeof(in6);
}

int sockaddr_to(const struct sockaddr *sa, struct endpoint *out)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	*out = (struct endpoint){ 0 };
	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		out->addr.family = FAMILY_IPV4;
		memcpy(out->addr.bytes, &in.sin_addr, sizeof(in.sin_addr));
		out->port = ntohs(in.sin_port);
		return 0;
	}
	if (sa->sa_family != AF_INET6)
		return -1;
	memcpy(&in6, sa, sizeof(in6));
	out->addr.family = FAMILY_IPV6;
	out->addr.scope = in6.sin6_scope_id;
	memcpy(out->addr.bytes, &in6.sin6_addr, sizeof(in6.sin6_addr));
	out->port = ntohs(in6.sin6_port);
	return 0;
}
