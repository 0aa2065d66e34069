/* disable: services that an administrator closes whatever the configuration asks for: one of them,
 * or all of them, so that the daemon ends when the last program has ended. Their sockets are
 * closed, so that the kernel refuses connections, and nothing opens them before disable_end() or a
 * reload. */
#ifndef RUN_DISABLE_H
#define RUN_DISABLE_H

#include "run/service/service_state.h"

/* Closes the sockets of a service. One that programs were lent is served as long as they have it:
 * these programs are ended, and what they and others before have left behind that has it still
 * (program/lent_holders.h); connections to it are refused at once. Programs that have a connection
 * of their own go on. A tcpmux service is offered no more. Returns how many programs are ended. */
unsigned disable_service(struct service_state *state);

/* Ends what else runs of it: programs, built-in sessions at once. Gets how many of each there were,
 * with those that disable_service() has told to end. */
void disable_running(struct service_state *state, unsigned *programs, unsigned *sessions);

/* Opens what disable_service() closed. Returns how many sockets could not be opened, which is
 * logged; they are retried. */
unsigned disable_end(struct service_state *state);

/* Closes every service for good, once those who wait at their sockets have been accepted, and calls
 * `done`, once, when nothing runs any more; never before this returns. `waiting` is called now and
 * then until then. */
void disable_all(void (*waiting)(void), void (*done)(void));

/* Ends what runs, as disable_running(), after disable_all(); who still waits is closed. */
void disable_all_end(void);

/* Something of a service has ended: it may have been the last that disable_all() waits for. */
void disable_slot_freed(void);

#endif
