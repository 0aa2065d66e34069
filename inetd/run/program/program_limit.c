/* program_limit: see program_limit.h. */
#include "run/program/program_limit.h"

#include <errno.h>
#include <signal.h>

#include "base/container_of.h"
#include "run/program/program_log.h"

#define SOON_MS 10 /* a child on its way is its own group by then */

static void kill_overdue(struct timer *timer)
{
	kill(-container_of(timer, struct program, limit)->child.pid, SIGKILL);
}

static void time_is_up(struct timer *timer)
{
	struct program *program = container_of(timer, struct program, limit);
	pid_t group = -program->child.pid;

	/* ESRCH: it has not come to setsid(2) yet. Who may not be told, for it has become another
	 * user, is not tried again and again. */
	if (kill(group, SIGTERM) < 0 && errno == ESRCH) {
		loop_timer(timer, SOON_MS);
		return;
	}
	kill(group, SIGCONT); /* a stopped one is to hear it too */
	if (!program->stopped) {
		program->overdue = true;
		program_log_overdue(program);
	}
	timer->fired = kill_overdue;
	loop_timer(timer, program->state->service->policy->kill_after_ms);
}

void program_limit_start(struct program *program)
{
	if (!program->state->service->policy->max_time_ms)
		return;
	program->limit.fired = time_is_up;
	loop_timer(&program->limit, program->state->service->policy->max_time_ms);
}

void program_limit_stop(struct program *program)
{
	program->stopped = true;
	program->limit.fired = time_is_up;
	time_is_up(&program->limit);
}

void program_limit_resume(struct program *program, uint64_t at_ms, bool kills)
{
	uint64_t now_ms = loop_now_ms();

	program->limit.fired = kills ? kill_overdue : time_is_up;
	loop_timer(&program->limit, at_ms > now_ms ? at_ms - now_ms : 0);
}

bool program_limit_kills(const struct program *program)
{
	return program->limit.fired == kill_overdue;
}
