/* plan: what a program of a service sees: arguments, environment, descriptors, limits. Builds the
 * spawn_plan of one connection or one lent socket; nothing here is visible to others. */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "config/service.h"
#include "run/spawn.h"

#define PLAN_ENV_BYTES 6144
#define PLAN_ENV_MOST  1024

/* One accepted connection, or one lent socket. Borrows the descriptor. */
struct conn {
	int fd;                    /* low, blocking */
	struct sockaddr_len peer;  /* len 0: not known */
	struct sockaddr_len local; /* of the listener; a wildcard is looked up when needed */
	uid_t peer_uid;            /* of a unix peer; -1 = not known */
	gid_t peer_gid;
	bool lent;
	uint32_t count; /* connections of this source now, this one included */
};

/* The memory of one plan; on the stack of the one who spawns. */
struct plan_room {
	char *envp[PLAN_ENV_MOST + 1];
	unsigned env_count;
	char bytes[PLAN_ENV_BYTES];
	unsigned bytes_used;
	bool overflow;
	char **argv; /* owned; with the program that is put in front; NULL if none is */
};

/* Remembers what the daemon was started with: `environment` (borrowed for ever) and the descriptor
 * limit to be restored for programs. keep_environment is -E. */
void plan_init(char *const *environment, bool keep_environment, const struct rlimit *nofile,
	bool nofile_was_changed, const char *directory);

/* Has programs of accepted inet connections started by inetd-wrap, which looks up the names of both
 * ends first (--resolve). `path` is borrowed. */
void plan_resolve(const char *path);

/* Fills the plan for a program of the service. `room` and `conn` must outlive the spawn. Returns
 * 0, or -1 with errno: E2BIG when the environment does not fit, ENOMEM. plan_release() follows in any
 * case. */
int plan_build(const struct service *service, const struct conn *conn, struct plan_room *room,
	struct spawn_plan *plan);
void plan_release(struct plan_room *room);

#endif
