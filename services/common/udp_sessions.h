/* udp_sessions: datagrams that are passed on to a daemon on this machine. Who sends to one of the
 * listening sockets has a session: a socket of his own towards the daemon, so that the daemon tells
 * clients apart and what it sends there goes back to him, from the address that he asked. A session
 * ends when nothing has come in either way for a while; when there are 1024, 128 of one address or
 * of one user behind a unix socket, or no descriptors, the one that was silent for longest gives
 * way. What cannot be sent at once is lost, as all of UDP may be. One thread, epoll(7). */
#ifndef SERVICES_COMMON_UDP_SESSIONS_H
#define SERVICES_COMMON_UDP_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/daemon_child.h"

/* Watches sockets by this epoll instance; `place` stays the caller's. */
void udp_sessions_init(int epoll_fd, const struct daemon_place *place, int idle_ms);

/* Passes the first datagram of a listening socket on and takes it, if somebody is there to read it:
 * so it is seen that the daemon has started. Returns 0; -1 with errno: ECONNREFUSED where nobody is
 * there yet, and the datagram is too; EAGAIN: there is none. */
int udp_sessions_first(int listener);

/* Passes on what has come to a listening socket. */
void udp_sessions_receive(int listener);

/* Whether an event's data.ptr is of a session, and passes on what has come to that. */
bool udp_sessions_is(const void *data);
void udp_sessions_ready(void *data);

/* How many there are; when the next one ends, as monotonic_ms() says, UINT64_MAX: never; ends those
 * whose time has come. */
unsigned udp_sessions_count(void);
uint64_t udp_sessions_due_ms(void);
void udp_sessions_expire(void);

#endif
