/* child_stderr: where the standard error of a program goes (the key stderr). */
#ifndef RUN_CHILD_STDERR_H
#define RUN_CHILD_STDERR_H

#include "run/program/stderr_log.h"
#include "run/service/service_state.h"

/* What a program gets as descriptor 2. */
struct errors {
	int fd;                 /* -1: the connection */
	const char *path;       /* a file that the child opens, in place of fd; NULL: none */
	bool own;               /* made for this program, the caller's to close; else shared */
	struct stderr_log *log; /* NULL unless the daemon reads it; frees itself */
};

/* Opens /dev/null, which programs share; once, at the start. A failure is logged. */
void child_stderr_open(void);
void child_stderr_close(void);

/* The standard error of a program of this service for that connection. Returns 0; what cannot be
 * had is logged, limited, and replaced by /dev/null. -1 with errno if that is not there either. */
int child_stderr_for(struct service_state *state, const struct conn *conn, struct errors *errors);

/* Around giving it to a process that runs already, which may close it at once: before, and after,
 * which closes what is the caller's. child_stderr_share(): -1 with errno, and it is closed: it
 * cannot be given now. */
int child_stderr_share(struct errors *errors);
void child_stderr_shared(struct errors *errors);

/* The file could not be opened, which is logged, limited: the program has /dev/null in its place.
 */
void child_stderr_unopened(struct service_state *state, int err);

#endif
