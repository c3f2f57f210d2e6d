/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole run of nolisten against a target that answers whatever the input
 * says, its report in every format, and its packets as evidence: it always
 * ends, with a verdict or an error, and leaves no port held.
 *
 * The input is a row of answers: a byte of length, a byte of mode, then what
 * stands behind the ports of a TCP header. Each segment of ours takes the next.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "io/evidence.h"
#include "probe/nolisten.h"
#include "report/report.h"
#include "tests/sim/scene.h"
#include "wire/checksum.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum mode {
	MODE_RAW = 1,	 /* the bytes are the datagram */
	MODE_SUM = 2,	 /* with the right checksum */
	MODE_ACK = 4,	 /* that acknowledges our segment */
	MODE_ICMP = 8,	 /* an ICMP error whose code and type come first */
	MODE_AGAIN = 16, /* the next answer goes to the same segment */
};

#define ANSWER_MAX 512

static size_t write_answer(const struct segment *in, struct rd body,
			   unsigned mode, uint8_t *out)
{
	struct ip ip = { .src = in->dst,
			 .dst = in->src,
			 .ttl = 64,
			 .protocol = IP_PROTO_TCP };
	struct wr w = wr_init(out, ANSWER_MAX);
	size_t tcp;
	uint64_t sum;

	ip_write_header(&w, &ip, body.left + 4);
	tcp = w.len;
	wr_u16(&w, in->dport);
	wr_u16(&w, in->sport);
	wr_bytes(&w, body.at, body.left);
	if (w.bad || w.len - tcp < TCP_HEADER_MIN)
		return w.bad ? 0 : w.len;
	if (mode & MODE_ACK) {
		wr_patch_u16(&w, tcp + 8, (uint16_t)((in->seq + 1) >> 16));
		wr_patch_u16(&w, tcp + 10, (uint16_t)(in->seq + 1));
	}
	if (mode & MODE_SUM) {
		wr_patch_u16(&w, tcp + 16, 0);
		sum = checksum_pseudo(&ip.src, &ip.dst, IP_PROTO_TCP,
				      (uint32_t)(w.len - tcp));
		sum = checksum_add(sum, out + tcp, w.len - tcp);
		wr_patch_u16(&w, tcp + 16, checksum_finish(sum));
	}
	return w.len;
}

static size_t write_error(const struct segment *in, const uint8_t *datagram,
			  size_t len, struct rd body, uint8_t *out)
{
	struct icmp error = {
		.what = ICMP_ERROR, .src = in->dst, .dst = in->src, .ttl = 64
	};

	error.type = rd_u8(&body);
	error.code = rd_u8(&body);
	return icmp_build_error(&error, datagram, len > 64 ? 64 : len, out,
				ANSWER_MAX);
}

static void answer(struct scriptpeer *p, int64_t now_ns, const uint8_t *bytes,
		   size_t len)
{
	struct rd *input = p->arg;
	uint8_t out[ANSWER_MAX];
	struct segment in;
	unsigned mode;

	(void)now_ns;
	if (segment_parse(bytes, len, &in) == SEGMENT_NOT_TCP)
		return;
	do {
		size_t n = rd_u8(input);
		struct rd body;

		mode = rd_u8(input);
		body = rd_part(input, n < input->left ? n : input->left);
		if (input->bad)
			return;
		if (mode & MODE_RAW)
			simlink_emit(p->sim, &p->peer, TIME_MS, body.at,
				     body.left);
		else if ((n = mode & MODE_ICMP
				      ? write_error(&in, bytes, len, body, out)
				      : write_answer(&in, body, mode, out)))
			simlink_emit(p->sim, &p->peer, TIME_MS, out, n);
	} while (mode & MODE_AGAIN);
}

/* What TAP and XML can hold, whatever a peer has sent. */
static bool is_plain(const char *text)
{
	while (*text == '\n' || (*text >= ' ' && *text <= '~'))
		text++;
	return !*text;
}

static void render(const struct finding *f, enum report_format format)
{
	struct report_config config = {
		.format = format,
		.probe = &nolisten_probe,
		.verbose = true,
		.unicode = true,
		.expected = 1,
	};
	struct report *r;
	struct err err;
	char *text;
	size_t size;

	config.out = open_memstream(&text, &size);
	BUG_ON(!config.out || report_open(&config, &r, &err));
	BUG_ON(report_finding(r, f) || report_close(r, &err));
	fclose(config.out);
	BUG_ON(!size);
	BUG_ON((format == REPORT_TAP || format == REPORT_JUNIT) &&
	       !is_plain(text));
	free(text);
}

static void keep(const struct finding *f)
{
	struct evidence *v;
	struct err err;

	BUG_ON(evidence_open("/dev/null", &v, &err));
	BUG_ON(evidence_start(v, &err));
	BUG_ON(evidence_add(v, "eth0", &f->trace, &err));
	BUG_ON(evidence_close(v, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const struct nolisten_settings settings = {
		.checks = len && bytes[0] & 1,
	};
	struct rd input = rd_init(bytes + (len > 0), len - (len > 0));
	struct finding f;
	struct scene s;

	scene_open(&s, &(struct scene_config){
			       .script = answer,
			       .script_arg = &input,
			       .ipv6 = len && bytes[0] & 2,
			       .sim.gateway = len && bytes[0] & 4,
			       .retries = 1,
		       });
	scene_probe(&s, &nolisten_probe, &settings, 80, &f);
	BUG_ON(!f.verdict && f.outcome != OUTCOME_ERROR);
	for (int format = 0; format < REPORT_FORMAT_N; format++)
		render(&f, (enum report_format)format);
	keep(&f);
	finding_fini(&f);
	scene_close(&s);
	return 0;
}
