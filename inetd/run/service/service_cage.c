/* service_cage: see service_cage.h. */
#include "run/service/service_cage.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "run/cage/control_group.h"
#include "run/process/helper.h"

#define HELPER_S 10

struct service_cage {
	struct prepared_cage *prepared; /* NULL: there was no memory for it */
	const struct cage *wanted;      /* of config */
	struct config *config;          /* counted */
	bool failed;                    /* and it was logged */
};

static void log_failure(const struct service_state *state, const char *step, int err)
{
	const char *name = state->service->name;

	if (service_state_shows(state, LOG_ERR))
		log_event(LOG_ERR, LOG_FIELDS({"service", name, false}),
			"%s: cannot prepare what confines its programs: %s: %s; will retry", name,
			step, strerror(err));
}

static void changed(void *owner, const char *step, int err)
{
	struct service_state *state = owner;

	if (step) {
		if (!state->cage->failed)
			log_failure(state, step, err);
		state->cage->failed = true;
		return;
	}
	state->cage->failed = false;
	service_state_release(state, HOLD_CAGE);
}

static void forget_dead(const void *arg, int out)
{
	(void)arg;
	(void)out;
	control_group_forget_dead();
}

/* Without memory the service stays held until its next definition. */
static void prepare(struct service_state *state)
{
	struct service_cage *cage = state->cage;
	static bool looked; /* for groups that daemons before us have left */

	if (!looked)
		looked = helper_run(&(struct helper_job){
				 .work = forget_dead, .limit_s = HELPER_S}) >= 0;
	if (cage->prepared)
		prepared_cage_leave(cage->prepared);
	service_state_hold(state, HOLD_CAGE);
	cage->prepared = prepared_cage_new(cage->wanted, state->service->label, changed, state);
	if (!cage->prepared)
		log_failure(state, "memory", ENOMEM);
}

static void remove_group(const void *arg, int out)
{
	(void)out;
	control_group_remove(arg);
}

/* It is empty: the state goes after its last program. */
static void forget_group(const struct service_state *state)
{
	helper_run(&(struct helper_job){
		.work = remove_group, .arg = state->service->label, .limit_s = HELPER_S});
}

void service_cage_drop(struct service_state *state)
{
	struct service_cage *cage = state->cage;

	if (!cage)
		return;
	if (cage->prepared && prepared_cage_group(cage->prepared) >= 0)
		forget_group(state);
	if (cage->prepared)
		prepared_cage_leave(cage->prepared);
	config_unref(cage->config);
	free(cage);
	state->cage = NULL;
}

void service_cage_follow(struct service_state *state)
{
	const struct cage *wanted = state->service->policy->cage;
	struct service_cage *cage = state->cage;
	bool same = cage && cage->prepared && cage_equal(cage->wanted, wanted);
	struct config *before = cage ? cage->config : NULL;

	if (!wanted) {
		service_cage_drop(state);
		service_state_release(state, HOLD_CAGE);
		return;
	}
	if (!cage)
		cage = state->cage = calloc(1, sizeof(*cage));
	if (!cage) {
		service_state_hold(state, HOLD_CAGE);
		log_failure(state, "memory", ENOMEM);
		return;
	}
	cage->wanted = wanted;
	cage->config = config_ref(state->config);
	if (same)
		prepared_cage_move(cage->prepared, wanted, state->service->label);
	else
		prepare(state);
	config_unref(before);
}

void service_cage_idle(struct service_state *state)
{
	struct service_cage *cage = state->cage;

	if (cage && cage->prepared && !prepared_cage_is_clean(cage->prepared))
		prepare(state);
}

void service_cage_kill(struct service_state *state, const struct prepared_cage *entered)
{
	struct service_cage *cage = state->cage;
	int group = prepared_cage_group(entered);

	if (group < 0 || control_group_kill(group) < 0 || !cage)
		return;
	prepare(state);
	if (cage->prepared)
		prepared_cage_renew_group(cage->prepared);
}

struct prepared_cage *service_cage_prepared(const struct service_state *state)
{
	return state->cage ? state->cage->prepared : NULL;
}
