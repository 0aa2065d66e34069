/* control_group: a control group (cgroups(7), version 2) for the programs of each service, below
 * the daemon's own: what they may take together, and one stroke that ends them all. What is for a
 * helper is called by a child of the daemon, which may be lost. */
#ifndef RUN_CONTROL_GROUP_H
#define RUN_CONTROL_GROUP_H

#include <sys/types.h>

#include "config/cage.h"

/* The controllers that the daemon's group can pass on, with blanks between, perhaps none ("");
 * NULL: there is no group of version 2, or it is not ours to divide. Finds out once. */
const char *control_group_controllers(void);

/* True if a cage is to have a group: it asks for a share, or is strict where a group can be had. */
bool control_group_is_wanted(const struct cage *cage);

/* Makes the group of that name, or finds it, and sets what the cage asks for; one that was killed
 * is removed first, once its processes have ended. Where that takes
 * controllers and the daemon's group has processes, they move into a group of their own first (no
 * group has both). For a helper. Returns a descriptor of its directory, the
 * caller's; or -1 with errno, and what failed in *subject (static). */
int control_group_make(
	const struct cage *cage, const char *name, bool was_killed, const char **subject);

/* False if somebody has removed it: no program is born in it any more. */
bool control_group_is_there(int group);

/* Ends every process in it, and in the groups below it (cgroup.kill, Linux 5.14). It is of no use
 * afterwards: newer kernels kill whoever is born in it by clone3(2), too. Returns 0, or -1 with
 * errno. */
int control_group_kill(int group);

/* Ends processes of the group of that name that have escaped from the sessions of its programs and
 * are older than `most_ms`: `sessions` are those of the `count` programs that run. For a helper.
 * Returns true if younger ones are there. */
bool control_group_sweep(const char *name, const pid_t *sessions, size_t count, uint64_t most_ms);

/* Removes the empty groups of daemons that are no more. For a helper. */
void control_group_forget_dead(void);

/* Removes the group of that name, once it is empty. For a helper. */
void control_group_remove(const char *name);

#endif
