/* dial: a stream connection to the first address that answers. */
#ifndef SERVICES_COMMON_DIAL_H
#define SERVICES_COMMON_DIAL_H

#include <netdb.h>

/* Tries the addresses in turn, each for at most `limit_ms`. Returns a socket, non-blocking and
 * close-on-exec, or -1 with the errno of the last one: ETIMEDOUT, or as connect(2). The list, from
 * getaddrinfo(3), stays the caller's. */
int dial(const struct addrinfo *list, int limit_ms);

#endif
