/* sock_owner: whose is a connection, or a socket, of this machine? Asks the
 * kernel, without privilege. */
#ifndef SERVICES_COMMON_SOCK_OWNER_H
#define SERVICES_COMMON_SOCK_OWNER_H

#include <sys/types.h>

#include "base/sockaddr.h"

/* The user who opened the connection between two addresses (IPv4 or IPv6, both the same; ports
 * included; v4-mapped ones count as IPv4), as this network namespace has it. Returns 0, or -1 with
 * errno: ENOENT if there is none, or nobody has it open any more (or yet: it waits to be accepted);
 * EAFNOSUPPORT for other families; what socket(2) and netlink(7) say. sock_diag(7). */
int sock_owner(const struct sockaddr_len *local, const struct sockaddr_len *remote, uid_t *uid);

/* The user who opened the socket to which a connection (SOCK_STREAM) or a datagram (SOCK_DGRAM) to
 * this IPv4 address of the machine comes. Returns as sock_owner(): ENOENT if there is none, or the
 * kernel has no part that could tell (CONFIG_INET_UDP_DIAG). */
int sock_owner_bound(int socktype, const struct sockaddr_in *local, uid_t *uid);

/* The same for another connection between the two machines that the connection `fd` has at its
 * ends, from the port `there` of its peer to the port `here` (or the other way round). Returns as
 * sock_owner(), or -1 with errno of getsockname(2). */
int sock_owner_beside(int fd, uint16_t here, uint16_t there, uid_t *uid);

#endif
