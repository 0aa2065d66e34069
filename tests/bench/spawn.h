/* spawn: the ways to start a program that the floor and the cost table compare. */
#ifndef BENCH_SPAWN_H
#define BENCH_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

enum spawn_way {
	SPAWN_VFORK,
	SPAWN_FORK,
	SPAWN_SHARE, /* CLONE_VM | CLONE_VFORK | CLONE_FILES, then the low descriptors unshared */
	SPAWN_GOON,  /* CLONE_VM: the parent goes on while the child gets to its exec */
	SPAWN_AHEAD, /* CLONE_VM, before the connection comes: see spawn_ahead() */
	SPAWN_MUST,  /* SPAWN_GOON, with what a super-server owes its programs */
	SPAWN_WAYS
};

/* The name of a way, as on the command line: "vfork", "fork", "share", "goon", "ahead", "must". */
const char *spawn_way_name(enum spawn_way way);

/* The way of that name; SPAWN_WAYS if there is none. */
enum spawn_way spawn_way_find(const char *name);

/* Starts argv[0] with fd on 0, 1 and 2; fd must be close-on-exec and stays the caller's. All
 * other descriptors must be close-on-exec. Not for SPAWN_AHEAD. Returns the process id, or -1 with
 * errno. */
pid_t spawn_program(enum spawn_way way, int fd, char *const argv[]);

/* What SPAWN_SHARE is made of: runs child(arg), which must not return, in a child that shares
 * memory and descriptors; the caller waits until it has executed a program or ended.
 * Returns the process id, or -1 with errno (clone(2)). */
pid_t spawn_share(int (*child)(void *arg), void *arg, int extra_flags);

/* In a child: runs the program with fd on 0, 1 and 2. Does not return. */
_Noreturn void spawn_exec(int fd, char *const argv[]);

/* SPAWN_GOON, as spawn_program(); waits only where all stacks are in use. With `must` the child has
 * descriptors, a session, a name, a umask, signals and an environment of its own. */
pid_t spawn_go_on(int fd, char *const argv[], bool must);

/* Serves the listening socket for ever by children that wait for a connection each, and is only
 * there to reap them and to make new ones. */
_Noreturn void spawn_ahead(int listen_fd, char *const argv[]);

/* Opens `count` TCP sockets, listening on 127.0.0.1 and any free ports, close-on-exec, at
 * descriptor 16 and above: the load that a large configuration puts on every start. Returns 0, or
 * -1 with errno. They stay open. */
int spawn_open_sockets(unsigned count);

#endif
