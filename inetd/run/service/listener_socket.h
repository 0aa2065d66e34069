/* listener_socket: the socket of a listener: made, and given the options of its service. Knows
 * nothing of holds and retries. */
#ifndef RUN_LISTENER_SOCKET_H
#define RUN_LISTENER_SOCKET_H

#include "run/service/given_socket.h"
#include "run/service/listener.h"
#include "run/service/socket.h"

/* One that is open already: given, or passed to the daemon and to be lent. What a program of a
 * daemon before may have is one that was lent. False if there is none; else its descriptor is the
 * caller's. `lends` is listener_lends(). */
bool listener_socket_found(const struct listener *listener, bool lends, struct given_socket *given);

/* Makes it, on that address: one that was passed to the daemon, or socket_open(), and again with
 * what lets it stand beside another socket of ours or a copy that a program has. Returns 0, or -1
 * with errno and made->step. */
int listener_socket_open(
	struct listener *listener, const struct sockaddr_len *addr, struct socket_made *made);

/* It is gone for every process that may have a copy. Where that cannot be done (suspect_socket.h)
 * whoever has it is found when its service is disabled or stopped. */
void listener_socket_shut(struct listener *listener);

/* Puts the options of its service on the open socket: buffers, backlog, mode, owner, filter. A
 * filter that is locked makes it stale; where the socket cannot be asked it is unsettled, else not
 * any more. Failures are logged. */
void listener_socket_apply(struct listener *listener);

/* The same for one that has options already, whose socket_note() is known (0: it is not): those
 * that have not changed are not set again, but where a program may have changed them. */
void listener_socket_apply_changes(struct listener *listener, uint32_t note);

/* Drops the packets of new connections to the socket, which is about to be drained and closed: the
 * clients' kernels send them again, and reach the socket that listens by then. */
void listener_socket_quiet(struct listener *listener);

/* The socket is about to be closed, while programs may have it still: they accept nothing more on
 * it, and nobody reaches them if they listen again, unless its filter is locked already. Does
 * nothing to datagrams, nor to a socket that was passed to the daemon: it is its parent's too. */
void listener_socket_deafen(struct listener *listener);

#endif
