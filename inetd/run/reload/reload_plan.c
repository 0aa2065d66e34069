/* reload_plan: see reload_plan.h. */
#include "run/reload/reload_plan.h"

#include <ctype.h>
#include <errno.h>

#include "base/slice.h"
#include "config/text/map.h"
#include "run/reload/resolve.h"

#define MUX_BYTES 256

/* What is needed while a plan is made. */
struct planner {
	struct reload_plan *plan;
	struct map active, departed; /* states by label */
	struct map muxes;            /* active ones by their names for tcpmux, in lower case */
	const struct service *one, *other; /* two whose policies were compared last */
	bool same_policy;                  /* what came of it */
};

/* --- states --- */

static int index_labels(struct map *map, struct service_state_list *states)
{
	struct service_state *state;
	void **slot;

	TAILQ_FOREACH (state, states, in_states) {
		slice_breathe();
		slot = map_slot_borrow(map, state->service->label, strlen(state->service->label));
		if (!slot)
			return -1;
		*slot = state;
	}
	return 0;
}

/* A name for tcpmux in lower case; a longer one finds nothing. */
static const char *mux_key(const char *name, char key[MUX_BYTES])
{
	size_t len = 0;

	for (; len < MUX_BYTES - 1 && name[len]; len++)
		key[len] = (char)tolower((unsigned char)name[len]);
	key[len] = 0;
	return key;
}

static int index_muxes(struct map *map)
{
	struct service_state *state;
	char key[MUX_BYTES];
	void **slot;

	TAILQ_FOREACH (state, &service_states, in_states) {
		slice_breathe();
		if (!state->service->mux)
			continue;
		mux_key(state->service->mux_name, key);
		slot = map_slot(map, key, strlen(key));
		if (!slot)
			return -1;
		*slot = state;
	}
	return 0;
}

/* Those that are gone but for what still runs stay as long as the plan is made. */
static void hold_departed(void)
{
	struct service_state *state;

	TAILQ_FOREACH (state, &service_states_departed, in_states)
		service_state_ref(state);
}

static void let_departed(void)
{
	struct service_state *state, *next;

	TAILQ_FOREACH_SAFE (state, &service_states_departed, in_states, next)
		service_state_unref(state);
}

/* Mostly many services have the two policies that were compared for the one before. */
static bool same_policy(
	struct planner *planner, const struct service *one, const struct service *other)
{
	if (!planner->one || planner->one->policy != one->policy ||
		planner->other->policy != other->policy)
		planner->same_policy = service_policy_equal(one, other);
	planner->one = one;
	planner->other = other;
	return planner->same_policy;
}

/* Gives the state to the step, unless there is none or another step has it. */
static void use_state(struct planner *planner, struct plan_step *step, struct service_state *state)
{
	if (!state || state->planned)
		return;
	state->planned = true;
	step->state = service_state_ref(state);
	step->changed = !service_equal_but_policy(step->service, state->service) ||
			!same_policy(planner, step->service, state->service);
}

static void use_label(struct planner *planner, struct plan_step *step, const struct map *labels)
{
	const char *label = step->service->label;

	use_state(planner, step, map_get(labels, label, strlen(label)));
}

static void use_endpoint(struct planner *planner, struct plan_step *step)
{
	const struct service *service = step->service;
	char key[MUX_BYTES];

	if (service->mux) {
		mux_key(service->mux_name, key);
		use_state(planner, step, map_get(&planner->muxes, key, strlen(key)));
		return;
	}
	for (size_t i = 0; !step->state && i < service->endpoint_count; i++) {
		struct listener *listener = listener_find(&service->endpoints[i]);

		if (listener)
			use_state(planner, step, listener->state);
	}
}

static int use_new(struct plan_step *step)
{
	step->state = service_state_new(step->service);
	return step->state ? 0 : -1;
}

/* For the steps without a state: what was found by label has gone to those before. */
static int find_states(struct planner *planner)
{
	struct plan_step *step;

	STAILQ_FOREACH (step, &planner->plan->steps, in_plan) {
		slice_breathe();
		if (!step->state)
			use_endpoint(planner, step);
		if (!step->state)
			use_label(planner, step, &planner->departed);
		if (!step->state && use_new(step) < 0)
			return -1;
	}
	return 0;
}

/* --- endpoints --- */

static bool family_is_wanted(int family, unsigned families)
{
	return (family == AF_INET && (families & (FAMILY_INET | FAMILY_DUAL))) ||
	       (family == AF_INET6 && (families & (FAMILY_INET6 | FAMILY_DUAL)));
}

static size_t most_endpoints(const struct service *service)
{
	const struct sockaddr_len *addrs;
	size_t count = service->endpoint_count;

	for (size_t i = 0; i < service->name_count; i++)
		count += resolve_known(service->names[i].host, &addrs);
	return count;
}

/* Adds nothing where another step has the endpoint. */
static int plan_endpoint(
	struct reload_plan *plan, struct plan_step *step, const struct endpoint *endpoint)
{
	struct listener *listener = listener_find(endpoint);

	if (!listener && !listener_find_in(&plan->fresh, endpoint)) {
		listener = listener_new(endpoint);
		if (!listener)
			return -1;
		listener->fresh = true;
		RB_INSERT(listener_tree, &plan->fresh, listener);
	}
	if (listener && !listener->planned) {
		listener->planned = true;
		step->listeners[step->count++] = listener;
	}
	return 0;
}

static int plan_name(struct reload_plan *plan, struct plan_step *step, const struct bind_name *name)
{
	const struct sockaddr_len *addrs;
	size_t count = resolve_known(name->host, &addrs);

	for (size_t i = 0; i < count; i++) {
		struct sockaddr_len addr = addrs[i];
		struct endpoint endpoint = {.socktype = step->service->socktype,
			.protocol = step->service->ip_protocol};

		sockaddr_set_port(&addr.addr, name->port);
		endpoint.addr = sockaddr_keep(&addr);
		if (family_is_wanted(addrs[i].addr.sa.sa_family, name->families) &&
			plan_endpoint(plan, step, &endpoint) < 0)
			return -1;
	}
	return 0;
}

static int plan_endpoints(struct reload_plan *plan, struct plan_step *step)
{
	const struct service *service = step->service;

	step->listeners =
		arena_calloc(&plan->arena, most_endpoints(service), sizeof(struct listener *));
	if (!step->listeners)
		return -1;
	for (size_t i = service_is_dual(service); i < service->endpoint_count; i++) {
		struct endpoint endpoint = service->endpoints[i];

		endpoint.dual |= service_is_dual(service);
		if (plan_endpoint(plan, step, &endpoint) < 0)
			return -1;
	}
	for (size_t i = 0; i < service->name_count; i++)
		if (plan_name(plan, step, &service->names[i]) < 0)
			return -1;
	return 0;
}

/* --- all --- */

static struct plan_step *add_step(struct reload_plan *plan, const struct service *service)
{
	struct plan_step *step = arena_alloc(&plan->arena, sizeof(*step));

	if (step) {
		step->service = service;
		STAILQ_INSERT_TAIL(&plan->steps, step, in_plan);
	}
	return step;
}

/* The services of the configuration, each with its state. */
static int plan_services(struct planner *planner, const struct config *config)
{
	struct plan_step *step;

	map_expect(&planner->active, config->service_count);
	if (index_labels(&planner->active, &service_states) < 0 ||
		index_labels(&planner->departed, &service_states_departed) < 0 ||
		index_muxes(&planner->muxes) < 0)
		return -1;
	for (size_t i = 0; i < config->service_count; i++) {
		slice_breathe();
		step = add_step(planner->plan, config->services[i]);
		if (!step)
			return -1;
		use_label(planner, step, &planner->active);
	}
	return find_states(planner);
}

static int plan_config(struct planner *planner, const struct config *config)
{
	struct arena scratch;
	struct plan_step *step;
	int result;

	arena_init(&scratch);
	map_init(&planner->active, &scratch);
	map_init(&planner->departed, &scratch);
	map_init(&planner->muxes, &scratch);
	result = plan_services(planner, config);
	while (arena_free_some(&scratch))
		slice_breathe();
	STAILQ_FOREACH (step, &planner->plan->steps, in_plan) {
		slice_breathe();
		if (result == 0 && plan_endpoints(planner->plan, step) < 0)
			result = -1;
	}
	return result;
}

/* True if the new configuration has other plans for the old service, or for one of its sockets. */
static bool is_redefined(const struct service_state *state)
{
	const struct listener *listener;

	if (state->planned)
		return true;
	TAILQ_FOREACH (listener, &state->listeners, in_state)
		if (listener->planned)
			return true;
	return false;
}

/* What runs and is kept although the configuration does not have it. */
static int plan_kept(struct planner *planner, const struct config *config)
{
	struct reload_plan *plan = planner->plan;
	struct service_state *state;
	struct plan_step *step;

	TAILQ_FOREACH (state, &service_states, in_states) {
		slice_breathe();
		if (is_redefined(state) || !config_keeps(config, state->service))
			continue;
		step = add_step(plan, state->service);
		if (!step)
			return -1;
		use_state(planner, step, state);
		if (plan_endpoints(plan, step) < 0)
			return -1;
		plan->kept++;
	}
	return 0;
}

int reload_plan_make(struct reload_plan *plan, const struct config *config)
{
	struct planner planner = {.plan = plan};
	int result;

	*plan = (struct reload_plan){0};
	arena_init(&plan->arena);
	STAILQ_INIT(&plan->steps);
	RB_INIT(&plan->fresh);
	hold_departed();
	result = plan_config(&planner, config);
	if (result == 0)
		result = plan_kept(&planner, config);
	let_departed();
	if (result < 0) {
		reload_plan_free(plan);
		errno = ENOMEM;
	}
	return result;
}

void reload_plan_take(struct reload_plan *plan, struct listener *listener)
{
	RB_REMOVE(listener_tree, &plan->fresh, listener);
	listener->fresh = false;
	listener_insert(listener);
}

void reload_plan_free(struct reload_plan *plan)
{
	struct plan_step *step;

	STAILQ_FOREACH (step, &plan->steps, in_plan) {
		slice_breathe();
		for (size_t i = 0; i < step->count; i++) {
			step->listeners[i]->planned = false;
			if (step->listeners[i]->fresh)
				listener_free(step->listeners[i]);
		}
		if (step->state) {
			step->state->planned = false;
			service_state_unref(step->state);
		}
	}
	while (arena_free_some(&plan->arena))
		slice_breathe();
	STAILQ_INIT(&plan->steps);
}
