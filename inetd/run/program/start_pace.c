/* start_pace: see start_pace.h. That a child has got to its exec is seen when the loop turns
 * (spawn_settle()); while somebody waits for that it turns often. */
#include "run/program/start_pace.h"

#include <sys/param.h>

#include "run/process/spawn.h"

#define MOST          32      /* children of a service on their way */
#define SLOW_US       1000000 /* one that takes so long keeps others back */
#define TURN_FIRST_MS 1
#define TURN_MOST_MS  100

static void turn(struct timer *timer);

static struct {
	unsigned held; /* services */
	uint64_t delay_ms;
	struct timer timer;
} pace = {.timer = {.fired = turn}};

static void turn(struct timer *timer)
{
	pace.delay_ms = MIN(pace.delay_ms * 2, TURN_MOST_MS);
	if (pace.held)
		loop_timer(timer, pace.delay_ms);
}

static bool may_start(const struct service_state *state)
{
	struct spawn_way way = spawn_on_way(state);

	return !way.count || (state->starts_well && way.count < MOST && way.oldest_us < SLOW_US);
}

bool start_pace_allows(struct service_state *state)
{
	if (may_start(state))
		return true;
	if (state->holds & HOLD_START)
		return false;
	service_state_hold(state, HOLD_START);
	pace.held++;
	pace.delay_ms = TURN_FIRST_MS;
	loop_timer(&pace.timer, pace.delay_ms);
	return false;
}

void start_pace_left(struct service_state *state, bool well)
{
	state->starts_well = well;
	if (!(state->holds & HOLD_START) || !may_start(state))
		return;
	pace.held--;
	service_state_release(state, HOLD_START);
}
