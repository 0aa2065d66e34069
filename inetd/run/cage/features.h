/* features: what this machine and this process can do to confine programs. */
#ifndef RUN_FEATURES_H
#define RUN_FEATURES_H

#include "config/cage.h"

/* Finds out, the first time by trying it in a process of its own, which takes about a millisecond.
 * For conf_options. */
const struct cage_features *features_find(void);

#endif
