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

/* True if a datagram from `peer` may be answered: it has an address, a port that is not 0, none of
 * ours and none of the answering services' (7 13 17 19 37), and an address of one host. */
bool guard_allows(const struct sockaddr_len *peer);

#endif
