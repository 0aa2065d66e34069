/* spare: programs of a service that were executed before their connection came (the key spare).
 * They stand ready, each for one connection; a connection that finds none has its program started
 * as ever. What is counted, limited and logged begins with the connection. */
#ifndef RUN_SPARE_H
#define RUN_SPARE_H

#include "run/program/lingering_close.h"
#include "run/program/plan.h"
#include "run/service/service_state.h"

/* `library` is the path of inetd-warm.so, borrowed for ever; `allowed` is asked before one is
 * started: whether the machine has room for a process more. */
void spare_init(const char *library, bool (*allowed)(void));
void spare_close(void);

/* After the state got a definition, and when all have theirs: starts, keeps or replaces spares. */
void spare_follow(struct service_state *state);
void spare_followed(void);

/* The state is served no more. Nothing if it has no spares. */
void spare_leave(struct service_state *state);

/* For service_state_changed. */
void spare_service_changed(struct service_state *state, enum service_change change);

/* Hands a connection to a spare: conn->fd is consumed then. `linger` is what will close the
 * connection, or NULL. Returns the process number, of which the caller takes care from now on; or
 * -1: there was none, nothing has changed. */
pid_t spare_take(struct service_state *state, struct conn *conn, struct lingering_close *linger);

/* Ends the spares of a service, for others to take their place. */
void spare_replace(struct service_state *state);

/* How many stand ready; how many there are of all services. */
unsigned spare_count(const struct service_state *state);
unsigned spare_total(void);

/* Calls `each` with the session of every spare of a state. */
void spare_sessions(
	const struct service_state *state, void (*each)(pid_t session, void *arg), void *arg);

#endif
