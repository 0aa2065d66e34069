/* shut: services that an administrator closes, beside what the configuration says: one of them, or
 * all, to end when the last program has. Their sockets are closed, so that the kernel refuses
 * connections, and nothing opens them before shut_over() or a reload. */
#ifndef RUN_SHUT_H
#define RUN_SHUT_H

#include "run/service/service_state.h"

/* Closes the sockets of a service, also one that a program was lent: connections to it are refused
 * at once (a program that is in accept(2) gets EINVAL), but datagrams are the program's until it
 * ends. What runs goes on. A tcpmux service is offered no more. */
void shut_service(struct gate *gate);

/* Ends what runs of it: programs as program_end(), built-in sessions at once. Gets how many there
 * were. */
void shut_running(struct gate *gate, unsigned *programs, unsigned *sessions);

/* Opens what shut_service() closed. Returns how many sockets could not be opened, which is logged;
 * they are tried again by themselves. */
unsigned shut_over(struct gate *gate);

/* Shuts every service for good, and calls `done`, once, when nothing runs any more; later, even if
 * that is so already. `waiting` is called now and then until then. */
void shut_all(void (*waiting)(void), void (*done)(void));

#endif
