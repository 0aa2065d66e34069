/* rpc_service: the services whose ports rpcbind is told, and what came of that. A service has one
 * while its definition names an RPC program. */
#ifndef RUN_RPC_SERVICE_H
#define RUN_RPC_SERVICE_H

#include <stdbool.h>
#include <stdio.h>

#include "run/service/service_state.h"

/* Called, if set, when what rpcbind is to be told may be something else. */
extern void (*rpc_service_changed)(void);

/* Keeps up with the services: to be called with every change of one. */
void rpc_service_follow(struct service_state *state, enum service_change change);

/* A socket has been opened, or is about to be closed. */
void rpc_service_socket(const struct listener *listener);

/* True if there is any. */
bool rpc_service_any(void);

/* Writes the open sockets of all of them as lines of rpc/message.h. */
void rpc_service_write(FILE *out);

/* What is known of the service with that number (struct service_state) from now on: it is not
 * registered, with the reason, which may come from elsewhere; or it is (""). Logged when it is
 * something else than before. Without memory it counts as registered. */
void rpc_service_result(uint32_t number, const char *problem);

/* The same of all services. */
void rpc_service_result_all(const char *problem);

/* Why rpcbind does not tell of the service; NULL where it does, or the service is not of RPC. */
const char *rpc_service_problem(const struct service_state *state);

#endif
