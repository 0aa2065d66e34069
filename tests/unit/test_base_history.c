/* Counts of the last seconds, and of times by length, against what anybody would count by hand. */
#include "unit.h"

#include <string.h>

#include "base/histogram.h"
#include "base/history.h"

/* Random steps, also longer than what is remembered, against a count by seconds from the beginning.
 */
static void test_history_is_exact(void **state)
{
	static uint16_t seconds[20000];
	struct history history = {0};
	uint16_t seen[HISTORY_SECONDS];
	uint64_t now_ms = 0, seed = 42;

	(void)state;
	while (now_ms < 19000 * 1000ULL) {
		now_ms += unit_random(&seed) % 100 ? unit_random(&seed) % 900
						   : unit_random(&seed) % 90000;
		for (unsigned n = unit_random(&seed) % 3; n; n--) {
			history_add(&history, now_ms);
			seconds[now_ms / 1000]++;
		}
		history_read(&history, now_ms, seen);
		for (unsigned i = 0; i < HISTORY_SECONDS; i++) {
			uint64_t back = HISTORY_SECONDS - 1 - i, second = now_ms / 1000;

			assert_int_equal(seen[i], second < back ? 0 : seconds[second - back]);
		}
	}
}

static void test_history_stays_at_its_most(void **state)
{
	struct history history = {0};
	uint16_t seen[HISTORY_SECONDS];

	(void)state;
	for (int i = 0; i < 70000; i++)
		history_add(&history, 5500);
	history_read(&history, 5999, seen);
	assert_int_equal(seen[HISTORY_SECONDS - 1], UINT16_MAX);
	history_read(&history, 6000, seen);
	assert_int_equal(seen[HISTORY_SECONDS - 1], 0);
	assert_int_equal(seen[HISTORY_SECONDS - 2], UINT16_MAX);
}

static void test_histogram(void **state)
{
	const struct histogram_bounds *bounds = &histogram_of_starts;
	struct histogram histogram = {0};

	(void)state;
	for (size_t i = 1; i < HISTOGRAM_BOUNDS; i++) {
		assert_true(bounds->us[i] > bounds->us[i - 1]);
		assert_true(histogram_of_durations.us[i] > histogram_of_durations.us[i - 1]);
	}
	histogram_add(&histogram, bounds, 0);
	histogram_add(&histogram, bounds, 50);
	histogram_add(&histogram, bounds, 51);
	histogram_add(&histogram, bounds, 1000000);
	histogram_add(&histogram, bounds, 1000001);
	assert_int_equal(histogram_up_to(&histogram, 0), 2);
	assert_int_equal(histogram_up_to(&histogram, 1), 3);
	assert_int_equal(histogram_up_to(&histogram, HISTOGRAM_BOUNDS - 1), 4);
	assert_int_equal(histogram_up_to(&histogram, HISTOGRAM_BOUNDS), 5);
	assert_int_equal(histogram.sum_us, 2000102);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_history_is_exact),
		cmocka_unit_test(test_history_stays_at_its_most),
		cmocka_unit_test(test_histogram),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
