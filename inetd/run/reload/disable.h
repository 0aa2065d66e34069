/* disable: services that an administrator closes whatever the configuration asks for: one of them,
 * or all of them, so that the daemon ends when the last program has ended. Their sockets are
 * closed, so that the kernel refuses connections, and nothing opens them before disable_end() or a
 * reload. */
#ifndef RUN_DISABLE_H
#define RUN_DISABLE_H

#include "run/service/service_state.h"

/* Closes the sockets of a service, also one that a program was lent: connections to it are refused
 * at once (a program that is in accept(2) gets EINVAL, and gets nobody if it listens again), but
 * datagrams are the program's until it ends. What runs goes on. A tcpmux service is offered no
 * more. Returns false if a program could listen again on one of them and be reached. */
bool disable_service(struct service_state *state);

/* Ends what runs of it: programs as program_end(), what these have left behind that still has its
 * socket (program/lent_holders.h), built-in sessions at once. Gets how many programs and sessions
 * there were. */
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
