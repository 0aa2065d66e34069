/* closer: closes what unix peers can have filled. A descriptor that waits in a unix socket's queue
 * (unix(7), SCM_RIGHTS) is closed with the socket, by whoever closes that last: he waits as long as
 * a socket in there lingers (SO_LINGER, socket(7)), or as long as a file system does not answer. So
 * the daemon is never the last: a helper is, by its exit, which does not linger. Where the kernel
 * lets nobody send descriptors (SO_PASSRIGHTS off) there is nothing to wait for. Makes no call that
 * takes the lock of a socket, which a program that has it too may hold for ever. */
#ifndef RUN_CLOSER_H
#define RUN_CLOSER_H

#include <stdbool.h>

/* True when no child on its way shares the daemon's descriptors or has copies of them: one that has
 * would be the last to close them, at its exec. Asked before anything is handed to a helper. Set by
 * spawn_init(); NULL: always. */
extern bool (*closer_may_close)(void);

/* Closes *fd, and sets it to -1: at once where it is no unix socket, or one that takes no
 * descriptors; else by a helper, in a moment. Never waits. Preserves errno. */
void closer_close(int *fd);

/* The same for a socket that a program had too, and may have switched SO_PASSRIGHTS on and off, or
 * have made a connection of: where it does not listen a helper closes it. */
void closer_close_lent(int *fd);

/* The same for a connection that a program had too: also by a helper where the program has set how
 * long the last close of it waits for the client (SO_LINGER). */
void closer_close_used(int *fd);

/* Hangs up first, so that a peer notices at once: for a connection that nobody else has. */
void closer_hang_up(int *fd);

/* True while as many helpers as there may be do not get on with it: who could fill another socket
 * is not to be accepted now. */
bool closer_is_busy(void);

/* Hands everything that is still here to a helper: the end of the daemon. */
void closer_stop(void);

/* True if a peer can send descriptors to the socket. */
bool closer_takes_rights(int fd);

/* Switches SO_PASSRIGHTS off, on a listener for all that it accepts: nobody can send descriptors.
 * Nothing where the kernel has no such option (before Linux 6.16). */
void closer_refuse_rights(int fd);

#endif
