/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks of a ring that the kernel hands over when they are full or a
 * millisecond old (TPACKET_V3, which libpcap uses as long as immediate mode is
 * off): a million packets a second pass without loss, and a single answer is
 * seen half a millisecond late with a stamp that is exact all the same.
 *
 * The filter goes to the socket directly. pcap_setfilter() replaces one by way
 * of a filter that refuses everything, so what arrives in between is lost
 * without a trace, and our ports change while conversations go on; the kernel
 * itself swaps filters whole.
 */
#include "io/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/socket.h>

#include "io/framing.h"

/* The largest datagram behind the longest link header. */
#define SNAPLEN (65535 + 64)
#define BUFFER_BYTES (2 << 20)
#define BLOCK_AGE_MS 1
/* So that a flood cannot keep the caller from its deadlines. */
#define BATCH_MAX 1024
#define ETHERNET_HEADER 14

struct capture {
	pcap_t *pcap;
	int fd;
	enum framing framing;
	int64_t stamp_unit_ns;
	char interface[LINK_NAME_MAX];
	/* Of the drain that is under way. */
	link_sink *sink;
	void *arg;
	int handed;
};

static int set_up(struct capture *c)
{
	pcap_t *p = c->pcap;

	/* Its failures all mean "activated already", which it is not. */
	pcap_set_snaplen(p, SNAPLEN);
	pcap_set_promisc(p, 0);
	pcap_set_timeout(p, BLOCK_AGE_MS);
	pcap_set_buffer_size(p, BUFFER_BYTES);
	c->stamp_unit_ns = 1;
	if (pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO)) {
		pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_MICRO);
		c->stamp_unit_ns = TIME_US;
	}
	return pcap_activate(p);
}

static int set_up_failed(const struct capture *c, int status, struct err *e)
{
	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
		return err_set(e, ERR_PERMISSION, "capture on %s: %s",
			       c->interface, pcap_statustostr(status));
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return err_set(e, ERR_INTERFACE, "no interface \"%s\"",
			       c->interface);
	case PCAP_ERROR_IFACE_NOT_UP:
		return err_set(e, ERR_INTERFACE, "%s is down", c->interface);
	case PCAP_ERROR:
		return err_set(e, ERR_CAPTURE, "capture on %s: %s",
			       c->interface, pcap_geterr(c->pcap));
	default:
		return err_set(e, ERR_CAPTURE, "capture on %s: %s",
			       c->interface, pcap_statustostr(status));
	}
}

static int find_framing(struct capture *c, struct err *e)
{
	int type = pcap_datalink(c->pcap);
	const char *name;

	switch (type) {
	case DLT_EN10MB:
		c->framing = FRAMING_ETHERNET;
		return 0;
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		c->framing = FRAMING_NONE;
		return 0;
	case DLT_NULL:
	case DLT_LOOP:
		c->framing = FRAMING_FAMILY;
		return 0;
	case DLT_LINUX_SLL:
		c->framing = FRAMING_COOKED;
		return 0;
	case DLT_LINUX_SLL2:
		c->framing = FRAMING_COOKED2;
		return 0;
	default:
		name = pcap_datalink_val_to_name(type);
		return err_set(e, ERR_UNSUPPORTED,
			       "capture on %s: its link type %s is not known",
			       c->interface, name ? name : "?");
	}
}

static int activate(struct capture *c, struct err *e)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	const struct filter none = { .n = 0 };
	int status;

	c->pcap = pcap_create(c->interface, why);
	if (!c->pcap)
		return err_set(e, ERR_CAPTURE, "capture on %s: %s",
			       c->interface, why);
	status = set_up(c);
	if (status < 0)
		return set_up_failed(c, status, e);
	c->fd = pcap_get_selectable_fd(c->pcap);
	if (c->fd < 0 || pcap_setnonblock(c->pcap, 1, why) ||
	    fcntl(c->fd, F_SETFD, FD_CLOEXEC))
		return err_set(e, ERR_CAPTURE, "capture on %s: %s",
			       c->interface, *why ? why : strerror(errno));
	status = find_framing(c, e);
	if (status)
		return status;
	return capture_filter(c, &none, e);
}

int capture_open(const char *interface, struct capture **out, struct err *e)
{
	struct capture *c = calloc(1, sizeof(*c));
	int ret;

	if (!c)
		return err_set(e, ERR_MEMORY, "capture: out of memory");
	memccpy(c->interface, interface, '\0', sizeof(c->interface) - 1);
	ret = activate(c, e);
	if (ret) {
		capture_close(c);
		return ret;
	}
	*out = c;
	return 0;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	if (c->pcap)
		pcap_close(c->pcap);
	free(c);
}

int capture_fd(const struct capture *c)
{
	return c->fd;
}

int capture_filter(struct capture *c, const struct filter *f, struct err *e)
{
	struct sock_filter program[FILTER_PROGRAM_MAX];
	struct sock_fprog prog = { .filter = program };
	/* A cooked socket begins at the IP header; libpcap makes the rest. */
	uint32_t offset = c->framing == FRAMING_ETHERNET ? ETHERNET_HEADER
			  : c->framing == FRAMING_FAMILY ? 4
							 : 0;

	prog.len = (unsigned short)filter_build(f, offset, SNAPLEN, program);
	if (setsockopt(c->fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
		       sizeof(prog)))
		return err_set(e, ERR_CAPTURE, "capture on %s: set a filter: "
			       "%s", c->interface, strerror(errno));
	return 0;
}

static void take(unsigned char *user, const struct pcap_pkthdr *header,
		 const unsigned char *bytes)
{
	struct capture *c = (void *)user;
	struct link_packet packet = {
		.t_ns = header->ts.tv_sec * TIME_S +
			header->ts.tv_usec * c->stamp_unit_ns,
	};

	packet.bytes = framing_strip(c->framing, bytes, header->caplen,
				     &packet.len);
	if (!packet.bytes)
		return;
	c->handed++;
	c->sink(c->arg, &packet);
}

/*
 * An interface that goes down or away leaves ENETDOWN on the socket. libpcap
 * would take a mere "down" for a pause; a probe would take it for silence.
 */
static int check_alive(const struct capture *c, struct err *e)
{
	int why = 0;
	socklen_t len = sizeof(why);

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &why, &len) || !why)
		return 0;
	if (why == ENETDOWN || why == ENODEV || why == ENXIO)
		return err_set(e, ERR_CAPTURE,
			       "capture on %s: the interface went down or away",
			       c->interface);
	return err_set(e, ERR_CAPTURE, "capture on %s: %s", c->interface,
		       strerror(why));
}

int capture_drain(struct capture *c, link_sink *sink, void *arg, struct err *e)
{
	int ret = check_alive(c, e);

	if (ret)
		return ret;
	c->sink = sink;
	c->arg = arg;
	c->handed = 0;
	if (pcap_dispatch(c->pcap, BATCH_MAX, take, (void *)c) < 0)
		return err_set(e, ERR_CAPTURE, "capture on %s: %s",
			       c->interface, pcap_geterr(c->pcap));
	return c->handed;
}

uint64_t capture_dropped(struct capture *c)
{
	struct pcap_stat stats;

	return pcap_stats(c->pcap, &stats) ? 0 : stats.ps_drop;
}
