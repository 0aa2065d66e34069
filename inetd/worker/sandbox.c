/* sandbox: see sandbox.h. */
#include "worker/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* A directory that is empty and stays so: it has been removed, nothing can be made in it. */
static const char *enter_chroot(void)
{
	static const char *const places[] = {"/run", "/tmp", "/var/tmp", "/dev/shm"};
	char path[64] = "";
	bool made = false;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !made; i++) {
		snprintf(path, sizeof(path), "%s/inetd-worker.XXXXXX", places[i]);
		made = mkdtemp(path) != NULL;
	}
	if (!made)
		return "mkdtemp";
	if (chdir(path) < 0) {
		rmdir(path);
		return "chdir";
	}
	if (rmdir(path) < 0)
		return "rmdir";
	if (chroot(".") < 0)
		return "chroot";
	return NULL;
}

static const char *drop_identity(uid_t uid, gid_t gid)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	if (setgroups(0, NULL) < 0)
		return "setgroups";
	if (setresgid(gid, gid, gid) < 0)
		return "setresgid";
	if (setresuid(uid, uid, uid) < 0)
		return "setresuid";
	if (getresuid(&ruid, &euid, &suid) < 0 || getresgid(&rgid, &egid, &sgid) < 0)
		return "getresuid";
	if (ruid != uid || euid != uid || suid != uid || rgid != gid || egid != gid ||
		sgid != gid || getgroups(0, NULL) != 0) {
		errno = EPERM;
		return "identity";
	}
	if (uid != 0 && setuid(0) == 0) {
		errno = EPERM;
		return "root can be had back";
	}
	return NULL;
}

static int set_limit(int resource, rlim_t value)
{
	struct rlimit limit = {.rlim_cur = value, .rlim_max = value};

	return setrlimit(resource, &limit);
}

static int raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -1;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

const char *sandbox_enter(const struct sandbox *sandbox, struct sandbox_without *without)
{
	const char *failed = sandbox->chroot ? enter_chroot() : NULL;

	*without = (struct sandbox_without){failed, errno};
	if (sandbox->chroot && (!failed || sandbox->filter))
		failed = drop_identity(sandbox->uid, sandbox->gid);
	if (failed)
		return failed;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return "no_new_privs";
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return "dumpable";
	if (raise_descriptors() < 0)
		return "RLIMIT_NOFILE";
	if (set_limit(RLIMIT_NPROC, 0) < 0)
		return "RLIMIT_NPROC";
	if (set_limit(RLIMIT_FSIZE, 0) < 0)
		return "RLIMIT_FSIZE";
	if (set_limit(RLIMIT_CORE, 0) < 0)
		return "RLIMIT_CORE";
	if (sandbox->filter && filter_load() < 0)
		return "seccomp";
	return NULL;
}
