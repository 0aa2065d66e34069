/* lent: the sockets that a program has itself (wait, datagrams): which it gets, and what has become
 * of them and of what waited there when it ends. */
#ifndef RUN_LENT_H
#define RUN_LENT_H

#include "run/program/lent_look.h"
#include "run/program/program.h"

/* One of them, while a program has it. */
struct lent_socket {
	LIST_ENTRY(lent_socket) in_program;
	struct program *program;    /* borrowed */
	struct listener *listener;  /* borrowed; the owner of this */
	struct pending_input input; /* what waited when it was lent */
	struct lent_seen seen;      /* when it has come back */
	bool was_lent;              /* had it been lent before? */
};

/* Lends the program the sockets that it is started for: this one, or, with activation = systemd,
 * every open one of the service that no other program has, in order. Notes what waits there.
 * Returns 0, or -1 with errno, ENOMEM or where one cannot be looked at that of suspect_call()
 * (the program has none then). */
int lent_give(struct program *program, struct listener *listener);

/* The program has this one since before another daemon took our place (inetctl upgrade). -1
 * without memory, or if another program has it. */
int lent_resume(struct program *program, struct listener *listener,
	const struct pending_input *input, bool was_lent);

/* The descriptor of the first one for the program, of a low number; the caller's. Those of the
 * others go to the room. -1 with errno. */
int lent_descriptors(const struct program *program, struct spawn_room *room);

/* The program is over, or was never started: they are ours again, whatever it has done to them. If
 * it was started and has not taken what waited, its service backs off: at once for a datagram,
 * which is dropped; for connections only when that is proved, as new ones may have come. */
void lent_return(struct program *program, bool was_started);

/* After that each is looked at every ten seconds, as what a program has left behind may still have
 * it: it is replaced, or connected to nobody again, where that is needed. */

/* True if a daemon on demand (activation = proxy) has started: then the relay in front of it has
 * made the sockets non-blocking that were lent to it. */
bool lent_is_served(const struct service_state *state);

/* The socket is going away: the program keeps its own copy. */
void lent_forget(struct listener *listener);

#endif
