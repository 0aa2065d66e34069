/* slice: see slice.h. */
#include "base/slice.h"

#include <stdint.h>

#include "base/loop.h"
#include "base/stack.h"
#include "base/valgrind.h"

#define SLICE_US 8000
#define CALLS    16 /* of slice_is_due() for one look at the clock, which takes its time */
#define PAUSE_MS 1  /* no longer than the slice was: the loop goes on at once */

static void go_on(struct timer *timer);

static struct {
	STAILQ_HEAD(, slice) queue;
	struct slice *current; /* NULL: nothing goes on */
	bool has_stack;        /* of its own; else it is all done at once */
	bool inside;           /* that is the one in use */
	bool hurry;            /* no slice ends any more */
	bool over;             /* the work has come to its end */
	bool due;              /* this slice has lasted long enough */
	bool asleep;           /* until slice_wake() */
	uint64_t end_us;       /* of this slice */
	struct timer timer;
} slices = {.queue = STAILQ_HEAD_INITIALIZER(slices.queue), .timer = {.fired = go_on}};

static void work_main(void)
{
	slices.current->work(slices.current);
	slices.over = true;
}

/* One slice, from the stack of the loop. */
static void run_slice(void)
{
	slices.end_us = loop_clock_us() + SLICE_US;
	slices.due = false;
	slices.inside = true;
	stack_enter();
	slices.inside = false;
	if (!slices.over && !slices.asleep)
		loop_timer(&slices.timer, PAUSE_MS);
}

/* Begins the first of the queue. */
static void begin(void)
{
	struct slice *slice = STAILQ_FIRST(&slices.queue);

	STAILQ_REMOVE_HEAD(&slices.queue, in_queue);
	slice->asked = false;
	slices.current = slice;
	slices.over = false;
	slices.has_stack = !valgrind_is_here() && stack_open(work_main) == 0;
	if (slices.has_stack)
		run_slice();
	else
		work_main();
}

static void end(void)
{
	struct slice *slice = slices.current;

	if (slices.has_stack)
		stack_close();
	slices.current = NULL;
	if (slice->done)
		slice->done(slice);
}

/* Goes on with what there is, until a slice ends before its work. */
static void go_on(struct timer *timer)
{
	(void)timer;
	if (slices.current)
		run_slice();
	else
		begin();
	if (!slices.over)
		return;
	end();
	if (!slices.current && !STAILQ_EMPTY(&slices.queue))
		loop_timer(&slices.timer, PAUSE_MS);
}

void slice_start(struct slice *slice)
{
	if (slice->asked)
		return;
	slice->asked = true;
	STAILQ_INSERT_TAIL(&slices.queue, slice, in_queue);
	if (!slices.current && !loop_timer_running(&slices.timer))
		go_on(NULL);
}

bool slice_is_inside(void)
{
	return slices.inside;
}

void slice_sleep(void)
{
	if (!slices.inside || slices.hurry)
		return;
	slices.asleep = true;
	stack_leave();
	slices.asleep = false;
}

void slice_wake(void)
{
	if (slices.asleep)
		loop_timer(&slices.timer, 0);
}

bool slice_is_due(void)
{
	static unsigned calls;

	if (!slices.inside || slices.hurry)
		return false;
	if (!slices.due && ++calls % CALLS == 0)
		slices.due = loop_clock_us() >= slices.end_us;
	return slices.due;
}

bool slice_breathe(void)
{
	if (!slice_is_due())
		return false;
	stack_leave();
	return true;
}

bool slice_is_hurried(void)
{
	return slices.hurry;
}

void slice_finish(void)
{
	struct slice *slice;

	while ((slice = STAILQ_FIRST(&slices.queue))) {
		STAILQ_REMOVE_HEAD(&slices.queue, in_queue);
		slice->asked = false;
	}
	loop_untimer(&slices.timer);
	slices.hurry = true;
	if (slices.current)
		go_on(NULL);
	slices.hurry = false;
}
