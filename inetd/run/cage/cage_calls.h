/* cage_calls: the system calls by which the child of a service enters what its cage asks for. */
#ifndef RUN_CAGE_CALLS_H
#define RUN_CAGE_CALLS_H

#include <linux/filter.h>

#include "config/cage.h"
#include "run/process/spawn.h"

/* What is entered by a descriptor or program that was made before; -1, NULL: there is none. */
struct cage_parts {
	int landlock, mounts, network, group; /* owned by whoever keeps them */
	int root;                             /* of the program, among the mounts; the same */
	struct sock_fprog filter;             /* .filter owned likewise */
};

/* The calls, in their order, for spawn_plan.calls: one block of memory, the caller's, free(3). It
 * points into `parts`, which must stay in place, and not into `cage`.
 * NULL with errno ENOMEM. */
struct spawn_call *cage_calls(const struct cage *cage, const struct cage_parts *parts);

#endif
