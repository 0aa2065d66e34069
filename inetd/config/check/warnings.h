/* warnings: what works, but may not be meant: for people who ask whether a configuration is good.
 * Private to config/. */
#ifndef CONFIG_WARNINGS_H
#define CONFIG_WARNINGS_H

#include "config/load.h"

/* Adds warnings about the services and files of the load, whose names and paths are final. Looks at
 * files, reads none. */
void warn_load(struct load *load);

#endif
