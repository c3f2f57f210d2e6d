/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of probes, and what all of them do alike. */
#include "probe/probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "probe/challenge.h"
#include "probe/keepalive.h"
#include "probe/nolisten.h"
#include "probe/send.h"
#include "probe/timewait.h"

const struct probe *const probes[] = {
	&nolisten_probe,
	&timewait_probe,
	&challenge_probe,
	&keepalive_probe,
	&send_probe,
};
const size_t probes_n = ARRAY_LEN(probes);

const struct probe *probe_find(const char *name)
{
	for (size_t i = 0; i < probes_n; i++) {
		if (strcmp(probes[i]->name, name) == 0)
			return probes[i];
	}
	return NULL;
}

const struct probe_verdict *probe_verdict_find(const struct probe *p,
					       const char *name)
{
	for (size_t i = 0; i < p->verdicts_n; i++) {
		if (strcmp(p->verdicts[i].name, name) == 0)
			return &p->verdicts[i];
	}
	return NULL;
}

struct trace *probe_trace(struct probe_job *job)
{
	return job->keep_packets ? &job->finding->trace : NULL;
}

struct flow *probe_flow_offering(struct probe_job *job,
				 const struct flow_spec *offers)
{
	struct flow_spec spec = *offers;
	struct flow *f;
	struct err err;

	spec.remote = job->target;
	spec.route = &job->route;
	spec.trace = probe_trace(job);
	spec.nth = job->flows++;
	if (flow_open(job->engine, &spec, &f, &err)) {
		finding_fail(job->finding, &err);
		return NULL;
	}
	return f;
}

struct flow *probe_flow(struct probe_job *job)
{
	return probe_flow_offering(job, &(struct flow_spec){ 0 });
}

int64_t probe_patience(int64_t rtt_ns)
{
	int64_t patience = 500 * TIME_MS;

	if (patience < 3 * rtt_ns)
		patience = 3 * rtt_ns;
	if (patience < rtt_ns + 300 * TIME_MS)
		patience = rtt_ns + 300 * TIME_MS;
	return patience;
}

void probe_conclude_unheard(struct probe_job *job, const char *what,
			    enum flow_silence why)
{
	const struct route *route = &job->route;
	const struct addr *next = route->gateway.family != FAMILY_ANY
					  ? &route->gateway
					  : &job->target.addr;
	char text[ADDR_TEXT_MAX];

	job->finding->routine = why == SILENCE_NOT_SEEN_LEAVING;
	if (why == SILENCE_NOT_SEEN_LEAVING)
		finding_conclude(
			job->finding, "inconclusive", OUTCOME_INCONCLUSIVE,
			"our %s never left %s: no host there answers for %s",
			what, route->interface_name, addr_format(next, text));
	else
		finding_conclude(job->finding, "inconclusive",
				 OUTCOME_INCONCLUSIVE, "no answer, but %s",
				 flow_silence_text(why));
}

void probe_say(const struct probe_job *job, const char *fmt, ...)
{
	char text[160];
	va_list args;

	if (!job->say)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	job->say(job->say_arg, text);
}
