/* socket: makes one listening socket for an endpoint: options, bind, listen; for a unix path the
 * owner and mode, right from the first moment on. Knows no listener and no event loop. */
#ifndef RUN_SOCKET_H
#define RUN_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

#include "config/service.h"
#include "run/service/socket_filter.h"

struct socket_made {
	int fd;                    /* non-blocking, close-on-exec, FD_LOW or above; the caller's */
	struct sockaddr_len bound; /* with the real port */
	dev_t dev;                 /* of the unix path that was made; 0, 0 otherwise */
	ino_t ino;
	bool replaced; /* what a dead socket had left at that path */
	struct socket_filter filter;
	const char *step; /* on failure: the system call, for the message */
};

/* Opens a socket as the service and endpoint ask (socket(7), ip(7), ipv6(7), tcp(7), unix(7)).
 * `share` is an option that is set around bind, to take over a port from a socket that has it set
 * too: SO_REUSEPORT, SO_REUSEADDR for datagrams, or 0. A unix path of a socket that is closed is
 * replaced; one that answers gives EADDRINUSE, one that is no socket EEXIST. Descriptors
 * below FD_LOW are left to connections: where there are no others it is EMFILE. Where there is no
 * IPv6 a plain endpoint for both families is one of IPv4. Returns 0, or -1 with errno and
 * made->step. */
int socket_open(const struct service *service, const struct endpoint *endpoint, int share,
	struct socket_made *made);

/* Makes a socket that was passed to the daemon (passed_socket.h; fd is consumed) what socket_open()
 * makes, but for its address, which is what it is, and its path, which is not ours to remove. */
int socket_adopt(int fd, const struct service *service, const struct endpoint *endpoint,
	struct socket_made *made);

/* True if programs of the service may bind sockets of their own to the port of the datagram socket
 * that they are lent: anybody may then who may bind the port at all, so that it is for reserved
 * ports where the administrator has not decided otherwise (reuse_address). */
bool socket_may_share(const struct service *service, const struct sockaddr_len *bound);

/* Lets others bind the port too, or not any more (SO_REUSEADDR of a datagram socket). */
void socket_share(int fd, bool on);

/* Puts the options that may change by a reload on an open socket; on a `fresh` one those that are
 * not the kernel's default anyway. Returns 0, or -1 with errno and
 * *step of the first that failed; the others are tried all the same. */
int socket_apply(int fd, const struct service *service, const struct endpoint *endpoint, bool fresh,
	const char **step);

/* A number of everything that socket_apply() and listen(2) put on the open socket, and of owner and
 * mode of its path: while it is the same, nothing has changed. */
uint32_t socket_note(const struct service *service, const struct endpoint *endpoint);

#endif
