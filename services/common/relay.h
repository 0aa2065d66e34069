/* relay: many connections at once, each passed on to another socket in both ways (common/way.h). An
 * end of file goes on as a half-close, a reset as a reset. Who takes nothing is given nothing: his
 * bytes stay with the kernel. One thread, epoll(7). */
#ifndef SERVICES_COMMON_RELAY_H
#define SERVICES_COMMON_RELAY_H

#include <stddef.h>
#include <stdint.h>

/* Watches the descriptors by this epoll instance, whose events' data.ptr are relay_end's. This
 * process may have as many as its hard limit allows from now on (getrlimit(2), RLIMIT_NOFILE). */
void relay_init(int epoll_fd);

/* Passes on between two connected stream sockets, which are consumed. `head` goes to the other one
 * before all that comes from `one`. Returns 0, or -1 with errno: both are closed. */
int relay_add(int one, int other, const void *head, size_t len);

/* One event of a connection. */
void relay_ready(void *end, uint32_t events);

/* All events that epoll_wait(2) has returned are dealt with. */
void relay_turn(void);

/* How many there are. */
unsigned relay_count(void);

/* Resets all of them. */
void relay_reset_all(void);

#endif
