/* SPDX-License-Identifier: BSD-2-Clause */
/* A server's lines on standard output; whoever reads them has each at once. */
#include "config.h"

#include "cmd/announce.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"

#define SCHEMA 1
/* Digits that a double holds for sure: 1.9 stays 1.9. */
#define REAL_DIGITS 15

static int written(const struct announcer *a, bool good, struct err *e)
{
	if (good && !fflush(a->out) && !ferror(a->out))
		return 0;
	return err_set(e, ERR_IO, "write to standard output: %s",
		       strerror(errno));
}

/* --- JSON -------------------------------------------------------------- */

/* How an option is called, and what it is counted in. */
static const struct {
	const char *name;
	uint64_t unit;
	bool none; /* 0 means that there is no limit */
} fields[] = {
	[SERVE_BACKLOG] = { "backlog", 1, false },
	[SERVE_CONNECTIONS] = { "max_connections", 1, false },
	[SERVE_REQUESTS] = { "requests", 1, true },
	[SERVE_IDLE] = { "idle_ms", TIME_MS, true },
	[SERVE_INTERVAL] = { "interval_ms", TIME_MS, false },
	[SERVE_COUNT] = { "count", 1, false },
	[SERVE_BYTES] = { "bytes", 1, true },
};
static_assert(ARRAY_LEN(fields) == SERVE_OPTION_N, "a field for every option");

/* Takes the members; NULL is memory that was short. */
static json_t *begin_object(const struct announcer *a, json_t *members)
{
	json_t *object =
		json_pack("{s:i, s:s, s:s}", "schema", SCHEMA, "version",
			  PACKAGE_VERSION, "serve", a->config->role->name);

	if (!members || json_object_update_new(object, members)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

/* Takes the object. */
static int print_object(const struct announcer *a, json_t *object,
			struct err *e)
{
	const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS);
	char *text = object ? json_dumps(object, flags) : NULL;
	bool good = text && fprintf(a->out, "%s\n", text) >= 0;

	json_decref(object);
	if (!text)
		return err_set(e, ERR_MEMORY,
			       "write to standard output: out of memory");
	free(text);
	return written(a, good, e);
}

static json_t *endpoint_value(const struct endpoint *at)
{
	char text[ADDR_TEXT_MAX];

	return json_pack("{s:s, s:i}", "address", addr_format(&at->addr, text),
			 "port", (int)at->port);
}

static json_t *option_value(const struct announcer *a, enum serve_option option)
{
	uint64_t value = a->config->options[option];

	if (!value && fields[option].none)
		return json_null();
	return json_integer((json_int_t)(value / fields[option].unit));
}

static json_t *ready_object(const struct announcer *a)
{
	json_t *members = endpoint_value(&a->config->at);
	bool good = members && !json_object_set_new(members, "pid",
						    json_integer(getpid()));

	for (size_t i = 0; good && i < ARRAY_LEN(fields); i++) {
		enum serve_option option = (enum serve_option)i;

		if (serve_role_uses(a->config->role, option))
			good = !json_object_set_new(members, fields[i].name,
						    option_value(a, option));
	}
	if (good)
		return begin_object(a, members);
	json_decref(members);
	return NULL;
}

static const char *const closer_names[] = {
	[SERVE_NOBODY] = NULL,
	[SERVE_PEER] = "peer",
	[SERVE_SERVER] = "server",
};

static const char *const how_names[] = {
	[SERVE_FIN] = "fin",
	[SERVE_RST] = "rst",
	[SERVE_TIMEOUT] = "timeout",
	[SERVE_UNREACHABLE] = "unreachable",
};
static_assert(ARRAY_LEN(how_names) == SERVE_HOW_N, "a name for every end");

static const char *const event_names[] = {
	[SERVE_ACCEPTED] = "accepted",
	[SERVE_PEER_ENDED] = "peer-fin",
	[SERVE_CLOSED] = "closed",
};
static_assert(ARRAY_LEN(event_names) == SERVE_FULL,
	      "a name for all that happens to a connection");

static json_t *closed_value(const struct announcer *a,
			    const struct serve_event *event)
{
	json_t *members = json_pack(
		"{s:s?, s:s, s:I, s:I}", "closer", closer_names[event->closer],
		"how", how_names[event->how], "received",
		(json_int_t)event->received, "sent", (json_int_t)event->sent);
	const int64_t us = event->open_ns / TIME_US;
	bool good = members;

	if (good && serve_role_uses(a->config->role, SERVE_REQUESTS))
		good = !json_object_set_new(
			members, "requests",
			json_integer((json_int_t)event->requests));
	if (good)
		good = !json_object_set_new(members, "duration_ms",
					    json_real((double)us / 1000.0));
	if (good)
		return members;
	json_decref(members);
	return NULL;
}

static json_t *event_object(const struct announcer *a,
			    const struct serve_event *event)
{
	json_t *members =
		json_pack("{s:s, s:o, s:I}", "event", event_names[event->type],
			  "peer", endpoint_value(&event->peer), "connections",
			  (json_int_t)event->connections);
	json_t *closed;

	if (event->type != SERVE_CLOSED)
		return begin_object(a, members);
	closed = closed_value(a, event);
	if (!members || !closed || json_object_update_new(members, closed)) {
		json_decref(members);
		members = NULL;
	}
	return begin_object(a, members);
}

/* --- text -------------------------------------------------------------- */

static int print_ready(const struct announcer *a, struct err *e)
{
	char at[ENDPOINT_TEXT_MAX];
	int n = fprintf(a->out, "serve: %s on %s (pid %ld)\n",
			a->config->role->name,
			endpoint_format(&a->config->at, at), (long)getpid());

	return written(a, n >= 0, e);
}

static int print_event(const struct announcer *a,
		       const struct serve_event *event, struct err *e)
{
	const char *closer = closer_names[event->closer];
	char peer[ENDPOINT_TEXT_MAX], age[NUM_DURATION_TEXT_MAX];

	fprintf(a->out, "%s %s", event_names[event->type],
		endpoint_format(&event->peer, peer));
	if (event->type == SERVE_CLOSED) {
		fprintf(a->out,
			" by %s (%s): received %" PRIu64 ", sent %" PRIu64,
			closer ? closer : "nobody", how_names[event->how],
			event->received, event->sent);
		if (serve_role_uses(a->config->role, SERVE_REQUESTS))
			fprintf(a->out, ", requests %" PRIu64, event->requests);
		fprintf(a->out, ", open %s",
			num_format_duration(event->open_ns, age));
	}
	return written(a, putc('\n', a->out) != EOF, e);
}

/* --- both -------------------------------------------------------------- */

int announce_ready(const struct announcer *a, struct err *e)
{
	return a->json ? print_object(a, ready_object(a), e)
		       : print_ready(a, e);
}

int announce_event(const struct announcer *a, const struct serve_event *event,
		   struct err *e)
{
	BUG_ON(event->type >= SERVE_FULL);
	return a->json ? print_object(a, event_object(a, event), e)
		       : print_event(a, event, e);
}
