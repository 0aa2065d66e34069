/* escapees: see escapees.h. Reading /proc is a helper's work. */
#include "run/program/escapees.h"

#include <stdlib.h>
#include <sys/param.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/container_of.h"
#include "run/cage/control_group.h"
#include "run/process/helper.h"

#define HELPER_S     10
#define AGAIN_MOST   60000 /* ms */
#define AGAIN_LEAST  500
#define YOUNG_STATUS 2 /* of a helper that has left some alone */

struct search {
	LIST_ENTRY(search) in_searches;
	struct service_state *state; /* counted */
	struct timer timer;
	struct child helper;
	bool is_helped, again;
	pid_t *sessions; /* owned; while it is helped */
	size_t count, room;
};

static LIST_HEAD(search_list, search) searches = LIST_HEAD_INITIALIZER(searches);
void (*escapees_sessions)(
	const struct service_state *state, void (*each)(pid_t session, void *arg), void *arg);

static void search_free(struct search *search)
{
	LIST_REMOVE(search, in_searches);
	loop_untimer(&search->timer);
	service_state_unref(search->state);
	free(search->sessions);
	free(search);
}

static void sweep(const void *arg, int out)
{
	const struct search *search = arg;

	(void)out;
	if (control_group_sweep(search->state->service->label, search->sessions, search->count,
		    search->state->service->policy->max_time_ms))
		_exit(YOUNG_STATUS);
}

static void look_again(struct search *search)
{
	uint64_t most_ms = search->state->service->policy->max_time_ms;

	if (most_ms)
		loop_timer(&search->timer, MAX(MIN(most_ms / 2, AGAIN_MOST), AGAIN_LEAST));
	else
		search_free(search);
}

static void helper_ended(struct child *child, int status, const struct rusage *usage)
{
	struct search *search = container_of(child, struct search, helper);
	bool again = search->again || !WIFEXITED(status) || WEXITSTATUS(status) == YOUNG_STATUS;

	(void)usage;
	search->is_helped = search->again = false;
	if (again)
		look_again(search);
	else
		search_free(search);
}

/* Without memory for one it would be ended with those that have escaped: the search is put off. */
static void add_session(pid_t session, void *arg)
{
	struct search *search = arg;

	if (search->count == search->room) {
		size_t room = search->room ? 2 * search->room : 16;
		pid_t *sessions = reallocarray(search->sessions, room, sizeof(*sessions));

		if (!sessions) {
			search->again = true;
			return;
		}
		search->sessions = sessions;
		search->room = room;
	}
	search->sessions[search->count++] = session;
}

static void start(struct timer *timer)
{
	struct search *search = container_of(timer, struct search, timer);

	search->count = 0;
	search->again = false;
	escapees_sessions(search->state, add_session, search);
	search->helper.ended = helper_ended;
	search->is_helped = !search->again &&
			    helper_start(&search->helper, sweep, search, false, HELPER_S) == 0;
	if (!search->is_helped)
		look_again(search);
}

static struct search *search_of(const struct service_state *state)
{
	struct search *search;

	LIST_FOREACH (search, &searches, in_searches)
		if (search->state == state)
			return search;
	return NULL;
}

void escapees_look(struct service_state *state, uint64_t delay_ms)
{
	struct search *search = search_of(state);

	if (search) {
		search->again |= search->is_helped; /* else it is going to look anyway */
		return;
	}
	search = calloc(1, sizeof(*search));
	if (!search) /* the next program that ends asks again */
		return;
	search->state = service_state_ref(state);
	search->timer.fired = start;
	LIST_INSERT_HEAD(&searches, search, in_searches);
	loop_timer(&search->timer, delay_ms);
}
