/* users: the users and groups of services while the daemon runs. Those that are not known yet
 * (LDAP, sssd at boot) are looked up again, 1 s doubling to 60 s; those that are are looked at each
 * minute, and when /etc/passwd or /etc/group has changed, so that no program runs under a number
 * that its user's name no longer has. Name services may answer late, so that a helper process asks
 * them. */
#ifndef RUN_USERS_H
#define RUN_USERS_H

#include "config/conf.h"

/* `changed` is called when a reload would find another user or group than the last one did. */
void users_open(void (*changed)(void));
void users_close(void);

/* Watches what this configuration, which has just been applied, needs (borrowed until the next
 * call; NULL: nothing). A service whose user is gone is held (HOLD_USER) until it is back. */
void users_watch(const struct config *config);

#endif
