/* first_datagram: takes the first datagram of a socket, for a program that is to have it on a
 * socket of its own, connected to its sender: what that sender sends from then on goes there, what
 * others send to the first one. Works in a helper process: it reads what a client has sent. */
#ifndef RUN_FIRST_DATAGRAM_H
#define RUN_FIRST_DATAGRAM_H

#include <stdbool.h>

#include "base/sockaddr.h"

/* What came of it. With err 0 and no socket beside it there is nothing to start: `known` is set
 * where the sender has such a socket already, which has got the datagram; else nobody is meant by
 * it (multicast, broadcast), or it was gone. */
struct first_datagram {
	int err;       /* errno of the step that failed, or 0 */
	char step[24]; /* "bind" */
	bool known;
	struct sockaddr_len peer, local;
};

/* For helper_start(): gets the socket from the other end of `link` (fd_send()), and sends a struct
 * first_datagram with the new socket there. The datagram is put into the new socket as a packet of
 * its sender's (raw(7), CAP_NET_RAW). udp(7), of IPv4 and IPv6. */
void first_datagram_work(const void *unused, int link);

#endif
