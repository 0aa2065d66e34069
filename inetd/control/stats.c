/* stats: see stats.h. */
#include "control/stats.h"

#include <inttypes.h>

#include "base/log.h"
#include "control/report.h"
#include "run/gate.h"
#include "run/program.h"
#include "run/worker_link.h"

void stats_log(void)
{
	struct gate *gate;
	unsigned services = 0;

	TAILQ_FOREACH (gate, &gates, in_gates) {
		const struct admit_stats *stats = &gate->admit.stats;

		services++;
		if (stats->started || report_refused(gate) || gate->failed || gate->holds)
			log_notice("%s: statistics service=%s state=%s running=%u peak=%u "
				   "started=%" PRIu64 " refused=%" PRIu64 " failed=%" PRIu64,
				gate->service->name, gate->service->name, hold_name(gate->holds),
				stats->running, stats->peak, stats->started - stats->undone,
				report_refused(gate), gate->failed);
	}
	log_notice("statistics services=%u programs=%u sessions=%u", services, program_count(),
		worker_sessions());
}
