/* waiting: accepted connections that their service does not take yet: it has become full, say,
 * since they were accepted. Where others wait in the kernel's queue, they wait here. */
#ifndef RUN_WAITING_H
#define RUN_WAITING_H

#include "run/program/plan.h"
#include "run/service/service_state.h"

/* Has those who wait here take the turns of their service first. */
void waiting_open(void);

/* dispatch_serve(), as soon as the service takes one more: conn->fd is consumed. Closed if nothing
 * of the service is served any more. */
void waiting_serve(struct service_state *state, struct conn *conn);

/* For worker_calls: the same, or a refusal. */
void waiting_headed(struct service_state *state, struct conn *conn, const char *wrong);

/* For service_state_changed: what waits for that service may have its turn. */
void waiting_service_changed(struct service_state *state, enum service_change change);

/* From one daemon to the next (inetctl upgrade): calls `each` for all that wait; and one of them
 * waits again: conn->fd is consumed. */
void waiting_each(
	void (*each)(const struct service_state *state, const struct conn *conn, void *arg),
	void *arg);
void waiting_resume(struct service_state *state, struct conn *conn);

/* A connection that has been served before, as far as its header, and is to be served again in its
 * turn: conn->fd is consumed. */
void waiting_again(struct service_state *state, struct conn *conn);

/* True if nobody waits. */
bool waiting_is_empty(void);

/* Closes what waits (the end of the daemon). */
void waiting_close(void);

#endif
