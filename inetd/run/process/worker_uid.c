/* worker_uid: see worker_uid.h. */
#include "run/process/worker_uid.h"

#include <grp.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

/* Below the range that systemd gives out and above what adduser does. */
#define UID_FIRST 60990
#define UID_LAST  60900

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

/* Root of a bare container may lack what it takes to change ids and root directory (capget(2)). */
static bool may_change(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
	const uint32_t needed = 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_SYS_CHROOT;

	return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & needed) == needed;
}

uid_t worker_uid_choose(bool (*in_use)(uid_t id))
{
	if (geteuid() != 0)
		return 0;
	if (!may_change()) {
		log_warnx("worker: root may not change ids and root directory here: built-ins run "
			  "as ourselves, with the system call filter alone");
		return 0;
	}
	for (uid_t uid = UID_FIRST; uid >= UID_LAST; uid--)
		if (is_mapped(uid) && !in_use(uid) && !getpwuid(uid) && !getgrgid(uid))
			return uid;
	return 0;
}
