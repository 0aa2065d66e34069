/* daemon_child: a daemon that listens on a port or path of its own, as a child of this process: its
 * start, the first connection that it accepts, its end. */
#ifndef SERVICES_COMMON_DAEMON_CHILD_H
#define SERVICES_COMMON_DAEMON_CHILD_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Where it is to listen: what {port} and {path} in its words stand for. */
struct daemon_place {
	struct sockaddr_storage addr; /* 127.0.0.1, or a path */
	socklen_t addr_len;
	int socktype;
	bool owner_is_told; /* the kernel says who has the port */
	char text[32];      /* the port; or "" */
	char directory[64]; /* of the path, made for it; "": none */
	char path[80];
};

/* Chooses a place for what the words ask for: a free port, a path in a new directory of our own, or
 * both; connections go to the path then. Replaces {port} and {path} in the words, each in new
 * memory. Returns NULL, or what failed with errno (EINVAL: neither is there). */
const char *daemon_place_choose(struct daemon_place *place, char **words, int socktype);

/* Removes the directory and the path. */
void daemon_place_leave(const struct daemon_place *place);

/* Starts it: nothing but standard input (/dev/null), output and error (both our standard error), no
 * blocked signals; it gets TERM when we die. Returns its process number, or -1 with errno. */
pid_t daemon_child_start(char *const *words);

/* A connection to it, non-blocking. -1 with errno: ECONNREFUSED or ENOENT if it does not listen yet
 * or any more, EAGAIN if its queue is full. */
int daemon_child_connect(const struct daemon_place *place);

/* Before the first one: its port is known before it has it. Returns 0 if the daemon has its port,
 * or that cannot be told; -1 with errno EADDRINUSE if another user has it, ENOENT if nobody has it
 * yet. As long as the daemon has it nobody else can take it, but for datagrams where it shares its
 * port (SO_REUSEADDR). */
int daemon_child_is_there(const struct daemon_place *place, pid_t daemon);

#endif
