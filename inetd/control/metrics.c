/* metrics: see metrics.h. Each metric is a row of a table; samples of one stand together, as both
 * formats want. */
#include "control/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "control/configure.h"
#include "control/report.h"
#include "run/accept/delayed_close.h"
#include "run/program/program.h"
#include "run/service/listener.h"
#include "run/service/service_history.h"
#include "run/worker/worker_link.h"

#define UNLIMITED UINT64_MAX /* a limit that is none */

struct metrics {
	FILE *out;
	bool openmetrics;
};

/* In OpenMetrics the family of a counter has no "_total" in its name, its samples do. */
static void put_head(const struct metrics *metrics, const char *name, bool counter,
	const char *type, const char *help)
{
	const char *total = counter && !metrics->openmetrics ? "_total" : "";

	fprintf(metrics->out, "# HELP inetd_%s%s %s\n# TYPE inetd_%s%s %s\n", name, total, help,
		name, total, type);
}

/* The value of a label: a name of a service may hold anything. Whole, as two that are cut could
 * become the same. */
static void put_label(FILE *out, const char *text)
{
	char *copy = strdup(text);

	putc('"', out);
	for (const char *c = copy ? log_mask(copy) : ""; *c; c++) {
		if (*c == '"' || *c == '\\')
			putc('\\', out);
		putc(*c, out);
	}
	putc('"', out);
	free(copy);
}

static void put_service_label(const struct metrics *metrics, const struct service_state *state)
{
	fputs("{service=", metrics->out);
	put_label(metrics->out, state->service->label);
}

/* --- of the daemon --- */

static void put_seconds(FILE *out, uint64_t us)
{
	fprintf(out, "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

static uint64_t of_services(void)
{
	const struct service_state *state;
	uint64_t count = 0;

	TAILQ_FOREACH (state, &service_states, in_states)
		count++;
	return count;
}

static uint64_t of_programs(void)
{
	return program_count();
}

static uint64_t of_sessions(void)
{
	return worker_sessions();
}

static uint64_t of_reloads(void)
{
	return configure_counts().reloads;
}

static uint64_t of_reload_errors(void)
{
	return configure_counts().errors;
}

static uint64_t of_worker_restarts(void)
{
	return worker_restarts();
}

static uint64_t of_overflows(void)
{
	return report_losses().overflows;
}

static uint64_t of_drops(void)
{
	return report_losses().drops;
}

static uint64_t of_memory(void)
{
	return report_private_kib() * 1024;
}

static const struct {
	const char *name, *help;
	uint64_t (*value)(void);
	bool counter;
} of_daemon[] = {
	{"services", "Services that are configured.", of_services, false},
	{"programs", "Programs that run.", of_programs, false},
	{"sessions", "Sessions of built-in services.", of_sessions, false},
	{"open_descriptors", "Descriptors the daemon has open.", report_descriptors, false},
	{"private_memory_bytes", "Memory that only the daemon uses.", of_memory, false},
	{"uptime_seconds", "Since the daemon was started.", report_uptime, false},
	{"reloads", "Times the configuration was read again.", of_reloads, true},
	{"reload_errors", "Reloads with mistakes in the configuration.", of_reload_errors, true},
	{"worker_restarts", "Times the process of the built-in services had ended by itself.",
		of_worker_restarts, true},
	{"refused_late", "Refused connections of a flood, closed late.", delayed_close_count, true},
	{"log_lines_lost", "Log lines that could not be delivered.", log_lost, true},
	{"listen_overflows", "Connections to this machine lost to a full accept queue.",
		of_overflows, true},
	{"listen_drops", "Connections to this machine lost before accept, for any reason.",
		of_drops, true},
};

static void put_turn(const struct metrics *metrics, const char *name, const char *help, uint64_t us)
{
	put_head(metrics, name, false, "gauge", help);
	fprintf(metrics->out, "inetd_%s ", name);
	put_seconds(metrics->out, us);
	putc('\n', metrics->out);
}

static void put_daemon(const struct metrics *metrics)
{
	struct loop_turns turns = loop_turns();

	put_head(metrics, "build_info", false, "gauge", "The version, as a label.");
	fprintf(metrics->out, "inetd_build_info{version=\"%s\"} 1\n", INETD_VERSION);
	for (size_t i = 0; i < sizeof(of_daemon) / sizeof(of_daemon[0]); i++) {
		bool counter = of_daemon[i].counter;

		put_head(metrics, of_daemon[i].name, counter, counter ? "counter" : "gauge",
			of_daemon[i].help);
		fprintf(metrics->out, "inetd_%s%s %" PRIu64 "\n", of_daemon[i].name,
			counter ? "_total" : "", of_daemon[i].value());
	}
	put_turn(metrics, "longest_turn_seconds",
		"The longest time the daemon has looked after one batch of events.",
		turns.longest_us);
	put_turn(metrics, "recent_turn_seconds", "The same of the last minute or two.",
		turns.recent_us);
}

/* --- of each service --- */

static uint64_t of_ready(const struct service_state *state)
{
	const struct listener *listener;

	if (service_state_shown(state))
		return 0;
	TAILQ_FOREACH (listener, &state->listeners, in_state)
		if (listener->holds & HOLD_SOCKET)
			return 0;
	return 1;
}

static uint64_t of_running(const struct service_state *state)
{
	return state->admit.stats.running;
}

static uint64_t of_peak(const struct service_state *state)
{
	return state->admit.stats.peak;
}

static uint64_t of_limit(const struct service_state *state)
{
	uint32_t limit = state->admit.limits.instances;

	return limit == LIMIT_NONE ? UNLIMITED : limit;
}

static uint64_t of_started(const struct service_state *state)
{
	return state->admit.stats.started - state->admit.stats.undone;
}

static uint64_t of_failed(const struct service_state *state)
{
	return state->failed;
}

static uint64_t of_lost(const struct service_state *state)
{
	return state->worker_lost;
}

static const struct {
	const char *name, *help;
	uint64_t (*value)(const struct service_state *state);
	bool counter;
} of_service[] = {
	{"service_ready", "1 if the service takes connections, 0 if it is held back.", of_ready,
		false},
	{"service_running", "Programs or sessions that run.", of_running, false},
	{"service_running_peak", "The most that ran at once.", of_peak, false},
	{"service_running_limit", "How many may run at once.", of_limit, false},
	{"service_started", "Programs or sessions that were started.", of_started, true},
	{"service_failed", "Programs that could not be started.", of_failed, true},
	{"service_lost", "Sessions that ended because their process did.", of_lost, true},
};

static void put_value(FILE *out, uint64_t value)
{
	if (value == UNLIMITED)
		fputs("} +Inf\n", out);
	else
		fprintf(out, "} %" PRIu64 "\n", value);
}

static void put_services(const struct metrics *metrics)
{
	const struct service_state *state;

	for (size_t i = 0; i < sizeof(of_service) / sizeof(of_service[0]); i++) {
		bool counter = of_service[i].counter;

		put_head(metrics, of_service[i].name, counter, counter ? "counter" : "gauge",
			of_service[i].help);
		TAILQ_FOREACH (state, &service_states, in_states) {
			fprintf(metrics->out, "inetd_%s%s", of_service[i].name,
				counter ? "_total" : "");
			put_service_label(metrics, state);
			put_value(metrics->out, of_service[i].value(state));
		}
	}
}

static void put_refusals(const struct metrics *metrics)
{
	const struct service_state *state;

	put_head(metrics, "service_refused", true, "counter", "Connections that were refused.");
	TAILQ_FOREACH (state, &service_states, in_states)
		for (int i = ADMIT_OK + 1; i < ADMIT_VERDICTS; i++) {
			if (!state->admit.stats.refused[i])
				continue;
			fputs("inetd_service_refused_total", metrics->out);
			put_service_label(metrics, state);
			fprintf(metrics->out, ",reason=\"%s\"} %" PRIu64 "\n",
				verdict_key((enum verdict)i),
				state->admit.stats.refused[i]);
		}
}

/* --- of each socket of TCP --- */

static void put_queue(const struct metrics *metrics, const char *name,
	const struct service_state *state, const struct listener *listener, uint32_t value)
{
	char address[SOCKADDR_TEXT];

	fprintf(metrics->out, "inetd_%s", name);
	put_service_label(metrics, state);
	fputs(",address=", metrics->out);
	put_label(metrics->out, sockaddr_text(&listener->bound, address, sizeof(address)));
	fprintf(metrics->out, "} %" PRIu32 "\n", value);
}

static void put_queues(const struct metrics *metrics)
{
	static const struct {
		const char *name, *help;
		bool limit;
	} rows[] = {{"endpoint_queue", "Connections that wait to be accepted.", false},
		{"endpoint_queue_limit", "How many may wait.", true}};
	const struct listener *listener;
	const struct service_state *state;
	struct report_queue queue;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put_head(metrics, rows[i].name, false, "gauge", rows[i].help);
		TAILQ_FOREACH (state, &service_states, in_states)
			TAILQ_FOREACH (listener, &state->listeners, in_state)
				if (report_queue(listener, &queue))
					put_queue(metrics, rows[i].name, state, listener,
						rows[i].limit ? queue.limit : queue.length);
	}
}

/* --- histograms --- */

/* As OpenMetrics wants bounds (Canonical Numbers): the shortest form, but never a whole number. */
static void put_bound(FILE *out, uint64_t us)
{
	fprintf(out, us % 1000000 ? "%g" : "%.1f", (double)us / 1e6);
}

static void put_buckets(const struct metrics *metrics, const char *name,
	const struct service_state *state, const struct histogram *histogram,
	const struct histogram_bounds *bounds)
{
	uint64_t all = histogram_up_to(histogram, HISTOGRAM_BOUNDS);

	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		fprintf(metrics->out, "inetd_%s_bucket", name);
		put_service_label(metrics, state);
		fputs(",le=\"", metrics->out);
		if (i < HISTOGRAM_BOUNDS)
			put_bound(metrics->out, bounds->us[i]);
		else
			fputs("+Inf", metrics->out);
		fprintf(metrics->out, "\"} %" PRIu64 "\n", histogram_up_to(histogram, i));
	}
	fprintf(metrics->out, "inetd_%s_sum", name);
	put_service_label(metrics, state);
	fputs("} ", metrics->out);
	put_seconds(metrics->out, histogram->sum_us);
	fprintf(metrics->out, "\ninetd_%s_count", name);
	put_service_label(metrics, state);
	fprintf(metrics->out, "} %" PRIu64 "\n", all);
}

/* Only of services that somebody has used. */
static void put_histograms(const struct metrics *metrics)
{
	const struct service_state *state;

	put_head(metrics, "service_duration_seconds", false, "histogram",
		"From accept to the end of the program or session.");
	TAILQ_FOREACH (state, &service_states, in_states)
		if (state->observed)
			put_buckets(metrics, "service_duration_seconds", state,
				&state->observed->durations, &histogram_of_durations);
	put_head(metrics, "service_exec_seconds", false, "histogram",
		"From accept to the exec of the program.");
	TAILQ_FOREACH (state, &service_states, in_states)
		if (state->observed && state->service->builtin == BUILTIN_NONE)
			put_buckets(metrics, "service_exec_seconds", state, &state->observed->execs,
				&histogram_of_starts);
}

void metrics_write(FILE *out, bool openmetrics)
{
	const struct metrics metrics = {out, openmetrics};

	put_daemon(&metrics);
	put_services(&metrics);
	put_refusals(&metrics);
	put_queues(&metrics);
	put_histograms(&metrics);
	if (openmetrics)
		fputs("# EOF\n", out);
}
