/* shut: see shut.h. */
#include "run/reload/disable.h"

#include <sys/socket.h>

#include "run/program/program.h"
#include "run/service/listener.h"
#include "run/worker/worker_link.h"

#define LOOK_MS                                                                                    \
	1000 /* between looks whether anything still runs, besides those that have a cause */

static void look(struct timer *timer);

static struct {
	struct timer timer;
	void (*waiting)(void);
	void (*done)(void);
} drain = {.timer = {.fired = look}};

static void close_socket(struct listener *listener)
{
	/* The program has a descriptor of its own, which would keep the socket open. */
	if ((listener->holds & HOLD_LENT) && listener->watch.fd >= 0 &&
		(listener->endpoint.socktype == SOCK_STREAM ||
			listener->endpoint.socktype == SOCK_SEQPACKET))
		shutdown(listener->watch.fd, SHUT_RDWR);
	listener_close(listener);
	loop_untimer(&listener->retry);
	listener->retry_ms = 0;
	program_forget_listener(listener);
	listener_release(listener, HOLD_LENT);
}

static void close_all(struct gate *gate, enum hold reason)
{
	struct listener *listener;

	gate_hold(gate, reason);
	TAILQ_FOREACH (listener, &gate->listeners, in_gate)
		close_socket(listener);
}

void shut_service(struct gate *gate)
{
	close_all(gate, HOLD_OFF);
	if (gate->service->mux)
		worker_names();
}

void shut_running(struct gate *gate, unsigned *programs, unsigned *sessions)
{
	*programs = program_end(gate, false);
	*sessions = gate->service->builtin == BUILTIN_NONE ? 0 : gate->admit.stats.running;
	worker_end(gate);
}

unsigned shut_over(struct gate *gate)
{
	struct listener *listener;
	unsigned closed = 0;

	gate_release(gate, HOLD_OFF);
	TAILQ_FOREACH (listener, &gate->listeners, in_gate)
		closed += listener_open(listener) < 0;
	if (gate->service->mux)
		worker_names();
	return closed;
}

static bool anything_runs(void)
{
	const struct gate *gate;

	TAILQ_FOREACH (gate, &gates, in_gates)
		if (gate->admit.stats.running)
			return true;
	return program_count() || worker_sessions();
}

static void look(struct timer *timer)
{
	if (!anything_runs()) {
		gate_slot_freed = NULL;
		drain.done();
		return;
	}
	drain.waiting();
	loop_timer(timer, LOOK_MS);
}

/* What has just ended is not forgotten yet: looks a moment later. */
static void look_soon(void)
{
	loop_timer(&drain.timer, 0);
}

void shut_all(void (*waiting)(void), void (*done)(void))
{
	struct gate *gate;

	TAILQ_FOREACH (gate, &gates, in_gates)
		close_all(gate, HOLD_DRAIN);
	worker_names();
	drain.waiting = waiting;
	drain.done = done;
	gate_slot_freed = look_soon;
	look_soon();
}
