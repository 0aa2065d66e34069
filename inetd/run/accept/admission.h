/* overload: what keeps a service from starting more and is of the whole machine or of all services:
 * the load average (max_load) and the total of running programs (children of [inetd]). Services
 * that wait for the total stand in a line and take turns, one start each. */
#ifndef RUN_OVERLOAD_H
#define RUN_OVERLOAD_H

#include "run/service/service_state.h"

/* Called when it is a gate's turn: start one, if somebody waits there. Set by dispatch. */
extern void (*overload_turn)(struct gate *gate);

/* Before accepting: what admit_ready() says, or, where that is ADMIT_OK, ADMIT_LOAD or ADMIT_TOTAL.
 * Counts nothing. The load (getloadavg(3)) is at most one second old; one that cannot be read keeps
 * nothing back. */
enum verdict overload_ready(struct gate *gate, uint64_t *wait_ms);

/* After it: what admit_check() says, with these two among the limits of the service. Counted. */
enum verdict overload_ask(struct gate *gate, const struct arrival *arrival);

/* Holds the gate for LOAD, looked at again every second, or for TOTAL, until it is its turn. */
void overload_hold(struct gate *gate, enum verdict verdict);

/* Its definition has changed, so that it may be let go, or the gate goes away. */
void overload_assigned(struct gate *gate);
void overload_forget(struct gate *gate);

/* A program has ended, or there may be more of them than before: turns are given, in a moment. */
void overload_slot_free(void);

#endif
