/* features: see features.h. */
#include "run/cage/features.h"

#include <linux/seccomp.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/cage/control_group.h"
#include "run/cage/landlock.h"
#include "run/cage/syscall_filter.h"
#include "run/process/rights.h"

static bool can_unshare(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) /* with the rights that a configuration that asks for it would have */
		_exit(rights_set(UINT64_MAX) < 0 || unshare(CLONE_NEWNS | CLONE_NEWNET) < 0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool has_filters(void)
{
	const uint32_t action = SECCOMP_RET_ERRNO;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

const struct cage_features *features_find(void)
{
	static struct cage_features features;
	static bool known;

	if (known)
		return &features;
	known = true;
	features = (struct cage_features){
		.landlock_abi = landlock_abi(),
		.namespaces = can_unshare(),
		.filters = has_filters(),
		.root = geteuid() == 0,
		.controllers = control_group_controllers(),
		.knows_call = syscall_filter_knows,
	};
	return &features;
}
