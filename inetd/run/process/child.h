/* child: every process the daemon has started, by pid, and what to do when it ends. Embed struct
 * child in the object that knows more. Owns nothing but the map. */
#ifndef RUN_CHILD_H
#define RUN_CHILD_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/tree.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	/* Called once, after the process has been reaped and left the map; may free the object.
	 * status as of waitpid(2). */
	void (*ended)(struct child *child, int status, const struct rusage *usage);
	RB_ENTRY(child) by_pid;
};

/* Adds a started process; pid and ended are set. */
void child_add(struct child *child);

/* Takes one out without waiting for it. */
void child_remove(struct child *child);

/* Reaps those that have ended, orphans too (as process 1). For SIGCHLD. Of very many it leaves the
 * rest to a timer: a program can fork orphans as quickly as they are reaped. wait4(2) */
void child_reap(void);

/* Called, if set, when one has been reaped, before its ->ended. */
extern void (*child_reaped)(void);

/* How many are in the map. */
unsigned child_count(void);

/* True if the process with that number is a child of ours, perhaps one that has ended. waitid(2) */
bool child_is_ours(pid_t pid);

/* True if a process of the map has that number. */
bool child_is_known(pid_t pid);

/* The first child for which `match` is true, or NULL. */
struct child *child_find(
	bool (*match)(const struct child *child, const void *arg), const void *arg);

/* "exit 1", "signal 9 (Killed)" into buf. Returns buf. */
char *child_status_text(int status, char *buf, size_t size);

#endif
