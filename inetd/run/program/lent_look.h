/* lent_look: what there is to ask of a socket that programs get, and to set, at one moment: by one
 * call that may be lost where they have had it before (service/suspect_socket.h). */
#ifndef RUN_LENT_LOOK_H
#define RUN_LENT_LOOK_H

#include "run/service/listener.h"
#include "run/service/pending_input.h"

enum lent_step {
	LENT_LOOK,      /* nothing is changed */
	LENT_GIVE,      /* to a program: it is blocking, its address can be shared, its filter is
			 * locked */
	LENT_RETURN,    /* it is ours again, whatever options it has */
	LENT_RECONNECT, /* for all peers again, if it is connected to one; no more is looked at than
			 * whether it is sound */
};

enum lent_answer {
	LENT_UNKNOWN, /* nobody could look: the socket stays as it is, and is looked at later */
	LENT_UNSOUND, /* it is to be replaced */
	LENT_SOUND,   /* it listens, and is bound to its address */
};

struct lent_seen {
	enum lent_answer answer;
	struct pending_input input; /* what waits there */
	struct socket_filter filter;
	bool connected;   /* it was, to one peer */
	bool nonblocking; /* it is still, although it is to be given */
};

/* Takes the step and looks. Returns seen->answer; where that is LENT_UNKNOWN, with errno of
 * suspect_call(), the rest is 0 and the service is held, or it is to be tried in the next turn of
 * the loop. What may have been left undone then makes the listener unsettled. */
enum lent_answer lent_look(struct listener *listener, enum lent_step step, struct lent_seen *seen);
#define LENT_REPLACED "its socket does not listen at its address any more"

/* Accepts from a socket that programs may have, `most` at most, and closes what it gets; by
 * somebody who may be lost. Returns how many; 0 also where that could not be done, and is to be
 * tried later.
 */
unsigned lent_refuse(struct listener *listener, unsigned most);

bool lent_takes_connections(const struct listener *listener);

#endif
