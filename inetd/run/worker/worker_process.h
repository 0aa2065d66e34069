/* worker_process: the processes of the inetd-worker program: one that serves, and those that were
 * given up and have not ended yet, for not even a signal reaches who waits for some file systems.
 */
#ifndef RUN_WORKER_PROCESS_H
#define RUN_WORKER_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* `ended` is called when the one that serves has ended, and has been forgotten: `how` is a text for
 * the log, or NULL where it could not be started, which has been logged. */
void worker_process_init(const char *path, void (*ended)(pid_t pid, const char *how));

/* Starts it with a link, and as root with a uid of its own. Returns our end of the link
 * (non-blocking, the caller's), or -1: that is logged. */
int worker_process_start(void);

/* The process that serves; 0 = none. */
pid_t worker_process_pid(void);

/* Kills it, and, with `forget`, does not wait for its end: there may be another one now. */
void worker_process_kill(bool forget);

/* True if there may be another one beside those that were given up. */
bool worker_process_may_start(void);

/* Whose rights the one that was started last has: a uid of its own, or ours. */
uid_t worker_process_uid(void);

#endif
