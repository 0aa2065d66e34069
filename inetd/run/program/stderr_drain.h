/* stderr_drain: who reads what programs write to their standard error (stderr = log) where the
 * daemon does not any more: it has stopped, was killed, or what is kept of them gave way. Without a
 * reader SIGPIPE would end them at their next complaint, and a reader that only waits would stop
 * them at a full pipe. So one process (stderr_keeper.h) has a copy of each pipe from its start on.
 * It is started with the first, again where it has ended, and goes when there has been none for a
 * moment. */
#ifndef RUN_STDERR_DRAIN_H
#define RUN_STDERR_DRAIN_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/queue.h>

#include "base/record.h"

/* One pipe; embed it. */
struct drained {
	int fd;    /* its reading end, non-blocking; borrowed */
	bool held; /* the process has it */
	TAILQ_ENTRY(drained) in_all;
};

/* Has the process hold drained->fd, whose other end is open: now if ->held is not set and it can
 * be, else soon. Never waits. */
void stderr_drain_add(struct drained *drained);

/* The daemon is done with it. Before the descriptor is closed. */
void stderr_drain_remove(struct drained *drained);

/* The process has it for sure, to be read when the daemon has gone; or is to read it from now on.
 * 0, or -1 with errno (socketpair(2), open(2), fork(2), sendmsg(2)). */
int stderr_drain_hold(struct drained *drained);
int stderr_drain_read(struct drained *drained);

/* Lets the process go: it reads what it has, and ends with the last. */
void stderr_drain_leave(void);

/* From one daemon to the next (inetctl upgrade): the link, as a record `stderr-keeper`, to be read
 * before any is added. */
void stderr_drain_put(FILE *out);
void stderr_drain_resume(const struct record *record);

#endif
