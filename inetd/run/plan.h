/* plan: what a program of a service sees: arguments, environment, descriptors, limits. Builds the
 * plan for one connection or one lent socket. */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "config/service.h"
#include "run/spawn.h"

/* One accepted connection, or one lent socket. */
struct conn {
	int fd;                   /* low, blocking; its owner consumes it when the program starts */
	struct sockaddr_len peer; /* len 0: not known */
	struct sockaddr_len local; /* of the listener; a wildcard is looked up when needed */
	uid_t peer_uid;            /* of a unix peer; -1 = not known */
	gid_t peer_gid;
	bool lent;
	uint32_t count; /* connections of this source now, this one included */
};

/* Remembers what the daemon was started with: `environment` (borrowed for ever) and the descriptor
 * limit to be restored for programs. keep_environment is -E. */
void plan_init(char *const *environment, bool keep_environment, const struct rlimit *nofile,
	bool nofile_was_changed, const char *directory);

/* Has programs of accepted inet connections started by inetd-wrap, which looks up the names of both
 * ends first (--resolve). `path` is borrowed. */
void plan_resolve(const char *path);

/* Fills room->plan for a program of the service. Returns 0, or -1 with errno: E2BIG when the
 * environment does not fit, ENOMEM. */
int plan_build(const struct service *service, const struct conn *conn, struct spawn_room *room);

#endif
