/* stderr_pipe: a pipe that inetd-stderr reads (stderr_keeper.h), bounded in a window of time. The
 * first thread adds and looks, and says what is to be done; a worker (stderr_pool.h) does it, and
 * alone frees pipes. All under the lock of the pool. */
#ifndef RUN_STDERR_PIPE_H
#define RUN_STDERR_PIPE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include "run/program/stderr_pool.h"
#include "run/program/stderr_window.h"

struct stderr_pipe {
	struct stderr_job job;
	uint64_t inode;
	int fd;         /* owned */
	int shared;     /* the other end; owned; -1: the daemon does not share it now */
	bool forgotten; /* nobody wants to know, and the daemon has no copy */
	bool unshare;   /* `shared` is to be closed */
	bool ended;     /* the daemon has been told */
	bool drop;      /* it is to go */
	bool watched;   /* epoll knows it; it tells of it once, until it is watched again */
	struct stderr_window window;
	uint64_t paused_until_ms; /* while it is in `paused` */
	RB_ENTRY(stderr_pipe) by_inode;
	TAILQ_ENTRY(stderr_pipe) in_paused;
};

RB_HEAD(stderr_pipes, stderr_pipe);

static inline int stderr_pipe_compare(struct stderr_pipe *a, struct stderr_pipe *b)
{
	return a->inode < b->inode ? -1 : a->inode > b->inode;
}
RB_PROTOTYPE(stderr_pipes, stderr_pipe, by_inode, stderr_pipe_compare)

extern struct stderr_pipes stderr_pipes; /* all of them */

/* Each is watched by this epoll(7) from now on, by the number that is its inode. */
void stderr_pipe_begin(int epoll_fd);

/* One that is watched from now on; consumes fd, unless it returns NULL with errno (calloc(3)). */
struct stderr_pipe *stderr_pipe_add(int fd, uint64_t inode, uint64_t group);
struct stderr_pipe *stderr_pipe_find(uint64_t inode);

/* Epoll has told of it. */
void stderr_pipe_look(struct stderr_pipe *pipe);

/* Watches those whose pause is over. Milliseconds until the next; -1: there is none. */
int stderr_pipe_resume(void);

/* What the pool calls. */
void stderr_pipe_act(struct stderr_job *job);
void stderr_pipe_told(struct stderr_job *job);
void stderr_pipe_done(void);

/* Reads all that is there now, of each no more than a pipe holds; STDERR_FLUSHED tells the end. */
void stderr_pipe_flush(void);

#endif
