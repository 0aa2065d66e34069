/* worker_uid: see worker_uid.h. */
#include "run/process/worker_uid.h"

#include <grp.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

#define WORKER_USER "_inetd"

/* Below the range that systemd gives out and above what adduser does. */
#define UID_FIRST 60990
#define UID_LAST  60900

static struct worker_uid chosen;
static bool (*ask)(const struct name_question *question, struct name_answer *answer);

static bool is_known(const struct name_question *question, struct name_answer *answer)
{
	*answer = (struct name_answer){0};
	return ask && ask(question, answer);
}

static bool has_entry(uid_t id)
{
	struct name_answer answer;

	return is_known(&(struct name_question){.kind = NAME_UID, .id = id}, &answer) ||
	       is_known(&(struct name_question){.kind = NAME_GID, .id = id}, &answer);
}

static bool is_mapped(uid_t uid)
{
	FILE *map = fopen("/proc/self/uid_map", "re");
	uint64_t inside, outside, count;
	bool found = !map; /* no /proc: nothing says otherwise */

	while (map && !found &&
		fscanf(map, "%" SCNu64 " %" SCNu64 " %" SCNu64, &inside, &outside, &count) == 3)
		found = uid >= inside && uid < inside + count;
	if (map)
		fclose(map);
	return found;
}

/* The user that packages make for this. */
static struct worker_uid find_dedicated(bool (*in_use)(uid_t id))
{
	struct name_answer entry;

	if (!is_known(&(struct name_question){.kind = NAME_USER, .name = WORKER_USER}, &entry) ||
		!entry.id || !entry.gid || in_use(entry.id) || in_use(entry.gid))
		return (struct worker_uid){0};
	return (struct worker_uid){entry.id, entry.gid};
}

/* Root of a bare container may lack what it takes to change ids and root directory (capget(2)). */
static bool may_change(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
	const uint32_t needed = 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_SYS_CHROOT;

	return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & needed) == needed;
}

static struct worker_uid choose(bool (*in_use)(uid_t id))
{
	static bool told;
	const struct worker_uid none = {0};
	struct worker_uid dedicated;

	if (geteuid() != 0)
		return none;
	if (!may_change()) {
		if (told)
			return none;
		told = true;
		log_warnx("worker: root may not change ids and root directory here: built-ins run "
			  "as ourselves, with the system call filter alone");
		return none;
	}
	dedicated = find_dedicated(in_use);
	if (dedicated.uid)
		return dedicated;
	for (uid_t uid = UID_FIRST; uid >= UID_LAST; uid--)
		if (is_mapped(uid) && !in_use(uid) && !has_entry(uid))
			return (struct worker_uid){uid, uid};
	return none;
}

struct worker_uid worker_uid_choose(bool (*in_use)(uid_t id))
{
	if (!chosen.uid || in_use(chosen.uid) || in_use(chosen.gid))
		chosen = choose(in_use);
	return chosen;
}

void worker_uid_begin(
	bool (*names)(const struct name_question *question, struct name_answer *answer))
{
	ask = names;
}

void worker_uid_end(bool (*in_use)(uid_t id))
{
	worker_uid_choose(in_use);
	ask = NULL;
}

void worker_uid_put(FILE *out)
{
	record_number(out, "worker_uid", chosen.uid);
	record_number(out, "worker_gid", chosen.gid);
}

void worker_uid_resume(const struct record *record)
{
	chosen.uid = (uid_t)record_get_number(record, "worker_uid");
	chosen.gid = (gid_t)record_get_number(record, "worker_gid");
}

int worker_uid_become(struct worker_uid ids)
{
	if (ids.uid && (setgroups(0, NULL) < 0 || setresgid(ids.gid, ids.gid, ids.gid) < 0 ||
			       setresuid(ids.uid, ids.uid, ids.uid) < 0))
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
