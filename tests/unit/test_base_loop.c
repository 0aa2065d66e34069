/* Timers of the event loop: in order, moved, stopped, and kept when there is no memory for them. */
#include "unit.h"

#include <signal.h>
#include <stdbool.h>

#include "base/loop.h"

#define TIMERS 300

static struct timer timers[TIMERS];
static unsigned order[TIMERS], count;
static bool no_memory;

/* In place of the C library's, for the loop as well. */
void *reallocarray(void *old, size_t number, size_t size)
{
	return no_memory ? NULL : realloc(old, number * size);
}

static void fired(struct timer *timer)
{
	order[count++] = (unsigned)(timer - timers);
}

static void last(struct timer *timer)
{
	fired(timer);
	loop_stop();
}

static int setup(void **state)
{
	sigset_t none;

	(void)state;
	sigemptyset(&none);
	count = 0;
	no_memory = false;
	for (size_t i = 0; i < TIMERS; i++)
		timers[i] = (struct timer){.fired = fired};
	timers[TIMERS - 1].fired = last;
	return loop_open(&none, NULL);
}

static int teardown(void **state)
{
	(void)state;
	loop_close();
	return 0;
}

/* Starts all: the last one at last. Every third is stopped, every fifth put off. */
static void start_all(void)
{
	for (unsigned i = 0; i < TIMERS; i++)
		loop_timer(&timers[i], i == TIMERS - 1 ? 60 : (i * 7919) % 40);
	for (unsigned i = 0; i < TIMERS - 1; i++) {
		if (i % 3 == 0)
			loop_untimer(&timers[i]);
		else if (i % 5 == 0)
			loop_timer(&timers[i], 50);
		assert_int_equal(loop_timer_running(&timers[i]), i % 3 != 0);
	}
}

/* Each of the others has fired, once. */
static void check_all(void)
{
	unsigned times[TIMERS] = {0};

	for (unsigned i = 0; i < count; i++)
		times[order[i]]++;
	for (unsigned i = 0; i < TIMERS - 1; i++) {
		assert_int_equal(times[i], i % 3 != 0);
		assert_false(loop_timer_running(&timers[i]));
	}
	assert_int_equal(times[TIMERS - 1], 1);
}

static void in_order(void **state)
{
	(void)state;
	start_all();
	assert_int_equal(count, 0);
	assert_int_equal(loop_run(), 0);
	check_all();
	for (unsigned i = 1; i < count; i++)
		assert_true(timers[order[i - 1]].at_ms <= timers[order[i]].at_ms);
}

static void without_memory(void **state)
{
	(void)state;
	no_memory = true;
	start_all();
	/* None has fired inside the call: the caller may not be ready for it. */
	assert_int_equal(count, 0);
	assert_int_equal(loop_run(), 0);
	check_all();
}

static void memory_runs_out(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++)
		loop_timer(&timers[i], 1000);
	no_memory = true;
	start_all();
	assert_int_equal(count, 0);
	assert_int_equal(loop_run(), 0);
	check_all();
}

static void busy(struct timer *timer)
{
	uint64_t end_us = loop_clock_us() + 30000;

	while (loop_clock_us() < end_us)
		;
	timer->fired = last;
	loop_timer(timer, 20);
}

/* What a callback takes is the loop's longest turn; what it sleeps is not. */
static void longest_turn(void **state)
{
	struct loop_turns turns;

	(void)state;
	timers[0].fired = busy;
	loop_timer(&timers[0], 200);
	assert_int_equal(loop_run(), 0);
	turns = loop_turns();
	assert_true(turns.longest_us >= 30000);
	assert_true(turns.recent_us == turns.longest_us);
	assert_true(turns.longest_us < 200000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(longest_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(without_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_runs_out, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
