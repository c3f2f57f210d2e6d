/* SPDX-License-Identifier: BSD-2-Clause */
/* The options that every probing command takes. */
#ifndef TP_CMD_SETTINGS_H
#define TP_CMD_SETTINGS_H

#include "base/addr.h"
#include "base/err.h"
#include "cli/options.h"
#include "probe/probe.h"
#include "report/report.h"

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

#define SETTINGS_NO_SEED UINT64_MAX
#define SETTINGS_EXPECT_MAX 16

struct settings {
	int family; /* enum family */
	const char *interface;
	const char *source;
	uint64_t source_port;
	int64_t timeout_ns;
	uint64_t retries;
	uint64_t rate;
	int64_t deadline_ns; /* 0: none */
	const char *expect;
	int output;	   /* enum report_format */
	const char *write; /* the packets go there; NULL: nowhere */
	const char *targets;
	bool verbose, quiet, help;
	int color; /* enum color_when */
	uint64_t seed;
	/* Worked out from the texts by settings_finish(). */
	struct addr source_addr;
	const struct probe_verdict *expected[SETTINGS_EXPECT_MAX];
	size_t expected_n;
};

extern const struct opt settings_rows[];
extern const size_t settings_rows_n;

void settings_init(struct settings *s);
/* Check what the rows alone cannot: 0 or -ERR_USAGE. */
int settings_finish(struct settings *s, const struct probe *p,
		    struct err *e) MUST_CHECK;
bool settings_expects(const struct settings *s, const char *verdict);

#endif
