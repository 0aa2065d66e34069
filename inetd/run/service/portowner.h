/* portowner: which process holds an address that we could not bind. Searching /proc takes long, so
 * a helper process does it and logs what it finds. */
#ifndef RUN_PORTOWNER_H
#define RUN_PORTOWNER_H

#include <stdbool.h>

#include "config/service.h"

/* Logs "NAME: bind ADDRESS: address in use" with the holder's pid and program where they can be
 * found, in a helper process. Returns false (nothing will be logged) when no helper can be started
 * or enough of them run already. */
bool portowner_log(const char *name, const struct endpoint *endpoint);

#endif
