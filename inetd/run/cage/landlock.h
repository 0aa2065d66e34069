/* landlock: a rule set of landlock(7), made once for each service and entered by its programs. The
 * kernel's interface grows by version (ABI); what a version does not have is not asked of it. */
#ifndef RUN_LANDLOCK_H
#define RUN_LANDLOCK_H

#include "config/cage.h"

/* The version of landlock(7) that this kernel has; 0: none, or it is switched off. Waits for
 * nothing. */
int landlock_abi(void);

/* True if a cage asks for anything that takes a rule set. */
bool landlock_is_wanted(const struct cage *cage);

/* Makes the rule set of a cage. May wait for the file systems that its paths are on: only for a
 * process that may be lost. Returns its descriptor, the caller's; or -1 with errno, and in *subject
 * the path (borrowed from the cage) or call that failed. */
int landlock_make(const struct cage *cage, const char **subject);

/* The system call by which a thread enters a rule set, with its descriptor and 0 as arguments. */
#define LANDLOCK_ENTER 446 /* landlock_restrict_self(2), the same on every architecture */

#endif
