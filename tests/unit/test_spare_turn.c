/* Whose turn it is to start a program ahead: at most so many at once that a processor is left. */
#include "unit.h"

#include <sched.h>

#include "base/loop.h"
#include "run/program/spare_turn.h"

static struct timer timers[3];
static struct spare_turn turns[3];

static void nothing(struct timer *timer)
{
	(void)timer;
}

/* On one processor, with one turn taken. */
static int setup(void **state)
{
	cpu_set_t all, one;
	sigset_t none;
	int cpu = 0;

	(void)state;
	sched_getaffinity(0, sizeof(all), &all);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (int i = 0; i < 3; i++) {
		timers[i] = (struct timer){.fired = nothing};
		turns[i] = (struct spare_turn){.timer = &timers[i]};
	}
	sigemptyset(&none);
	return loop_open(&none, NULL);
}

static int teardown(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		loop_untimer(&timers[i]);
	loop_close();
	return 0;
}

static void one_after_the_other_in_their_order(void **state)
{
	(void)state;
	assert_true(spare_turn_take(&turns[0]));
	assert_false(spare_turn_take(&turns[1]));
	assert_false(spare_turn_take(&turns[2]));
	assert_false(spare_turn_take(&turns[1])); /* it stays where it is */
	assert_false(loop_timer_running(&timers[1]));
	spare_turn_over();
	assert_true(loop_timer_running(&timers[1]));
	assert_false(loop_timer_running(&timers[2]));
	assert_true(spare_turn_take(&turns[1]));
	spare_turn_over();
	assert_true(loop_timer_running(&timers[2]));
	assert_true(spare_turn_take(&turns[2]));
	spare_turn_over();
}

static void who_leaves_or_makes_no_use_of_it_holds_up_nobody(void **state)
{
	(void)state;
	assert_true(spare_turn_take(&turns[0]));
	assert_false(spare_turn_take(&turns[1]));
	assert_false(spare_turn_take(&turns[2]));
	spare_turn_leave(&turns[1]);
	spare_turn_next(); /* there is no turn to be had */
	assert_false(loop_timer_running(&timers[2]));
	spare_turn_over();
	assert_false(loop_timer_running(&timers[1]));
	assert_true(loop_timer_running(&timers[2]));
	assert_true(spare_turn_take(&turns[2]));
	assert_false(spare_turn_take(&turns[0]));
	assert_false(spare_turn_take(&turns[1]));
	spare_turn_over();
	assert_true(loop_timer_running(&timers[0]));
	assert_false(loop_timer_running(&timers[1]));
	spare_turn_next(); /* 0 has not taken it */
	assert_true(loop_timer_running(&timers[1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			one_after_the_other_in_their_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_leaves_or_makes_no_use_of_it_holds_up_nobody, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
