/* worker_mux: tells the worker what tcpmux offers: of very many names some in each turn of the
 * loop.
 */
#ifndef RUN_WORKER_MUX_H
#define RUN_WORKER_MUX_H

#include <stdbool.h>

/* Starts with the first name, also if others are on their way. `known` is called when a worker has
 * its first whole list: at once if it is short. */
void worker_mux_send(void (*known)(void));

/* True if the worker has a list of them: until then it would refuse everybody. */
bool worker_mux_is_known(void);

/* There is no worker any more. */
void worker_mux_forget(void);

#endif
