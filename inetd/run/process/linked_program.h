/* linked_program: a program of this package that runs beside the daemon (inetd-worker, inetd-rpc),
 * with one end of a link on descriptor 3. It is executed as who we are and gives up its rights
 * itself; in contrast to a companion (companion.h) it has nothing of the daemon's memory. */
#ifndef RUN_LINKED_PROGRAM_H
#define RUN_LINKED_PROGRAM_H

#include "run/process/child.h"
#include "run/process/spawn.h"

struct linked_program {
	const char *path;
	const char *const *words; /* its arguments, the name first and NULL last; copied */
	const char *variable;     /* all of its environment, in place until the exec; NULL: none
				   */
	bool may_log;             /* standard error is ours, where that is the log */
	int queue_bytes;          /* room for what is on its way to it; 0: the system's */
};

/* Starts it. child->ended is set; the child is added to the map. Returns our end of the link
 * (SOCK_SEQPACKET, non-blocking, the caller's), over which nobody can send us descriptors; or -1
 * with *error and child->pid 0. If the child fails on its way to exec, *error is set before it is
 * reaped. socketpair(2), spawn_run(). */
int linked_program_start(
	const struct linked_program *program, struct child *child, struct spawn_error *error);

#endif
