/* listener_wait: sockets that could not be opened, and when each is tried again. Those that there
 * is no descriptor for wait in one line: the first of it is tried, and the others follow when it
 * has got one, so that very many of them cost no more than one. Others have a time each. */
#ifndef RUN_LISTENER_WAIT_H
#define RUN_LISTENER_WAIT_H

#include "run/service/listener.h"

/* It cannot be opened now, for that reason (errno). True if that is news: the first failure in a
 * row or another reason; of those in the line, only for that which begins it. */
bool listener_wait_begin(struct listener *listener, int err);

/* It is open, or not wanted any more. */
void listener_wait_end(struct listener *listener);

/* True while it would be in vain to ask for a descriptor. */
bool listener_wait_is_full(void);

/* One has become free, most likely. */
void listener_wait_freed(void);

/* Tries all at once that wait for other things than a descriptor; very many, in slices. */
void listener_wait_retry(void);

#endif
