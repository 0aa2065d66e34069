/* escapees: processes that have left the session of their program, by setsid(2) and a second fork,
 * and so are beyond the reach of a signal to its group. Where the service has a control group they
 * are found in it, and end when they are as old as max_time. */
#ifndef RUN_ESCAPEES_H
#define RUN_ESCAPEES_H

#include "run/service/service_state.h"

/* Looks for them in `delay_ms`, and again as long as there are some that are younger. The state has
 * a control group. */
void escapees_look(struct service_state *state, uint64_t delay_ms);

/* Who is in a session of a program of the state that runs: called for each by escapees_look(); set
 * by program.c, which knows them. */
extern void (*escapees_sessions)(
	const struct service_state *state, void (*each)(pid_t session, void *arg), void *arg);

#endif
