/* reconcile: see reconcile.h. */
#include "run/reload/reconcile.h"

#include <errno.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "base/slice.h"
#include "run/accept/admission.h"
#include "run/accept/client_name.h"
#include "run/accept/drain.h"
#include "run/process/rights.h"
#include "run/program/lent.h"
#include "run/program/program.h"
#include "run/program/spare.h"
#include "run/reload/reload_plan.h"
#include "run/reload/resolve.h"
#include "run/reload/users.h"
#include "run/service/listener_socket.h"
#include "run/service/passed_socket.h"
#include "run/service/service_cage.h"
#include "run/service/service_history.h"
#include "run/worker/worker_link.h"
#include "run/worker/worker_socket.h"

static struct config *current; /* counted */

/* What the plan has stays, what it does not have is on its way out from now on. */
static void mark_retired(void)
{
	struct listener *listener;

	RB_FOREACH (listener, listener_tree, &listeners) {
		slice_breathe();
		listener->retired = !listener->planned;
	}
}

/* A socket that is, or was, lent may be the program's still, with its queue. */
static bool is_inherited(const struct listener *listener)
{
	return listener->watch.fd >= 0 && listener->endpoint.socktype == SOCK_STREAM &&
	       !listener->was_lent && listener_heir(listener, NULL);
}

static void close_one(struct listener *listener, struct reconcile_result *result)
{
	if (is_inherited(listener)) {
		listener_socket_quiet(listener);
		drain_socket(listener);
	}
	result->closed += listener->watch.fd >= 0;
	lent_forget(listener);
	RB_REMOVE(listener_tree, &listeners, listener);
	listener_free(listener);
}

/* Closes what is on its way out: first the unix ones, whose path must be free for a new one. */
static void close_retired(bool unix_ones, struct reconcile_result *result)
{
	struct listener *listener, *next;

	RB_FOREACH_SAFE (listener, listener_tree, &listeners, next) {
		slice_breathe();
		if (listener->retired &&
			(listener->endpoint.addr.addr.sa.sa_family == AF_UNIX) == unix_ones)
			close_one(listener, result);
	}
}

static void open_step(
	struct reload_plan *plan, struct plan_step *step, struct reconcile_result *result)
{
	for (size_t i = 0; i < step->count; i++)
		if (step->listeners[i]->fresh)
			reload_plan_take(plan, step->listeners[i]);
	for (size_t i = 0; i < step->count; i++) {
		struct listener *listener = step->listeners[i];
		bool was_open = listener->watch.fd >= 0, moved = listener->state != step->state;

		listener_set_state(listener, step->state);
		if (was_open && (step->changed || moved))
			listener_apply(listener);
		if (was_open)
			worker_sync_socket(listener);
		if (!was_open && listener_open(listener) == 0)
			result->opened++;
		result->failed += listener->watch.fd < 0;
	}
	result->services++;
}

static void want_names(void)
{
	struct service_state *state;

	resolve_begin();
	TAILQ_FOREACH (state, &service_states, in_states) {
		slice_breathe();
		for (size_t i = 0; i < state->service->name_count; i++)
			resolve_want(state->service->names[i].host);
	}
	resolve_end();
	client_name_forget();
}

/* One service from its old definition to the new one. It becomes the last of the list, which is in
 * the plan's order when all have had their turn. */
static void apply_step(struct reload_plan *plan, struct plan_step *step, bool is_reload,
	struct reconcile_result *result)
{
	service_state_activate(step->state, &service_states);
	if (step->changed && step->state->observed) /* of another definition */
		step->state->observed->health = (struct service_health){0};
	if (step->state->observed) /* the files were looked at anew */
		step->state->observed->health.executed = false;
	if (step->state->service != step->service)
		service_state_assign(step->state, step->service);
	service_cage_follow(step->state);
	spare_follow(step->state);
	if (is_reload) /* it undoes what was done by hand */
		service_state_release(step->state, HOLD_DISABLED);
	open_step(plan, step, result);
}

static void apply_steps(struct reload_plan *plan, bool is_reload, struct reconcile_result *result)
{
	struct fd_block block;
	struct plan_step *step;

	fd_block_hold(&block);
	STAILQ_FOREACH (step, &plan->steps, in_plan) {
		if (slice_is_due()) { /* the low descriptors are for what happens meanwhile */
			fd_block_release(&block);
			slice_breathe();
			fd_block_hold(&block);
		}
		apply_step(plan, step, is_reload, result);
	}
	fd_block_release(&block);
}

/* Those before the first of the plan have not had a turn: they are gone. */
static void depart_others(struct reload_plan *plan)
{
	struct plan_step *first = STAILQ_FIRST(&plan->steps);
	struct service_state *state;

	while ((state = TAILQ_FIRST(&service_states)) && (!first || state != first->state)) {
		slice_breathe();
		spare_leave(state);
		service_state_depart(state, &service_states);
	}
}

/* In slices: each service, and each socket that goes, in one piece. */
static void apply(struct reload_plan *plan, bool is_reload, struct reconcile_result *result)
{
	struct service_state *state;
	bool builtins = false;

	result->kept = plan->kept;
	mark_retired();
	close_retired(true, result);
	apply_steps(plan, is_reload, result);
	depart_others(plan);
	close_retired(false, result);
	passed_socket_close_rest();
	spare_followed();
	TAILQ_FOREACH (state, &service_states, in_states) {
		slice_breathe();
		builtins |= worker_needed(state->service);
	}
	worker_want(builtins);
}

/* Also what those take that are served before, while both are there. */
static void follow_rights(const struct reload_plan *plan, bool with_old)
{
	const struct plan_step *step;
	const struct service_state *state;
	uint64_t rights = 0;

	STAILQ_FOREACH (step, &plan->steps, in_plan) {
		slice_breathe();
		rights |= rights_of(step->service);
	}
	if (with_old)
		TAILQ_FOREACH (state, &service_states, in_states) {
			slice_breathe();
			rights |= rights_of(state->service);
		}
	if (rights_set(rights) < 0)
		log_warn("cannot give up rights that are not needed");
}

static int plan_and_apply(struct config *config, struct reconcile_result *result)
{
	struct reload_plan plan;

	*result = (struct reconcile_result){0};
	if (reload_plan_make(&plan, config) < 0)
		return -1;
	follow_rights(&plan, true);
	apply(&plan, current && config != current, result);
	follow_rights(&plan, false);
	reload_plan_free(&plan);
	return 0;
}

int reconcile_apply(struct config *config, struct reconcile_result *result)
{
	struct config *before = current;

	if (plan_and_apply(config, result) < 0)
		return -1;
	current = config;
	slice_breathe();
	config_unref(before);
	admission_set_total(config->daemon.children);
	want_names();
	users_watch(config);
	return 0;
}

static void work_again(struct slice *slice)
{
	struct reconcile_result result;

	(void)slice;
	if (!current)
		return;
	if (plan_and_apply(current, &result) < 0)
		log_err("cannot apply the new addresses of a name");
	else
		log_info("a name has new addresses: %u sockets opened, %u closed", result.opened,
			result.closed);
}

void reconcile_again(void)
{
	static struct slice slice = {.work = work_again};

	slice_start(&slice);
}

struct config *reconcile_config(void)
{
	return current;
}

void reconcile_close(void)
{
	struct reconcile_result result = {0};
	struct service_state *state;
	struct listener *listener;

	users_watch(NULL);
	RB_FOREACH (listener, listener_tree, &listeners)
		listener->retired = true;
	close_retired(true, &result);
	close_retired(false, &result);
	while ((state = TAILQ_FIRST(&service_states))) {
		spare_leave(state);
		service_state_depart(state, &service_states);
	}
	config_unref(current);
	current = NULL;
}
