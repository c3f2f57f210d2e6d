/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run any probe on any targets: options in, the world opened, privileges
 * dropped, a sweep, a report, an exit status out.
 */
#include "cmd/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/help.h"
#include "io/interrupt.h"
#include "io/privilege.h"
#include "io/resolve.h"

/* Above this a run may be felt by the network. */
#define RATE_WARN 10000

void run_status(struct run *run, int status)
{
	run->statuses |= 1u << status;
}

int run_worst(const struct run *run)
{
	static const int order[] = { 5, 3, 2, STATUS_FAIL,
				     STATUS_INCONCLUSIVE };

	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		if (run->statuses & 1u << order[i])
			return order[i];
	}
	return STATUS_PASS;
}

bool run_keeps_packets(const struct run *run)
{
	return run->settings.verbose || run->probe->shows_packets ||
	       run->evidence;
}

/* --- options ----------------------------------------------------------- */

/* The help needs the rows only, parsing a place for the values too. */
static size_t option_groups(const struct probe *p, void *probe_settings,
			    struct settings *settings,
			    struct opt_group groups[static 2])
{
	size_t n = 0;

	if (p->options_n)
		groups[n++] = (struct opt_group){
			.title = "Options of this probe",
			.rows = p->options,
			.n = p->options_n,
			.settings = probe_settings,
		};
	groups[n++] = (struct opt_group){
		.title = "Options of every probe",
		.rows = settings_rows,
		.n = settings_rows_n,
		.settings = settings,
	};
	return n;
}

size_t cmd_run_groups(const struct probe *p, struct opt_group groups[static 2])
{
	return option_groups(p, NULL, NULL, groups);
}

void cmd_run_help(const struct probe *p, FILE *out)
{
	struct opt_group groups[2];
	size_t n = cmd_run_groups(p, groups);
	char usage[128];

	snprintf(usage, sizeof(usage), "tcpprobe %s [OPTION...] TARGET...",
		 p->name);
	help_print(out, usage, p->summary, groups, n);
	fprintf(out, "\n%s\nVerdicts:\n", cmd_target_help);
	for (size_t i = 0; i < p->verdicts_n; i++)
		fprintf(out, "  %-17s%s\n", p->verdicts[i].name,
			p->verdicts[i].meaning);
	fprintf(out, "\n%s See tcpprobe(1), tcpprobe-%s(1).\n", cmd_status_help,
		p->name);
}

/* Reads argv; the targets are gathered at its front. */
static int read_options(struct run *run, int argc, char **argv, int *operands,
			struct err *e)
{
	struct opt_group groups[2];
	size_t n;
	int rc;

	settings_init(&run->settings);
	run->probe_settings = malloc(run->probe->settings_size);
	if (!run->probe_settings)
		return err_set(e, ERR_MEMORY,
			       "read the options: out of memory");
	memcpy(run->probe_settings, run->probe->defaults,
	       run->probe->settings_size);
	n = option_groups(run->probe, run->probe_settings, &run->settings,
			  groups);
	*operands = options_parse_args(groups, n, argc, argv, e);
	if (*operands < 0)
		return *operands;
	if (run->settings.help)
		return 0;
	if (*operands == 0 && !run->settings.targets)
		return err_set(e, ERR_USAGE, "no target given");
	rc = settings_finish(&run->settings, run->probe, e);
	if (!rc && run->probe->prepare)
		rc = run->probe->prepare(run->probe_settings, e);
	return rc;
}

static void free_options(struct run *run)
{
	if (run->probe_settings && run->probe->release)
		run->probe->release(run->probe_settings);
	free(run->probe_settings);
}

/* --- the world --------------------------------------------------------- */

struct route_wish run_wish(const struct run *run, const struct addr *to)
{
	return (struct route_wish){
		.to = *to,
		.source = run->settings.source_addr,
		.interface = run->interface,
	};
}

/* Every interface that a target is reached by must be captured on. A target
 * without a route says so when its turn comes. */
static int want(void *arg, const struct addr *a, struct err *e)
{
	struct run *run = arg;
	struct route_wish wish = run_wish(run, a);
	struct route route;
	int rc = live_want(run->live, &wish, &route, e);

	if (!rc && run->blocks && !run->interface)
		rc = live_want_own(run->live, (enum family)a->family, e);
	return rc == -ERR_MEMORY || rc == -ERR_USAGE ? rc : 0;
}

static int open_targets(struct run *run, char *const *operands, size_t n,
			struct err *e)
{
	struct targets_config config = {
		.operands = operands,
		.operands_n = n,
		.file = run->settings.targets,
		.family = (enum family)run->settings.family,
		.lookup = resolve_host,
	};
	int rc = targets_open(&config, &run->targets, e);

	/* An address block may hold one of our own, behind the loopback. */
	run->blocks = config.file != NULL;
	for (size_t i = 0; i < n; i++)
		run->blocks |= strchr(operands[i], '/') != NULL;
	if (!rc && run->settings.interface)
		rc = live_interface(run->settings.interface, &run->interface,
				    e);
	if (!rc)
		rc = live_new(&run->live, e);
	if (!rc)
		rc = targets_check(run->targets, want, run, &run->total, e);
	return rc;
}

/* The standard output is for one: the packets, or the results. */
static int open_evidence(struct run *run, struct err *e)
{
	const char *path = run->settings.write;

	run->results = path && strcmp(path, "-") == 0 ? stderr : stdout;
	return path ? evidence_open(path, &run->evidence, e) : 0;
}

static bool use_color(const struct run *run)
{
	const char *no_color = getenv("NO_COLOR");

	if (run->settings.color != COLOR_AUTO)
		return run->settings.color == COLOR_ALWAYS;
	return isatty(fileno(run->results)) && !(no_color && *no_color);
}

/* What the locale of the environment says; no locale is ever loaded. */
static bool use_unicode(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") ||
			       strcasestr(value, "utf8");
	}
	return false;
}

static int open_report(struct run *run, struct err *e)
{
	struct report_config config = {
		.format = (enum report_format)run->settings.output,
		.out = run->results,
		.probe = run->probe,
		.verbose = run->settings.verbose,
		.quiet = run->settings.quiet,
		.color = use_color(run),
		.unicode = use_unicode(),
		.expected = run->total,
		.expect = run->settings.expect,
	};

	return report_open(&config, &run->report, e);
}

static int open_engine(struct run *run, struct err *e)
{
	struct engine_config config = {
		.link = live_link(run->live),
		.seed = run->settings.seed,
		.timeout_ns = run->settings.timeout_ns,
		.retries = (unsigned)run->settings.retries,
		.rate = run->settings.rate,
		.source_port = (uint16_t)run->settings.source_port,
	};

	if (config.seed == SETTINGS_NO_SEED &&
	    getrandom(&config.seed, sizeof(config.seed), 0) !=
		    (ssize_t)sizeof(config.seed))
		return err_set(e, ERR_UNSUPPORTED, "choose a seed: %s",
			       strerror(errno));
	run->engine = engine_new(&config, e);
	return run->engine ? 0 : -(int)e->code;
}

/* Everything that needs a privilege, then no privilege at all. */
static int open_world(struct run *run, struct err *e)
{
	int interrupt_fd;
	int rc = privilege_check(e);

	if (rc)
		return rc;
	interrupt_fd = interrupt_open(e);
	if (interrupt_fd < 0)
		return interrupt_fd;
	if (run->settings.source_port)
		rc = live_reserve(run->live,
				  (uint16_t)run->settings.source_port, e);
	if (!rc)
		rc = live_start(run->live, interrupt_fd, e);
	if (!rc)
		rc = privilege_drop(e);
	if (rc)
		return rc;
	run->hosts = hosts_new();
	if (!run->hosts)
		return err_set(e, ERR_MEMORY, "start: out of memory");
	return open_engine(run, e);
}

static void close_world(struct run *run)
{
	engine_free(run->engine);
	hosts_free(run->hosts);
	live_free(run->live);
	targets_close(run->targets);
	free_options(run);
}

/* --- the run ----------------------------------------------------------- */

/* A failure that prevents the probe is a line of results too, for programs. */
static void report_prevented(struct run *run, const struct err *why)
{
	if (run->report && run->settings.output != REPORT_TEXT)
		run_report_rest(run, why);
}

static void prevented(struct run *run, const struct err *why)
{
	cmd_complain(why);
	run_status(run, err_status(why->code));
	report_prevented(run, why);
}

/* What it fails of is said when it is closed. */
static bool start_evidence(struct run *run)
{
	struct err err;

	if (!run->evidence || !evidence_start(run->evidence, &err))
		return true;
	if (errno != EPIPE)
		report_prevented(run, &err);
	return false;
}

/* What a probe has to say of itself before it begins. */
static void notice(const struct run *run)
{
	char text[200];

	if (run->probe->notice &&
	    run->probe->notice(run->probe_settings, text, sizeof(text)) > 0)
		cmd_warn("%s", text);
}

static void sweep(struct run *run)
{
	struct err err;

	if (!start_evidence(run))
		return;
	notice(run);
	if (run->settings.rate > RATE_WARN)
		cmd_warn("sending up to %llu stimuli a second: more than %d "
			 "may be felt by the network",
			 (unsigned long long)run->settings.rate, RATE_WARN);
	if (run_sweep(run, &err)) {
		cmd_complain(&err);
		run_status(run, err_status(err.code));
	}
	if (engine_ended(run->engine) == ENGINE_INTERRUPTED) {
		char done[NUM_COUNT_TEXT_MAX], total[NUM_COUNT_TEXT_MAX];
		char why[128];

		run->signal = interrupt_signal();
		snprintf(why, sizeof(why),
			 "interrupted: %s of %s targets are done",
			 num_format_count(run->progress.done, done),
			 num_format_count(run->total, total));
		cmd_warn("%s", why);
		report_cut_short(run->report, why);
	}
}

/* The packets before the results, which tell of it when some are lost. */
static void close_evidence(struct run *run)
{
	struct err err;

	if (!evidence_close(run->evidence, &err))
		return;
	if (errno == EPIPE) {
		run->signal = SIGPIPE;
	} else {
		cmd_complain(&err);
		run_status(run, err_status(err.code));
	}
	if (run->report)
		report_cut_short(run->report, err.text);
}

static void close_report(struct run *run)
{
	struct err err;

	if (!run->report)
		return;
	if (report_close(run->report, &err) && !run->output.code) {
		run->output = err;
		if (errno == EPIPE)
			run->signal = SIGPIPE;
	}
	if (run->output.code && run->signal != SIGPIPE) {
		cmd_complain(&run->output);
		run_status(run, err_status(run->output.code));
	}
}

int cmd_run(const struct probe *p, int argc, char **argv)
{
	struct run run = { .probe = p };
	struct err err;
	int operands = 0;
	int rc = read_options(&run, argc, argv, &operands, &err);

	if (!rc && run.settings.help) {
		cmd_run_help(p, stdout);
		free_options(&run);
		return STATUS_PASS;
	}
	if (!rc)
		rc = open_targets(&run, argv, (size_t)operands, &err);
	if (!rc)
		rc = open_evidence(&run, &err);
	if (rc == -ERR_USAGE) {
		close_world(&run);
		return cmd_misuse(p->name, &err);
	}
	if (!rc)
		rc = open_report(&run, &err);
	if (!rc)
		rc = open_world(&run, &err);
	if (rc)
		prevented(&run, &err);
	else
		sweep(&run);
	close_evidence(&run);
	close_report(&run);
	close_world(&run);
	if (run.signal)
		interrupt_die(run.signal);
	return run_worst(&run);
}
