/* merge: what the sections of INI files mean: each extends the entries of its name, or is an entry
 * itself; [defaults] fills in what is not set. */
#ifndef CONFIG_MERGE_H
#define CONFIG_MERGE_H

#include "config/load.h"

/* Puts sections into the entries of the load, or makes entries of them. */
void merge_sections(struct load *load);

/* Puts defaults and what follows from other keys into an entry that has its sections. */
void merge_defaults(struct load *load, struct draft *draft);

#endif
