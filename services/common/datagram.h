/* datagram: taking and answering the datagrams of a socket that is lent (`dgram wait`), over udp or
 * a unix socket. Answers leave from the address that was asked, also on a machine that has several,
 * and go to clients only: two servers that answer each other would never stop. */
#ifndef SERVICES_COMMON_DATAGRAM_H
#define SERVICES_COMMON_DATAGRAM_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define DATAGRAM_TEXT 512 /* bytes of a datagram that are kept */

/* The socket; its descriptor is the caller's. */
struct datagram_socket {
	int fd;
	bool inet; /* not a unix one */
};

/* A datagram, and the two addresses it travelled between. */
struct datagram {
	struct sockaddr_storage peer;
	socklen_t peer_len;
	alignas(struct cmsghdr) char control[128]; /* the address that was asked */
	size_t control_len;
	uid_t uid; /* of the sender, over a unix socket; (uid_t)-1: it cannot be told */
	size_t len;
	char text[DATAGRAM_TEXT + 1]; /* NUL-terminated */
};

/* Prepares a socket: the kernel is to tell which address was asked, ip(7) IP_PKTINFO, ipv6(7); or,
 * of a unix socket, who sends, unix(7) SO_PASSCRED. */
struct datagram_socket datagram_open(int fd);

/* Takes one datagram without waiting. Returns 0, or -1 with errno: EAGAIN if there is none.
 * recvmsg(2). */
int datagram_receive(const struct datagram_socket *from, struct datagram *out);

/* The same with the text in `buf`; `flags` of recv(2). out->text is left alone; out->len is what
 * came into buf. */
int datagram_take(const struct datagram_socket *from, struct datagram *out, void *buf, size_t size,
	int flags);

/* True if both come from one peer and asked one address. */
bool datagram_same_ends(const struct datagram *one, const struct datagram *other);

/* True if it deserves an answer: it has a sender, and that is neither on a port of servers (below
 * 1024) nor on the port number that this service has, as its like elsewhere would be. */
bool datagram_from_client(const struct datagram_socket *from, const struct datagram *datagram);

/* Answers it. Best effort, as all of UDP is: an answer that cannot be sent at once is lost. */
void datagram_answer(const struct datagram_socket *from, struct datagram *datagram,
	const void *text, size_t len);

#endif
