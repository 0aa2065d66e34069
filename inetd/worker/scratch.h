/* scratch: memory to receive into, one area for everybody: nothing in it outlives one callback of
 * the loop. It and what malloc(3) holds in vain go back to the system when they are not needed. */
#ifndef WORKER_SCRATCH_H
#define WORKER_SCRATCH_H

#include <stddef.h>

#define SCRATCH_BYTES ((size_t)33 * 65536)

/* The area, SCRATCH_BYTES long, at a page of its own. Its contents are lost at the return to the
 * loop. */
char *scratch_use(void);

/* Gives memory back a few seconds from now; cheap to call often. */
void scratch_tidy_later(void);

#endif
