/* program: the running programs of services: start, end, what they hold. */
#ifndef RUN_PROGRAM_H
#define RUN_PROGRAM_H

#include "run/cage/prepared_cage.h"
#include "run/process/child.h"
#include "run/program/lingering_close.h"
#include "run/program/plan.h"
#include "run/service/listener.h"
#include "run/service/pending_input.h"
#include "run/service/service_state.h"

struct program {
	struct child child;
	struct service_state *state; /* counted */
	struct admit_ticket ticket;
	bool lends; /* it was lent sockets, if perhaps none that is still ours */
	LIST_HEAD(lent_sockets, lent_socket) lent;
	struct prepared_cage *cage; /* that it entered; counted; NULL: none */
	uint64_t started_ms;
	uint64_t accepted_us;     /* loop_clock_us() */
	struct sockaddr_len peer; /* len 0: not known */
	struct sockaddr_len local;
	struct spawn_error error;       /* why it did not start */
	bool late;                      /* that has been said: it does not get to its exec */
	struct timer limit;             /* max_time, then kill_after */
	struct lingering_close *linger; /* owned; NULL: none */
	bool overdue;                   /* its group was told to end by max_time... */
	bool stopped;                   /* ...or by program_end() */
};

/* Starts the service's program on conn->fd, which is consumed. `ticket` is what admit_commit()
 * took; it is consumed too and given back when the program ends or cannot be started. `listener`
 * is the socket that it is lent (conn->fd is -1 then, conn->peer is set to the sender of the
 * datagram that waits there), or NULL. A failure, here or on the way to exec, makes the state back
 * off; the first in a row is logged. */
void program_start(struct service_state *state, struct conn *conn, struct admit_ticket *ticket,
	struct listener *listener);

/* Takes over a program that the daemon had started before another program took its place (inetctl
 * upgrade). Everything but its links and its timer is filled in; what it points to is consumed.
 * Until `limit_at_ms` it may run (0: without end); `kills`: it has been told to end already. */
void program_adopt(struct program *program, uint64_t limit_at_ms, bool kills);

/* The same for one that is no child of ours any more: what it has taken is given back. */
void program_forget(struct program *program);

/* The program that a child is, or NULL if it is something else. */
const struct program *program_of(const struct child *child);

/* How many run. */
unsigned program_count(void);

/* The running program with that process number, or NULL. */
const struct program *program_find(pid_t pid);

/* True if the service's last start has failed, and no program of a later one runs. */
bool program_start_failed(const struct service_state *state);

/* What is wrong with the service's programs, as a sentence, into buf (SERVICE_HEALTH_TEXT bytes);
 * NULL when nothing is. */
const char *program_problem(const struct service_state *state, char *buf, size_t size);

/* Asks a program to end: TERM to its process group (and CONT, so that a stopped one hears it). */
void program_terminate(const struct program *program);

enum program_ending {
	PROGRAM_ASK,      /* TERM to the process groups of all */
	PROGRAM_END,      /* and KILL after kill_after to processes that are still there */
	PROGRAM_END_LENT, /* the same to those that were lent a socket of the service */
};

/* Ends programs of a service. Returns how many of them there are. */
unsigned program_end(const struct service_state *state, enum program_ending how);

/* Calls `each` with the session of every program of a state that runs, or stands ready; for
 * escapees_sessions. */
void program_sessions(
	const struct service_state *state, void (*each)(pid_t session, void *arg), void *arg);

/* Sends a signal to the process group of every program (stop_children, process 1). */
void program_signal_all(int signal);

/* Called, if set, when the last program has ended. */
extern void (*program_none_left)(void);

#endif
