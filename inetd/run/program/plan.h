/* plan: what a program of a service sees: arguments, environment, descriptors, limits. Builds the
 * plan for one connection or one lent socket. */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "config/service.h"
#include "run/process/spawn.h"

/* One accepted connection, or one lent socket. */
struct conn {
	int fd;                   /* low, blocking; its owner consumes it when the program starts */
	struct sockaddr_len peer; /* len 0: not known */
	struct sockaddr_len local; /* of the listener; a wildcard is looked up when needed */
	bool unix_socket;          /* what fd is; the addresses may be of another family... */
	bool named;                /* ...where a PROXY header has named both */
	bool headed;               /* such a header was read, if one was to come */
	bool again;                /* a worker has ended that was to read it */
	uid_t peer_uid;            /* of a unix peer; -1 = not known, as of one that is named */
	gid_t peer_gid;
	bool lent;
	uint64_t accepted_us; /* loop_clock_us() then */
	uint32_t count;       /* connections of this source now, this one included */
};

/* Remembers the descriptor limit to be restored for programs, and the directory they start in;
 * NULL: the daemon's. */
void plan_init(const struct rlimit *nofile, bool nofile_was_changed, const char *directory);

/* The soft limit that programs get. */
uint64_t plan_nofile(void);

/* Has programs of inet services started by inetd-wrap: with `resolve` it looks up the names of both
 * ends of an accepted connection first, with `tcp_wrappers` it asks hosts.allow about connections
 * and datagrams. `path` is borrowed. */
void plan_wrap(const char *path, bool resolve, bool tcp_wrappers);

/* What stands in front of daemons of activation = proxy; `path` is borrowed. */
void plan_on_demand(const char *path);

/* Fills room->plan for a program of the service, `errors` is its descriptor 2, or -1 for conn->fd
 * (both stay the caller's). Returns NULL, or what failed with errno: E2BIG when the environment
 * does not fit, ENOMEM. */
const char *plan_build(const struct service *service, const struct conn *conn, int errors,
	struct spawn_room *room);

#endif
