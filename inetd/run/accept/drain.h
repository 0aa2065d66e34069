/* drain: the queue of a stream socket that is closed in favour of others (reload). Each connection
 * goes to the service that its address belongs to now, as if it had come a moment later. */
#ifndef RUN_DRAIN_H
#define RUN_DRAIN_H

#include "run/service/listener.h"

/* Accepts everything that waits, up to the backlog. What no service takes now, or one whose
 * programs accept for themselves, is closed. */
void drain_socket(struct listener *listener);

#endif
