/* worker_socket: the datagram sockets of built-in services, which the worker has: gives them to it,
 * takes them back, and offers them again when it could not take one. */
#ifndef RUN_WORKER_SOCKET_H
#define RUN_WORKER_SOCKET_H

#include "run/service/listener.h"
#include "run/worker/worker_slots.h"

/* Makes the worker have the listener's datagram socket, or not any more, as its service says. */
void worker_sync_socket(struct listener *listener);

/* The worker must not have this listener's socket (it is being closed). */
void worker_drop_socket(struct listener *listener);

/* A worker has started: gives it all of them. */
void worker_sync_all(void);

/* It ends: offers nothing again. */
void worker_sync_stop(void);

/* It could not take the socket of this slot, which the caller frees. */
void worker_socket_refused(const struct slot *slot);

#endif
