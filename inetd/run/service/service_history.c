/* service_history: see service_history.h. */
#include "run/service/service_history.h"

#include <stdlib.h>

#include "base/loop.h"
#include "base/patience.h"

struct service_history *service_history_of(struct service_state *state)
{
	if (!state->observed)
		state->observed = patience_calloc(1, sizeof(*state->observed));
	return state->observed;
}

void service_history_start(struct service_state *state)
{
	struct service_history *observed = service_history_of(state);

	if (!observed)
		return;
	observed->started_ms = loop_now_ms();
	history_add(&observed->starts, observed->started_ms);
}

void service_history_take_spare(struct service_state *state)
{
	struct service_history *history = service_history_of(state);

	if (history)
		history->from_spares++;
}

void service_history_end(struct service_state *state, uint64_t accepted_us, uint64_t exec_us)
{
	struct service_history *observed = service_history_of(state);
	uint64_t now_us = loop_clock_us();

	if (!observed)
		return;
	histogram_add(&observed->durations, &histogram_of_durations,
		now_us > accepted_us ? now_us - accepted_us : 0);
	if (exec_us >= accepted_us && exec_us)
		histogram_add(&observed->execs, &histogram_of_starts, exec_us - accepted_us);
}
