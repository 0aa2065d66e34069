/* metrics: see metrics.h. Samples of one metric stand together, as both formats want. */
#include "control/metrics.h"

#include <inttypes.h>

#include "base/log.h"
#include "base/writer.h"
#include "control/figures.h"
#include "control/report.h"
#include "run/service/listener.h"
#include "run/service/service_history.h"

struct metrics {
	struct writer *to;
	bool openmetrics;
};

/* In OpenMetrics the family of a counter has no "_total" in its name, its samples do. */
static void put_head(const struct metrics *metrics, const char *name, bool counter,
	const char *type, const char *help)
{
	const char *total = counter && !metrics->openmetrics ? "_total" : "";

	writer_format(metrics->to, "# HELP inetd_%s%s %s\n# TYPE inetd_%s%s %s\n", name, total,
		help, name, total, type);
}

/* The value of a label. A service name may hold any byte; it is written whole, because two names
 * could become equal when they are cut. */
static void put_label(struct writer *to, const char *text)
{
	writer_char(to, '"');
	writer_masked(to, text, log_mask, "\"\\");
	writer_char(to, '"');
}

static void put_service_label(const struct metrics *metrics, const struct service_state *state)
{
	writer_text(metrics->to, "{service=");
	put_label(metrics->to, state->service->label);
}

static void put_family(const struct metrics *metrics, const struct figure *figure)
{
	put_head(metrics, figure->metric, figure->counter, figure->counter ? "counter" : "gauge",
		figure->help);
}

static void put_seconds(struct writer *to, uint64_t us)
{
	writer_format(to, "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

static void put_value(struct writer *to, const struct figure *figure, uint64_t value)
{
	writer_char(to, ' ');
	if (value == FIGURE_UNLIMITED)
		writer_text(to, "+Inf");
	else if (figure->unit == FIGURE_US)
		put_seconds(to, value);
	else
		writer_format(to, "%" PRIu64, figure->unit == FIGURE_KIB ? value * 1024 : value);
	writer_char(to, '\n');
}

static void put_daemon(const struct metrics *metrics, const struct figure *figures)
{
	for (const struct figure *figure = figures; figure->name; figure++) {
		if (!figure->metric)
			continue;
		put_family(metrics, figure);
		writer_format(
			metrics->to, "inetd_%s%s", figure->metric, figure->counter ? "_total" : "");
		put_value(metrics->to, figure, figure->of_daemon());
	}
}

static void put_services(const struct metrics *metrics, const struct figure *figure)
{
	const struct service_state *state;

	put_family(metrics, figure);
	TAILQ_FOREACH (state, &service_states, in_states) {
		writer_format(
			metrics->to, "inetd_%s%s", figure->metric, figure->counter ? "_total" : "");
		put_service_label(metrics, state);
		writer_char(metrics->to, '}');
		put_value(metrics->to, figure, figure->of_service(state));
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
			writer_text(metrics->to, "inetd_service_refused_total");
			put_service_label(metrics, state);
			writer_format(metrics->to, ",reason=\"%s\"} %" PRIu64 "\n",
				verdict_key((enum verdict)i), state->admit.stats.refused[i]);
		}
}

/* --- of each socket of TCP --- */

static void put_queue(const struct metrics *metrics, const char *name,
	const struct service_state *state, const struct listener *listener, uint32_t value)
{
	const struct sockaddr_len bound = listener_bound(listener);
	char address[SOCKADDR_TEXT];

	writer_format(metrics->to, "inetd_%s", name);
	put_service_label(metrics, state);
	writer_text(metrics->to, ",address=");
	put_label(metrics->to, sockaddr_text(&bound, address, sizeof(address)));
	writer_format(metrics->to, "} %" PRIu32 "\n", value);
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
static void put_bound(struct writer *to, uint64_t us)
{
	writer_format(to, us % 1000000 ? "%g" : "%.1f", (double)us / 1e6);
}

static void put_buckets(const struct metrics *metrics, const char *name,
	const struct service_state *state, const struct histogram *histogram,
	const struct histogram_bounds *bounds)
{
	uint64_t all = histogram_up_to(histogram, HISTOGRAM_BOUNDS);

	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		writer_format(metrics->to, "inetd_%s_bucket", name);
		put_service_label(metrics, state);
		writer_text(metrics->to, ",le=\"");
		if (i < HISTOGRAM_BOUNDS)
			put_bound(metrics->to, bounds->us[i]);
		else
			writer_text(metrics->to, "+Inf");
		writer_format(metrics->to, "\"} %" PRIu64 "\n", histogram_up_to(histogram, i));
	}
	writer_format(metrics->to, "inetd_%s_sum", name);
	put_service_label(metrics, state);
	writer_text(metrics->to, "} ");
	put_seconds(metrics->to, histogram->sum_us);
	writer_format(metrics->to, "\ninetd_%s_count", name);
	put_service_label(metrics, state);
	writer_format(metrics->to, "} %" PRIu64 "\n", all);
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
	struct writer writer;
	const struct metrics metrics = {&writer, openmetrics};

	writer_begin(&writer, out);
	put_head(&metrics, "build_info", false, "gauge", "The version, as a label.");
	writer_format(&writer, "inetd_build_info{version=\"%s\"} 1\n", INETD_VERSION);
	put_daemon(&metrics, figures_of_daemon);
	put_daemon(&metrics, figures_of_machine);
	for (const struct figure *figure = figures_of_service; figure->name; figure++)
		if (figure->metric)
			put_services(&metrics, figure);
	put_refusals(&metrics);
	put_queues(&metrics);
	put_histograms(&metrics);
	if (openmetrics)
		writer_text(&writer, "# EOF\n");
	writer_end(&writer);
}
