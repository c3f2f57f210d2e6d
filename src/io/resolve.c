/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names to addresses. Numbers are read here, so that they never wait for a
 * name service; all else goes to getaddrinfo(), whose order (RFC 6724) already
 * puts families that cannot be reached last. AI_ADDRCONFIG is not asked for:
 * it would hide "localhost" where loopback is the only interface.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "io/resolve.h"

#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#ifdef TP_NAMES_BUILT_IN
#include <nss.h>
#endif
#include <string.h>

#include "base/escape.h"
#include "base/num.h"
#include "io/sockaddr.h"

#define HOST_TEXT_MAX 160

static const char *family_name(enum family family)
{
	return family == FAMILY_IPV4 ? "IPv4" : "IPv6";
}

/* The interface index that a name or a number stands for, or 0. */
static uint32_t scope_index(const char *text)
{
	uint64_t n;
	const char *why;
	char name[IF_NAMESIZE];
	unsigned index = if_nametoindex(text);

	if (index)
		return index;
	if (num_parse_u64(text, 1, UINT32_MAX, &n, &why))
		return 0;
	return if_indextoname((unsigned)n, name) ? (uint32_t)n : 0;
}

/* 1 when `host` is an address, 0 when it is none, negative when it cannot
 * be used. */
static int numeric(const char *host, enum family family, struct addr *out,
		   struct err *e)
{
	char text[ADDR_TEXT_MAX], shown[HOST_TEXT_MAX];
	const char *percent = strchr(host, '%');
	size_t len = percent ? (size_t)(percent - host) : strlen(host);

	if (len >= sizeof(text))
		return 0;
	memcpy(text, host, len);
	text[len] = '\0';
	if (addr_parse(text, out))
		return 0;
	if (family != FAMILY_ANY && out->family != family)
		return err_set(e, ERR_HOST, "\"%s\" is no %s address", text,
			       family_name(family));
	if (!percent)
		return 1;
	escape_text(percent + 1, shown, sizeof(shown));
	if (out->family != FAMILY_IPV6 || !addr_is_link_local(out))
		return err_set(e, ERR_HOST,
			       "%s%%%s: only a link-local IPv6 address takes "
			       "an interface", text, shown);
	out->scope = scope_index(percent + 1);
	if (!out->scope)
		return err_set(e, ERR_INTERFACE, "%s: no interface \"%s\"",
			       text, shown);
	return 1;
}

#ifdef TP_NAMES_BUILT_IN

/*
 * A static C library has two services inside, and these it uses. Any other
 * that nsswitch.conf may name it would load from the system that it happens to
 * run on, together with that system's own C library.
 */
static void choose_services(void)
{
	__nss_configure_lookup("hosts", "files dns");
}

#else

static void choose_services(void)
{
}

#endif

static const char *failure_text(int failure)
{
	return failure == EAI_SYSTEM ? strerror(errno) : gai_strerror(failure);
}

int resolve_host(void *arg, const char *host, enum family family,
		 struct addr *out, struct err *e)
{
	const struct addrinfo hints = {
		.ai_family = family == FAMILY_IPV4   ? AF_INET
			     : family == FAMILY_IPV6 ? AF_INET6
						     : AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *list = NULL;
	struct endpoint found;
	char shown[HOST_TEXT_MAX];
	int ret;

	(void)arg;
	ret = numeric(host, family, out, e);
	if (ret)
		return ret < 0 ? ret : 0;
	escape_text(host, shown, sizeof(shown));
	choose_services();
	ret = getaddrinfo(host, NULL, &hints, &list);
	if (ret)
		return err_set(e, ERR_HOST, "cannot resolve \"%s\": %s", shown,
			       failure_text(ret));
	ret = -ERR_HOST;
	for (struct addrinfo *at = list; at && ret; at = at->ai_next)
		ret = sockaddr_to(at->ai_addr, &found) ? -ERR_HOST : 0;
	freeaddrinfo(list);
	if (ret)
		return err_set(e, ERR_HOST, "cannot resolve \"%s\": no address",
			       shown);
	*out = found.addr;
	return 0;
}
