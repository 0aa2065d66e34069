/* start_pace: how fast a service may start programs. One at a time until one has got to its exec,
 * then several; and none while one does not get there: there is never a crowd of children that wait
 * for a file system, or whom their user has stopped. */
#ifndef RUN_START_PACE_H
#define RUN_START_PACE_H

#include "run/service/service_state.h"

/* False if the service may start no program now: it is held (HOLD_START) until it may. */
bool start_pace_allows(struct service_state *state);

/* A child of it has got to its exec (`well`) or has ended before. */
void start_pace_left(struct service_state *state, bool well);

#endif
