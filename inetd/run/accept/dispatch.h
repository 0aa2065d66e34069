/* dispatch: a socket can be read: accept or lend, ask admission, hand on to a program or to the
 * worker. */
#ifndef RUN_DISPATCH_H
#define RUN_DISPATCH_H

#include "run/service/listener.h"

/* Takes the reserve descriptor that is given up when there are no others. */
void dispatch_open(void);
void dispatch_close(void);

/* For listener_ready. */
void dispatch_ready(struct listener *listener);

/* Accepts everything that waits, up to the backlog, before a stream socket is closed in favour of
 * others (reload). Each connection goes to the service that its address now belongs to, as if it
 * had come a moment later; where that is none, or waits, and what limits do not allow, is refused.
 */
void dispatch_drain(struct listener *listener);

/* A tcpmux client asked for `name`: runs that service on fd (consumed). */
void dispatch_mux(const char *name, int fd);

#endif
