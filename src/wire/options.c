/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP options: walk them, read them, write them, show them. */
#include "wire/options.h"

#include <string.h>

#include "base/line.h"

enum {
	/* RFC 3692 experiments, told apart by a magic number (RFC 6994). */
	OPTION_EXPERIMENT1 = 253,
	OPTION_EXPERIMENT2 = 254,
	MAGIC_FAST_OPEN = 0xf989, /* RFC 7413 A */
};

bool option_next(struct rd *r, struct option *out)
{
	uint8_t len;

	if (r->bad || !r->left)
		return false;
	*out = (struct option){ .kind = rd_u8(r) };
	if (out->kind == OPTION_END)
		return false;
	if (out->kind == OPTION_NOP)
		return true;
	len = rd_u8(r);
	if (len < 2) {
		r->bad = true;
		return false;
	}
	out->len = (uint8_t)(len - 2);
	out->data = rd_bytes(r, out->len);
	return !r->bad;
}

/* RFC 7413 4.1.1: no cookie, or an even number of bytes from 4 to 16. */
static bool is_cookie_len(size_t len)
{
	return len == 0 || (len >= 4 && len <= OPTION_COOKIE_MAX && !(len & 1));
}

/* RFC 9768 3.2.3: none to three counters of three bytes. */
static bool is_accecn_len(size_t len)
{
	return len % 3 == 0 && len <= 9;
}

/* Has a known option a length that it may have? `data` follows kind, length. */
static bool is_len_right(const struct option *o)
{
	switch (o->kind) {
	case OPTION_MSS:
	case OPTION_USER_TIMEOUT:
		return o->len == 2;
	case OPTION_WSCALE:
		return o->len == 1;
	case OPTION_SACK_PERMITTED:
		return o->len == 0;
	case OPTION_SACK:
		return o->len && o->len % 8 == 0 &&
		       o->len <= 8 * OPTION_SACK_MAX;
	case OPTION_TIMESTAMPS:
		return o->len == 8;
	case OPTION_MD5:
		return o->len == 16;
	case OPTION_AO:
		return o->len >= 2;
	case OPTION_MPTCP:
		return o->len >= 1;
	case OPTION_FAST_OPEN:
		return is_cookie_len(o->len);
	case OPTION_ACCECN0:
	case OPTION_ACCECN1:
		return is_accecn_len(o->len);
	}
	return true;
}

static bool is_known(uint8_t kind)
{
	switch (kind) {
	case OPTION_NOP:
	case OPTION_MSS:
	case OPTION_WSCALE:
	case OPTION_SACK_PERMITTED:
	case OPTION_SACK:
	case OPTION_TIMESTAMPS:
	case OPTION_MD5:
	case OPTION_USER_TIMEOUT:
	case OPTION_AO:
	case OPTION_MPTCP:
	case OPTION_FAST_OPEN:
	case OPTION_ACCECN0:
	case OPTION_ACCECN1:
		return true;
	}
	return false;
}

/* Fast open before it got a kind of its own: *o takes the later form. */
static bool unwrap_experiment(struct option *o)
{
	struct rd r = rd_init(o->data, o->len);

	if (o->kind != OPTION_EXPERIMENT1 && o->kind != OPTION_EXPERIMENT2)
		return false;
	if (rd_u16(&r) != MAGIC_FAST_OPEN || !is_cookie_len(r.left))
		return false;
	*o = (struct option){ OPTION_FAST_OPEN, (uint8_t)r.left, r.at };
	return true;
}

static void read_sack(struct rd *r, struct options *out)
{
	out->sack_n = 0;
	while (r->left && out->sack_n < OPTION_SACK_MAX) {
		out->sack[out->sack_n].left = rd_u32(r);
		out->sack[out->sack_n].right = rd_u32(r);
		out->sack_n++;
	}
}

static void read_cookie(const struct option *o, struct options *out)
{
	out->has_fast_open = true;
	out->cookie_len = o->len;
	memset(out->cookie, 0, sizeof(out->cookie));
	if (o->len)
		memcpy(out->cookie, o->data, o->len);
}

/* An option of a known kind and a right length; the last of a kind counts. */
static void read_known(const struct option *o, struct options *out)
{
	struct rd r = rd_init(o->data, o->len);

	switch (o->kind) {
	case OPTION_MSS:
		out->has_mss = true;
		out->mss = rd_u16(&r);
		break;
	case OPTION_WSCALE:
		out->has_wscale = true;
		out->wscale = rd_u8(&r);
		break;
	case OPTION_SACK_PERMITTED:
		out->sack_permitted = true;
		break;
	case OPTION_SACK:
		read_sack(&r, out);
		break;
	case OPTION_TIMESTAMPS:
		out->has_timestamps = true;
		out->tsval = rd_u32(&r);
		out->tsecr = rd_u32(&r);
		break;
	case OPTION_MD5:
		out->has_md5 = true;
		break;
	case OPTION_USER_TIMEOUT:
		out->has_user_timeout = true;
		out->user_timeout = rd_u16(&r);
		break;
	case OPTION_AO:
		out->has_ao = true;
		break;
	case OPTION_MPTCP:
		out->has_mptcp = true;
		out->mptcp_subtype = rd_u8(&r) >> 4;
		break;
	case OPTION_FAST_OPEN:
		read_cookie(o, out);
		break;
	case OPTION_ACCECN0:
	case OPTION_ACCECN1:
		out->has_accecn = true;
		break;
	}
}

void options_parse(const uint8_t *bytes, size_t len, struct options *out)
{
	struct rd r = rd_init(bytes, len);
	struct option o;

	*out = (struct options){ 0 };
	while (option_next(&r, &o)) {
		if (!is_known(o.kind) && !unwrap_experiment(&o)) {
			if (out->unknown_n < UINT8_MAX)
				out->unknown_n++;
		} else if (is_len_right(&o)) {
			read_known(&o, out);
		}
	}
	out->malformed = r.bad;
	while (!r.bad && r.left) {
		if (rd_u8(&r))
			out->padded = true;
	}
}

void option_write(struct wr *w, uint8_t kind, const uint8_t *data, size_t len)
{
	wr_u8(w, kind);
	if (kind == OPTION_END || kind == OPTION_NOP)
		return;
	if (len > UINT8_MAX - 2) {
		w->bad = true;
		return;
	}
	wr_u8(w, (uint8_t)(len + 2));
	wr_bytes(w, data, len);
}

void option_write_mss(struct wr *w, uint16_t mss)
{
	wr_u8(w, OPTION_MSS);
	wr_u8(w, 4);
	wr_u16(w, mss);
}

void option_write_wscale(struct wr *w, uint8_t shift)
{
	option_write(w, OPTION_WSCALE, &shift, 1);
}

void option_write_sack_permitted(struct wr *w)
{
	option_write(w, OPTION_SACK_PERMITTED, NULL, 0);
}

static void write_two_words(struct wr *w, uint8_t kind, uint32_t a, uint32_t b)
{
	wr_u8(w, kind);
	wr_u8(w, 10);
	wr_u32(w, a);
	wr_u32(w, b);
}

void option_write_timestamps(struct wr *w, uint32_t tsval, uint32_t tsecr)
{
	write_two_words(w, OPTION_TIMESTAMPS, tsval, tsecr);
}

void option_write_sack(struct wr *w, uint32_t left, uint32_t right)
{
	write_two_words(w, OPTION_SACK, left, right);
}

void option_write_padding(struct wr *w)
{
	while (w->len % 4 && !w->bad)
		wr_u8(w, OPTION_NOP);
}

static const char *kind_name(uint8_t kind)
{
	switch (kind) {
	case OPTION_NOP:
		return "nop";
	case OPTION_MSS:
		return "mss";
	case OPTION_WSCALE:
		return "wscale";
	case OPTION_SACK_PERMITTED:
		return "sackOK";
	case OPTION_SACK:
		return "sack";
	case OPTION_TIMESTAMPS:
		return "TS";
	case OPTION_MD5:
		return "md5";
	case OPTION_USER_TIMEOUT:
		return "uto";
	case OPTION_AO:
		return "ao";
	case OPTION_MPTCP:
		return "mptcp";
	case OPTION_FAST_OPEN:
		return "tfo";
	case OPTION_ACCECN0:
	case OPTION_ACCECN1:
		return "accecn";
	}
	return NULL;
}

static void show_sack(struct line *line, struct rd *r)
{
	line_add(line, " %zu ", r->left / 8);
	while (r->left) {
		uint32_t left = rd_u32(r);
		uint32_t right = rd_u32(r);

		line_add(line, "{%u:%u}", left, right);
	}
}

static void show_mptcp(struct line *line, uint8_t subtype)
{
	/* RFC 8684 8. */
	static const char *const names[] = {
		"capable",  "join", "dss",	  "add-addr", "rem-addr",
		"priority", "fail", "fast-close", "reset",
	};

	if (subtype < ARRAY_LEN(names))
		line_add(line, " %s", names[subtype]);
	else
		line_add(line, " subtype %u", subtype);
}

/* The counters come in one order or the other (RFC 9768 3.2.3). */
static void show_accecn(struct line *line, uint8_t kind, struct rd *r)
{
	static const char *const names[2][3] = { { "e0b", "ceb", "e1b" },
						 { "e1b", "ceb", "e0b" } };

	for (size_t i = 0; r->left; i++) {
		uint32_t high = rd_u8(r);

		line_add(line, " %s %u", names[kind == OPTION_ACCECN1][i],
			 high << 16 | rd_u16(r));
	}
}

/* What a known option of a right length says, behind its name. */
static void show_known(struct line *line, const struct option *o)
{
	struct rd r = rd_init(o->data, o->len);
	uint32_t v;

	switch (o->kind) {
	case OPTION_MSS:
		line_add(line, " %u", rd_u16(&r));
		break;
	case OPTION_WSCALE:
		line_add(line, " %u", rd_u8(&r));
		break;
	case OPTION_SACK:
		show_sack(line, &r);
		break;
	case OPTION_TIMESTAMPS:
		v = rd_u32(&r);
		line_add(line, " val %u ecr %u", v, rd_u32(&r));
		break;
	case OPTION_USER_TIMEOUT:
		v = rd_u16(&r);
		line_add(line, " %u%s", v & 0x7fff, v & 0x8000 ? "m" : "s");
		break;
	case OPTION_AO:
		v = rd_u8(&r);
		line_add(line, " keyid %u rnextkeyid %u", v, rd_u8(&r));
		break;
	case OPTION_MPTCP:
		show_mptcp(line, rd_u8(&r) >> 4);
		break;
	case OPTION_FAST_OPEN:
		line_add(line, o->len ? " cookie " : " cookiereq");
		line_add_hex(line, o->data, o->len);
		break;
	case OPTION_ACCECN0:
	case OPTION_ACCECN1:
		show_accecn(line, o->kind, &r);
		break;
	}
}

static void show_option(struct line *line, struct option *o)
{
	const char *name;

	if (unwrap_experiment(o))
		line_add(line, "exp-");
	name = kind_name(o->kind);
	if (!name) {
		line_add(line, "unknown-%u%s", o->kind, o->len ? " 0x" : "");
		line_add_hex(line, o->data, o->len);
		return;
	}
	line_add(line, "%s", name);
	if (is_len_right(o))
		show_known(line, o);
	else
		line_add(line, " [len %u]", o->len + 2U);
}

const char *options_text(const uint8_t *bytes, size_t len, char *out,
			 size_t size)
{
	struct line line = line_init(out, size);
	struct rd r = rd_init(bytes, len);
	bool more = r.left > 0;

	while (more) {
		bool end = *r.at == OPTION_END;
		struct option o;

		if (option_next(&r, &o))
			show_option(&line, &o);
		else
			line_add(&line, end ? "eol" : "[bad opt]");
		more = !end && !r.bad && r.left;
		if (more)
			line_add(&line, ",");
	}
	return line_text(&line);
}
