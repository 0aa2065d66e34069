/* mounts: see mounts.h. */
#include "run/cage/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fdutil.h"

/* What a program may fill of the machine's memory by its files in /tmp. */
#define TMP_OPTIONS "mode=1777,size=64m,nr_inodes=65536"
#define RUN_OPTIONS "mode=0755,size=64k,nr_inodes=16"

/* mount_setattr(2) (Linux 5.12); headers of a libc may not have it. */
#define CALL_MOUNT_SETATTR 442
#define AT_WHOLE_TREE      0x8000 /* AT_RECURSIVE */
#define ATTR_READ_ONLY     1      /* MOUNT_ATTR_RDONLY */

struct attributes {
	uint64_t set, clear, propagation, userns_fd;
};

bool mounts_are_wanted(const struct cage *cage)
{
	return cage->read_only || cage->private_tmp || cage->hide_run;
}

static int make_read_only(const char *path, bool on)
{
	struct attributes attr = {.set = on ? ATTR_READ_ONLY : 0, .clear = on ? 0 : ATTR_READ_ONLY};

	return (int)syscall(CALL_MOUNT_SETATTR, AT_FDCWD, path, AT_WHOLE_TREE, &attr, sizeof(attr));
}

/* A tree that stays writable is a mount of its own. */
static int keep_writable(char *const *paths, const char **subject)
{
	for (; paths && *paths; paths++) {
		bool may_be_missing = **paths == '-';
		const char *path = *paths + may_be_missing;

		*subject = *paths;
		if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0 ||
			make_read_only(path, false) < 0) {
			if (!may_be_missing || (errno != ENOENT && errno != ENOTDIR))
				return -1;
		}
	}
	return 0;
}

/* A directory that is a link elsewhere, as /var/tmp may be, is covered where it leads. */
static int cover(const char *path, unsigned long flags, const char *options, const char **subject)
{
	*subject = path;
	if (mount("inetd", path, "tmpfs", flags | MS_NOSUID | MS_NODEV, options) == 0)
		return 0;
	return errno == ENOENT ? 0 : -1;
}

/* Both are the same directory. */
static int cover_tmp(const char **subject)
{
	if (cover("/tmp", 0, TMP_OPTIONS, subject) < 0)
		return -1;
	*subject = "/var/tmp";
	return mount("/tmp", *subject, NULL, MS_BIND, NULL) == 0 || errno == ENOENT ? 0 : -1;
}

static int arrange(const struct cage *cage, const char **subject)
{
	*subject = "mount namespace";
	/* What is unmounted elsewhere goes here too, what is mounted here is seen nowhere else. */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return -1;
	*subject = "read_only";
	if (cage->read_only &&
		(make_read_only("/", true) < 0 || keep_writable(cage->write_paths, subject) < 0))
		return -1;
	if (cage->private_tmp && cover_tmp(subject) < 0)
		return -1;
	return cage->hide_run ? cover("/run", MS_RDONLY | MS_NOEXEC, RUN_OPTIONS, subject) : 0;
}

static int open_at(const char *path, int flags, const char **subject)
{
	*subject = path;
	return open(path, flags | O_CLOEXEC);
}

int mounts_make(const struct cage *cage, struct mounts *made, const char **subject)
{
	*made = (struct mounts){-1, -1, -1};
	if (arrange(cage, subject) < 0)
		return -1;
	if (cage->private_tmp) {
		made->tmp = open_at("/tmp", O_RDONLY | O_DIRECTORY, subject);
		if (made->tmp < 0)
			return -1;
	}
	made->root = open_at("/", O_PATH | O_DIRECTORY, subject);
	if (made->root < 0)
		return -1;
	made->space = open_at("/proc/self/ns/mnt", O_RDONLY, subject);
	return made->space < 0 ? -1 : 0;
}

/* The directory itself is one file. */
bool mounts_tmp_is_empty(int tmp)
{
	struct statfs st;

	return fstatfs(tmp, &st) == 0 && st.f_files - st.f_ffree <= 1;
}
