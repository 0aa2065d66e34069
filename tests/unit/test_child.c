/* Children are reaped in portions, so that a storm of them keeps nobody waiting. */
#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"
#include "run/process/child.h"

#define CHILDREN 600

static struct child known[CHILDREN];
static unsigned ended;

static void note_end(struct child *child, int status, const struct rusage *usage)
{
	(void)usage;
	assert_int_equal(WEXITSTATUS(status), (child - known) % 100);
	if (++ended == CHILDREN / 2)
		loop_stop();
}

/* Children that have ended; of every second nobody knows, as of the orphans of process 1. */
static void make_children(void)
{
	siginfo_t info;

	for (unsigned i = 0; i < CHILDREN; i++) {
		known[i] = (struct child){.pid = fork(), .ended = note_end};
		assert_true(known[i].pid >= 0);
		if (!known[i].pid)
			_exit((int)i % 100);
		assert_int_equal(waitid(P_PID, (id_t)known[i].pid, &info, WEXITED | WNOWAIT), 0);
		if (i % 2)
			child_add(&known[i]);
	}
}

static unsigned zombies(void)
{
	siginfo_t info;
	unsigned count = 0;

	for (unsigned i = 0; i < CHILDREN; i++)
		count += !waitid(P_PID, (id_t)known[i].pid, &info, WEXITED | WNOHANG | WNOWAIT);
	return count;
}

static void test_a_storm_is_reaped_in_portions(void **state)
{
	sigset_t none;

	(void)state;
	sigemptyset(&none);
	assert_int_equal(loop_open(&none, NULL), 0);
	make_children();
	assert_int_equal(zombies(), CHILDREN);
	child_reap();
	assert_in_range(zombies(), CHILDREN / 4, CHILDREN - 1); /* some, not all */
	assert_int_equal(loop_run(), 0);                        /* the rest without a signal */
	assert_int_equal(ended, CHILDREN / 2);
	assert_int_equal(child_count(), 0);
	loop_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_storm_is_reaped_in_portions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
