/* SPDX-License-Identifier: BSD-2-Clause */
/* One packet in words, its numbers counted from where each side began. */
#include "report/step.h"

#include <inttypes.h>
#include <string.h>

#include "base/line.h"
#include "wire/ip.h"
#include "wire/options.h"
#include "wire/seq.h"
#include "wire/text.h"

bool step_pair_equal(const struct step_pair *a, const struct step_pair *b)
{
	return endpoint_equal(&a->ours, &b->ours) &&
	       endpoint_equal(&a->theirs, &b->theirs);
}

static struct step_pair pair_of(enum trace_dir dir, struct endpoint from,
				struct endpoint to)
{
	if (dir == TRACE_OUT)
		return (struct step_pair){ .ours = from, .theirs = to };
	return (struct step_pair){ .ours = to, .theirs = from };
}

/* An error belongs to the segment that it quotes, which went the other way. */
static struct step_pair icmp_pair(enum trace_dir dir, const struct icmp *icmp)
{
	enum trace_dir other = dir == TRACE_OUT ? TRACE_IN : TRACE_OUT;

	if (icmp->what == ICMP_ERROR && icmp->quote.tcp)
		return pair_of(
			other,
			(struct endpoint){ icmp->quote.src, icmp->quote.sport },
			(struct endpoint){ icmp->quote.dst,
					   icmp->quote.dport });
	return pair_of(dir, (struct endpoint){ .addr = icmp->src },
		       (struct endpoint){ .addr = icmp->dst });
}

void step_read(struct step *s, const struct trace_entry *entry,
	       const struct step_pair *before)
{
	enum segment_fault fault;
	enum ip_fault ip_fault;
	struct ip ip;

	*s = (struct step){
		.entry = entry,
		.kind = STEP_MALFORMED,
		.pair = *before,
	};
	ip_fault = ip_parse(entry->bytes, entry->len, &ip);
	if (ip_fault) {
		s->fault = ip_fault_text(ip_fault);
		return;
	}
	fault = segment_parse_ip(&ip, &s->segment);
	if (fault == SEGMENT_NOT_TCP && icmp_parse(&ip, &s->icmp) == 0) {
		s->kind = STEP_ICMP;
		s->pair = icmp_pair(entry->dir, &s->icmp);
		return;
	}
	s->fault = segment_fault_text(fault);
	if (fault == SEGMENT_NOT_TCP)
		return;
	if (fault == SEGMENT_OK)
		s->kind = STEP_SEGMENT;
	if (s->segment.sport || s->segment.dport)
		s->pair = pair_of(
			entry->dir,
			(struct endpoint){ s->segment.src, s->segment.sport },
			(struct endpoint){ s->segment.dst, s->segment.dport });
}

/*
 * Counted from the side's initial number; where it had several, from the one
 * that is nearest. Behind it is negative; without any it stands as it is.
 */
static void add_number(struct line *l, const char *name, uint32_t n,
		       const struct step_side *side)
{
	int64_t best = 0;

	if (!side->isn_n) {
		line_add(l, " %s=%" PRIu32, name, n);
		return;
	}
	for (unsigned i = 0; i < side->isn_n; i++) {
		int64_t far = seq_diff(n, side->isn[i]);

		if (i == 0 || llabs(far) < llabs(best))
			best = far;
	}
	line_add(l, " %s=%" PRId64, name, best);
}

static void learn_isn(struct step_side *side, uint32_t isn)
{
	if (side->isn_n && side->isn[0] == isn)
		return;
	side->isn[1] = side->isn[0];
	side->isn[0] = isn;
	if (side->isn_n < ARRAY_LEN(side->isn))
		side->isn_n++;
}

static void tell_segment(const struct step *step, struct step_side *from,
			 const struct step_side *to, struct line *l)
{
	const struct segment *s = &step->segment;
	char flags[TEXT_FLAG_NAMES_MAX];

	line_add(l, "%s", text_flag_names(s->flags, flags));
	if (s->flags & TCP_SYN) {
		line_add(l, " seq=%" PRIu32, s->seq);
		learn_isn(from, s->seq);
	} else {
		add_number(l, "seq", s->seq, from);
	}
	if (s->flags & TCP_ACK)
		add_number(l, "ack", s->ack, to);
	if (s->payload_len)
		line_add(l, " len=%zu", s->payload_len);
	if (s->flags & TCP_SYN)
		line_add(l, " win=%u", s->window);
	if (s->ttl != from->ttl)
		line_add(l, " ttl=%u", s->ttl);
	from->ttl = s->ttl;
	if (!s->sum_good)
		line_add(l, " bad checksum");
}

/* Without the padding between them, or two timestamps fill more than a line. */
static void tell_options(const struct segment *s,
			 char out[static STEP_TEXT_MAX])
{
	static const char nop[] = "nop";
	char all[OPTIONS_TEXT_MAX];
	const char *at =
		options_text(s->options, s->options_len, all, sizeof(all));
	struct line l = line_init(out, STEP_TEXT_MAX);

	while (*at) {
		size_t n = strcspn(at, ",");

		if (n != strlen(nop) || memcmp(at, nop, n) != 0)
			line_add(&l, "%s%.*s", l.len ? "," : "", (int)n, at);
		at += n;
		if (*at)
			at++;
	}
}

static void tell_icmp(const struct step *s, struct line *l)
{
	const struct icmp *icmp = &s->icmp;
	char from[ADDR_TEXT_MAX];

	line_add(l, "ICMP %s from %s (type %u code %u)",
		 icmp_text((enum family)icmp->src.family, icmp->type,
			   icmp->code),
		 addr_format(&icmp->src, from), icmp->type, icmp->code);
}

void step_tell(const struct step *s, struct step_sides *sides,
	       char label[static STEP_TEXT_MAX],
	       char options[static STEP_TEXT_MAX])
{
	bool out = s->entry->dir == TRACE_OUT;
	struct line l = line_init(label, STEP_TEXT_MAX);

	options[0] = '\0';
	switch (s->kind) {
	case STEP_SEGMENT:
		tell_segment(s, out ? &sides->ours : &sides->theirs,
			     out ? &sides->theirs : &sides->ours, &l);
		/* Elsewhere they are timestamps over and over. */
		if (s->segment.options_len &&
		    (s->segment.flags & (TCP_SYN | TCP_RST)))
			tell_options(&s->segment, options);
		break;
	case STEP_ICMP:
		tell_icmp(s, &l);
		break;
	case STEP_MALFORMED:
		line_add(&l, "malformed: %s", s->fault);
		break;
	}
	if (s->entry->foreign)
		line_add(&l, " by our own kernel");
}
