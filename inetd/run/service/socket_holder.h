/* socket_holder: which processes have a socket open, by its inode, from /proc (proc(5)). It takes
 * time: for helpers (process/helper.h) only. */
#ifndef RUN_SOCKET_HOLDER_H
#define RUN_SOCKET_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* True if the process has one of the sockets open. */
bool socket_holder_has(pid_t pid, const uint64_t *inodes, size_t count);

/* Calls `each` for every process that has one of the sockets open, until it returns false. */
void socket_holder_each(
	const uint64_t *inodes, size_t count, bool (*each)(pid_t pid, void *arg), void *arg);

/* The name of the process (comm), "?" if it is gone. */
void socket_holder_name(pid_t pid, char *comm, size_t size);

#endif
