/* control_group: a control group (cgroups(7), version 2) for the programs of each service, below
 * the daemon's own: what they may take together, and one stroke that ends them all. */
#ifndef RUN_CONTROL_GROUP_H
#define RUN_CONTROL_GROUP_H

#include <sys/types.h>

#include "config/cage.h"

/* The controllers that the daemon's group can pass on, with blanks between, perhaps none ("");
 * NULL: there is no group of version 2, or it is not ours to divide. Finds out once. */
const char *control_group_controllers(void);

/* True if a cage is to have a group: it asks for a share, or is strict where a group can be had. */
bool control_group_is_wanted(const struct cage *cage);

/* Makes the group of that name, or finds it, and sets what the cage asks for. Where that takes
 * controllers and the daemon's group has processes, they move into a group of their own first (no
 * group has both). For a process that may be lost. Returns a descriptor of its directory, the
 * caller's; or -1 with errno, and what failed in *subject (static). */
int control_group_make(const struct cage *cage, const char *name, const char **subject);

/* False if it was removed, which another daemon in our own group does that has a service of the same
 * name and ends: no program is born in it any more. */
bool control_group_is_there(int group);

/* Ends every process in it, and in the groups below it (cgroup.kill, Linux 5.14). Returns 0, or -1
 * with errno. */
int control_group_kill(int group);

/* Ends processes of the group of that name that have escaped from the sessions of its programs and
 * are older than `most_ms`: `sessions` are those of the `count` programs that run. For a process
 * that may be lost. Returns true if younger ones are there. */
bool control_group_sweep(const char *name, const pid_t *sessions, size_t count, uint64_t most_ms);

/* Removes the group of that name, once it is empty. For a process that may be lost. */
void control_group_remove(const char *name);

#endif
