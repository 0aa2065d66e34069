/* lingering_close: the end of a connection whose program has not read all that the client sent. Its
 * close would be a reset (RFC 1122 4.2.2.13), which takes the answer from the client; so we keep a
 * descriptor of our own while the program runs, and give the connection to the worker to be
 * drained. The descriptors are among those that are kept (service/kept.h); without one a connection
 * is closed as ever. Reads no byte, and makes no call that takes the lock of the socket. */
#ifndef RUN_LINGERING_CLOSE_H
#define RUN_LINGERING_CLOSE_H

#include <stdint.h>
#include <sys/types.h>

#include "admit/share.h"

struct lingering_close;

/* Takes a connection (consumed) of `who` to be drained for at most `limit_ms`. Set before the first
 * one. */
extern void (*lingering_close_drain)(const struct share_who *who, int fd, uint32_t limit_ms);

/* Before the first one. */
void lingering_close_open(void);

/* Keeps a copy of a connection of `who` (fd stays the caller's); limit_ms as in struct service.
 * NULL where it is 0, no descriptor may be kept, or without memory. */
struct lingering_close *lingering_close_new(const struct share_who *who, int fd, uint32_t limit_ms);

/* The program that is about to get the connection has been running before: whatever is started from
 * now on may be its. `linger` may be NULL. */
void lingering_close_to_spare(struct lingering_close *linger);

/* The copy, borrowed, and its limit; -1: there is none. And one that was kept before (fd is
 * consumed). */
int lingering_close_fd(const struct lingering_close *linger, uint32_t *limit_ms);
struct lingering_close *lingering_close_resume(
	const struct share_who *who, int fd, uint32_t limit_ms);

/* The program with that process number has ended: closes the copy if all is read or if descendants
 * of the program go on with the connection for longer than the limit; else has it drained. Consumes
 * its argument, which may be NULL. */
void lingering_close_end(struct lingering_close *linger, pid_t program);

/* Closes the copy at once: no program had it. Consumes its argument, which may be NULL. */
void lingering_close_free(struct lingering_close *linger);

#endif
