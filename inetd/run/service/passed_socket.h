/* passed_socket: sockets that were open when the daemon was started, by the protocol of systemd
 * (sd_listen_fds(3)): LISTEN_PID says that they are for us, LISTEN_FDS how many there are from
 * descriptor 3 on, LISTEN_FDNAMES what they are called. A service takes those with its name, or
 * with its address, in place of sockets of its own, and needs no right to bind them. */
#ifndef RUN_PASSED_SOCKET_H
#define RUN_PASSED_SOCKET_H

#include <stdio.h>

#include "config/service.h"

/* Takes them, above FD_LOW, and closes all other descriptors but 0, 1 and 2. To be called once, by
 * the process that was started. */
void passed_socket_begin(void);

/* The socket for an endpoint of a service: the one that is bound to its address (for IPv4 perhaps
 * one of IPv6 that takes both), or else one of the service's name (its label, or as it is written)
 * that is of the same kind and at no other of its addresses. Returns a descriptor of the caller's,
 * close-on-exec, FD_LOW or above, with its address; -1 with errno, ENOENT where there is none. One
 * that a program of a daemon before keeps locked is not there until it is not any more. */
int passed_socket_take(
	const struct service *service, const struct endpoint *endpoint, struct sockaddr_len *bound);

/* True if the socket of an endpoint was passed: others may go on with it after us. */
bool passed_socket_has(const struct endpoint *endpoint);

/* It was shut down for everybody: what there is for this endpoint is not offered again. */
void passed_socket_forget(const struct endpoint *endpoint);

/* From one daemon to the next (inetctl upgrade): records `passed`. */
void passed_socket_put_all(FILE *out);
void passed_socket_get_all(void);

/* Closes, with a line in the log for each, what no service has taken that is there now. */
void passed_socket_close_rest(void);

#endif
