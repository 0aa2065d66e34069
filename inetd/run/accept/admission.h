/* admission: what keeps a service from starting more and is of the whole machine or of all
 * services: the load average (max_load) and the total of running programs (children of [inetd]).
 * Services that wait for the total stand in a line and take turns, one start each. What a verdict
 * holds back is decided here. */
#ifndef RUN_ADMISSION_H
#define RUN_ADMISSION_H

#include "run/service/service_state.h"

/* Called when it is a state's turn: start one, if somebody waits there. Set by dispatch. */
extern void (*admission_turn)(struct service_state *state);

/* To be asked before accepting: the answer of admit_ready(); where that is ADMIT_OK perhaps
 * ADMIT_LOAD or ADMIT_TOTAL. Counts nothing. The load (getloadavg(3)) is at most one second old;
 * one that cannot be read keeps nothing back. */
enum verdict admission_ready(struct service_state *state, uint64_t *wait_ms);

/* To be asked after accepting: ADMIT_IGNORED where another service ignores the source for all
 * (deny_all.h), else the answer of admit_check(), with these two among the limits of the service. A
 * refusal is counted. */
enum verdict admission_ask(struct service_state *state, const struct arrival *arrival);

/* Holds the service back for the verdict of admission_ready(): for LOAD until it has fallen, which
 * is looked at each second, for TOTAL until it is the service's turn. Logs, limited, that a limit
 * was reached, with the key that raises it.
 */
void admission_hold(struct service_state *state, enum verdict verdict, uint64_t wait_ms);

/* For service_state_changed: waits may be over, and turns are given, in a moment. */
void admission_service_changed(struct service_state *state, enum service_change change);

/* True if a program more may stand ready, so that with those that do there is room for all. */
bool admission_has_room(void);

/* The configuration's number of programs that may run at once. */
void admission_set_total(uint32_t children);

#endif
