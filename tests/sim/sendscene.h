/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenes of send: a model with a service of each kind, a run that is put as a
 * command line, and a look at what it found.
 */
#ifndef TP_TESTS_SIM_SENDSCENE_H
#define TP_TESTS_SIM_SENDSCENE_H

#include "probe/send.h"
#include "tests/sim/scene.h"

enum {
	SEND_CLOSED = 79,
	SEND_LISTENING = 80,
	SEND_FILTERED,
	SEND_ECHO,
	SEND_HOLD,
	SEND_BANNER,
	SEND_HTTP,
	SEND_CLOSER, /* after 50 ms */
	SEND_STREAM, /* 50 MB, once anything has come */
};

/* To be opened with sendscene_open(), which makes the ports. */
void sendscene_open(struct scene *s, const struct scene_config *config);
/* Words with one blank in between, "" is none; aborts when they are misuse.
 * Once a scene. */
void sendscene_run(struct scene *s, uint16_t port, const char *line,
		   struct finding *f);
/* The same in a scene of its own, which leaves nothing open. */
void sendscene_once(const struct scene_config *config, uint16_t port,
		    const char *line, struct finding *f);

/* A test point: the verdict, and what its sentence has in it (or NULL). */
void sendscene_expect(const struct finding *f, const char *line,
		      const char *verdict, const char *summary);

/* The nth fact of that name, wherever it stands, or NULL. */
const struct fact *sendscene_fact(const struct finding *f, const char *name,
				  size_t nth);
/* Its value; -77 or NULL when there is none of that type. */
int64_t sendscene_number(const struct finding *f, const char *name, size_t nth);
const char *sendscene_text(const struct finding *f, const char *name,
			   size_t nth);
bool sendscene_remarks(const struct finding *f, const char *what);

/* The nth segment that we sent, parsed as far as it can be. */
enum segment_fault sendscene_sent(const struct scene *s, size_t nth,
				  struct segment *out);

#endif
