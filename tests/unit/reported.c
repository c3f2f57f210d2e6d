/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings as a probe would leave them, and reports kept in memory. */
#include "tests/unit/reported.h"

#include <string.h>

#include "tests/tap.h"

static const struct probe_verdict verdicts[] = {
	{ "listening", "SYN-ACK", false },
	{ "refused", "RST", true },
	{ "filtered", "silence", true },
	{ "contradictory", "answers disagree", false },
};
const struct probe reported_probe = {
	.name = "nolisten",
	.verdicts = verdicts,
	.verdicts_n = ARRAY_LEN(verdicts),
};

struct endpoint reported_endpoint(const char *addr, uint16_t port)
{
	struct endpoint e = { .port = port };

	BUG_ON(addr_parse(addr, &e.addr));
	return e;
}

void reported_begin(struct finding *f, const char *host, const char *addr,
		    uint16_t port)
{
	finding_init(f, "nolisten");
	snprintf(f->host, sizeof(f->host), "%s", host);
	f->target = reported_endpoint(addr, port);
	f->source = reported_endpoint("10.9.0.1", 41234);
	memcpy(f->interface, "eth0", 5);
	f->started_ns = INT64_C(1795213246001804999);
	f->duration_ns = 1900400;
}

char *reported_text(const struct finding *f, size_t n,
		    struct report_config config, const char *cut)
{
	struct report *r = NULL;
	char *text;
	size_t len;

	config.out = open_memstream(&text, &len);
	config.probe = &reported_probe;
	BUG_ON(!config.out || report_open(&config, &r, NULL));
	for (size_t i = 0; i < n; i++)
		CHECK_INT(report_finding(r, &f[i]), 0);
	if (cut)
		report_cut_short(r, cut);
	CHECK_INT(report_close(r, NULL), 0);
	fclose(config.out);
	return text;
}
