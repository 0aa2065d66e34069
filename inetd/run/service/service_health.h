/* service_health: whether what a service starts works: the last start, how its last programs
 * ended, and whether rpcbind tells of it. It is shown and holds nothing back, because a client may
 * be what makes a program end. */
#ifndef RUN_SERVICE_HEALTH_H
#define RUN_SERVICE_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct service_state;

/* Zeroed = nothing is known to be wrong. */
struct service_health {
	const char *failed_step; /* of the last start: what went wrong; static; NULL: nothing */
	int failed_errno;        /* 0: the step says it all */
	int status;              /* of the last program that ended, as of waitpid(2) */
	uint32_t in_a_row;       /* programs that ended with that failure, one after the other */
	bool executed;           /* something was, since the configuration was read */
};

/* A start failed: the step and its errno. */
void service_health_failed(struct service_state *state, const char *step, int err);

/* A program that was started at `started_ms` has ended with this status (waitpid(2)). A failure is
 * a signal, or an exit status that is not 0 within a second of the start. */
void service_health_ended(struct service_state *state, uint64_t started_ms, int status);

/* A program has got to its exec. */
void service_health_executed(struct service_state *state);

/* True if the reading of the configuration has found that its program cannot be run, and neither
 * has one been started since, nor is it there now. */
bool service_health_unusable(const struct service_state *state);

/* What is wrong, as a sentence, into buf; NULL when nothing is. `start_failed`: the last start has,
 * and no program of a later one runs. */
#define SERVICE_HEALTH_TEXT 160
const char *service_health_text(
	const struct service_state *state, bool start_failed, char *buf, size_t size);

#endif
