/* rights: the capabilities (capabilities(7)) that the daemon keeps in effect: those that its
 * configuration gives it something to do with. The others stay permitted, as a reload may ask for
 * them, and as programs of root get them by their exec. */
#ifndef RUN_RIGHTS_H
#define RUN_RIGHTS_H

#include "config/service.h"

/* The bits of what a service takes. */
uint64_t rights_of(const struct service *service);

/* Puts in effect what any configuration takes, with those of `more`, and nothing else. Nothing for
 * a daemon without rights. Returns 0, or -1 with errno (capset(2)). */
int rights_set(uint64_t more);

#endif
