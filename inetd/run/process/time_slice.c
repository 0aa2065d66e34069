/* time_slice: see time_slice.h. */
#include "run/process/time_slice.h"

uint64_t time_slice_own(void)
{
	struct time_slice_attr attr;

	if (syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0) < 0)
		return 0;
	return attr.policy == SCHED_OTHER ? attr.slice_ns : 0;
}

bool time_slice_change(pid_t pid, uint64_t from_ns, uint64_t to_ns)
{
	struct time_slice_attr attr;

	if (syscall(SYS_sched_getattr, pid, &attr, sizeof(attr), 0) < 0)
		return false;
	if (attr.slice_ns != from_ns)
		return true;
	attr.slice_ns = to_ns;
	return syscall(SYS_sched_setattr, pid, &attr, 0) == 0;
}
