/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bench for the model: one line of text says what is sent to it and when,
 * another what it must answer. No network, no engine.
 *
 * A script is steps, with blanks between:
 *
 *	FLAGS[:SEQ[:ACK[:TEXT]]][MODIFIER...]	send a segment
 *	~MS	let time pass; what comes is shown with its time, "@1000 SA:0:1"
 *	open	SYN, and ACK of the SYN-ACK, without options; answers not shown
 *	open+	the same with MSS, SACK-permitted, timestamps, window scale 7;
 *		later segments have timestamps
 *	new	from the next source port, with another ISN
 *	pair=N	from the Nth source port, where it was left; 0 is the first
 *	to=PORT	to this port of the model from now on
 *	close	the application behind the port is killed
 *	read	the deaf application reads
 *
 * FLAGS are letters of SAFRPU, N for none. SEQ counts from our ISN, ACK from
 * the ISN of the connection's first SYN-ACK (from 0 before there is one). TEXT
 * is a number of bytes, or 'text' with $ for a line feed. MODIFIERs:
 *
 *	!	wrong checksum		%N	reserved bits N
 *	^N	timestamp N ms off	w=N	window N
 *	{HEX}	these options		d=N	data offset N
 *	.	no timestamps
 *
 * Answers are FLAGS:SEQ[:ACK[:LENGTH]][<SACK BLOCKS>] counted the same way, z
 * being a sequence number of zero before there is an ISN; those of one step
 * are separated by blanks, steps by " | ", a step without any is "-". What is
 * for another pair than the current one begins with #N.
 */
#ifndef TP_TESTS_MODEL_BENCH_H
#define TP_TESTS_MODEL_BENCH_H

#include "tests/model/model.h"
#include "wire/options.h"
#include "wire/segment.h"

/* Ports of every bench. */
enum {
	BENCH_CLOSED = 3,
	BENCH_BOUND = 1,
	BENCH_FILTERED = 2,
	BENCH_ECHO = 7,
	BENCH_SINK = 9,
	BENCH_HOLD = 10,
	BENCH_CLOSER = 13, /* after 100 ms */
	BENCH_STREAM = 19, /* 40,000 bytes */
	BENCH_BANNER = 21, /* "hi\n" */
	BENCH_LISTEN = 22, /* backlog 1 */
	BENCH_DEAF = 23,   /* buffer 4096 */
	BENCH_ALIVE = 70,  /* keepalive after 2 s, 3 each second */
	BENCH_HTTP = 80,
	BENCH_HALF = 81,   /* http, and reads on */
	BENCH_LINGER = 82, /* closes with RST after 100 ms */
	BENCH_SLOW = 83,   /* echo after 50 ms */
	BENCH_DEFER = 84,  /* echo, taken up only when data comes */
};

#define BENCH_TEXT_MAX 8192

#define BENCH_PAIRS_MAX 256
#define BENCH_SPORT 40000

/* One of our source ports. */
struct bench_pair {
	uint32_t x, iss;
	bool knows_iss, ts;
	uint32_t ts_recent;
};

struct bench {
	struct model *m;
	int64_t now_ns;
	enum family family;
	uint16_t port;
	struct bench_pair pairs[BENCH_PAIRS_MAX];
	unsigned pair; /* that the script is about */
	bool quiet;
	int64_t shown_from_ns; /* waiting: times count from here; else 0 */
	char text[BENCH_TEXT_MAX];
	size_t text_len;
	/* The last answer, as bytes and parsed. */
	uint8_t last[2048];
	struct segment reply;
	struct options options;
	unsigned replies; /* of all */
};

void bench_init(struct bench *b, const struct model_config *config,
		enum family family);
void bench_fini(struct bench *b);
/* Run the script; what the model said, valid until the next call. */
const char *bench_run(struct bench *b, uint16_t port, const char *script);
/* One script on a fresh bench, and what the healthy model must say. */
struct bench_row {
	const char *id;
	uint16_t port;
	const char *script;
	const char *want;
};
/* A test point a row. */
void bench_check(const struct bench_row *rows, size_t n, enum family family);
/* A fresh bench with one fault (or MODEL_FAULT_N) for one script. */
const char *bench_once(enum model_fault fault, uint16_t port,
		       const char *script, char out[static BENCH_TEXT_MAX]);
struct endpoint bench_remote(const struct bench *b);
const struct bench_pair *bench_pair(const struct bench *b);

#endif
