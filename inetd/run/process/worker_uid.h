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

/* This process has no more rights than that user from now on, with all its threads; 0: than it has.
 * Returns 0, or -1 with errno (setgroups(2), setresgid(2), setresuid(2), prctl(2)). */
int worker_uid_become(struct worker_uid ids);

/* Between these two, the first start, name services are asked for that, with `names` as names_ask()
 * does: later they may be silent. worker_uid_end() chooses if nobody has. */
void worker_uid_begin(
	bool (*names)(const struct name_question *question, struct name_answer *answer));
void worker_uid_end(bool (*in_use)(uid_t id));

/* The ids, for the daemon that takes our place: nothing is asked there. */
void worker_uid_put(FILE *out);
void worker_uid_resume(const struct record *record);

#endif
