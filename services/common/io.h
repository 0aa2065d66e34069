/* io: reading and writing as service programs need it: whole writes, interrupted calls tried again,
 * and a peer that has gone taken for an end, not for a fault. Works on sockets, pipes and files,
 * blocking or not (a non-blocking one is waited for). */
#ifndef SERVICES_COMMON_IO_H
#define SERVICES_COMMON_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads what is there, at most `size` bytes; waits for the first one. Returns how many, 0 at the
 * end of input or when the peer has reset the connection, -1 with errno. read(2). */
ssize_t io_read(int fd, void *buf, size_t size);

/* Writes all of it. Returns 0, or -1 with errno: EPIPE or ECONNRESET when the peer has gone (have
 * SIGPIPE ignored). write(2). */
int io_write_all(int fd, const void *buf, size_t len);

/* Waits at most `limit_ms` (-1: for ever) until `events` of poll(2) are there. Returns 1, 0 when
 * the time is over, -1 with errno. */
int io_wait(int fd, short events, int limit_ms);

/* Milliseconds of a clock that only goes forward. clock_gettime(2), CLOCK_MONOTONIC. */
uint64_t io_now_ms(void);

#endif
