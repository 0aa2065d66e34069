/* mux_names: see mux_names.h. Nodes have their own memory: few services need one. */
#include "run/service/mux_names.h"

#include <strings.h>
#include <sys/tree.h>

struct mux_name {
	RB_ENTRY(mux_name) by_name;
	const char *name; /* of the state's definition */
	struct service_state *state;
};

static RB_HEAD(mux_names, mux_name) names = RB_INITIALIZER(&names);
static unsigned lacking; /* that there was no memory for */

static int mux_name_compare(struct mux_name *a, struct mux_name *b)
{
	return strcasecmp(a->name, b->name);
}

RB_PROTOTYPE(mux_names, mux_name, by_name, mux_name_compare)
RB_GENERATE(mux_names, mux_name, by_name, mux_name_compare)

void mux_names_add(struct service_state *state)
{
	struct mux_name *name, *other;

	if (!state->service->mux)
		return;
	name = malloc(sizeof(*name));
	if (!name) {
		lacking++;
		return;
	}
	*name = (struct mux_name){.name = state->service->mux_name, .state = state};
	other = RB_INSERT(mux_names, &names, name);
	if (!other)
		return;
	other->name = name->name;
	other->state = state;
	free(name);
}

void mux_names_remove(struct service_state *state)
{
	struct mux_name key = {.name = state->service->mux_name}, *name;

	if (!state->service->mux)
		return;
	name = RB_FIND(mux_names, &names, &key);
	if (name && name->state == state) {
		RB_REMOVE(mux_names, &names, name);
		free(name);
	} else if (!name && lacking) {
		lacking--;
	}
}

void mux_names_complete(const struct service_state_list *states)
{
	struct service_state *state;

	if (!lacking)
		return;
	lacking = 0;
	TAILQ_FOREACH (state, states, in_states)
		mux_names_add(state);
}

bool mux_names_are_incomplete(void)
{
	return lacking;
}

struct service_state *mux_names_find(const char *name)
{
	struct mux_name key = {.name = name}, *found = RB_FIND(mux_names, &names, &key);

	return found ? found->state : NULL;
}

struct service_state *mux_names_after(const char *name)
{
	struct mux_name key = {.name = name}, *next = RB_NFIND(mux_names, &names, &key);

	if (next && !mux_name_compare(next, &key))
		next = RB_NEXT(mux_names, &names, next);
	return next ? next->state : NULL;
}
