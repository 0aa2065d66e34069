/* own_identity: who the daemon is, so that a child that is to be the same makes no call for it. */
#ifndef RUN_OWN_IDENTITY_H
#define RUN_OWN_IDENTITY_H

#include <stdbool.h>

#include "config/service.h"

/* Finds out who we are: getuid(2), getgroups(2); and whether we may set groups, which is not so in
 * every user namespace (user_namespaces(7)). Once, before own_identity_is(). */
void own_identity_read(void);

/* True if a child of ours has that identity without setgroups(2), setresgid(2), setresuid(2): the
 * same user and group, and the same further groups, or none that we could set. */
bool own_identity_is(const struct identity *identity);

#endif
