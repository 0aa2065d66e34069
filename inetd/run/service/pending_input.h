/* pending_input: whether a program that was lent a socket has taken what waited there. A wait or
 * dgram program that ends without doing so would be started again at once, without end. */
#ifndef RUN_PENDING_INPUT_H
#define RUN_PENDING_INPUT_H

#include <stdbool.h>
#include <time.h>

#include "base/sockaddr.h"
#include "run/service/service_state.h"

struct pending_input {
	struct sockaddr_len peer; /* of the first datagram; len 0 = none */
	struct timespec stamp; /* its arrival (socket(7), SO_TIMESTAMPNS): tells it from the next */
	unsigned queued;       /* connections that waited (tcp) */
	bool known;
};

/* Notes what waits on the socket, without taking or reading any of it (a zero-length MSG_PEEK for
 * datagrams, TCP_INFO for connections). This and pending_input_restore() lock the socket
 * (suspect_socket.h). */
void pending_input_note(struct pending_input *input, int fd, int socktype);

/* True if what was noted still waits `now`: for datagrams exactly the same one, for connections no
 * fewer than before. */
bool pending_input_untouched(const struct pending_input *input, const struct pending_input *now);

/* Makes a socket that was lent ours again, whatever options the program has set: it is non-blocking
 * again, keeps no queue of errors (IP_RECVERR), wakes for every byte, and gets the datagrams of all
 * peers (connect(2)). */
void pending_input_restore(int fd, int socktype);

/* Throws the first datagram of a socket of the service away (a zero-length receive that never
 * waits). Of a unix socket a helper does that, in a moment: the service is held meanwhile, or for a
 * pause where there is no helper, so that the same datagram is not seen again and again. */
void pending_input_drop(struct service_state *state, int fd);

#endif
