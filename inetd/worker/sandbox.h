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

/* Of a root directory that could not be had: the filter lets no file be opened either. */
struct sandbox_without {
	const char *step; /* NULL: it is empty, or none was asked for */
	int err;
};

/* Enters it: no way back. Everything that opens files must have happened. Where there can be no
 * empty root directory it goes without, if there is a filter, and fills *without. Returns NULL, or
 * the name of the step that failed with errno: the process must end then. */
const char *sandbox_enter(const struct sandbox *sandbox, struct sandbox_without *without);

/* Loads the system call filter, part of sandbox_enter(). Returns 0, or -1 with errno. */
int filter_load(void);

#endif
