/* stderr_keeper: the process that reads the pipes that programs write their standard error to
 * (stderr = log), called inetd-stderr. A program can keep its pipe locked in the kernel: who reads
 * or closes it then sleeps, and no signal ends him. So it is a thread that does so; where one does
 * not come back another takes over, and the pipes of that service wait until it has, while those of
 * others are read. What is read goes to the daemon; when the link to it closes, the process, called
 * inetd-leftover then, forgets what it reads, until nobody has the other ends. It has nothing else
 * open, a session of its own and no rights. */
#ifndef RUN_STDERR_KEEPER_H
#define RUN_STDERR_KEEPER_H

#include <stdint.h>

#define STDERR_TEXT_BYTES 8192

/* What comes over the link (SOCK_SEQPACKET). A daemon and a process of another release may have to
 * understand each other (inetctl upgrade): what has a verb that is not known is passed over. The
 * process of releases before never read; its link has another name in what they leave. */
struct stderr_order {
	uint32_t verb;
	uint64_t inode; /* the pipe */
	uint64_t group; /* the service: who locks one pipe keeps those of its group waiting */
};
enum {
	STDERR_LOG = 3, /* comes with the pipe, which is read from now on; the daemon has it too */
	STDERR_FORGET,  /* nobody wants to know any more, and the daemon has closed it */
	STDERR_FLUSH,   /* read all that is there now; answered by STDERR_FLUSHED */
	STDERR_PING,    /* answered by STDERR_PONG */
	STDERR_SHARE,   /* comes with the end that is written to, which is kept open... */
	STDERR_SHARED,  /* ...until now: the daemon has closed it */
};

/* What goes back; a message ends with its text. */
struct stderr_answer {
	uint32_t verb;
	uint64_t inode;
	char text[STDERR_TEXT_BYTES];
};
enum {
	STDERR_TEXT = 1, /* was read */
	STDERR_END,      /* nobody has the other end */
	STDERR_LOCKED,   /* somebody keeps it locked */
	STDERR_REFUSED,  /* there was no descriptor for it; to be tried again */
	STDERR_FLUSHED,
	STDERR_PONG, /* with 1 as its inode if there may be threads that do not come back, else 0 */
	STDERR_AWAY, /* there is one now */
};

/* The work of the companion; `arg` is a struct worker_uid: it has no more rights than that user; 0:
 * than the caller. It takes as many pipes as it may have descriptors; where there are no more,
 * those that nobody wants to know of are closed. */
void stderr_keeper_work(const void *arg);

#endif
