/* observe: see observe.h. */
#include "run/service/service_history.h"

#include <stdlib.h>

#include "base/loop.h"

static struct observed *observed_of(struct gate *gate)
{
	if (!gate->observed)
		gate->observed = calloc(1, sizeof(*gate->observed));
	return gate->observed;
}

void observe_start(struct gate *gate)
{
	struct observed *observed = observed_of(gate);

	if (!observed)
		return;
	observed->started_ms = loop_now_ms();
	history_add(&observed->starts, observed->started_ms);
}

void observe_end(struct gate *gate, uint64_t accepted_us, uint64_t exec_us)
{
	struct observed *observed = observed_of(gate);
	uint64_t now_us = loop_clock_us();

	if (!observed)
		return;
	histogram_add(&observed->durations, &histogram_of_durations,
		now_us > accepted_us ? now_us - accepted_us : 0);
	if (exec_us >= accepted_us && exec_us)
		histogram_add(&observed->execs, &histogram_of_starts, exec_us - accepted_us);
}
