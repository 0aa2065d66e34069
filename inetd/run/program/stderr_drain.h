/* stderr_drain: the pipes that programs write their standard error to (stderr = log), and who reads
 * them: never the daemon, which a program could have wait there, but a process of its own
 * (stderr_keeper.h), which sends what it has read. Both have each pipe, so that either may be lost:
 * the process is started with the first, again where it has ended, and goes when there has been
 * none for a moment; when the daemon has gone it reads, and forgets, what comes, as without a
 * reader SIGPIPE would end programs at their next complaint. */
#ifndef RUN_STDERR_DRAIN_H
#define RUN_STDERR_DRAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/record.h"

struct drained;

/* What becomes of a pipe; none is called before stderr_drain_add() has returned. */
struct drained_calls {
	void (*text)(void *of, const char *text, size_t len); /* was written there */
	void (*ended)(void *of);  /* nobody can write any more; has to remove it */
	void (*locked)(void *of); /* cannot be read: somebody keeps it locked */
};

/* Starts the process, before a pipe is made: one that is forked with the end that is written to has
 * to close that, and somebody may keep it locked by then. */
void stderr_drain_prepare(void);

/* Has the process read `fd`, whose other end is open: now, or as soon as it can be; with `held` it
 * has it already. `group`: those that wait for each other where one cannot be read. Never waits.
 * Consumes fd. NULL with errno (fstat(2), malloc(3)). */
struct drained *stderr_drain_add(int fd, uint32_t group, bool held);
void stderr_drain_tell(struct drained *drained, const struct drained_calls *calls, void *of);

/* The descriptor, borrowed; and whether the process has it. */
int stderr_drain_fd(const struct drained *drained);
bool stderr_drain_is_held(const struct drained *drained);

/* Around giving `fd`, the other end, to a process that runs: it may close that before the daemon
 * has, which must not be the last. In between, the process that reads has it too. Returns 0, or -1
 * with errno: it does not. */
int stderr_drain_share(struct drained *drained, int fd);
void stderr_drain_shared(struct drained *drained);

/* The daemon is done with it: the process reads and forgets what still comes. */
void stderr_drain_remove(struct drained *drained);

/* At the end: has the process send what it can read in a tenth of a second, then lets it go: it
 * reads what it has, and ends with the last. Returns 0, or -1 with errno if it does not have all
 * of them (socketpair(2), open(2), fork(2), sendmsg(2)). */
int stderr_drain_flush(void);
void stderr_drain_leave(void);

/* From one daemon to the next (inetctl upgrade): the link, as a record `stderr-reader`, and, to be
 * kept open, that of a process of a release whose daemon read for itself, `stderr-keeper`; to be
 * read before any is added. */
void stderr_drain_put(FILE *out);
void stderr_drain_resume(const struct record *record);
void stderr_drain_resume_old(const struct record *record);

#endif
