/* control_socket: the listening socket of control.c, its path, owner and mode. There is one. */
#ifndef CONTROL_SOCKET_H
#define CONTROL_SOCKET_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* Opens it at `path` with mode 0600. Returns the descriptor, which stays ours, or -1 with errno:
 * EADDRINUSE if another daemon answers there. */
int control_socket_open(const char *path);

/* True if its path was taken from a socket that nobody has open any more. */
bool control_socket_was_stale(void);

/* It becomes 0660 and the group's, or 0600 for (gid_t)-1. Returns 0, or -1 with errno (chown(2),
 * chmod(2)): no group may use it then. */
int control_socket_allow(gid_t group);

/* The group that may use it, or (gid_t)-1. */
gid_t control_socket_group(void);

/* Closes it and removes the path if it still is ours. */
void control_socket_close(void);

/* From one daemon to the next; the other in place of control_socket_open(), -1 where there is
 * nothing of that path. */
void control_socket_put(FILE *out);
int control_socket_resume(const char *path);

#endif
