/* sock_owner: whose is a TCP connection of this machine? Asks the kernel, without privilege. */
#ifndef SERVICES_COMMON_SOCK_OWNER_H
#define SERVICES_COMMON_SOCK_OWNER_H

#include <sys/types.h>

#include "base/sockaddr.h"

/* The user who opened the connection between two addresses (IPv4 or IPv6, both the same; ports
 * included; v4-mapped ones count as IPv4), as this network namespace has it. Returns 0, or -1 with
 * errno: ENOENT if there is none, or nobody has it open any more (or yet: it waits to be accepted);
 * EAFNOSUPPORT for other families; what socket(2) and netlink(7) say. sock_diag(7). */
int sock_owner(const struct sockaddr_len *local, const struct sockaddr_len *remote, uid_t *uid);

#endif
