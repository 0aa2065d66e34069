/* What fails after an upgrade is tried again, for as long as it is worth, and at no other time. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/patience.h"

static unsigned told;

static void tell(unsigned pauses)
{
	told = pauses;
	errno = EIO;
}

static void test_nobody_waits_at_other_times(void **state)
{
	(void)state;
	assert_false(patience_lasts());
	assert_false(patience_insists());
	patience_begin(tell);
	patience_end();
	assert_false(patience_lasts());
	assert_false(patience_insists());
	assert_int_equal(told, 0);
}

static void test_pieces_have_five_seconds_together_and_what_must_be_has_more(void **state)
{
	struct timespec from, to;
	unsigned count = 0;

	(void)state;
	patience_begin(tell);
	clock_gettime(CLOCK_MONOTONIC, &from);
	errno = ENOSPC;
	while (patience_lasts())
		assert_int_equal(told, ++count);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_int_equal(errno, ENOSPC);
	assert_in_range(count, 50, 100);
	assert_in_range(to.tv_sec - from.tv_sec, 4, 60);
	assert_false(patience_lasts());
	assert_true(patience_insists());
	assert_false(patience_lasts());
	patience_end();
}

static void test_an_order_to_stop_ends_it(void **state)
{
	sigset_t set;
	int sig;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	patience_begin(tell);
	assert_true(patience_lasts());
	raise(SIGTERM);
	assert_false(patience_lasts());
	assert_false(patience_insists());
	assert_int_equal(sigwait(&set, &sig), 0);
	assert_true(patience_insists());
	patience_end();
}

static void test_memory_is_asked_for_as_ever(void **state)
{
	static const char zeroes[64];
	void *piece = patience_calloc(8, 8);

	(void)state;
	assert_non_null(piece);
	assert_memory_equal(piece, zeroes, sizeof(zeroes));
	free(piece);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_waits_at_other_times),
		cmocka_unit_test(test_pieces_have_five_seconds_together_and_what_must_be_has_more),
		cmocka_unit_test(test_an_order_to_stop_ends_it),
		cmocka_unit_test(test_memory_is_asked_for_as_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
