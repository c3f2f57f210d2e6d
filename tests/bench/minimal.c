/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The least that a one-shot prober has to do, as a measure for others: hold a
 * source port, capture, send one SYN by a raw socket, wait for its answer.
 *
 *	minimal ADDRESS PORT	prints "SA" or "RA"; silence ends it by SIGALRM
 *
 * It does what tcpprobe does on the network and nothing else: no options, no
 * retries, no name lookup, no dropped privileges, no report.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IP_BYTES 20
#define TCP_BYTES 24
#define TCP_FLAGS 13 /* offset of the byte */

static void fail(const char *what)
{
	perror(what);
	exit(5);
}

/* The address that the kernel would send from. */
static struct sockaddr_in source_for(const struct sockaddr_in *target)
{
	struct sockaddr_in source = { 0 };
	socklen_t len = sizeof(source);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)target, sizeof(*target)) ||
	    getsockname(fd, (struct sockaddr *)&source, &len))
		fail("route");
	close(fd);
	return source;
}

/* A port that stays ours, and on which our kernel answers nothing. */
static int hold_port(struct sockaddr_in *source)
{
	socklen_t len = sizeof(*source);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int ttl = 255;

	source->sin_port = 0;
	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_MINTTL, &ttl, sizeof(ttl)) ||
	    bind(fd, (struct sockaddr *)source, sizeof(*source)) ||
	    listen(fd, 1) || getsockname(fd, (struct sockaddr *)source, &len))
		fail("source port");
	return fd;
}

static pcap_t *open_capture(const struct sockaddr_in *target,
			    const struct sockaddr_in *source)
{
	char text[PCAP_ERRBUF_SIZE], address[INET_ADDRSTRLEN];
	char filter[128];
	struct bpf_program program;
	pcap_t *p = pcap_create("any", text);

	inet_ntop(AF_INET, &target->sin_addr, address, sizeof(address));
	snprintf(filter, sizeof(filter),
		 "tcp and src host %s and src port %u and dst port %u", address,
		 ntohs(target->sin_port), ntohs(source->sin_port));
	if (!p || pcap_set_snaplen(p, 128) || pcap_set_timeout(p, 1000) ||
	    pcap_set_immediate_mode(p, 1) || pcap_activate(p) < 0 ||
	    pcap_set_datalink(p, DLT_LINUX_SLL) ||
	    pcap_compile(p, &program, filter, 1, PCAP_NETMASK_UNKNOWN) ||
	    pcap_setfilter(p, &program)) {
		fprintf(stderr, "capture: %s\n", p ? pcap_geterr(p) : text);
		exit(5);
	}
	pcap_freecode(&program);
	return p;
}

static uint32_t sum_words(const uint8_t *bytes, size_t len, uint32_t sum)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return sum;
}

static void put16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void send_syn(const struct sockaddr_in *target,
		     const struct sockaddr_in *source)
{
	uint8_t packet[IP_BYTES + TCP_BYTES] = {
		0x45, 0, 0,  IP_BYTES + TCP_BYTES, 0, 0,
		0x40, 0, 64, IPPROTO_TCP,
	};
	uint8_t *tcp = packet + IP_BYTES;
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	uint32_t sum;

	memcpy(packet + 12, &source->sin_addr, 4);
	memcpy(packet + 16, &target->sin_addr, 4);
	memcpy(tcp, &source->sin_port, 2);
	memcpy(tcp + 2, &target->sin_port, 2);
	put16(tcp + 4, (uint32_t)getpid());
	tcp[12] = TCP_BYTES / 4 << 4;
	tcp[TCP_FLAGS] = 0x02;
	put16(tcp + 14, 64240);
	tcp[20] = 2;
	tcp[21] = 4;
	put16(tcp + 22, 1460);
	sum = sum_words(packet + 12, 8, IPPROTO_TCP + TCP_BYTES);
	sum = sum_words(tcp, TCP_BYTES, sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(tcp + 16, ~sum);
	if (fd < 0 ||
	    sendto(fd, packet, sizeof(packet), 0,
		   (const struct sockaddr *)target, sizeof(*target)) < 0)
		fail("send");
	close(fd);
}

int main(int argc, char **argv)
{
	struct sockaddr_in target = { .sin_family = AF_INET }, source;
	struct pcap_pkthdr *header;
	const u_char *bytes;
	uint32_t at = 16; /* of the IP header, behind LINUX_SLL */
	pcap_t *capture;
	int guard;

	if (argc != 3 || inet_pton(AF_INET, argv[1], &target.sin_addr) != 1) {
		fprintf(stderr, "usage: minimal ADDRESS PORT\n");
		return 2;
	}
	target.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	source = source_for(&target);
	guard = hold_port(&source);
	capture = open_capture(&target, &source);
	send_syn(&target, &source);
	alarm(1);
	if (pcap_next_ex(capture, &header, &bytes) != 1)
		fail("capture");
	at += (bytes[at] & 0xfu) * 4;
	puts(bytes[at + TCP_FLAGS] & 0x02 ? "SA" : "RA");
	/* The answer does not wait for the closing below. */
	fflush(stdout);
	pcap_close(capture);
	close(guard);
	return 0;
}
