/* reconcile: see reconcile.h. The plan is two lists made of memory that apply cannot fail to have:
 * a state for each service, and a listener, claimed or new, for each endpoint. */
#include "run/reload/reconcile.h"

#include <errno.h>

#include "base/fdutil.h"
#include "base/log.h"
#include "run/accept/admission.h"
#include "run/accept/dispatch.h"
#include "run/process/spawn.h"
#include "run/program/program.h"
#include "run/reload/resolve.h"
#include "run/service/listener.h"
#include "run/worker/worker_link.h"
#include "run/worker/worker_socket.h"

struct step {
	TAILQ_ENTRY(step) in_plan;
	const struct service *service;
	struct service_state *state; /* the one to use; a reference is held by the step */
	struct step_endpoint {
		struct listener *listener;
		bool is_new;
	} * endpoints; /* owned */
	size_t count;
	bool changed; /* the definition differs from the running one */
};

TAILQ_HEAD(plan, step);

static struct config *current; /* counted */

/* --- plan --- */

static size_t most_endpoints(const struct service *service)
{
	const struct sockaddr_len *addrs;
	size_t count = service->endpoint_count;

	for (size_t i = 0; i < service->name_count; i++)
		count += resolve_known(service->names[i].host, &addrs);
	return count;
}

static bool family_is_wanted(int family, unsigned families)
{
	return (family == AF_INET && (families & (FAMILY_INET | FAMILY_DUAL))) ||
	       (family == AF_INET6 && (families & (FAMILY_INET6 | FAMILY_DUAL)));
}

static struct service_state *find_mux_state(const struct service *service)
{
	struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states)
		if (state->service->mux &&
			!strcasecmp(state->service->mux_name, service->mux_name) && !state->claimed)
			return state;
	return NULL;
}

/* Claims the listener of an endpoint, or makes it. Adds nothing where another step has it. */
static int plan_endpoint(struct step *step, const struct endpoint *endpoint)
{
	struct step_endpoint *slot = &step->endpoints[step->count];
	struct listener *listener = listener_find(endpoint);

	if (listener && listener->claimed)
		return 0;
	slot->is_new = !listener;
	if (!listener) {
		listener = listener_new(step->state, endpoint);
		if (!listener)
			return -1;
		listener_insert(listener);
	}
	listener->claimed = true;
	slot->listener = listener;
	step->count++;
	return 0;
}

static int plan_name(struct step *step, const struct bind_name *name)
{
	const struct sockaddr_len *addrs;
	size_t count = resolve_known(name->host, &addrs);

	for (size_t i = 0; i < count; i++) {
		struct endpoint endpoint = {.addr = addrs[i],
			.socktype = step->service->socktype,
			.protocol =
				step->service->socktype == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP};

		sockaddr_set_port(&endpoint.addr.addr, name->port);
		if (family_is_wanted(addrs[i].addr.sa.sa_family, name->families) &&
			plan_endpoint(step, &endpoint) < 0)
			return -1;
	}
	return 0;
}

/* The state of any endpoint that stays carries the counters over; else a new one. */
static struct service_state *choose_state(const struct service *service)
{
	struct service_state *state = NULL;

	if (service->mux)
		state = find_mux_state(service);
	for (size_t i = 0; !state && i < service->endpoint_count; i++) {
		struct listener *listener = listener_find(&service->endpoints[i]);

		if (listener && !listener->claimed && !listener->state->claimed)
			state = listener->state;
	}
	for (size_t i = 0; !state && i < service->name_count; i++)
		TAILQ_FOREACH (state, &service_states, in_states)
			if (!state->claimed && !strcmp(state->service->label, service->label))
				break;
	return state ? service_state_ref(state) : service_state_new(service);
}

static int plan_service(struct plan *plan, const struct service *service)
{
	struct step *step = calloc(1, sizeof(*step));

	if (!step)
		return -1;
	TAILQ_INSERT_TAIL(plan, step, in_plan);
	step->service = service;
	step->endpoints = calloc(most_endpoints(service) + 1, sizeof(*step->endpoints));
	step->state = step->endpoints ? choose_state(service) : NULL;
	if (!step->state)
		return -1;
	step->state->claimed = true;
	step->changed = !service_equal(service, step->state->service);
	for (size_t i = 0; i < service->endpoint_count; i++)
		if (plan_endpoint(step, &service->endpoints[i]) < 0)
			return -1;
	for (size_t i = 0; i < service->name_count; i++)
		if (plan_name(step, &service->names[i]) < 0)
			return -1;
	return 0;
}

/* True if the new configuration says something else about any socket of the old service. */
static bool is_redefined(const struct service_state *state)
{
	const struct listener *listener;

	if (state->claimed)
		return true;
	TAILQ_FOREACH (listener, &state->listeners, in_state)
		if (listener->claimed)
			return true;
	return false;
}

static int plan_all(struct plan *plan, const struct config *config, unsigned *kept)
{
	struct service_state *state;

	for (size_t i = 0; i < config->service_count; i++)
		if (plan_service(plan, config->services[i]) < 0)
			return -1;
	TAILQ_FOREACH (state, &service_states, in_states)
		if (!is_redefined(state) && config_keeps(config, state->service)) {
			if (plan_service(plan, state->service) < 0)
				return -1;
			++*kept;
		}
	return 0;
}

static void unclaim_all(void)
{
	struct listener *listener;
	struct service_state *state;

	RB_FOREACH (listener, listener_tree, &listeners)
		listener->claimed = false;
	TAILQ_FOREACH (state, &service_states, in_states)
		state->claimed = false;
}

static void plan_free(struct plan *plan)
{
	struct step *step;

	while ((step = TAILQ_FIRST(plan))) {
		TAILQ_REMOVE(plan, step, in_plan);
		if (step->state)
			service_state_unref(step->state);
		free(step->endpoints);
		free(step);
	}
}

/* Takes the listeners that were only made for the plan out again. */
static void plan_undo(struct plan *plan)
{
	struct step *step;

	TAILQ_FOREACH (step, plan, in_plan)
		for (size_t i = 0; i < step->count; i++)
			if (step->endpoints[i].is_new) {
				RB_REMOVE(listener_tree, &listeners, step->endpoints[i].listener);
				listener_free(step->endpoints[i].listener);
			}
}

/* --- apply --- */

/* The list of service_states becomes the plan's, in its order. The list holds a reference. */
static void apply_states(struct plan *plan, bool is_reload)
{
	struct service_state_list before = TAILQ_HEAD_INITIALIZER(before);
	struct service_state *state;
	struct step *step;

	TAILQ_CONCAT(&before, &service_states, in_states);
	TAILQ_FOREACH (step, plan, in_plan) {
		if (step->state->active)
			TAILQ_REMOVE(&before, step->state, in_states);
		else
			service_state_ref(step->state);
		step->state->active = true;
		TAILQ_INSERT_TAIL(&service_states, step->state, in_states);
		if (step->state->service != step->service)
			service_state_assign(step->state, step->service);
		if (is_reload) /* it undoes what was done by hand */
			service_state_release(step->state, HOLD_DISABLED);
	}
	while ((state = TAILQ_FIRST(&before))) {
		TAILQ_REMOVE(&before, state, in_states);
		state->active = false;
		service_state_unref(state);
	}
}

/* A socket that is lent stays the program's, with its queue. */
static bool is_inherited(const struct listener *listener)
{
	return listener->watch.fd >= 0 && listener->endpoint.socktype == SOCK_STREAM &&
	       !(listener->holds & HOLD_LENT) && listener_heir(listener, NULL);
}

static void close_one(struct listener *listener, struct reconcile_result *result)
{
	if (is_inherited(listener)) {
		listener_quiet(listener);
		dispatch_drain(listener);
	}
	result->closed += listener->watch.fd >= 0;
	program_forget_listener(listener);
	RB_REMOVE(listener_tree, &listeners, listener);
	listener_free(listener);
}

/* Closes what nobody claims: first the unix ones, whose path must be free for a new one. */
static void close_unclaimed(bool unix_ones, struct reconcile_result *result)
{
	struct listener *listener, *next;

	RB_FOREACH_SAFE (listener, listener_tree, &listeners, next)
		if (!listener->claimed &&
			(listener->endpoint.addr.addr.sa.sa_family == AF_UNIX) == unix_ones)
			close_one(listener, result);
}

static void apply_step(struct step *step, struct reconcile_result *result)
{
	for (size_t i = 0; i < step->count; i++) {
		struct listener *listener = step->endpoints[i].listener;
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
	TAILQ_FOREACH (state, &service_states, in_states)
		for (size_t i = 0; i < state->service->name_count; i++)
			resolve_want(state->service->names[i].host);
	resolve_end();
}

static void apply(struct plan *plan, bool is_reload, struct reconcile_result *result)
{
	struct fd_block block;
	struct step *step;
	struct service_state *state;
	bool builtins = false;

	apply_states(plan, is_reload);
	close_unclaimed(true, result);
	fd_block_hold(&block);
	TAILQ_FOREACH (step, plan, in_plan)
		apply_step(step, result);
	fd_block_release(&block);
	close_unclaimed(false, result);
	TAILQ_FOREACH (state, &service_states, in_states)
		builtins |= worker_needed(state->service);
	worker_want(builtins);
}

static int plan_and_apply(struct config *config, struct reconcile_result *result)
{
	struct plan plan = TAILQ_HEAD_INITIALIZER(plan);
	int err = 0;

	*result = (struct reconcile_result){0};
	spawn_wait(); /* plans point into configurations that may go now */
	unclaim_all();
	if (plan_all(&plan, config, &result->kept) < 0) {
		plan_undo(&plan);
		err = ENOMEM;
	} else {
		apply(&plan, config != current, result);
	}
	plan_free(&plan);
	errno = err;
	return err ? -1 : 0;
}

int reconcile_apply(struct config *config, struct reconcile_result *result)
{
	struct config *before = current;

	if (plan_and_apply(config, result) < 0)
		return -1;
	current = config;
	config_unref(before);
	admission_set_total(config->daemon.children);
	want_names();
	return 0;
}

void reconcile_again(void)
{
	struct reconcile_result result;

	if (!current)
		return;
	if (plan_and_apply(current, &result) < 0)
		log_err("cannot apply the new addresses of a name");
	else
		log_info("a name has new addresses: %u sockets opened, %u closed", result.opened,
			result.closed);
}

struct config *reconcile_config(void)
{
	return current;
}

void reconcile_close(void)
{
	struct reconcile_result result = {0};
	struct service_state *state;

	spawn_wait(); /* for children that still read their part of the configuration */
	unclaim_all();
	close_unclaimed(true, &result);
	close_unclaimed(false, &result);
	while ((state = TAILQ_FIRST(&service_states))) {
		TAILQ_REMOVE(&service_states, state, in_states);
		state->active = false;
		service_state_unref(state);
	}
	config_unref(current);
	current = NULL;
}
