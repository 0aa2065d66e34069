/* stats: see stats.h. */
#include "control/stats.h"

#include <inttypes.h>

#include "base/log.h"
#include "control/report.h"
#include "run/program/program.h"
#include "run/service/service_state.h"
#include "run/worker/worker_link.h"

/* Numbers as texts of fields. */
struct counts {
	char running[16], peak[16], started[24], refused[24], failed[24];
};

static void log_state(const struct service_state *state)
{
	const struct admit_stats *stats = &state->admit.stats;
	const char *name = state->service->name;
	struct counts of;
	uint64_t since_ms;

	snprintf(of.running, sizeof(of.running), "%" PRIu32, stats->running);
	snprintf(of.peak, sizeof(of.peak), "%" PRIu32, stats->peak);
	snprintf(of.started, sizeof(of.started), "%" PRIu64, stats->started - stats->undone);
	snprintf(of.refused, sizeof(of.refused), "%" PRIu64, report_refused(state));
	snprintf(of.failed, sizeof(of.failed), "%" PRIu64, state->failed);
	log_event(LOG_NOTICE,
		LOG_FIELDS({"service", name, false},
			{"state", hold_name(report_holds(state, &since_ms)), false},
			{"running", of.running, true}, {"peak", of.peak, true},
			{"started", of.started, true}, {"refused", of.refused, true},
			{"failed", of.failed, true}),
		"%s: statistics", name);
}

void stats_log(void)
{
	char number[3][16];
	unsigned services = 0;
	struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states) {
		services++;
		if (state->admit.stats.started || report_refused(state) || state->failed ||
			state->holds)
			log_state(state);
	}
	snprintf(number[0], sizeof(number[0]), "%u", services);
	snprintf(number[1], sizeof(number[1]), "%u", program_count());
	snprintf(number[2], sizeof(number[2]), "%u", worker_sessions());
	log_event(LOG_NOTICE,
		LOG_FIELDS({"services", number[0], true}, {"programs", number[1], true},
			{"sessions", number[2], true}),
		"statistics");
}
