/* admission: see admission.h. */
#include "run/accept/admission.h"

#include "run/program/program.h"
#include "run/reload/reconcile.h"

#define LOAD_EVERY_MS 1000

static void load_again(struct timer *timer);
static void give_turns(struct timer *timer);

static struct {
	uint32_t average; /* of one minute, in hundredths */
	uint64_t read_ms;
	bool known;
	struct timer timer; /* runs while a state is held for it */
} load = {.timer = {.fired = load_again}};

static struct {
	struct service_state_list service_states; /* in the order of their turns */
	const struct service_state *turn;
	struct timer timer; /* runs while there may be turns to give */
} line = {.service_states = TAILQ_HEAD_INITIALIZER(line.service_states),
	.timer = {.fired = give_turns}};

void (*admission_turn)(struct service_state *state);

static uint32_t load_now(void)
{
	uint64_t now_ms = loop_now_ms();
	double average;

	if (load.known && now_ms - load.read_ms < LOAD_EVERY_MS)
		return load.average;
	load.average = getloadavg(&average, 1) < 1 ? 0 : (uint32_t)(average * 100 + 0.5);
	load.known = true;
	load.read_ms = now_ms;
	return load.average;
}

static bool load_allows(const struct service_state *state)
{
	uint32_t most = state->service->max_load;

	return !most || load_now() < most;
}

static bool counts(const struct service_state *state)
{
	return state->service->builtin == BUILTIN_NONE;
}

static bool is_room(void)
{
	const struct config *config = reconcile_config();

	return !config || program_count() < config->children;
}

static enum verdict check_all(const struct service_state *state)
{
	if (!load_allows(state))
		return ADMIT_LOAD;
	if (!counts(state) ||
		(is_room() && (state == line.turn || TAILQ_EMPTY(&line.service_states))))
		return ADMIT_OK;
	return ADMIT_TOTAL;
}

enum verdict admission_ready(struct service_state *state, uint64_t *wait_ms)
{
	enum verdict verdict = admit_ready(&state->admit, loop_now_ms(), wait_ms);

	return verdict == ADMIT_OK ? check_all(state) : verdict;
}

enum verdict admission_ask(struct service_state *state, const struct arrival *arrival)
{
	enum verdict busy = check_all(state), verdict;
	uint64_t wait_ms;

	if (busy == ADMIT_OK)
		return admit_check(&state->admit, arrival, &wait_ms);
	verdict = admit_access(&state->admit, arrival);
	if (verdict != ADMIT_OK)
		return verdict;
	admit_refused(&state->admit, busy);
	return busy;
}

static void load_again(struct timer *timer)
{
	bool again = false;
	struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states) {
		if (!(state->holds & HOLD_LOAD))
			continue;
		if (load_allows(state))
			service_state_release(state, HOLD_LOAD);
		else
			again = true;
	}
	if (again)
		loop_timer(timer, LOAD_EVERY_MS);
}

static void line_leave(struct service_state *state)
{
	if (!state->in_line)
		return;
	state->in_line = false;
	TAILQ_REMOVE(&line.service_states, state, in_waiting);
}

/* One start each, until there is no room or nobody waits: who comes back goes to the end. */
static void give_turns(struct timer *timer)
{
	struct service_state *state;

	(void)timer;
	while (is_room() && (state = TAILQ_FIRST(&line.service_states))) {
		service_state_ref(state);
		line_leave(state);
		service_state_release(state, HOLD_TOTAL);
		line.turn = state;
		admission_turn(state);
		line.turn = NULL;
		service_state_unref(state);
	}
}

void admission_hold(struct service_state *state, enum verdict verdict)
{
	if (verdict == ADMIT_LOAD) {
		service_state_hold(state, HOLD_LOAD);
		if (!loop_timer_running(&load.timer))
			loop_timer(&load.timer, LOAD_EVERY_MS);
		return;
	}
	service_state_hold(state, HOLD_TOTAL);
	if (!state->in_line) {
		state->in_line = true;
		TAILQ_INSERT_TAIL(&line.service_states, state, in_waiting);
	}
	if (is_room())
		admission_slot_freed();
}

void admission_assigned(struct service_state *state)
{
	service_state_release(state, HOLD_LOAD); /* who refuses now does not wait for it */
	if (!counts(state) || state->service->overload == OVERLOAD_REFUSE) {
		line_leave(state);
		service_state_release(state, HOLD_TOTAL);
	}
	admission_slot_freed();
}

void admission_forget(struct service_state *state)
{
	line_leave(state);
}

void admission_slot_freed(void)
{
	if (!TAILQ_EMPTY(&line.service_states) && !loop_timer_running(&line.timer))
		loop_timer(&line.timer, 0);
}
