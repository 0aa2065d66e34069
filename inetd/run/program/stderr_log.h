/* stderr_log: what programs say on their standard error, logged line by line (stderr = log). Each
 * has a pipe of its own that is read until all who hold its other end are gone, so descendants that
 * outlive the program are heard too. A program that says too much waits for us, not we for it: what
 * is read in a turn and in a moment is bounded, and so are the lines of a service. */
#ifndef RUN_STDERR_LOG_H
#define RUN_STDERR_LOG_H

#include <sys/queue.h>
#include <sys/types.h>

#include "base/bucket.h"
#include "base/loop.h"
#include "base/sockaddr.h"

struct service_state;
struct stderr_log;

/* What a state remembers of the lines of its programs. Zeroed = nothing yet. */
struct stderr_log_rate {
	struct bucket bucket;
	uint32_t left_out;  /* lines not logged since that was last said */
	struct timer timer; /* runs while that is to be said; holds the state */
	TAILQ_ENTRY(stderr_log_rate) in_late;
};

/* Makes a pipe and reads it from now on. *fd is its writing end, close-on-exec, the caller's to
 * close when the child has it: the log ends by itself with the last writing end. Returns NULL with
 * errno (pipe(2), malloc(3), epoll_ctl(2)). */
struct stderr_log *stderr_log_new(
	struct service_state *state, const struct sockaddr_len *peer, int *fd);

/* The process that lines are said to come from. */
void stderr_log_set_pid(struct stderr_log *stderr_log, pid_t pid);

/* Reads what is there and ends all of them; what comes later is left to leftover.h. */
void stderr_log_close(void);

#endif
