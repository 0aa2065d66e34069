/* spawn: starts one program from a plan. Everything is decided before; between clone and exec the
 * child makes system calls only. Nothing else in the daemon knows how a child is made. */
#ifndef RUN_SPAWN_H
#define RUN_SPAWN_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "config/service.h"

#define SPAWN_FDS 4

struct spawn_plan {
	const char *path;
	char *const *argv;
	char *const *envp;
	const struct identity *identity; /* NULL: stay who we are */
	int fds[SPAWN_FDS];              /* what becomes 0, 1, 2, 3; one that is its own place already
					    stays; -1 = not open there (3 only) */
	const char *directory;           /* NULL: where the daemon is */
	struct rlimit nofile;            /* RLIMIT_NOFILE of the program */
	bool set_nofile;
};

struct spawn_error {
	const char *step; /* "setgroups", "exec"...; static */
	int err;          /* errno */
};

/* Finds out once what the kernel can do and who we are. */
void spawn_init(void);

/* Starts the program; returns when it has been exec'd. All signals must be blocked. Returns its
 * pid, or -1 with *error; nothing is left to reap then. The plan's descriptors stay the caller's.
 * clone(2), close_range(2), execve(2). */
pid_t spawn_run(const struct spawn_plan *plan, struct spawn_error *error);

#endif
