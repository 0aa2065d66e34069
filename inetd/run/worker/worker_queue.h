/* worker_queue: the sending side of the link to the worker: messages go in order, at once or as
 * soon as there is room. Owns the link's descriptor. */
#ifndef RUN_WORKER_QUEUE_H
#define RUN_WORKER_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/message.h"

/* Takes over the link. `ready` is called when something can be read (or the link broke), `clear`
 * when everything that waited has been sent. Returns 0, or -1 with errno; fd is closed then. */
int queue_open(int fd, void (*ready)(int fd), void (*clear)(void));

/* Closes the link; what waited is dropped. Nothing if it is closed. */
void queue_close(void);

bool queue_is_open(void);

/* The descriptor of the link, borrowed; -1 when it is closed. */
int queue_link(void);

/* True if it is open and nothing waits. */
bool queue_is_clear(void);

/* Sends a message, with a descriptor (-1 for none) that stays the caller's. Returns 0, also when
 * it has to wait; -1 with errno when the link is closed or broken, or without memory. */
int queue_send(const struct worker_down *message, int fd);

#endif
