/* spawn_steps: see spawn_steps.h. The child shares its parent's memory until it executes, so it
 * writes the times where the parent reads them. */
#include "spawn_steps.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spawn.h"

#define NOBODY 65534

static struct {
	int fd;
	char *const *argv;
	uint32_t mask;
	uint64_t *took_ns;
} child;

static void step_unshare(void)
{
	close_range(16, ~0U, 1U << 1);
}

static void step_name(void)
{
	prctl(PR_SET_NAME, "starting");
}

static void step_session(void)
{
	setsid();
}

static void step_rlimit(void)
{
	static const struct rlimit limit = {1024, 1024};

	setrlimit(RLIMIT_NOFILE, &limit);
}

static void step_umask(void)
{
	umask(022);
}

static void step_directory(void)
{
	(void)!chdir("/");
}

static void step_groups(void)
{
	static const gid_t groups[1] = {0};

	syscall(SYS_setgroups, 1, groups);
}

static void step_gid_same(void)
{
	syscall(SYS_setresgid, 0, 0, 0);
}

static void step_uid_same(void)
{
	syscall(SYS_setresuid, 0, 0, 0);
}

static void step_gid_other(void)
{
	syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY);
}

static void step_uid_other(void)
{
	syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY);
}

static void step_blocking(void)
{
	fcntl(child.fd, F_SETFL, O_RDWR);
}

static void step_dup(void)
{
	for (int fd = 0; fd <= 2; fd++)
		dup2(child.fd, fd);
}

static void step_hangup(void)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGHUP, SIG_DFL);
}

static void step_pipe(void)
{
	signal(SIGPIPE, SIG_DFL);
}

static void step_mask(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the order of a real start; who changes to another user does it once everything else that
 * needs root is done. The first and `dup2` are in every start that is measured. */
static const struct step {
	const char *name;
	void (*run)(void);
} steps[] = {
	{"close_range(16, UNSHARE)", step_unshare},
	{"prctl(PR_SET_NAME)", step_name},
	{"setsid", step_session},
	{"setrlimit(NOFILE)", step_rlimit},
	{"umask", step_umask},
	{"chdir(\"/\")", step_directory},
	{"setgroups(1)", step_groups},
	{"setresgid, same", step_gid_same},
	{"setresuid, same", step_uid_same},
	{"setresgid, other", step_gid_other},
	{"setresuid, other", step_uid_other},
	{"fcntl(F_SETFL)", step_blocking},
	{"dup2, three", step_dup},
	{"sigaction(HUP), two", step_hangup},
	{"sigaction(PIPE)", step_pipe},
	{"sigprocmask", step_mask},
};

uint64_t steps_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

unsigned steps_count(void)
{
	return sizeof(steps) / sizeof(steps[0]);
}

const char *steps_name(unsigned step)
{
	return steps[step].name;
}

static int run_child(void *unused)
{
	char *const environment[] = {NULL};

	(void)unused;
	for (unsigned i = 0; i < steps_count(); i++) {
		uint64_t began_ns;

		if (!(child.mask & 1U << i))
			continue;
		began_ns = steps_now_ns();
		steps[i].run();
		child.took_ns[i] = steps_now_ns() - began_ns;
	}
	execve(child.argv[0], child.argv, environment);
	_exit(127);
}

pid_t steps_spawn(int fd, char *const argv[], uint32_t mask, uint64_t took_ns[])
{
	child.fd = fd;
	child.argv = argv;
	child.mask = mask;
	child.took_ns = took_ns;
	return spawn_share(run_child, NULL, CLONE_FILES);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t steps_percentile(uint64_t values[], unsigned count, double fraction)
{
	qsort(values, count, sizeof(*values), compare);
	return values[(unsigned)((count - 1) * fraction)];
}
