/* admission: see admission.h. */
#include "run/accept/admission.h"

#include "base/log.h"
#include "run/accept/deny_all.h"
#include "run/program/program.h"
#include "run/program/spare.h"

#define LOAD_EVERY_MS     1000
#define REACHED_PERIOD_MS 60000

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

static uint32_t total_most = LIMIT_NONE; /* children of [inetd] */

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
	uint32_t most = state->service->policy->max_load;

	return !most || load_now() < most;
}

static bool counts(const struct service_state *state)
{
	return state->service->builtin == BUILTIN_NONE;
}

static bool is_room(void)
{
	return program_count() < total_most;
}

bool admission_has_room(void)
{
	return program_count() + spare_total() < total_most;
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

static enum verdict ask(struct service_state *state, const struct arrival *arrival)
{
	enum verdict busy = check_all(state), verdict;
	uint64_t wait_ms;

	if (deny_all_holds(state, arrival))
		busy = ADMIT_IGNORED;
	else if (busy == ADMIT_OK)
		return admit_check(&state->admit, arrival, &wait_ms);
	else if ((verdict = admit_access(&state->admit, arrival)) != ADMIT_OK)
		return verdict;
	admit_refused(&state->admit, busy);
	return busy;
}

enum verdict admission_ask(struct service_state *state, const struct arrival *arrival)
{
	enum verdict verdict = ask(state, arrival);

	if (verdict != ADMIT_OK)
		deny_all_refused(state);
	return verdict;
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

/* One start for each service in the line, until there is no room or the line is empty. A service
 * that has to wait again stands at the end of the line. */
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

static void turns_soon(void)
{
	if (!TAILQ_EMPTY(&line.service_states) && !loop_timer_running(&line.timer))
		loop_timer(&line.timer, 0);
}

/* --- holding a service back --- */

/* The limit that was reached, with its value. */
static void reached_text(
	const struct service_state *state, enum verdict verdict, char *text, size_t size)
{
	const struct limits *limits = state->admit.limits;

	switch (verdict) {
	case ADMIT_FULL:
		snprintf(text, size, "%u are running", limits->instances);
		break;
	case ADMIT_RATE:
		snprintf(text, size, "over %u starts in %u s", limits->rate.count,
			limits->rate.period_ms / 1000);
		break;
	case ADMIT_LOAD:
		snprintf(text, size, "the load average has reached %u.%02u",
			state->service->policy->max_load / 100,
			state->service->policy->max_load % 100);
		break;
	case ADMIT_TOTAL:
		snprintf(text, size, "as many programs as 'children' allows are running");
		break;
	default:
		snprintf(text, size, "its limits allow nothing (%s is 0)",
			limits->instances ? "rate" : "instances");
	}
}

/* That a limit was reached is logged, not each connection that waits for it. */
static void log_reached(struct service_state *state, enum verdict verdict)
{
	const struct reason *reason = reason_of_verdict(verdict);
	bool is_default = verdict == ADMIT_FULL && state->admit.limits->instances_default;
	const char *name = state->service->name;
	uint32_t omitted;
	char text[80];

	if (!service_state_shows(state, LOG_NOTICE) ||
		!service_state_may_log_each(state, LOG_REACHED, REACHED_PERIOD_MS, &omitted))
		return;
	reached_text(state, verdict, text, sizeof(text));
	log_event(LOG_NOTICE, LOG_FIELDS({"service", name, false}), "%s: %s%s%s%s%s", name, text,
		verdict == ADMIT_NEVER ? "" : ", further connections wait",
		is_default ? " (the default limit; raise it with " : "",
		is_default ? reason->raise : "", is_default ? ")" : "");
}

static void hold_for_load(struct service_state *state)
{
	service_state_hold(state, HOLD_LOAD);
	if (!loop_timer_running(&load.timer))
		loop_timer(&load.timer, LOAD_EVERY_MS);
}

static void hold_for_turn(struct service_state *state)
{
	service_state_hold(state, HOLD_TOTAL);
	if (!state->in_line) {
		state->in_line = true;
		TAILQ_INSERT_TAIL(&line.service_states, state, in_waiting);
	}
	if (is_room())
		turns_soon();
}

void admission_hold(struct service_state *state, enum verdict verdict, uint64_t wait_ms)
{
	log_reached(state, verdict);
	switch (verdict) {
	case ADMIT_RATE:
		service_state_hold_rate(state, wait_ms);
		break;
	case ADMIT_LOAD:
		hold_for_load(state);
		break;
	case ADMIT_TOTAL:
		hold_for_turn(state);
		break;
	default:
		service_state_hold(state, reason_of_verdict(verdict)->hold);
		break;
	}
}

/* --- when others change --- */

static void assigned(struct service_state *state)
{
	service_state_release(state, HOLD_LOAD); /* a service that refuses does not wait for it */
	if (!counts(state) || state->service->policy->overload == OVERLOAD_REFUSE) {
		line_leave(state);
		service_state_release(state, HOLD_TOTAL);
	}
	turns_soon();
}

void admission_service_changed(struct service_state *state, enum service_change change)
{
	deny_all_service_changed(state, change);
	switch (change) {
	case SERVICE_ASSIGNED:
		assigned(state);
		break;
	case SERVICE_SLOT_FREE:
		turns_soon();
		break;
	case SERVICE_GONE:
		line_leave(state);
		break;
	case SERVICE_NEW:
	case SERVICE_HOLDS:
		break;
	}
}

void admission_set_total(uint32_t children)
{
	total_most = children;
	turns_soon();
}
