/* stderr_keeper: the process that has a copy of each pipe that programs write their standard error
 * to (stderr = log). While the daemon reads them it lets go of those that nobody writes to any
 * more; when its link to the daemon closes it reads, and forgets, what comes, until nobody has the
 * other ends. It has nothing else open, a session of its own and no rights, and is called
 * inetd-stderr before and inetd-leftover after. */
#ifndef RUN_STDERR_KEEPER_H
#define RUN_STDERR_KEEPER_H

#include <stdint.h>

/* What comes over the link (SOCK_SEQPACKET): what is to be done with a pipe, which comes with it or
 * is held already. A daemon and a process of another release may have to understand each other
 * (inetctl upgrade). */
struct stderr_order {
	uint32_t verb;
	uint64_t inode; /* the pipe */
};
enum { STDERR_HOLD = 1, STDERR_READ };

/* The work of the companion; `arg` is a struct worker_uid: it has no more rights than that user; 0:
 * than the caller. It takes as many pipes as it may have descriptors; those of more are closed. */
void stderr_keeper_work(const void *arg);

#endif
