/* worker_link: the supervisor's side of the inetd-worker process: starts it when a service needs
 * it, hears what has become of what it was given (worker_serve.h, worker_socket.h), and starts it
 * again with growing delays when it dies. */
#ifndef RUN_WORKER_LINK_H
#define RUN_WORKER_LINK_H

#include <stdbool.h>
#include <stdio.h>

#include "base/record.h"
#include "run/service/service_state.h"
#include "run/worker/worker_answer.h"

/* Sets the program's path, and who is told; both are borrowed. */
void worker_init(const char *path, const struct worker_calls *calls);

/* True if the service cannot do without it: a built-in, or one with proxies, with texts for whom it
 * refuses, or with lingering_close. */
bool worker_needed(const struct service *service);

/* Whether a service needs it: starts the worker, or lets it go when its last session
 * is over. Sends the names that tcpmux offers. */
void worker_want(bool wanted);

/* Ends it at once (its sessions end with it). */
void worker_stop(void);

/* What tcpmux offers has changed: a service of it was shut, or is not any more. */
void worker_names(void);

/* Its pid; 0 when it does not run. */
pid_t worker_pid(void);

/* How often it was started because the one before had ended. */
unsigned worker_restarts(void);

/* The same from one daemon to the next (inetctl upgrade), as a field of a record. And: true if
 * nothing waits here to be sent to it. */
void worker_put(FILE *out);
void worker_resume(const struct record *record);
bool worker_is_quiet(void);

/* Sessions it has now, and those before it that are not at their end. */
unsigned worker_sessions(void);

#endif
