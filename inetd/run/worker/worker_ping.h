/* worker_ping: notices that the worker does not answer: what a peer has sent it may keep it in a
 * system call for ever. It is asked only while it has something to do, so that nothing wakes up for
 * nothing. */
#ifndef RUN_WORKER_PING_H
#define RUN_WORKER_PING_H

#include <stdbool.h>

/* A worker that has said nothing for so long after it was asked is given up. */
#define WORKER_PING_MS 5000

/* Sets who asks it for a word, and who is told when none came. `is_busy` says whether it has
 * anything to do. */
void worker_ping_init(void (*ask)(void), bool (*is_busy)(void), void (*silent)(void));

/* It was given something to do. */
void worker_ping_watch(void);

/* It has said something, whatever it was. */
void worker_ping_heard(void);

/* There is none any more. */
void worker_ping_stop(void);

#endif
