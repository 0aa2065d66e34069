/* lend: a socket that is itself given to a program (wait, datagrams): what comes from those who may
 * not use the service, or may not now, is taken from it first. */
#ifndef RUN_LEND_H
#define RUN_LEND_H

#include "run/service/listener.h"

/* Something waits on the socket: starts its program, unless the service is held or what waits is
 * refused. Some of what is refused is taken in one call, the rest in the next turn. */
void lend_socket(struct listener *listener);

#endif
