/* stderr_log: what programs write to their standard error, logged line by line (stderr = log). Each
 * has a pipe of its own that is read until nobody holds its other end, so that descendants that
 * outlive the program are read too. A program that writes too much waits for us, not we for it: the
 * bytes read in a turn and in a window of time are bounded, and so are the lines of a service.
 * Their descriptors are among those that are kept (service/kept.h): one that gives way is read, and
 * forgotten, by another process, and so are all when the daemon stops or is killed
 * (stderr_drain.h). */
#ifndef RUN_STDERR_LOG_H
#define RUN_STDERR_LOG_H

#include <stdio.h>
#include <sys/types.h>

#include "base/record.h"
#include "run/program/plan.h"

struct service_state;
struct stderr_log;

/* Makes a pipe and reads it from now on. *fd is its writing end, close-on-exec, the caller's to
 * close when the child has it: the log frees itself when the last writing end is closed. Returns
 * NULL with errno (pipe(2), malloc(3), epoll_ctl(2); EMFILE where none may be kept). */
struct stderr_log *stderr_log_new(struct service_state *state, const struct conn *conn, int *fd);

/* The process that lines are logged to come from. Not after others have been made. */
void stderr_log_set_pid(struct stderr_log *stderr_log, pid_t pid);

/* From one daemon to the next (inetctl upgrade): each as a record `stderr`, and one of them, of
 * that state; before, lines that were omitted are told. */
void stderr_log_put_all(FILE *out);
void stderr_log_resume(const struct record *record, struct service_state *state);
void stderr_log_tell_omitted(void);

/* Reads what is there and ends all of them; what comes later is read by stderr_drain.h. */
void stderr_log_close(void);

#endif
