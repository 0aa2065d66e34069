/* time_slice: how long a process may have a processor before others have it (sched_setattr(2); for
 * ordinary processes since Linux 6.12). Who has a long slice gets no more of the processor than
 * others, but whoever wakes up takes it from him at once, where otherwise his slice ends first. */
#ifndef RUN_TIME_SLICE_H
#define RUN_TIME_SLICE_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/rawcall.h"

/* The kernel's struct sched_attr in its first size, which later kernels take too. */
struct time_slice_attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t slice_ns, deadline, period;
};

#define TIME_SLICE_MOST_NS 100000000 /* the kernel's limit */

/* Ours, which programs inherit, in nanoseconds. 0: the kernel has none, or our policy is not that
 * of ordinary processes. */
uint64_t time_slice_own(void);

/* Gives a process another one, if it still has `from`. False, with errno,
 * where we have no right to (EPERM), or it is gone. */
bool time_slice_change(pid_t pid, uint64_t from_ns, uint64_t to_ns);

/* For a child that makes system calls only: of itself, as far as that can be. */
static inline void time_slice_take(uint64_t slice_ns)
{
	struct time_slice_attr attr;

	if (raw_call(SYS_sched_getattr, 0, (long)&attr, sizeof(attr), 0, 0) < 0)
		return;
	attr.slice_ns = slice_ns;
	raw_call(SYS_sched_setattr, 0, (long)&attr, 0, 0, 0);
}

#endif
