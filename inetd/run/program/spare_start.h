/* spare_start: starts a program of a service before its connection comes. It has what a program of
 * the service has, but for the connection: /dev/null is in its place, and on descriptor 3 a socket
 * on which the connection will come. */
#ifndef RUN_SPARE_START_H
#define RUN_SPARE_START_H

#include "run/process/spawn.h"
#include "run/service/service_state.h"

/* The library that waits for the connection; the path is borrowed for ever. */
void spare_start_init(const char *library);
void spare_start_close(void);

/* Starts one for the state; `calls` enter its cage (NULL: none). Returns its process number and
 * *link, our end of the socket (the caller's); or -1 with *error: nothing was started. `error`, and
 * the two that are called with it, are as in struct spawn_plan. */
struct spare_calls {
	const struct spawn_call *calls;
	const void *owner;
	void (*left)(struct spawn_error *error);
	void (*late)(struct spawn_error *error);
	uint64_t slice_ns;
};
pid_t spare_start(struct service_state *state, const struct spare_calls *calls,
	struct spawn_error *error, int *link);

#endif
