/* dgram: the datagram sockets that built-ins answer on. Owns their descriptors. */
#ifndef WORKER_DGRAM_H
#define WORKER_DGRAM_H

#include "worker/message.h"

/* Takes the socket of a WORKER_DGRAM; consumes fd (-1: it was lost on the way). Where it cannot be
 * served, its id is answered with DONE. */
void dgram_add(const struct worker_down *msg, int fd);

/* Closes socket `id`; nothing if there is none. */
void dgram_drop(uint32_t id);

/* Notes what was not answered so far, and closes all of them. */
void dgram_drop_all(void);

#endif
