/* worker_serve: gives connections to the worker: those of built-in services, those whose
 * PROXY header is to be read, and those that are to
 * be ended in good order. */
#ifndef RUN_WORKER_SERVE_H
#define RUN_WORKER_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "admit/share.h"
#include "run/program/plan.h"
#include "run/service/service_state.h"

/* True if it takes connections now; if not, the state is held until it does. */
bool worker_takes(struct service_state *state);

/* Gives it an accepted, non-blocking connection of the state's built-in: conn->fd is consumed. The
 * ticket is consumed: given back when the session ends or cannot be handed over. */
void worker_serve(struct service_state *state, struct conn *conn, struct admit_ticket *ticket);

/* How long a proxy may take to say whose connection it is. */
#define HEADER_LIMIT_MS 5000

/* Has it read the header of the PROXY protocol in front of an accepted connection, in any mode:
 * conn->fd is consumed, and what comes of it is told by worker_calls.headed, or it is closed. False
 * where its sender has its share (header_share.h): nothing is consumed. */
bool worker_read_header(struct service_state *state, struct conn *conn);

/* Has it send a text (at most MESSAGE_MAX bytes; the rest is cut off) and close in good order, in
 * bounded time. Consumes fd, of `who`; without a worker, or with as many under way as there may be,
 * it is just closed: a flood of them costs a bounded number of descriptors. */
void worker_send_text(const struct share_who *who, int fd, const char *text);

/* Has it end a connection that its program has left with unread input: shut down writing and throw
 * away what comes until the client's end, for `limit_ms` at most. Consumes fd, as above. */
void worker_linger(const struct share_who *who, int fd, uint32_t limit_ms);

/* Closes all sessions of a service. */
void worker_end(const struct service_state *state);

#endif
