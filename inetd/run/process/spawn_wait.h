/* spawn_wait: what the daemon and a child on its way to its program wait for of each other. The
 * daemon closes its copies of the descriptors that are the child's: at once if the child was born
 * with a table of descriptors of its own, else when the child has told that it has one. Until they
 * are closed the child waits before its exec: its program could have the last close of a connection
 * wait for as long as it likes (SO_LINGER, socket(7)), so the daemon must not be who makes it. What
 * a unix peer may have filled (run/process/closer.h) must be the child's alone before its exec: for
 * that all other children must have told, too. */
#ifndef RUN_SPAWN_WAIT_H
#define RUN_SPAWN_WAIT_H

#include "run/process/spawn_job.h"

/* Children on their way, the oldest first; spawn.c adds and removes them. */
extern struct spawn_jobs spawn_jobs;

/* Looks a few times whether `word` has left `value`, then sleeps for 2 ms at most. */
void spawn_wait_while(_Atomic int *word, int value);

/* True while the child is in our memory. */
bool spawn_wait_is_here(struct spawn_job *job);

/* Until it has left, a moment at most. */
void spawn_wait_left(struct spawn_job *job);

/* Closes the copies, and lets the child go on, if that can be done now. */
void spawn_wait_close(struct spawn_job *job);

/* The same, when the child has told; 5 ms at most. */
void spawn_wait_settle(struct spawn_job *job);

/* Waits until all children have told: they have nothing of another's. Half a second at most. */
void spawn_wait_all_told(void);

/* True if all have told, or need not any more. */
bool spawn_wait_have_told(void);

/* False if the daemon has to wait for a child before it sleeps. */
bool spawn_wait_may_sleep(void);

/* Waits for those. */
void spawn_wait_before_sleep(void);

/* The job is not on its way any more. */
void spawn_wait_forget(const struct spawn_job *job);

#endif
