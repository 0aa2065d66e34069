/* Slices: long work leaves the others their turn, in its own order and to its end. */
#include "unit.h"

#include <signal.h>
#include <stdbool.h>

#include "base/loop.h"
#include "base/slice.h"

#define WORKS 3

static struct {
	struct slice slice;
	bool is_long;
	unsigned breaths, pauses, done, ticks; /* ticks: seen by others while it went on */
} works[WORKS];
static struct timer timer;
static unsigned finished, ticks;

static size_t number_of(const struct slice *slice)
{
	for (size_t i = 0; i < WORKS; i++)
		if (slice == &works[i].slice)
			return i;
	fail();
	return 0;
}

static void work(struct slice *slice)
{
	size_t i = number_of(slice);
	unsigned before = ticks;
	uint64_t start_us = loop_clock_us(), long_us;

	assert_int_equal(finished, i);
	/* On a machine that is busy it may be some time until others have had two turns. */
	do {
		works[i].breaths++;
		works[i].pauses += slice_breathe();
		long_us = works[i].pauses < 2 || ticks - before < 2 ? 5000000 : 60000;
	} while (works[i].is_long && loop_clock_us() - start_us < long_us && !slice_is_hurried());
	works[i].ticks = ticks - before;
}

static void done(struct slice *slice)
{
	works[number_of(slice)].done++;
	if (++finished == WORKS)
		loop_stop();
}

static void tick(struct timer *each)
{
	ticks++;
	loop_timer(each, 1);
}

static int setup(void **state)
{
	sigset_t none;

	(void)state;
	sigemptyset(&none);
	memset(works, 0, sizeof(works));
	finished = ticks = 0;
	for (size_t i = 0; i < WORKS; i++)
		works[i].slice = (struct slice){.work = work, .done = done};
	timer = (struct timer){.fired = tick};
	return loop_open(&none, NULL);
}

static int teardown(void **state)
{
	(void)state;
	loop_close();
	return 0;
}

static void test_short_work_is_over_at_once(void **state)
{
	(void)state;
	slice_start(&works[0].slice);
	assert_int_equal(works[0].done, 1);
	assert_int_equal(works[0].pauses, 0);
}

static void test_others_have_their_turn(void **state)
{
	(void)state;
	loop_timer(&timer, 1);
	works[0].is_long = works[1].is_long = true;
	for (size_t i = 0; i < WORKS; i++)
		slice_start(&works[i].slice);
	slice_start(&works[2].slice); /* again: nothing */
	assert_int_equal(finished, 0);
	loop_run();
	for (size_t i = 0; i < WORKS; i++)
		assert_int_equal(works[i].done, 1);
	for (size_t i = 0; i < 2; i++) {
		assert_in_range(works[i].pauses, 2, 60);
		assert_in_range(works[i].ticks, 2, 60);
	}
}

static void test_the_end_does_not_wait(void **state)
{
	uint64_t before_us = loop_clock_us();

	(void)state;
	works[0].is_long = true;
	slice_start(&works[0].slice);
	slice_start(&works[1].slice);
	assert_int_equal(works[0].done, 0);
	slice_finish();
	assert_int_equal(works[0].done, 1);
	assert_int_equal(works[1].breaths, 0); /* dropped */
	/* Unhurried it would go on for 5 s. */
	assert_true(loop_clock_us() - before_us < 2000000);
}

/* Again and again: late ones come together, and wake it once. */
static void wake(struct timer *each)
{
	slice_wake();
	loop_timer(each, 20);
}

static void work_asleep(struct slice *slice)
{
	assert_true(slice_is_inside());
	for (int i = 0; i < 2; i++)
		slice_sleep();
	works[number_of(slice)].ticks = ticks;
}

static void test_sleep_lasts_until_it_is_woken(void **state)
{
	static struct timer waker = {.fired = wake};

	(void)state;
	works[0].slice.work = work_asleep;
	loop_timer(&timer, 1);
	loop_timer(&waker, 20);
	for (size_t i = 0; i < WORKS; i++)
		slice_start(&works[i].slice);
	assert_int_equal(finished, 0); /* the others wait for it */
	loop_run();
	assert_true(works[0].ticks >= 2);
	assert_int_equal(finished, WORKS);
}

static void test_sleep_ends_at_the_end(void **state)
{
	(void)state;
	works[0].slice.work = work_asleep;
	slice_start(&works[0].slice);
	assert_int_equal(works[0].done, 0);
	slice_finish();
	assert_int_equal(works[0].done, 1);
}

static void test_outside_nothing_happens(void **state)
{
	(void)state;
	assert_false(slice_breathe());
	assert_false(slice_is_due());
	assert_false(slice_is_inside());
	slice_sleep();
	slice_wake();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_short_work_is_over_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others_have_their_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_end_does_not_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_sleep_lasts_until_it_is_woken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sleep_ends_at_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outside_nothing_happens, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
