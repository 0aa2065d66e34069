/* accept_queue: who waits in the queue of a listening socket, found out without accepting anybody
 * (sock_diag(7)). Never waits. */
#ifndef RUN_ACCEPT_QUEUE_H
#define RUN_ACCEPT_QUEUE_H

#include <linux/inet_diag.h>
#include <stdbool.h>

#include "run/service/listener.h"

/* One connection in the queue. */
struct queue_peer {
	struct inet_diag_sockid id; /* of TCP */
	uint8_t family;
	uint32_t inode; /* of unix: of the client's socket */
};

/* Finds a connection that waits on the open socket: any one of TCP, the first one of a unix socket.
 * False if there is none, or where the kernel does not tell. */
bool accept_queue_peer(const struct listener *listener, struct queue_peer *peer);

/* True if it waits there still: has not been accepted, and is not gone. */
bool accept_queue_has(const struct listener *listener, const struct queue_peer *peer);

#endif
