/* service_history: what a service's connections were like: how many in each of the last seconds,
 * how long they lasted, how soon their programs ran. Kept beside the counters of admission, from
 * the first connection on, so that a service without connections costs nothing. */
#ifndef RUN_SERVICE_HISTORY_H
#define RUN_SERVICE_HISTORY_H

#include "base/histogram.h"
#include "base/history.h"
#include "run/service/service_health.h"
#include "run/service/service_state.h"

struct service_history {
	struct history starts;
	uint64_t started_ms;        /* the last of them */
	struct histogram durations; /* accepted to ended: histogram_of_durations */
	struct histogram execs;     /* accepted to exec: histogram_of_starts */
	uint64_t from_spares;       /* programs that stood ready when their connection came */
	struct service_health health;
};

/* That of a state, which it gets now if it has none; NULL without memory. */
struct service_history *service_history_of(struct service_state *state);

/* One was started. Without memory it is not observed. */
void service_history_start(struct service_state *state);

/* The program of one stood ready when it came. */
void service_history_take_spare(struct service_state *state);

/* One has ended that was accepted at `accepted_us` (loop_clock_us()). `exec_us`: when its program
 * was about to be run; 0: not known, or a built-in. */
void service_history_end(struct service_state *state, uint64_t accepted_us, uint64_t exec_us);

#endif
