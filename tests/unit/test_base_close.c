/* fd_close_range: the same descriptors are closed whether the kernel does it, or they are found in
 * /proc, or neither: each way in a process of its own, which tells by its exit status. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fdutil.h"

enum { FIRST = 40, LAST = 60, FAR = 900, NO_FILTER = 102 };

/* From here on close_range(2) fails with this errno. */
static int refuse(int err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	return !ctx ||
	       seccomp_rule_add(ctx, SCMP_ACT_ERRNO((unsigned)err), SCMP_SYS(close_range), 0) ||
	       seccomp_load(ctx);
}

/* An empty directory that is removed already is the root then. */
static int hide_proc(void)
{
	char path[] = "/tmp/test_close.XXXXXX";

	return !mkdtemp(path) || chdir(path) || rmdir(path) || chroot(".");
}

/* What is not to be closed is open, the rest is not. Returns how many are wrong. */
static int wrong_ones(unsigned first, unsigned last)
{
	int wrong = 0;

	fd_close_range(first, last);
	for (unsigned fd = FIRST - 1; fd <= LAST; fd++)
		wrong += (fcntl((int)fd, F_GETFD) < 0) != (fd >= first && fd <= last);
	return wrong + ((fcntl(FAR, F_GETFD) < 0) != (last >= FAR));
}

static int in_child(int err, bool hidden)
{
	for (int fd = FIRST - 1; fd <= LAST; fd++)
		if (dup2(STDERR_FILENO, fd) < 0)
			return 100;
	if (dup2(STDERR_FILENO, FAR) < 0 || (hidden && hide_proc()))
		return 101;
	if (err && refuse(err))
		return NO_FILTER;
	return wrong_ones(FIRST, FIRST) + wrong_ones(FIRST, FIRST + 7) + wrong_ones(FIRST, LAST) +
	       wrong_ones(FIRST, ~0U);
}

static void check(int err, bool hidden)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(in_child(err, hidden));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_FILTER)
		unit_skip("no filter of system calls can be had");
	assert_int_equal(status, 0);
}

static void test_kernel(void **state)
{
	(void)state;
	check(0, false);
}

static void test_listed(void **state)
{
	(void)state;
	check(ENOSYS, false);
	check(EPERM, false);
}

static void test_hidden(void **state)
{
	(void)state;
	if (geteuid() != 0)
		unit_skip("needs root");
	check(ENOSYS, true);
	check(EPERM, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_listed),
		cmocka_unit_test(test_hidden),
	};

	return cmocka_run_group_tests_name("base/close", tests, NULL, NULL);
}
