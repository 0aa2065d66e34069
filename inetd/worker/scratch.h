/* scratch: memory to receive into, one area for everybody: nothing in it outlives one callback of
 * the loop. Given back to the system while nobody needs it. */
#ifndef WORKER_SCRATCH_H
#define WORKER_SCRATCH_H

#include <stddef.h>

#define SCRATCH_BYTES ((size_t)33 * 65536)

/* The area, SCRATCH_BYTES long, at a page of its own. Its contents are lost at the return to the loop. */
char *scratch_use(void);

#endif
