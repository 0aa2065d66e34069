/* given: what a super-server has put on a descriptor, and the addresses at its two ends. */
#ifndef SERVICES_COMMON_GIVEN_H
#define SERVICES_COMMON_GIVEN_H

#include <stddef.h>
#include <sys/socket.h>

enum given {
	GIVEN_NOTHING,    /* no socket: started in a shell, say */
	GIVEN_CONNECTION, /* stream nowait */
	GIVEN_LISTENER,   /* stream wait: connections are to be accepted from it */
	GIVEN_DATAGRAMS   /* dgram wait */
};

/* An address as the calls of sockets(7) fill it in; .len 0 where there is none. */
struct given_address {
	struct sockaddr_storage at;
	socklen_t len; /* bytes */
};

#define GIVEN_TEXT 128 /* bytes that hold any address as text */

/* What `fd` is. getsockopt(2), SO_TYPE and SO_ACCEPTCONN of socket(7). */
enum given given_kind(int fd);

/* The address of this side and of the other side of a socket, .len 0 if it has none.
 * getsockname(2), getpeername(2). */
struct given_address given_local(int fd);
struct given_address given_peer(int fd);

/* Writes the address into text: "[192.0.2.1]:79", "[::1]:79", "unix:/path", "unix:" for a unix
 * socket without a name, "none". Returns text. */
const char *given_text(const struct given_address *address, char text[GIVEN_TEXT]);

#endif
