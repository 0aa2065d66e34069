/* name_wait: connections that wait for the name of their client's host, because only_from or
 * no_access hold names. They count as running meanwhile, so that every limit holds for them too. */
#ifndef RUN_NAME_WAIT_H
#define RUN_NAME_WAIT_H

#include "run/program/plan.h"
#include "run/service/service_state.h"

/* Begins; `again` gets each connection back when the name is known (client_name.h), to be asked
 * about from the beginning; conn->fd is its to consume. */
void name_wait_open(void (*again)(struct service_state *state, struct conn *conn));

/* Keeps a connection and its ticket, both consumed, until the name is known. Returns 0; or -1 where
 * too many wait, or descriptors are short (service/kept.h): nothing is consumed. */
int name_wait(struct service_state *state, struct conn *conn, struct admit_ticket *ticket);

/* From one daemon to the next (inetctl upgrade), which asks again: calls `each` for all that wait.
 */
void name_wait_each(
	void (*each)(const struct service_state *state, const struct conn *conn, void *arg),
	void *arg);

#endif
