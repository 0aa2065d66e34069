/* spare_turn: see spare_turn.h. */
#include "run/program/spare_turn.h"

#include <sched.h>
#include <sys/param.h>

TAILQ_HEAD(line, spare_turn);

static struct line line = TAILQ_HEAD_INITIALIZER(line);
static int taken;

static int most(void)
{
	cpu_set_t set;

	/* More processors than the set has room for are enough. */
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return CPU_SETSIZE;
	return MAX(CPU_COUNT(&set) - 1, 1);
}

bool spare_turn_take(struct spare_turn *turn)
{
	if (taken < most()) {
		spare_turn_leave(turn);
		taken++;
		return true;
	}
	if (!turn->waits)
		TAILQ_INSERT_TAIL(&line, turn, in_line);
	turn->waits = true;
	return false;
}

void spare_turn_leave(struct spare_turn *turn)
{
	if (turn->waits)
		TAILQ_REMOVE(&line, turn, in_line);
	turn->waits = false;
}

void spare_turn_next(void)
{
	struct spare_turn *first = TAILQ_FIRST(&line);

	if (!first || taken >= most())
		return;
	spare_turn_leave(first);
	loop_timer(first->timer, 0);
}

void spare_turn_over(void)
{
	taken--;
	spare_turn_next();
}
