/* service_state: see service_state.h. */
#include "run/service/service_state.h"
#include "base/patience.h"
#include "run/service/mux_names.h"
#include "run/service/service_history.h"

#include "base/container_of.h"
#include "base/log.h"

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MOST_MS  60000
#define PAUSE_FIRST_MS   100
#define PAUSE_MOST_MS    5000
#define LOG_PERIOD_MS    10000

struct service_state_list service_states = TAILQ_HEAD_INITIALIZER(service_states);
struct service_state_list service_states_departed = TAILQ_HEAD_INITIALIZER(service_states_departed);
void (*service_state_changed)(struct service_state *state, enum service_change change);

static void backoff_over(struct timer *timer)
{
	service_state_release(
		container_of(timer, struct service_state, backoff.timer), HOLD_BACKOFF);
}

static void pause_over(struct timer *timer)
{
	service_state_release(container_of(timer, struct service_state, pause.timer), HOLD_FDS);
}

static void rate_over(struct timer *timer)
{
	service_state_release(container_of(timer, struct service_state, rate_timer), HOLD_RATE);
}

static uint32_t last_number;

void service_state_reserve(uint32_t number)
{
	if (number > last_number)
		last_number = number;
}

struct service_state *service_state_new(const struct service *service)
{
	struct service_state *state = patience_calloc(1, sizeof(*state));

	if (!state)
		return NULL;
	state->number = ++last_number;
	state->refs = 1;
	state->since_ms = loop_now_ms();
	state->service = service;
	state->config = config_ref(service->config);
	TAILQ_INIT(&state->listeners);
	state->backoff.timer.fired = backoff_over;
	state->pause.timer.fired = pause_over;
	state->rate_timer.fired = rate_over;
	admit_init(&state->admit, &service->policy->limits, loop_now_ms());
	admit_set_access(&state->admit, &service->policy->access);
	service_state_changed(state, SERVICE_NEW);
	return state;
}

struct service_state *service_state_ref(struct service_state *state)
{
	state->refs++;
	return state;
}

void service_state_unref(struct service_state *state)
{
	if (--state->refs)
		return;
	if (state->listed == STATE_DEPARTED)
		TAILQ_REMOVE(&service_states_departed, state, in_states);
	service_state_changed(state, SERVICE_GONE);
	loop_untimer(&state->backoff.timer);
	loop_untimer(&state->pause.timer);
	loop_untimer(&state->rate_timer);
	admit_close(&state->admit);
	free(state->observed);
	free(state->stderr_rate);
	free(state->log_limits);
	config_unref(state->config);
	free(state);
}

void service_state_activate(struct service_state *state, struct service_state_list *before)
{
	if (state->listed == STATE_ACTIVE) {
		TAILQ_REMOVE(before, state, in_states);
	} else {
		service_state_ref(state);
		mux_names_add(state);
	}
	if (state->listed == STATE_DEPARTED)
		TAILQ_REMOVE(&service_states_departed, state, in_states);
	state->listed = STATE_ACTIVE;
	TAILQ_INSERT_TAIL(&service_states, state, in_states);
}

void service_state_depart(struct service_state *state, struct service_state_list *before)
{
	TAILQ_REMOVE(before, state, in_states);
	mux_names_remove(state);
	state->listed = STATE_DEPARTED;
	TAILQ_INSERT_TAIL(&service_states_departed, state, in_states);
	service_state_unref(state);
}

void service_state_assign(struct service_state *state, const struct service *service)
{
	struct config *old = state->config;

	state->config = config_ref(service->config);
	if (state->listed == STATE_ACTIVE)
		mux_names_remove(state);
	state->service = service;
	if (state->listed == STATE_ACTIVE)
		mux_names_add(state);
	admit_update(&state->admit, &service->policy->limits, loop_now_ms());
	admit_set_access(&state->admit, &service->policy->access);
	loop_untimer(&state->rate_timer);
	backoff_reset(&state->backoff);
	/* WORKER too: the service may be a program now, which no worker will ever release. */
	service_state_release(
		state, HOLD_FULL | HOLD_RATE | HOLD_NEVER | HOLD_BACKOFF | HOLD_WORKER | HOLD_USER);
	service_state_changed(state, SERVICE_ASSIGNED);
	config_unref(old);
}

void service_state_hold(struct service_state *state, enum hold reason)
{
	unsigned before = state->holds;

	state->holds |= reason;
	if (before != state->holds)
		state->since_ms = loop_now_ms();
	if (!before)
		service_state_changed(state, SERVICE_HOLDS);
}

void service_state_release(struct service_state *state, enum hold reason)
{
	unsigned before = state->holds;

	state->holds &= ~(unsigned)reason;
	if (before != state->holds)
		state->since_ms = loop_now_ms();
	if (before && !state->holds)
		service_state_changed(state, SERVICE_HOLDS);
}

void service_state_hold_rate(struct service_state *state, uint64_t wait_ms)
{
	loop_timer(&state->rate_timer, wait_ms);
	service_state_hold(state, HOLD_RATE);
}

bool log_limit_allows(struct log_limit *limit, uint64_t period_ms, uint32_t *omitted)
{
	uint64_t now_ms = loop_now_ms();

	if (now_ms < limit->next_ms) {
		limit->omitted++;
		return false;
	}
	*omitted = limit->omitted;
	limit->omitted = 0;
	limit->next_ms = now_ms + period_ms;
	return true;
}

bool service_state_shows(const struct service_state *state, int level)
{
	return level <= state->service->policy->log_level && log_shows(level);
}

bool service_state_may_log_each(struct service_state *state, enum log_subject subject,
	uint64_t period_ms, uint32_t *omitted)
{
	*omitted = 0;
	if (!state->log_limits)
		state->log_limits = calloc(LOG_SUBJECTS, sizeof(*state->log_limits));
	return !state->log_limits ||
	       log_limit_allows(&state->log_limits[subject], period_ms, omitted);
}

bool service_state_may_log(struct service_state *state, enum log_subject subject, uint32_t *omitted)
{
	return service_state_may_log_each(state, subject, LOG_PERIOD_MS, omitted);
}

char *log_limit_text(uint32_t omitted, char *buf, size_t size)
{
	buf[0] = 0;
	if (omitted)
		snprintf(buf, size, " (and %u more not logged)", omitted);
	return buf;
}

void service_state_slot_free(struct service_state *state)
{
	if (state->holds & HOLD_FULL)
		service_state_release(state, HOLD_FULL);
	else if (!state->holds && state->admit.stats.running + 1 == state->admit.limits->instances)
		state->since_ms = loop_now_ms(); /* it was full, though nobody has come */
	service_state_changed(state, SERVICE_SLOT_FREE);
}

bool service_state_failed(struct service_state *state)
{
	state->failed_ms = loop_now_ms();
	if (state->holds & HOLD_BACKOFF) /* it was on its way when another failed */
		return false;
	service_state_hold(state, HOLD_BACKOFF);
	return backoff_start(&state->backoff, BACKOFF_FIRST_MS, BACKOFF_MOST_MS);
}

void service_state_hold_backoff(struct service_state *state, uint32_t delay_ms, uint64_t until_ms)
{
	uint64_t now_ms = loop_now_ms();

	state->backoff.delay_ms = delay_ms;
	loop_timer(&state->backoff.timer, until_ms > now_ms ? until_ms - now_ms : 0);
	service_state_hold(state, HOLD_BACKOFF);
}

void service_state_works(struct service_state *state, uint64_t started_ms)
{
	if (!state->backoff.delay_ms || started_ms <= state->failed_ms)
		return;
	state->backoff.delay_ms = 0;
	if (service_state_shows(state, LOG_NOTICE))
		log_event(LOG_NOTICE, LOG_FIELDS({"service", state->service->name, false}),
			"%s: works again", state->service->name);
}

bool service_state_pause(struct service_state *state)
{
	service_state_hold(state, HOLD_FDS);
	return backoff_start(&state->pause, PAUSE_FIRST_MS, PAUSE_MOST_MS);
}

void service_state_resume(struct service_state *state)
{
	state->pause.delay_ms = 0;
}

bool service_state_uses_id(uid_t id)
{
	const struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states)
		if (state->service->policy->identity.uid == id ||
			state->service->policy->identity.gid == id)
			return true;
	return false;
}

unsigned service_state_shown(const struct service_state *state)
{
	const struct limits *limits = state->admit.limits;
	bool full = limits->instances && state->admit.stats.running >= limits->instances &&
		    state->service->policy->overload == OVERLOAD_QUEUE;

	return state->holds | (full ? HOLD_FULL : 0);
}
