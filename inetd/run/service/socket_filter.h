/* socket_filter: keeps those whom only_from and no_access keep out away from a socket that is
 * handed to programs: the kernel drops their packets (socket(7), SO_ATTACH_FILTER), as nobody else
 * sees who comes. */
#ifndef RUN_SOCKET_FILTER_H
#define RUN_SOCKET_FILTER_H

#include <stdint.h>

#include "config/service.h"

/* The filter of a socket. Zeroed = none. */
struct socket_filter {
	uint32_t hash; /* of its instructions; 0 = none */
	bool locked;   /* it cannot be changed any more */
	bool failed;   /* there were too many networks */
};

/* Attaches what the lists of the service ask for, if programs of it get the socket themselves, else
 * takes it away. Returns 0; -1 with errno: E2BIG for too many networks (the socket has no filter
 * then), EBUSY where a locked one would have to change (it stays), else setsockopt(2); a socket of
 * TCP needs CAP_NET_ADMIN on newer kernels. */
int socket_filter_apply(int fd, const struct service *service, const struct endpoint *endpoint,
	struct socket_filter *filter);

/* Locks it, before a program gets the socket (SO_LOCK_FILTER). */
void socket_filter_lock(int fd, struct socket_filter *filter);

#endif
