/* deny_all: sources that a service with deny_scope = all ignores are ignored by all services. */
#ifndef RUN_DENY_ALL_H
#define RUN_DENY_ALL_H

#include "run/service/service_state.h"

/* True if another service ignores the source for all, and this one does not exempt it. */
bool deny_all_holds(const struct service_state *state, const struct arrival *arrival);

/* The service has refused somebody: what it ignores counts for others from now on. */
void deny_all_refused(struct service_state *state);

/* For service_state_changed. */
void deny_all_service_changed(struct service_state *state, enum service_change change);

#endif
