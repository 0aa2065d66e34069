/* tcp_unread: whether anybody has read from a connection. */
#ifndef RUN_TCP_UNREAD_H
#define RUN_TCP_UNREAD_H

#include <stdbool.h>

/* True if it is one of TCP, and everything that has come over it is still in its buffer (tcp(7),
 * TCP_INFO and SIOCINQ). False also where that cannot be known. Bytes that come meanwhile, or the
 * end of the stream, can make it false. */
bool tcp_is_unread(int fd);

#endif
