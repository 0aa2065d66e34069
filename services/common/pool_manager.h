/* pool_manager: keeps a pool (pool.h) as large as it has to be. */
#ifndef SERVICES_COMMON_POOL_MANAGER_H
#define SERVICES_COMMON_POOL_MANAGER_H

#include "common/pool.h"

struct pool_limits {
	unsigned min; /* workers, at least; the most is the pool's .max */
	int idle_ms;  /* without a connection, until the pool ends */
	int grace_ms; /* for what is being served when the pool is asked to end */
};

/* Serves with a pool that pool_open() has made: from .min workers on, one more whenever none is
 * idle, fewer again when they stay idle, others for those that die; with a growing delay where they
 * die at once. Ends when no connection has come for idle_ms, which leaves none unserved but in the
 * listener's queue, and on SIGTERM or SIGINT, when what is under way has ended or grace_ms are
 * over. Blocks signals; the process has no other children. Returns 0, or -1 with errno if it cannot
 * begin (signalfd(2)). */
int pool_manage(struct pool *pool, const struct pool_limits *limits);

#endif
