/* refuse: the end of a connection that is not served: a line in the log, a text for the client
 * where one is configured (sent by the worker), and its descriptor is closed. */
#ifndef RUN_REFUSE_H
#define RUN_REFUSE_H

#include "run/program/plan.h"
#include "run/service/service_state.h"

/* Refuses the connection for what admit said (and has counted): conn->fd is consumed. busy_message
 * goes to those whom a limit keeps out, banner_fail to those whom access rules do; nothing to an
 * ignored source. Never waits. */
void refuse_connection(struct service_state *state, struct conn *conn, enum verdict verdict);

/* The same, and counts it, for a connection that a proxy should have put a header in front of: what
 * is wrong with it is a sentence; NULL: too many wait for theirs. */
void refuse_header(struct service_state *state, struct conn *conn, const char *why);

/* The line in the log only: for the service's log = refuse and log_level, limited in rate. */
void refuse_log(struct service_state *state, enum verdict verdict, const struct sockaddr_len *peer);

#endif
