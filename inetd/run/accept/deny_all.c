/* deny_all: see deny_all.h. Only services that have refused somebody are looked at. */
#include "run/accept/deny_all.h"

static LIST_HEAD(, service_state) denying = LIST_HEAD_INITIALIZER(denying);

bool deny_all_holds(const struct service_state *state, const struct arrival *arrival)
{
	const struct service_state *other;

	LIST_FOREACH (other, &denying, in_denying)
		if (other != state && other->listed == STATE_ACTIVE &&
			other->service->policy->access.deny_scope == DENY_ALL &&
			admit_ignores(&other->admit, arrival))
			return !admit_exempts(&state->admit, arrival);
	return false;
}

void deny_all_refused(struct service_state *state)
{
	if (state->denies || state->service->policy->access.deny_scope != DENY_ALL)
		return;
	state->denies = true;
	LIST_INSERT_HEAD(&denying, state, in_denying);
}

void deny_all_service_changed(struct service_state *state, enum service_change change)
{
	if (change != SERVICE_GONE || !state->denies)
		return;
	state->denies = false;
	LIST_REMOVE(state, in_denying);
}
