/* merge: what the sections of INI files mean: each extends the entries of its name, or is an entry
 * itself; [defaults] fills in what is not set. */
#ifndef CONFIG_MERGE_H
#define CONFIG_MERGE_H

#include "config/load.h"

/* Puts sections, defaults and what follows from other keys into the drafts of the load. */
void merge_sections(struct load *load);

#endif
