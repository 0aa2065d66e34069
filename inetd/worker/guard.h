/* guard: which datagrams must not be answered, because two services could then answer each other
 * for ever, or because the answer would go to many. Pure but for the counts of our own ports. */
#ifndef WORKER_GUARD_H
#define WORKER_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sockaddr.h"

/* A port (host order) gets, loses a datagram service of ours. 0 is nothing. */
void guard_add_port(uint16_t port);
void guard_drop_port(uint16_t port);

/* True if a datagram from `peer` may be answered: it has an address, which is of one host, and a
 * port that is neither one of ours nor one where servers answer whatever comes: all below 1024, and
 * 1900 3702 5353 5683 11211. */
bool guard_allows(const struct sockaddr_len *peer);

#endif
