/* stderr_drain: what programs that outlive the daemon still say on a standard error that is a pipe
 * of its own (stderr = log) is read, and forgotten: without a reader SIGPIPE would end them at
 * their next complaint, and a reader that only waits would stop them at a full pipe. */
#ifndef RUN_STDERR_DRAIN_H
#define RUN_STDERR_DRAIN_H

#include <stddef.h>

/* Starts a process that reads from pipes until nobody has the other ends any more. It has nothing
 * else open, a session of its own and no rights. fds (non-blocking, the caller's, put in order
 * here) has `count` of them, at least one, none below 3. Returns 0, or -1 with errno (open(2),
 * calloc(3), fork(2)). */
int stderr_drain_run(int *fds, size_t count);

/* Gives one pipe (the caller's) to such a process while the daemon goes on: the same one for all,
 * started with the first. It reads as many as it may have descriptors; those of more are closed.
 * Returns 0, or -1 with errno (as above, sendmsg(2)). Never waits. */
int stderr_drain_give(int fd);

#endif
