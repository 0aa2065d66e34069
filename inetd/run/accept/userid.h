/* userid: which user of his machine a client is, as that machine tells (Identification Protocol,
 * RFC 1413), for the log: log = userid. A helper asks and logs, so that nobody waits for it. */
#ifndef RUN_USERID_H
#define RUN_USERID_H

#include "run/program/plan.h"
#include "run/service/service_state.h"

/* Has the client's machine asked about a connection of tcp that is being served. At most 32 are
 * asked at once, for 10 s; more are not. Nobody is asked about a question to port 113, which may be
 * the answer to one of ours: two machines would ask each other without end. Nor is the client whom
 * a PROXY header names: he has no connection from here, but one to his proxy. */
void userid_ask(const struct service_state *state, const struct conn *conn);

#endif
