/* fdpass: an open file handed to another process over a unix socket. */
#ifndef SERVICES_COMMON_FDPASS_H
#define SERVICES_COMMON_FDPASS_H

/* Sends `fd`, which stays the caller's and may be closed at once, over the socket, a
 * SOCK_SEQPACKET one, without waiting and without SIGPIPE. Returns 0, or -1 with errno: EPIPE or
 * ECONNRESET when the other side has gone. unix(7), SCM_RIGHTS; sendmsg(2). */
int fdpass_send(int socket, int fd);

/* Receives what fdpass_send() has sent; waits for it. Returns the descriptor, close-on-exec and the
 * caller's; -1 with errno, which is 0 when the other side has closed. recvmsg(2). */
int fdpass_receive(int socket);

#endif
