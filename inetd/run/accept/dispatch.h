/* dispatch: what happens when a socket can be read: the connection is accepted, or the socket lent;
 * admission decides; a program or the worker gets it. */
#ifndef RUN_DISPATCH_H
#define RUN_DISPATCH_H

#include "run/program/plan.h"
#include "run/service/listener.h"

/* Takes the reserve descriptor that is given up when there are no others; gives it back. */
void dispatch_open(void);
void dispatch_close(void);

/* For listener_ready. */
void dispatch_ready(struct listener *listener);

/* True if the service may start one more now; else it is held for the reason. */
bool dispatch_may_accept(struct service_state *state);

/* Everything after accept: the header of a proxy where one is to come, admission, then a program or
 * the worker, or a refusal. conn->fd is consumed. */
void dispatch_serve(struct service_state *state, struct conn *conn);

/* One start of the service, if somebody waits: at its sockets in turn, another one each time. */
void dispatch_turn(struct service_state *state);

/* A tcpmux client asked for `name`: runs that service on conn->fd (consumed). */
void dispatch_mux(const char *name, struct conn *conn);

#endif
