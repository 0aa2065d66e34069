/* sandbox: gives up, for good, everything the worker does not need. */
#ifndef WORKER_SANDBOX_H
#define WORKER_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

struct sandbox {
	bool chroot; /* enter an empty directory and become uid, gid; needs root */
	uid_t uid;
	gid_t gid;
	bool filter; /* restrict system calls */
};

/* Enters it: no way back. Everything that opens files must have happened. Returns NULL, or the
 * name of the step that failed with errno: the process must end then. */
const char *sandbox_enter(const struct sandbox *sandbox);

/* Loads the system call filter, part of sandbox_enter(). Returns 0, or -1 with errno. */
int filter_load(void);

#endif
