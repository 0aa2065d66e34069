/* worker_uid: a uid that nobody else uses, for the worker. */
#ifndef RUN_WORKER_UID_H
#define RUN_WORKER_UID_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/record.h"
#include "config/check/names.h"

struct worker_uid {
	uid_t uid;
	gid_t gid;
};

/* The ids of the user _inetd (etc/sysusers.conf) where it exists and its ids are not `in_use`
 * otherwise; else an id without an entry in passwd or group that is not `in_use` and that exists in
 * this user namespace (user_namespaces(7)), for both. Both are 0 when we are not root or there is
 * none. */
struct worker_uid worker_uid_choose(bool (*in_use)(uid_t id));

/* The first time, when name services are asked, as names_ask() does: later they may be silent. */
void worker_uid_init(bool (*in_use)(uid_t id),
	bool (*ask)(const struct name_question *question, struct name_answer *answer));

/* The ids, for the daemon that takes our place: nothing is asked there. */
void worker_uid_put(FILE *out);
void worker_uid_resume(const struct record *record);

#endif
