/* stderr_log: what programs write to their standard error, logged line by line (stderr = log). Each
 * has a pipe of its own that is read until nobody holds its other end, so that descendants that
 * outlive the program are read too: not by the daemon, which a program could have wait there, but
 * by another process (stderr_drain.h). A program that writes too much waits for that, and the lines
 * of a service are bounded. Their descriptors are among those that are kept (service/kept.h): what
 * comes from one that gives way is forgotten. */
#ifndef RUN_STDERR_LOG_H
#define RUN_STDERR_LOG_H

#include <stdio.h>
#include <sys/types.h>

#include "base/record.h"
#include "run/program/plan.h"

struct service_state;
struct stderr_log;

/* Makes a pipe that is read from now on. *fd is its writing end, close-on-exec, the caller's to
 * close when the child has it: the log frees itself when the last writing end is closed. Returns
 * NULL with errno (pipe(2), malloc(3); EMFILE where none may be kept). */
struct stderr_log *stderr_log_new(struct service_state *state, const struct conn *conn, int *fd);

/* The process that lines are logged to come from. Not after others have been made. */
void stderr_log_set_pid(struct stderr_log *stderr_log, pid_t pid);

/* Around giving the writing end to a process that runs already, which may close it before the
 * caller has: who closes a pipe last may have to wait. Returns 0, or -1 with errno: it is not to be
 * given. stderr_log_shared() when the caller has closed it. */
int stderr_log_share(struct stderr_log *stderr_log, int fd);
void stderr_log_shared(struct stderr_log *stderr_log);

/* From one daemon to the next (inetctl upgrade): each as a record `stderr`, and one of them, of
 * that state; before, lines that were omitted are told. */
void stderr_log_put_all(FILE *out);
void stderr_log_resume(const struct record *record, struct service_state *state);
void stderr_log_tell_omitted(void);

/* Logs what is there, as far as it can be read in a tenth of a second, and ends all of them; what
 * comes later is read and forgotten. */
void stderr_log_close(void);

#endif
