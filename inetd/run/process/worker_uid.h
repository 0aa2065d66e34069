/* worker_uid: a uid that nobody else uses, for the worker. */
#ifndef RUN_WORKER_UID_H
#define RUN_WORKER_UID_H

#include <stdbool.h>
#include <sys/types.h>

/* A user and group id without an entry in passwd or group, that is not `in_use` otherwise and that
 * exists in this user namespace (user_namespaces(7)). Returns it, or 0 when we are not root or
 * there is none. */
uid_t worker_uid_choose(bool (*in_use)(uid_t id));

#endif
