/* metrics: see metrics.h. Samples of one metric stand together, as both formats want. */
#include "control/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "control/figures.h"
#include "control/report.h"
#include "run/service/listener.h"
#include "run/service/service_history.h"

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

/* The value of a label. A service name may hold any byte; it is written whole, because two names
 * could become equal when they are cut. */
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

static void put_family(const struct metrics *metrics, const struct figure *figure)
{
	put_head(metrics, figure->metric, figure->counter, figure->counter ? "counter" : "gauge",
		figure->help);
}

static void put_seconds(FILE *out, uint64_t us)
{
	fprintf(out, "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

static void put_value(FILE *out, const struct figure *figure, uint64_t value)
{
	putc(' ', out);
	if (value == FIGURE_UNLIMITED)
		fputs("+Inf", out);
	else if (figure->unit == FIGURE_US)
		put_seconds(out, value);
	else
		fprintf(out, "%" PRIu64, figure->unit == FIGURE_KIB ? value * 1024 : value);
	putc('\n', out);
}

static void put_daemon(const struct metrics *metrics, const struct figure *figures)
{
	for (const struct figure *figure = figures; figure->name; figure++) {
		if (!figure->metric)
			continue;
		put_family(metrics, figure);
		fprintf(metrics->out, "inetd_%s%s", figure->metric,
			figure->counter ? "_total" : "");
		put_value(metrics->out, figure, figure->of_daemon());
	}
}

static void put_services(const struct metrics *metrics, const struct figure *figure)
{
	const struct service_state *state;

	put_family(metrics, figure);
	TAILQ_FOREACH (state, &service_states, in_states) {
		fprintf(metrics->out, "inetd_%s%s", figure->metric,
			figure->counter ? "_total" : "");
		put_service_label(metrics, state);
		putc('}', metrics->out);
		put_value(metrics->out, figure, figure->of_service(state));
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
				verdict_key((enum verdict)i), state->admit.stats.refused[i]);
		}
}

/* --- of each socket of TCP --- */

static void put_queue(const struct metrics *metrics, const char *name,
	const struct service_state *state, const struct listener *listener, uint32_t value)
{
	const struct sockaddr_len bound = listener_bound(listener);
	char address[SOCKADDR_TEXT];

	fprintf(metrics->out, "inetd_%s", name);
	put_service_label(metrics, state);
	fputs(",address=", metrics->out);
	put_label(metrics->out, sockaddr_text(&bound, address, sizeof(address)));
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

/* Only of services that have had a connection. */
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

	put_head(&metrics, "build_info", false, "gauge", "The version, as a label.");
	fprintf(out, "inetd_build_info{version=\"%s\"} 1\n", INETD_VERSION);
	put_daemon(&metrics, figures_of_daemon);
	put_daemon(&metrics, figures_of_machine);
	for (const struct figure *figure = figures_of_service; figure->name; figure++)
		if (figure->metric)
			put_services(&metrics, figure);
	put_refusals(&metrics);
	put_queues(&metrics);
	put_histograms(&metrics);
	if (openmetrics)
		fputs("# EOF\n", out);
}
