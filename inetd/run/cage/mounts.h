/* mounts: a mount namespace (mount_namespaces(7)) made once for each service and entered by its
 * programs: read-only but for some trees, with a /tmp of its own, without the sockets in /run. */
#ifndef RUN_MOUNTS_H
#define RUN_MOUNTS_H

#include "config/cage.h"

/* True if a cage asks for anything that takes a mount namespace. */
bool mounts_are_wanted(const struct cage *cage);

/* Descriptors of a namespace, the caller's: its own; of what is our root directory in it, as who
 * enters it (setns(2)) has that of the whole machine; of the private /tmp, -1 where there is none.
 */
struct mounts {
	int space, root, tmp;
};

/* Leaves the mount namespace of this process for a new one and makes it what the cage asks for. May
 * wait for file systems: only for a process that may be lost. Returns 0; or -1 with errno, and in
 * *subject the path (borrowed from the cage) or step that failed. */
int mounts_make(const struct cage *cage, struct mounts *made, const char **subject);

/* True if nothing is in a private /tmp. Waits for nothing. */
bool mounts_tmp_is_empty(int tmp);

#endif
