/* port_owner: has a daemon that is a child of ours the port that it was to take, or somebody else?
 * By what the kernel says of the socket's user, and /proc of the daemon's processes. */
#ifndef SERVICES_COMMON_PORT_OWNER_H
#define SERVICES_COMMON_PORT_OWNER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/types.h>

/* True if the kernel tells at all whose socket `fd` is, which is bound to this address and of this
 * type. It is made to listen for that; the caller closes it. */
bool port_owner_is_told(int fd, int socktype, const struct sockaddr_in *at);

/* Returns 0 if the socket at this address is one of our user's, or of a user as whom the daemon,
 * or a process that descends from it, runs now: a daemon may become another user before it listens,
 * by itself or in a child, as by su(1). -1 with errno: EADDRINUSE if it is somebody else's, ENOENT
 * if there is none; as sock_owner() else. */
int port_owner_check(const struct sockaddr_in *at, int socktype, pid_t daemon);

#endif
