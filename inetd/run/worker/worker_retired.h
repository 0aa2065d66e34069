/* worker_retired: workers that have another one in their place since an upgrade: each goes on with
 * the sessions that it has, takes no more, and ends when the last of them has. */
#ifndef RUN_WORKER_RETIRED_H
#define RUN_WORKER_RETIRED_H

#include <stdio.h>

#include "run/service/service_state.h"

/* Takes over a worker that another daemon has started: its process number and our end of its link
 * (consumed), which speaks that WORKER_VERSION. It goes on as it did, until
 * worker_retired_finish(). -1 without memory or where
 * there is no such link: then its sessions end. */
int worker_retired_add(pid_t pid, int link_fd, unsigned version);

/* The one with that process number, as the owner of slots (NULL: there is none), and back. */
struct slot_owner *worker_retired_owner(pid_t pid);
pid_t worker_retired_pid(const struct slot_owner *owner);

/* Another worker is there, or none is needed any more: they give their datagram sockets back, and
 * end with their last session. */
void worker_retired_finish(void);

/* Closes all sessions of a service. */
void worker_retired_end(const struct service_state *state);

/* Ends them all, at once. */
void worker_retired_stop(void);

/* A record `worker` of each. */
void worker_retired_put_all(FILE *out);

#endif
