/* SPDX-License-Identifier: BSD-2-Clause */
/* The applications behind the model's ports. */
#include <string.h>

#include "tests/model/internal.h"

#define HTTP_REPLY                                     \
	"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n"     \
	"Connection: close\r\n\r\nhello\n"

void model_app_hear(struct model_conn *c, const uint8_t *bytes, size_t len)
{
	size_t room = MODEL_HEARD_MAX - c->door->heard.len;

	model_bytes_add(&c->door->heard, bytes, len < room ? len : room);
}

static void say(struct model_conn *c, const void *bytes, size_t len)
{
	if (!c->closed)
		model_bytes_add(&c->out, bytes, len);
}

/*
 * close(), or shutdown() of the sending side. What the application leaves
 * unread is answered with RST (9293 SHLD-3, 1122 4.2.2.13).
 */
void model_app_close(struct model *m, struct model_conn *c)
{
	bool half = c->door->spec.half_close;

	if (c->closed || model_gone(c))
		return;
	c->closed = true;
	if (c->door->spec.abortive || (c->in.len && !half)) {
		model_abort(m, c);
		return;
	}
	c->orphan = !half;
	c->fin_queued = true;
	if (c->state == MODEL_ESTABLISHED)
		c->state = MODEL_FIN_WAIT_1;
	else if (c->state == MODEL_CLOSE_WAIT)
		c->state = MODEL_LAST_ACK;
	model_push(m, c);
}

/* The end of the first request: an empty line. 0 while it is not there. */
static size_t request_len(const struct model_bytes *in)
{
	for (size_t i = 0; i + 4 <= in->len; i++) {
		if (memcmp(in->bytes + i, "\r\n\r\n", 4) == 0)
			return i + 4;
	}
	for (size_t i = 0; i + 2 <= in->len; i++) {
		if (memcmp(in->bytes + i, "\n\n", 2) == 0)
			return i + 2;
	}
	return 0;
}

static void read_bytes(struct model_conn *c, size_t len)
{
	model_app_hear(c, c->in.bytes, len);
	model_bytes_drop(&c->in, len);
}

static void stream(struct model *m, struct model_conn *c)
{
	size_t n = c->door->spec.bytes;
	uint8_t chunk[256];

	for (size_t i = 0; i < sizeof(chunk); i++)
		chunk[i] = (uint8_t)i;
	for (; n; n -= n < sizeof(chunk) ? n : sizeof(chunk))
		say(c, chunk, n < sizeof(chunk) ? n : sizeof(chunk));
	c->replied = true;
	model_push(m, c);
	if (c->door->spec.closes)
		model_app_close(m, c);
}

static void http(struct model *m, struct model_conn *c)
{
	size_t len = request_len(&c->in);

	if (c->replied || !len)
		return;
	c->replied = true;
	read_bytes(c, len);
	say(c, HTTP_REPLY, strlen(HTTP_REPLY));
	model_push(m, c);
	model_app_close(m, c);
}

static void banner(struct model *m, struct model_conn *c)
{
	const char *text = c->door->spec.banner;

	read_bytes(c, c->in.len);
	if (c->replied)
		return;
	c->replied = true;
	say(c, text, strlen(text));
	model_push(m, c);
	if (c->door->spec.closes)
		model_app_close(m, c);
}

static void echo(struct model *m, struct model_conn *c)
{
	say(c, c->in.bytes, c->in.len);
	read_bytes(c, c->in.len);
	model_push(m, c);
}

/* Read, answer; false when it stays away from the end of the stream too. */
static bool act(struct model *m, struct model_conn *c)
{
	bool heard = c->in.len;

	switch (c->door->spec.role) {
	case MODEL_CLOSED:
	case MODEL_BOUND:
	case MODEL_FILTERED:
	case MODEL_LISTEN:
	case MODEL_ROLE_N:
		return false;
	case MODEL_SINK:
	case MODEL_CLOSER:
		read_bytes(c, c->in.len);
		return true;
	case MODEL_HOLD:
		read_bytes(c, c->in.len);
		return false;
	case MODEL_ECHO:
		echo(m, c);
		return true;
	case MODEL_HTTP:
		http(m, c);
		return true;
	case MODEL_BANNER:
		banner(m, c);
		return true;
	case MODEL_STREAM:
		read_bytes(c, c->in.len);
		if (heard && !c->replied)
			stream(m, c);
		return true;
	}
	return false;
}

static void work(struct model *m, struct model_conn *c)
{
	if (act(m, c) && c->fin_received && !model_gone(c))
		model_app_close(m, c);
}

/* Is there anything for the application to do? */
static bool called(const struct model_conn *c)
{
	return c->in.len || c->fin_received ||
	       (c->door->spec.role == MODEL_BANNER && !c->replied);
}

/* Something has come: the application's patience begins again. */
static void stay_idle(struct model *m, struct model_conn *c)
{
	int64_t patience = c->door->spec.patience_ns;

	if (model_broken(m, MODEL_IDLE_CLOSES))
		patience = 5 * TIME_S;
	if (patience)
		c->at[MODEL_TIMER_IDLE] = m->now_ns + patience;
}

void model_app_run(struct model *m, struct model_conn *c)
{
	int64_t thinks = c->door->spec.after_ns;

	if (model_gone(c) || !c->opened)
		return;
	if (c->in.len)
		stay_idle(m, c);
	if (c->fin_received && model_broken(m, MODEL_HALF_CLOSE_BROKEN))
		model_app_close(m, c);
	if (c->door->spec.deaf || !called(c))
		return;
	if (!thinks || c->door->spec.role == MODEL_CLOSER)
		work(m, c);
	else if (c->at[MODEL_TIMER_APP] == TIME_NEVER)
		c->at[MODEL_TIMER_APP] = m->now_ns + thinks;
}

void model_app_expire(struct model *m, struct model_conn *c)
{
	if (c->door->spec.role == MODEL_CLOSER)
		model_app_close(m, c);
	else
		work(m, c);
}

/* The handshake is complete; LISTEN never takes it off the queue. */
void model_app_open(struct model *m, struct model_conn *c)
{
	const struct model_port *port = &c->door->spec;

	if (port->role == MODEL_LISTEN)
		return;
	c->opened = true;
	c->heard_ns = m->now_ns;
	if (port->keepalive.idle_ns)
		c->at[MODEL_TIMER_KEEPALIVE] =
			m->now_ns + model_keepalive_idle(m, c);
	if (port->role == MODEL_CLOSER)
		c->at[MODEL_TIMER_APP] = m->now_ns + port->after_ns;
	stay_idle(m, c);
}
