/* worker_link: the supervisor's side of the inetd-worker process: starts it when a service needs
 * it, hands it connections and datagram sockets, gets the slots back, and starts it again
 * with growing delays when it dies. */
#ifndef RUN_WORKER_LINK_H
#define RUN_WORKER_LINK_H

#include <stdbool.h>

#include "run/service/service_state.h"

/* Sets the program's path (borrowed) and who is told when a tcpmux client wants a service: fd is
 * consumed by the callee. */
void worker_init(const char *path, void (*wants)(const char *name, int fd));

/* True if the service cannot do without it: a built-in, or one with texts for whom it refuses,
 * or with lingering_close. */
bool worker_needed(const struct service *service);

/* Whether a service needs it: starts the worker, or lets it go when its last session
 * is over. Sends the names that tcpmux offers. */
void worker_want(bool wanted);

/* Ends it at once (its sessions end with it). */
void worker_stop(void);

/* True if it takes connections now; if not, the state is held until it does. */
bool worker_takes(struct service_state *state);

/* Gives it an accepted, non-blocking connection (consumed) of the state's built-in. The ticket is
 * consumed: given back when the session ends or cannot be handed over. */
void worker_serve(struct service_state *state, int fd, struct admit_ticket *ticket);

/* Texts, and lingering ends, under way at once. Above it connections are closed without, so that a
 * flood of them costs a bounded number of descriptors. */
#define WORKER_SAYS 1024

/* Has it send a text (at most MESSAGE_MAX bytes; the rest is cut off) and close in good order, in
 * bounded time. Consumes fd; without a worker, or with WORKER_SAYS under way, it is just closed. */
void worker_send_text(int fd, const char *text);

/* Has it end a connection that its program has left with unread input: shut down writing and throw
 * away what comes until the client's end, for `limit_ms` at most. Consumes fd, as above. */
void worker_linger(int fd, uint32_t limit_ms);

/* Closes all sessions of a service. */
void worker_end(const struct service_state *state);

/* What tcpmux offers has changed: a service of it was shut, or is not any more. */
void worker_names(void);

/* Its pid; 0 when it does not run. */
pid_t worker_pid(void);

/* How often it was started because the one before had ended. */
unsigned worker_restarts(void);

/* Sessions it has now. */
unsigned worker_sessions(void);

#endif
