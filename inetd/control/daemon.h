/* daemon: what makes a process a daemon: background with a parent that waits for the outcome,
 * signals as a clean start, the descriptor limit. */
#ifndef CONTROL_DAEMON_H
#define CONTROL_DAEMON_H

#include <stdbool.h>
#include <sys/resource.h>

/* For the first lines of main(): blocks all signals, puts every disposition back to default
 * (programs must not inherit what our parent ignored), and opens 0, 1 and 2 on /dev/null where they
 * are closed. */
void daemon_clean_start(void);

/* Leaves the session keyring of whoever started us for an empty one that nothing can be put into
 * (keyrings(7)): programs would reach the keys. Kernels without keyrings have none to leave. */
void daemon_own_keyring(void);

/* Goes to the background. The calling process stays until daemon_ready() or the end of the new
 * one, and exits with 0 or that one's code, so that `inetd && echo works` is right.
 * Returns in the new process, a session leader; -1 with errno (fork(2)) in the old one. */
int daemon_background(void);

/* Everything works: lets the waiting parent go and puts 0, 1 and 2 on /dev/null. Nothing in the
 * foreground. */
void daemon_ready(void);

/* Raises the soft RLIMIT_NOFILE to the hard one; *before gets what it was, for programs. Returns
 * true if it was changed. */
bool daemon_raise_nofile(struct rlimit *before);

#endif
