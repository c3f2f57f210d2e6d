/* SPDX-License-Identifier: BSD-2-Clause */
/* Craft any segment: the options, and what they come to. sending.c does it. */
#include "probe/send.h"

#include "probe/sending.h"

#define TOTAL_MAX 1000000
#define INTERVAL_MAX_NS (3600 * TIME_S)

static const struct probe_verdict verdicts[] = {
	{ "syn-ack", "the first answer is a SYN-ACK", false },
	{ "ack", "a bare ACK", false },
	{ "data", "data", false },
	{ "fin", "a FIN without data", false },
	{ "rst", "a RST", true },
	{ "unreachable", "an ICMP error, from the target or on the way", true },
	{ "silence", "nothing, which is proved", true },
	{ "other", "anything else, malformed segments too", false },
	{ "inconclusive", "nothing can be said, with the reason", false },
};

/* In the order of the two bits. */
static const char *const ecn_names[] = { "not-ect", "ect1", "ect0", "ce",
					 NULL };
#define TOS_ECN_BITS 3

#define ROW(member) .offset = offsetof(struct send_settings, member)

static const struct opt options[] = {
	{ .type = OPT_HEADING, .help = "The TCP header" },
	{ .letter = 'f', .name = "flags", .type = OPT_TEXT, .arg = "FLAGS",
	  ROW(flags_text), .shown = "S; with --connected . or P.",
	  .help = "letters of SFRP.UEWe (A is .), names (syn,ack), or none" },
	{ .name = "reserved", .type = OPT_NUMBER, .arg = "N", ROW(reserved),
	  .max = 7, .shown = "0", .help = "the three reserved bits" },
	{ .name = "seq", .type = OPT_TEXT, .arg = "N", ROW(seq_text),
	  .shown = "random; with --connected +0",
	  .help = "sequence number; +1, -1, +win, -win+1 count from what is "
		  "next, with --connected" },
	{ .name = "ack", .type = OPT_TEXT, .arg = "N", ROW(ack_text),
	  .shown = "0; with --connected +0",
	  .help = "acknowledgement number, in the same forms" },
	{ .name = "window", .type = OPT_NUMBER, .arg = "N", ROW(window),
	  .max = UINT16_MAX, .shown = "as Linux has it",
	  .help = "the window field, unscaled" },
	{ .name = "urgent", .type = OPT_NUMBER, .arg = "N", ROW(urgent),
	  .max = UINT16_MAX, .shown = "0", .help = "the urgent pointer" },
	{ .name = "data-offset", .type = OPT_NUMBER, .arg = "N",
	  ROW(data_offset), .max = 15, .shown = "the right one",
	  .help = "the data offset in words, also a wrong one" },
	{ .name = "checksum", .type = OPT_TEXT, .arg = "WHAT",
	  ROW(checksum_text), .shown = "the right one",
	  .help = "bad, or a value" },
	{ .name = "options", .type = OPT_TEXT, .arg = "LIST",
	  ROW(options_text), .shown = "what belongs there",
	  .help = "none, or in order any of mss=N, sack-ok, ts, ts=VAL:ECR, "
		  "nop, wscale=N, sack=L-R, tfo, tfo=HEX, md5=HEX, eol, "
		  "KIND:HEX, raw:HEX" },
	{ .type = OPT_HEADING, .help = "The payload" },
	{ .letter = 'd', .name = "data", .type = OPT_TEXT, .arg = "TEXT",
	  ROW(data.text),
	  .help = "the payload; \\r \\n \\t \\0 \\xHH and \\\\ are known" },
	{ .name = "data-hex", .type = OPT_TEXT, .arg = "HEX", ROW(data.hex),
	  .help = "the payload as hexadecimal digits" },
	{ .name = "data-file", .type = OPT_TEXT, .arg = "FILE",
	  ROW(data.file), .hint = HINT_FILE,
	  .help = "the payload from a file; - is standard input" },
	{ .name = "data-size", .type = OPT_NUMBER, .arg = "N",
	  ROW(data.size), .max = UINT32_MAX,
	  .help = "so many bytes of payload: digits, over and over" },
	{ .type = OPT_HEADING, .help = "The IP header" },
	{ .name = "ttl", .type = OPT_TEXT, .arg = "N[-M]", ROW(ttl_text),
	  .shown = "64",
	  .help = "time to live (hop limit); of a range a segment each" },
	{ .name = "tos", .type = OPT_NUMBER, .arg = "N", ROW(tos),
	  .max = UINT8_MAX, .shown = "0",
	  .help = "type of service (traffic class), the whole byte" },
	{ .name = "ecn", .type = OPT_CHOICE, .arg = "MARK", ROW(ecn),
	  .choices = ecn_names, .shown = "not-ect",
	  .help = "the two low bits of that byte" },
	{ .name = "no-df", .type = OPT_FLAG, ROW(no_df),
	  .help = "IPv4: without \"don't fragment\"" },
	{ .name = "ip-id", .type = OPT_NUMBER, .arg = "N", ROW(ip_id),
	  .min = 1, .max = UINT16_MAX, .shown = "random",
	  .help = "IPv4: identification; the kernel replaces a 0" },
	{ .name = "flow-label", .type = OPT_NUMBER, .arg = "N",
	  ROW(flow_label), .max = 0xfffff, .shown = "0",
	  .help = "IPv6: flow label" },
	{ .type = OPT_HEADING, .help = "How many, and when" },
	{ .letter = 'c', .name = "count", .type = OPT_NUMBER, .arg = "N",
	  ROW(count), .min = 1, .max = TOTAL_MAX, .shown = "1",
	  .help = "so many segments (of each TTL)" },
	{ .letter = 'I', .name = "interval", .type = OPT_DURATION,
	  .arg = "DURATION", ROW(interval_ns), .max = INTERVAL_MAX_NS,
	  .shown = "1s; of a range of TTLs until answered",
	  .help = "from one segment to the next" },
	{ .letter = 'k', .name = "same-pair", .type = OPT_FLAG,
	  ROW(same_pair),
	  .help = "all segments from one source port, which is reset only at "
		  "the end" },
	{ .letter = 'u', .name = "until-answer", .type = OPT_FLAG,
	  ROW(until_answer),
	  .help = "end at the first answer that is no used up TTL" },
	{ .type = OPT_HEADING, .help = "Within a connection" },
	{ .letter = 'C', .name = "connected", .type = OPT_FLAG,
	  ROW(connected),
	  .help = "within a connection: shake hands first (that alone is "
		  "repeated, -r times), and acknowledge what comes" },
	TRIGGER_ROW(struct send_settings, trigger),
	{ .name = "repeat", .type = OPT_FLAG, ROW(repeat),
	  .help = "with --connected: every time the same numbers, not the "
		  "next ones" },
	{ .name = "no-ack", .type = OPT_FLAG, ROW(no_ack),
	  .help = "with --connected: do not acknowledge what comes in answer" },
};

static const struct send_settings defaults = {
	.reserved = 0,
	.window = SEND_UNSET,
	.data_offset = SEND_UNSET,
	.tos = SEND_UNSET,
	.ip_id = SEND_UNSET,
	.flow_label = SEND_UNSET,
	.ecn = -1,
	.data.size = PAYLOAD_NO_SIZE,
	.count = 1,
	.interval_ns = SEND_UNSET_NS,
};

static int prepare_texts(struct send_settings *s, struct err *e)
{
	int ret = 0;

	if (s->flags_text)
		ret = craft_flags(s->flags_text, &s->flags, e);
	if (!ret && s->seq_text)
		ret = craft_number("--seq", s->seq_text, &s->seq, e);
	if (!ret && s->ack_text)
		ret = craft_number("--ack", s->ack_text, &s->ack, e);
	if (!ret && s->ttl_text)
		ret = craft_ttl(s->ttl_text, &s->ttl_first, &s->ttl_last, e);
	if (!ret && s->checksum_text)
		ret = craft_sum(s->checksum_text, &s->sum_mode, &s->sum, e);
	if (!ret && s->options_text)
		ret = craft_options(s->options_text, &s->options, e);
	if (!ret)
		ret = payload_make(&s->data, &s->payload, e);
	if (!ret)
		ret = trigger_prepare(&s->trigger, e);
	return ret;
}

/* What only a connection can give a meaning to. */
static int check_unconnected(const struct send_settings *s, struct err *e)
{
	const char *option = NULL;

	if (s->seq.relative)
		option = "--seq: a number with a sign counts from what is next";
	else if (s->ack.relative)
		option = "--ack: a number with a sign counts from what is next";
	else if (craft_options_count_from(&s->options, CRAFT_RCV_NXT))
		option = "--options: a sack with a sign counts from what is "
			 "next";
	if (option)
		return err_set(e, ERR_USAGE,
			       "%s, and that is only known with --connected",
			       option);
	if (s->repeat)
		option = "--repeat";
	else if (s->no_ack)
		option = "--no-ack";
	else if (s->trigger.text)
		option = "--trigger";
	if (option)
		return err_set(e, ERR_USAGE, "%s needs --connected", option);
	return 0;
}

static int prepare_tos(struct send_settings *s, struct err *e)
{
	uint64_t low = s->tos & TOS_ECN_BITS;

	if (s->tos == SEND_UNSET)
		s->tos = 0;
	else if (s->ecn >= 0 && low && low != (uint64_t)s->ecn)
		return err_set(e, ERR_USAGE,
			       "--ecn %s contradicts the two low bits of --tos "
			       "(%s)",
			       ecn_names[s->ecn], ecn_names[low]);
	if (s->ecn >= 0)
		s->tos = (s->tos & ~(uint64_t)TOS_ECN_BITS) | (uint64_t)s->ecn;
	return 0;
}

static int prepare_total(struct send_settings *s, struct err *e)
{
	size_t ttls = (size_t)(s->ttl_last - s->ttl_first) + 1;

	s->total = s->count * ttls;
	if (s->total > TOTAL_MAX)
		return err_set(e, ERR_USAGE,
			       "--count: %zu segments for all TTLs together "
			       "are more than %d",
			       s->total, TOTAL_MAX);
	return 0;
}

static int prepare(void *settings, struct err *e)
{
	struct send_settings *s = settings;
	int ret = prepare_texts(s, e);

	if (!ret && !s->connected)
		ret = check_unconnected(s, e);
	if (!ret)
		ret = prepare_tos(s, e);
	if (!ret)
		ret = prepare_total(s, e);
	if (ret)
		return ret;
	if (!s->flags_text && !s->connected)
		s->flags = TCP_SYN;
	else if (!s->flags_text)
		s->flags = s->payload.len ? TCP_PSH | TCP_ACK : TCP_ACK;
	s->flags |= (uint16_t)(s->reserved << 9);
	return 0;
}

static void release(void *settings)
{
	struct send_settings *s = settings;

	payload_free(&s->payload);
	trigger_release(&s->trigger);
}

const struct probe send_probe = {
	.name = "send",
	.summary = "Craft any segment, and show every answer",
	.options = options,
	.options_n = ARRAY_LEN(options),
	.defaults = &defaults,
	.settings_size = sizeof(struct send_settings),
	.prepare = prepare,
	.release = release,
	.verdicts = verdicts,
	.verdicts_n = ARRAY_LEN(verdicts),
	.shows_packets = true,
	.run = send_run,
};
