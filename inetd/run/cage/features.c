/* features: see features.h. */
#include "run/cage/features.h"

#include <linux/seccomp.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run/cage/control_group.h"
#include "run/cage/landlock.h"
#include "run/cage/syscall_filter.h"
#include "run/process/helper.h"
#include "run/process/rights.h"

#define AGAIN_S 10 /* what was not known in time is asked again */

/* With the rights that a configuration that asks for it would have. */
static bool try_unshare(void)
{
	return rights_set(UINT64_MAX) == 0 && unshare(CLONE_NEWNS | CLONE_NEWNET) == 0;
}

/* 1 or 0. */
static int wait_unshare(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(!try_unshare());
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void tell_unshare(const void *arg, int fd, void *result)
{
	(void)arg;
	(void)fd;
	*(bool *)result = try_unshare();
}

/* The same; or -1: others make so many namespaces that it takes too long. */
static int ask_unshare(void)
{
	bool can = false;

	return helper_call(tell_unshare, NULL, -1, &can, sizeof(can)) < 0 ? -1 : can;
}

static bool has_filters(void)
{
	const uint32_t action = SECCOMP_RET_ERRNO;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static const struct cage_features *find(int (*can_unshare)(void))
{
	static struct cage_features features;
	static time_t known_until; /* 0: nothing is known */
	struct timespec now;
	int can;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec < known_until)
		return &features;
	can = can_unshare();
	known_until = can < 0 ? now.tv_sec + AGAIN_S : INT32_MAX;
	features = (struct cage_features){
		.landlock_abi = landlock_abi(),
		.namespaces = can != 0,
		.filters = has_filters(),
		.root = geteuid() == 0,
		.controllers = control_group_controllers(),
		.knows_call = syscall_filter_knows,
	};
	return &features;
}

const struct cage_features *features_find(void)
{
	return find(wait_unshare);
}

const struct cage_features *features_find_soon(void)
{
	return find(ask_unshare);
}
