/* split: datagram services of nowait: each datagram starts a program that has it on a socket of its
 * own, connected to the sender. A helper makes the socket (service/first_datagram.h). */
#ifndef RUN_SPLIT_H
#define RUN_SPLIT_H

#include "run/service/listener.h"

/* The socket of such a service is ready, and nothing holds the service: admission decides about the
 * sender of the first datagram; those who are refused are dropped unseen, some in a turn. The
 * service is held until the program of the one who is not is on its way. */
void split_ready(struct listener *listener);

#endif
