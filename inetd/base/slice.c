/* slice: see slice.h. */
#include "base/slice.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/sanitized.h"
#include "base/valgrind.h"

#define STACK_BYTES (8 << 20) /* of address space: what is used of it has memory */
#define SLICE_US    8000
#define CALLS       16 /* of slice_is_due() for one look at the clock, which takes its time */
#define PAUSE_MS    1  /* no longer than the slice was: the loop goes on at once */

#ifdef SANITIZED
#include <sanitizer/common_interface_defs.h>
#define LEAVE_STACK(save, to, size)   __sanitizer_start_switch_fiber(save, to, size)
#define ENTER_STACK(save, from, size) __sanitizer_finish_switch_fiber(save, from, size)
#else
#define LEAVE_STACK(save, to, size)   ((void)(save), (void)(to), (void)(size))
#define ENTER_STACK(save, from, size) ((void)(save), (void)(from), (void)(size))
#endif

/* musl declares these functions and does not have them. */
#ifdef __GLIBC__
#define TWO_STACKS             true
#define SWITCH_STACK(from, to) swapcontext(from, to)
#define MAKE_STACK(work)       makecontext(work, work_main, 0)
#else
#define TWO_STACKS             false
#define SWITCH_STACK(from, to) ((void)(from), (void)(to))
#define MAKE_STACK(work)       ((void)(work), (void)work_main)
#define getcontext(work)       ((void)(work), -1)
#endif

static void go_on(struct timer *timer);

static struct {
	STAILQ_HEAD(, slice) queue;
	struct slice *current; /* NULL: nothing goes on */
	bool inside;           /* its stack is the one in use */
	bool hurry;            /* no slice ends any more */
	bool over;             /* the work has come to its end */
	bool due;              /* this slice has lasted long enough */
	bool asleep;           /* until slice_wake() */
	uint64_t end_us;       /* of this slice */
	struct timer timer;
	void *stack;
	ucontext_t loop, work;
	const void *loop_stack; /* for the sanitizer */
	size_t loop_stack_bytes;
} slices = {.queue = STAILQ_HEAD_INITIALIZER(slices.queue), .timer = {.fired = go_on}};

static void *stack_new(void)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);
	char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	if (stack == MAP_FAILED)
		return NULL;
	if (mprotect(stack, guard, PROT_NONE) == 0)
		return stack;
	munmap(stack, STACK_BYTES);
	return NULL;
}

static void work_main(void)
{
	ENTER_STACK(NULL, &slices.loop_stack, &slices.loop_stack_bytes);
	slices.current->work(slices.current);
	slices.over = true;
	LEAVE_STACK(NULL, slices.loop_stack, slices.loop_stack_bytes);
	SWITCH_STACK(&slices.work, &slices.loop);
}

/* One slice, from the stack of the loop. */
static void run_slice(void)
{
	void *save = NULL;

	slices.end_us = loop_clock_us() + SLICE_US;
	slices.due = false;
	slices.inside = true;
	LEAVE_STACK(&save, slices.stack, STACK_BYTES);
	SWITCH_STACK(&slices.loop, &slices.work);
	ENTER_STACK(save, NULL, NULL);
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
	slices.stack = TWO_STACKS && !valgrind_is_here() ? stack_new() : NULL;
	if (!slices.stack || getcontext(&slices.work) < 0) {
		slice->work(slice);
		slices.over = true;
		return;
	}
	slices.work.uc_stack.ss_sp = slices.stack;
	slices.work.uc_stack.ss_size = STACK_BYTES;
	slices.work.uc_link = NULL;
	MAKE_STACK(&slices.work);
	run_slice();
}

static void end(void)
{
	struct slice *slice = slices.current;

	if (slices.stack)
		munmap(slices.stack, STACK_BYTES);
	slices.stack = NULL;
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

/* From the stack of the work, which goes on here at the next slice. */
static void leave(void)
{
	void *save = NULL;

	LEAVE_STACK(&save, slices.loop_stack, slices.loop_stack_bytes);
	SWITCH_STACK(&slices.work, &slices.loop);
	ENTER_STACK(save, &slices.loop_stack, &slices.loop_stack_bytes);
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
	leave();
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
	leave();
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
