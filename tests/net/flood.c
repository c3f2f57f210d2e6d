/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile neighbour: whoever sends a SYN to the port gets noise on the same
 * pair, 10,000 segments a second for two seconds (data nobody asked for, lying
 * data offsets, truncated headers). IPv4; needs CAP_NET_RAW. Says "ready".
 *
 *	flood PORT
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <signal.h>
#include <time.h>

#include "base/random.h"
#include "wire/segment.h"

#define BURST 10 /* each millisecond */
#define BURSTS 2000

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	exit(1);
}

static size_t noise(const struct segment *syn, struct random *random,
		    uint8_t *out, size_t size)
{
	struct segment s = {
		.src = syn->dst,
		.dst = syn->src,
		.sport = syn->dport,
		.dport = syn->sport,
		.seq = random_u32(random),
		.ack = random_u32(random),
		.flags = TCP_PSH | TCP_ACK,
		.window = 1,
		.ttl = 64,
		.payload = (const uint8_t *)"noise",
		.payload_len = 5,
	};
	size_t len;

	if (random_chance(random, 300000))
		s.doff = (uint8_t)random_below(random, 5);
	len = segment_build(&s, out, size);
	/* The kernel writes the length: a short one is a short header. */
	return random_chance(random, 100000) ? 28 : len;
}

static void flood(int fd, const struct segment *syn, struct random *random)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct sockaddr_in to = { .sin_family = AF_INET };
	uint8_t packet[128];

	memcpy(&to.sin_addr, syn->src.bytes, sizeof(to.sin_addr));
	for (int i = 0; i < BURSTS; i++) {
		for (int j = 0; j < BURST; j++) {
			size_t len = noise(syn, random, packet, sizeof(packet));

			/* A full queue is as good as noise. */
			(void)!sendto(fd, packet, len, 0,
				      (const struct sockaddr *)&to, sizeof(to));
		}
		nanosleep(&pause, NULL);
	}
}

int main(int argc, char **argv)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_TCP);
	struct random random;
	struct segment s;
	uint8_t packet[2048];
	int port, on = 1;

	if (argc != 2) {
		fputs("usage: flood PORT\n", stderr);
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	port = (int)strtol(argv[1], NULL, 10);
	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &on, sizeof(on)))
		fail("raw socket");
	random_seed(&random, 1);
	puts("ready");
	fflush(stdout);
	for (;;) {
		ssize_t len = recv(fd, packet, sizeof(packet), 0);

		if (len > 0 &&
		    segment_parse(packet, (size_t)len, &s) == SEGMENT_OK &&
		    s.dport == port && s.flags == TCP_SYN)
			flood(fd, &s, &random);
	}
}
