/* worker_process: starts the inetd-worker program. */
#ifndef RUN_WORKER_PROCESS_H
#define RUN_WORKER_PROCESS_H

#include <sys/types.h>

#include "run/process/spawn.h"

/* Starts the program at `path` with a link, and as root with a uid of its own. Returns its pid and
 * our end of the link (non-blocking, the caller's) in *link_fd; or -1 with *error. */
pid_t worker_process_start(const char *path, int *link_fd, struct spawn_error *error);

/* Whose rights the one that was started last has: a uid of its own, or ours. */
uid_t worker_process_uid(void);

#endif
