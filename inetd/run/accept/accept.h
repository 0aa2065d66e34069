/* accept: accepts one connection from a listener's queue, and deals with every way in which that
 * can fail. Owns the reserve descriptor that is given up when there are no others. */
#ifndef RUN_ACCEPT_H
#define RUN_ACCEPT_H

#include "run/program/plan.h"
#include "run/service/listener.h"

/* Takes the reserve descriptor, if it is not there; gives it back. */
void accept_open(void);
void accept_close(void);

/* Fills conn->fd (close-on-exec, non-blocking for a built-in; the caller's) and conn->peer. Returns
 * the descriptor, or -1: with errno 0 to go on with the next, else to stop for now. Without
 * descriptors or buffers the state is paused; a socket that does not work any more is opened again.
 */
int accept_one(struct listener *listener, struct conn *conn);

/* The rest of conn: what is known of an accepted connection, on a listener bound to `local`. */
void accept_fill(struct conn *conn, const struct sockaddr_len *local);

/* The same for admission, now: valid until the loop goes on. Borrows conn->peer. */
struct arrival accept_arrival(const struct service_state *state, const struct conn *conn);

#endif
