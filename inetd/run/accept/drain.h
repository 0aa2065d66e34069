/* drain: the queue of a stream socket that is closed in favour of others (reload). Each connection
 * goes to the service that its address belongs to now, as if it had come a moment later. */
#ifndef RUN_DRAIN_H
#define RUN_DRAIN_H

#include "run/service/listener.h"

/* Accepts everything that waits, up to the backlog. What no service takes now, or one whose
 * programs accept for themselves, is closed. */
void drain_socket(struct listener *listener);

/* Accepts everything that waits at a socket which is about to be closed for good, for its own
 * service, that serves it as soon as it can. What comes while that is done is not answered: its
 * kernel tries again, and reaches who else listens there (reuse_port). Nothing for a socket that a
 * program has or may have had. */
void drain_to_end(struct listener *listener);

#endif
