/* disable: see disable.h. */
#include "run/reload/disable.h"

#include "run/accept/drain.h"
#include "run/accept/waiting.h"
#include "run/program/lent.h"
#include "run/program/lent_holders.h"
#include "run/program/program.h"
#include "run/service/listener_socket.h"
#include "run/worker/worker_link.h"
#include "run/worker/worker_serve.h"

#define LOOK_MS 1000 /* between looks at what still runs, besides those when something ends */

static void look(struct timer *timer);

static struct {
	struct timer timer;
	void (*waiting)(void);
	void (*done)(void);
} drain = {.timer = {.fired = look}};

static void close_socket(struct listener *listener)
{
	lent_holders_note(listener);
	if (listener->was_lent)
		listener_socket_deafen(listener);
	listener_close(listener);
	backoff_reset(&listener->retry);
	lent_forget(listener);
	listener_release(listener, HOLD_LENT);
}

static void close_all(struct service_state *state, enum hold reason)
{
	struct listener *listener;

	service_state_hold(state, reason);
	TAILQ_FOREACH (listener, &state->listeners, in_state)
		close_socket(listener);
}

unsigned disable_service(struct service_state *state)
{
	unsigned programs;

	close_all(state, HOLD_DISABLED);
	if (state->service->mux)
		worker_names();
	programs = program_end(state, PROGRAM_END_LENT);
	lent_holders_end(state);
	return programs;
}

void disable_running(struct service_state *state, unsigned *programs, unsigned *sessions)
{
	*programs = program_end(state, PROGRAM_END);
	*sessions = state->service->builtin == BUILTIN_NONE ? 0 : state->admit.stats.running;
	worker_end(state);
	lent_holders_end(state);
}

unsigned disable_end(struct service_state *state)
{
	struct listener *listener;
	unsigned closed = 0;

	service_state_release(state, HOLD_DISABLED);
	TAILQ_FOREACH (listener, &state->listeners, in_state)
		closed += listener_open(listener) < 0;
	if (state->service->mux)
		worker_names();
	return closed;
}

static bool anything_runs(void)
{
	const struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states)
		if (state->admit.stats.running)
			return true;
	return program_count() || worker_sessions() || !waiting_is_empty();
}

static void look(struct timer *timer)
{
	if (!anything_runs()) {
		drain.done();
		return;
	}
	drain.waiting();
	loop_timer(timer, LOOK_MS);
}

/* What has just ended is still counted: looks a moment later. */
void disable_slot_freed(void)
{
	if (drain.done)
		loop_timer(&drain.timer, 0);
}

void disable_all(void (*waiting)(void), void (*done)(void))
{
	struct service_state *state;
	struct listener *listener;

	TAILQ_FOREACH (state, &service_states, in_states) {
		TAILQ_FOREACH (listener, &state->listeners, in_state)
			drain_to_end(listener);
		close_all(state, HOLD_DRAIN);
	}
	worker_names();
	drain.waiting = waiting;
	drain.done = done;
	disable_slot_freed();
}

void disable_all_end(void)
{
	struct service_state *state;
	unsigned programs, sessions;

	waiting_close();
	TAILQ_FOREACH (state, &service_states, in_states)
		disable_running(state, &programs, &sessions);
	disable_slot_freed();
}
