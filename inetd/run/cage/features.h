/* features: what this machine and this process can do to confine programs. */
#ifndef RUN_FEATURES_H
#define RUN_FEATURES_H

#include "config/cage.h"

/* Finds out, the first time by trying it in a process of its own, which takes about a millisecond.
 * For conf_options. */
const struct cage_features *features_find(void);

/* The same for the daemon, which must not wait while others make the kernel slow: what it does not
 * know in a tenth of a second is taken to be there. */
const struct cage_features *features_find_soon(void);

#endif
