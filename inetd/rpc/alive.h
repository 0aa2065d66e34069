/* alive: whether anybody is at an address that somebody has registered with rpcbind. */
#ifndef RPC_ALIVE_H
#define RPC_ALIVE_H

#include <stdbool.h>

#include "rpc/rpcbind.h"

/* False only where the address is of this machine and it says that nobody has the port: one that
 * does not answer within a second may be busy. A datagram asks for the procedure that does nothing
 * (RFC 5531, 12.1). */
bool alive_at(const struct rpcbind_entry *entry);

#endif
