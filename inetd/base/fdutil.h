/* fdutil: small things done with descriptors. Created close-on-exec, -1 when not open. */
#ifndef BASE_FDUTIL_H
#define BASE_FDUTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

/* Descriptors below this number are kept free for what lives for one connection only, so that a
 * new child copies a table of this size and not one that grows with the number of services
 * (close_range(2), CLOSE_RANGE_UNSHARE). Everything that stays open lives at or above it. */
#define FD_LOW 16

/* Closes *fd unless it is -1, and sets it to -1. Preserves errno. */
void fd_close(int *fd);

/* Closes every descriptor from `first` to `last`: close_range(2), or one by one where there is none
 * (before Linux 5.9) or a filter of system calls refuses it. Not between vfork and exec. */
void fd_close_range(unsigned first, unsigned last);

/* True if so few descriptors are open that a new process copies all of them faster than it would
 * get a table of its own otherwise; as /proc lists them (proc(5)), false where that is not mounted.
 */
bool fd_are_few(void);

/* How many descriptors the process may have (RLIMIT_NOFILE of getrlimit(2)). What is made of it
 * stays for as long as the daemon runs: where it cannot be read it is asked for again, and is what
 * is usual where that fails too. */
struct rlimit fd_limit(void);

/* Moves fd to a number of FD_LOW or above, close-on-exec. Consumes fd. Returns the new number;
 * the same one where it is high already or no higher one can be had. -1 stays -1. */
int fd_raise(int fd);

/* Sets or clears O_NONBLOCK. Returns 0, or -1 with errno (fcntl(2)). */
int fd_set_nonblock(int fd, bool on);

/* While a block is held, new descriptors get numbers of FD_LOW and above: many can be opened
 * without moving each. Hold before, release after; calls do not nest. */
struct fd_block {
	int fds[FD_LOW];
	int count;
};
void fd_block_hold(struct fd_block *block);
void fd_block_release(struct fd_block *block);

/* Sends one message with at most one descriptor (fd, -1 for none) over a unix socket, without
 * waiting and without SIGPIPE; fd stays the caller's. Returns 0, or -1 with errno (sendmsg(2),
 * unix(7)). */
int fd_send(int sock, const void *data, size_t len, int fd);

/* Receives one message and at most one descriptor (*fd, close-on-exec, owned by the caller; -1
 * for none), without waiting. Returns its length, 0 at end of file, or -1 with errno (recvmsg(2));
 * EMSGSIZE for a message or control data that did not fit. */
ssize_t fd_recv(int sock, void *data, size_t size, int *fd);

#endif
