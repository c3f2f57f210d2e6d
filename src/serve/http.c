/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Line by line from the start, each time that more has come: a head is short,
 * and nothing has to be remembered in between. A line is judged as soon as it
 * is whole; what can never become text is refused before that.
 */
#include "serve/http.h"

#include <string.h>
#include <strings.h>

/* Not ended by a zero. */
struct slice {
	const char *at;
	size_t len;
};

/* What the fields of one head say, before they are taken together. */
struct fields {
	unsigned hosts;
	bool close, keep_alive;
	bool coded; /* Transfer-Encoding */
	bool waits;
	bool has_length;
	uint64_t length;
};

static bool is_word(struct slice s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.at, word, s.len) == 0;
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* RFC 9110 5.6.2: what names of methods and fields are made of. */
static bool is_token(struct slice s)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z') && (!c || !strchr(marks, c)))
			return false;
	}
	return s.len > 0;
}

/* Up to `end`, which is taken away too; *found tells whether it was there. */
static struct slice cut(struct slice *rest, char end, bool *found)
{
	const char *at = memchr(rest->at, end, rest->len);
	struct slice part = *rest;

	*found = at != NULL;
	if (at)
		part.len = (size_t)(at - rest->at);
	rest->at += part.len + (at ? 1 : 0);
	rest->len -= part.len + (at ? 1 : 0);
	return part;
}

static struct slice trimmed(struct slice s)
{
	while (s.len && (s.at[0] == ' ' || s.at[0] == '\t')) {
		s.at++;
		s.len--;
	}
	while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/*
 * The next line without its end: 1, or 0 when that has not come yet, or -400
 * for bytes that belong into no line. Only LF has to end it (RFC 9112 2.2).
 */
static int next_line(struct slice *rest, struct slice *line)
{
	bool whole;

	if (!rest->len)
		return 0;
	*line = cut(rest, '\n', &whole);
	if (line->len && line->at[line->len - 1] == '\r')
		line->len--;
	for (size_t i = 0; i < line->len; i++) {
		if (is_control(line->at[i]) && line->at[i] != '\t')
			return -HTTP_BAD_REQUEST;
	}
	return whole;
}

/* "GET /path HTTP/1.1": 0 or -status. */
static int read_request_line(struct slice line, struct http_request *out)
{
	bool after_method, after_target, more;
	struct slice method = cut(&line, ' ', &after_method);
	struct slice target = cut(&line, ' ', &after_target);
	struct slice name = cut(&line, '/', &more);

	if (!is_token(method) || !after_method || !target.len ||
	    !after_target || memchr(target.at, '\t', target.len))
		return -HTTP_BAD_REQUEST;
	if (name.len != 4 || memcmp(name.at, "HTTP", 4) != 0 || line.len != 3 ||
	    line.at[1] != '.' || !(line.at[0] >= '0' && line.at[0] <= '9') ||
	    !(line.at[2] >= '0' && line.at[2] <= '9'))
		return -HTTP_BAD_REQUEST;
	if (line.at[0] != '1')
		return -HTTP_VERSION;
	out->old = line.at[2] == '0';
	/* Methods, unlike all else, are told apart by case. */
	if (method.len == 4 && memcmp(method.at, "HEAD", 4) == 0)
		out->no_body = true;
	else if (!(method.len == 3 && memcmp(method.at, "GET", 3) == 0) &&
		 !(method.len == 4 && memcmp(method.at, "POST", 4) == 0))
		return -HTTP_NOT_IMPLEMENTED;
	return 0;
}

/* A list, perhaps of several fields: any of its words counts. */
static void read_connection(struct slice value, struct fields *f)
{
	bool more = true;

	while (more) {
		struct slice word = trimmed(cut(&value, ',', &more));

		f->close |= is_word(word, "close");
		f->keep_alive |= is_word(word, "keep-alive");
	}
}

/* Two lengths that differ would let two readers disagree where the next
 * request begins (RFC 9112 6.3). */
static int read_length(struct slice value, struct fields *f)
{
	uint64_t n = 0;

	/* 18 digits are a lot, and cannot overflow. */
	if (!value.len || value.len > 18)
		return -HTTP_BAD_REQUEST;
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return -HTTP_BAD_REQUEST;
		n = n * 10 + (uint64_t)(value.at[i] - '0');
	}
	if (f->has_length && f->length != n)
		return -HTTP_BAD_REQUEST;
	f->has_length = true;
	f->length = n;
	return 0;
}

/* "Name: value". A line that goes on the one before begins with a blank, so
 * its name is none: such are no longer allowed (RFC 9112 5.2). */
static int read_field(struct slice line, struct fields *f)
{
	bool has_colon;
	struct slice name = cut(&line, ':', &has_colon);
	struct slice value = trimmed(line);

	if (!has_colon || !is_token(name))
		return -HTTP_BAD_REQUEST;
	if (is_word(name, "content-length"))
		return read_length(value, f);
	if (is_word(name, "connection"))
		read_connection(value, f);
	else if (is_word(name, "host"))
		f->hosts++;
	else if (is_word(name, "transfer-encoding"))
		f->coded = true;
	else if (is_word(name, "expect"))
		f->waits |= is_word(value, "100-continue");
	return 0;
}

/* What the fields mean together: 0 or -status. */
static int conclude(const struct fields *f, struct http_request *out)
{
	if (f->hosts > 1 || (!f->hosts && !out->old))
		return -HTTP_BAD_REQUEST;
	if (f->coded)
		return f->has_length || out->old ? -HTTP_BAD_REQUEST
						 : -HTTP_LENGTH_REQUIRED;
	out->body = f->length;
	out->waits = f->waits && f->length && !out->old;
	out->keep_alive = !f->close && (f->keep_alive || !out->old);
	return 0;
}

int http_parse(const char *bytes, size_t len, struct http_request *out)
{
	struct slice rest = { bytes, len }, line;
	struct fields fields = { 0 };
	int ret;

	*out = (struct http_request){ 0 };
	/* Old clients send an empty line too many (RFC 9112 2.2). */
	do
		ret = next_line(&rest, &line);
	while (ret > 0 && !line.len);
	if (ret <= 0)
		return ret;
	ret = read_request_line(line, out);
	while (!ret) {
		ret = next_line(&rest, &line);
		if (ret <= 0)
			return ret;
		if (!line.len) {
			ret = conclude(&fields, out);
			return ret ? ret : (int)(len - rest.len);
		}
		ret = read_field(line, &fields);
	}
	return ret;
}
