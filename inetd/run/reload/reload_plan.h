/* reload_plan: what a configuration asks for, beside what is there: for each service the state that
 * it keeps or gets, for each endpoint the socket. A value of its own: making it changes nothing
 * that is in use, and takes all the memory that applying it needs. */
#ifndef RUN_RELOAD_PLAN_H
#define RUN_RELOAD_PLAN_H

#include "base/arena.h"
#include "config/conf.h"
#include "run/service/listener.h"

/* One service. */
struct plan_step {
	const struct service *service;
	struct service_state *state; /* counted */
	struct listener **listeners; /* there are, or were made for the plan (->fresh) */
	uint32_t count;
	bool changed; /* its definition is another than that of the state */
	STAILQ_ENTRY(plan_step) in_plan;
};

struct reload_plan {
	struct arena arena; /* holds the steps */
	STAILQ_HEAD(plan_steps, plan_step) steps;
	struct listener_tree fresh; /* owned: those that were made for it and not yet taken */
	unsigned kept;              /* services that only an error in their file has kept */
};

/* Makes the plan for a configuration, whose addresses of names are those known now; in slices
 * (base/slice.h), in which nobody else may make or apply one. A service keeps the state of its
 * label, whatever else has changed; else that of a socket that it has now (or of a name for
 * tcpmux); else that of its label from a service that is gone but of which something still runs;
 * else it gets a new one. Returns 0, or -1 with errno ENOMEM (the plan is empty then). */
int reload_plan_make(struct reload_plan *plan, const struct config *config);

/* Takes a fresh listener: it is one of `listeners` now. */
void reload_plan_take(struct reload_plan *plan, struct listener *listener);

/* Frees the plan, and what was made for it and not taken. */
void reload_plan_free(struct reload_plan *plan);

#endif
