/* io: reading and writing as service programs need it: whole writes, interrupted calls tried again,
 * and a peer that has gone taken for an end, not for a fault. Works on sockets, pipes and files,
 * blocking or not (a non-blocking one is waited for). Writing to a socket never raises SIGPIPE. */
#ifndef SERVICES_COMMON_IO_H
#define SERVICES_COMMON_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How long io_read() and io_write_all() wait for a peer that does nothing, in milliseconds; -1, as
 * at the start: for ever. Holds for sockets and for what is non-blocking. */
extern int io_limit_ms;

/* Reads what is there, at most `size` bytes; waits for the first one. Returns how many, 0 at the
 * end of input or when the peer has reset the connection, -1 with errno: ETIMEDOUT after
 * io_limit_ms. recv(2), read(2). */
ssize_t io_read(int fd, void *buf, size_t size);

/* Writes all of it. Returns 0, or -1 with errno: EPIPE or ECONNRESET when the peer has gone (where
 * it is a pipe, have SIGPIPE ignored), ETIMEDOUT when it takes nothing for io_limit_ms. send(2),
 * write(2). */
int io_write_all(int fd, const void *buf, size_t len);

/* True if `error`, an errno of the two above, says that the peer has gone or does nothing: an end
 * like others, for which a service does not complain. */
int io_peer_gone(int error);

/* Says to the peer of a socket that nothing more comes, then reads and drops what it still sends,
 * to its end, for at most `limit_ms` and 1 MiB. To be called before exit where input may be left
 * unread: closing then makes the kernel reset the connection, and the reset may overtake the
 * answer. */
void io_hang_up(int fd, int limit_ms);

/* Waits at most `limit_ms` (-1: for ever) until `events` of poll(2) are there. Returns 1, 0 when
 * the time is over, -1 with errno. */
int io_wait(int fd, short events, int limit_ms);

#endif
