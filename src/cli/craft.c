/* SPDX-License-Identifier: BSD-2-Clause */
/* A segment's fields from text: flags, numbers, the time to live, checksums. */
#include "cli/craft.h"

#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "base/num.h"

#define QUOTE_MAX 100
/* "0xffffffff" and shorter; what is longer is no number that fits. */
#define NUMBER_MAX 40
/* Flips bits of the right sum: never all, which would be the same sum. */
#define BAD_SUM_BITS 0x1234

static int refuse(struct err *e, const char *option, const char *text,
		  const char *why)
{
	char quoted[QUOTE_MAX];

	return err_set(e, ERR_USAGE, "%s: \"%s\" %s", option,
		       escape_text(text, quoted, sizeof(quoted)), why);
}

/* --- flags ------------------------------------------------------------- */

static const struct flag_name {
	char letter;
	const char *name;
	uint16_t flag;
} flag_names[] = {
	{ 'S', "syn", TCP_SYN }, { 'F', "fin", TCP_FIN },
	{ 'R', "rst", TCP_RST }, { 'P', "psh", TCP_PSH },
	{ '.', "ack", TCP_ACK }, { 'A', "ack", TCP_ACK },
	{ 'U', "urg", TCP_URG }, { 'E', "ece", TCP_ECE },
	{ 'W', "cwr", TCP_CWR }, { 'e', "ae", TCP_AE },
};

static bool read_letters(const char *text, uint16_t *flags)
{
	*flags = 0;
	for (; *text; text++) {
		size_t i = 0;

		while (i < ARRAY_LEN(flag_names) &&
		       flag_names[i].letter != *text)
			i++;
		if (i == ARRAY_LEN(flag_names))
			return false;
		*flags |= flag_names[i].flag;
	}
	return true;
}

/* Names with commas in between, in small letters or large. */
static bool read_names(const char *text, uint16_t *flags)
{
	*flags = 0;
	for (;;) {
		size_t len = strcspn(text, ","), i = 0;

		while (i < ARRAY_LEN(flag_names) &&
		       (strlen(flag_names[i].name) != len ||
			strncasecmp(flag_names[i].name, text, len) != 0))
			i++;
		if (i == ARRAY_LEN(flag_names))
			return false;
		*flags |= flag_names[i].flag;
		if (!text[len])
			return true;
		text += len + 1;
	}
}

int craft_flags(const char *text, uint16_t *flags, struct err *e)
{
	if (strcasecmp(text, "none") == 0) {
		*flags = 0;
		return 0;
	}
	if (*text && (read_letters(text, flags) || read_names(text, flags)))
		return 0;
	return refuse(e, "--flags", text,
		      "is neither letters (SFRP.UEWe, A is .) nor names "
		      "(syn,ack) nor none");
}

/* --- numbers ----------------------------------------------------------- */

/* "7", "+7", "-7", modulo 2^32. */
static bool read_signed(const char *text, bool needs_sign, uint32_t *out)
{
	bool sign = *text == '+' || *text == '-';
	const char *why;
	uint64_t v;

	if ((needs_sign && !sign) ||
	    num_parse_u64(text + sign, 0, UINT32_MAX, &v, &why))
		return false;
	*out = *text == '-' ? 0 - (uint32_t)v : (uint32_t)v;
	return true;
}

int craft_number(const char *option, const char *text, struct craft_number *out,
		 struct err *e)
{
	struct craft_number n = { .given = true };
	const char *rest = text;

	n.relative = *text == '+' || *text == '-';
	if (n.relative && strncmp(text + 1, "win", 3) == 0) {
		n.windows = *text == '-' ? -1 : 1;
		rest = text + 4;
	}
	if ((*rest || !n.windows) && !read_signed(rest, n.windows, &n.n))
		return refuse(e, option, text,
			      "is no number up to 4294967295, nor one like +1, "
			      "-1, +win, -win+1");
	*out = n;
	return 0;
}

uint32_t craft_number_at(const struct craft_number *n, uint32_t next,
			 uint32_t window)
{
	if (!n->relative)
		return n->n;
	if (n->windows > 0)
		next += window;
	else if (n->windows < 0)
		next -= window;
	return next + n->n;
}

int craft_ttl(const char *text, uint8_t *first, uint8_t *last, struct err *e)
{
	static const char why_not[] = "is no TTL, nor a range of them upwards "
				      "(1 to 255, as in 64 or 1-30)";
	const char *dash = strchr(text, '-'), *why;
	size_t len = dash ? (size_t)(dash - text) : strlen(text);
	char low[NUMBER_MAX];
	uint64_t from, to;

	if (len >= sizeof(low))
		return refuse(e, "--ttl", text, why_not);
	memcpy(low, text, len);
	low[len] = '\0';
	if (num_parse_u64(low, 1, UINT8_MAX, &from, &why))
		return refuse(e, "--ttl", text, why_not);
	to = from;
	if (dash && num_parse_u64(dash + 1, from, UINT8_MAX, &to, &why))
		return refuse(e, "--ttl", text, why_not);
	*first = (uint8_t)from;
	*last = (uint8_t)to;
	return 0;
}

int craft_sum(const char *text, enum segment_sum *mode, uint16_t *sum,
	      struct err *e)
{
	const char *why;
	uint64_t v;

	if (strcmp(text, "bad") == 0) {
		*mode = SEGMENT_SUM_XOR;
		*sum = BAD_SUM_BITS;
		return 0;
	}
	if (num_parse_u64(text, 0, UINT16_MAX, &v, &why))
		return refuse(e, "--checksum", text,
			      "is neither bad nor a value from 0 to 0xffff");
	*mode = SEGMENT_SUM_VALUE;
	*sum = (uint16_t)v;
	return 0;
}

/* --- bytes ------------------------------------------------------------- */

bool craft_hex(const char *text, uint8_t *out, size_t size, size_t *len)
{
	size_t n = 0;

	for (;;) {
		int high, low;

		text += strspn(text, " :\t\r\n");
		if (!*text)
			break;
		high = num_hex_digit(text[0]);
		low = high < 0 ? -1 : num_hex_digit(text[1]);
		if (low < 0)
			return false;
		if (n < size)
			out[n] = (uint8_t)(high << 4 | low);
		n++;
		text += 2;
	}
	*len = n;
	return true;
}
