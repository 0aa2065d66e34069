/* mount_kind: see mount_kind.h. */
#include "base/mount_kind.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/rawcall.h"

/* Those that another machine answers for, or a program. */
static const struct {
	const char *name;
	uint64_t kind;
} others[] = {
	{"fuse", FUSE_SUPER_MAGIC},
	{"fuseblk", FUSE_SUPER_MAGIC},
	{"nfs", NFS_SUPER_MAGIC},
	{"nfs4", NFS_SUPER_MAGIC},
	{"cifs", 0xff534d42},
	{"smb3", 0xfe534d42},
	{"9p", V9FS_MAGIC},
	{"autofs", AUTOFS_SUPER_MAGIC},
	{"ceph", 0x00c36400},
	{"afs", AFS_FS_MAGIC},
	{"afs", AFS_SUPER_MAGIC},
	{"coda", CODA_SUPER_MAGIC},
	{"ocfs2", 0x7461636f},
	{"gfs2", 0x01161970},
	{"lustre", 0x0bd00bd0},
	{"pvfs2", 0x20030528},
	{"gpfs", 0x47504653},
	{"vboxsf", 0x786f4256},
};

bool mount_kind_may_not_answer(uint64_t kind)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].kind == kind)
			return true;
	return !kind;
}

/* --- statmount(2), which our headers may not know --- */

#ifndef SYS_statmount
#define SYS_statmount 457
#endif
#define MNT_ID_UNIQUE 0x4000 /* STATX_MNT_ID_UNIQUE */
#define SB_BASIC      1      /* STATMOUNT_SB_BASIC */

struct mount_request {
	uint32_t size, spare;
	uint64_t mount_id, mask;
};

struct mount_answer {
	uint32_t size, spare1;
	uint64_t mask;
	uint32_t major, minor;
	uint64_t magic;
	uint64_t rest[64];
};

static uint64_t stated_kind(int fd)
{
	struct mount_request request = {.size = 24, .mask = SB_BASIC};
	struct mount_answer answer = {0};
	struct statx st = {0};

	if (CALL5(statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, MNT_ID_UNIQUE, &st) < 0 ||
		!(st.stx_mask & MNT_ID_UNIQUE))
		return 0;
	request.mount_id = st.stx_mnt_id;
	if (CALL4(statmount, &request, &answer, sizeof(answer), 0) < 0 || !(answer.mask & SB_BASIC))
		return 0;
	return answer.magic;
}

/* --- the list of mounts --- */

#define OTHER_KIND 1 /* of this machine */

static uint64_t kind_named(const char *name)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(others[i].name, name))
			return others[i].kind;
	return strncmp(name, "fuse.", 5) ? OTHER_KIND : FUSE_SUPER_MAGIC;
}

/* The mount that a descriptor is of; -1 = not known. */
static int mount_of(int fd)
{
	char path[40], line[128];
	int mount = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && mount < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "mnt_id:\t%d", &mount) != 1)
			mount = -1;
	if (file)
		fclose(file);
	return mount;
}

/* "36 35 98:0 /dir /mnt rw,noatime shared:1 - ext3 /dev/root rw" */
static uint64_t listed_kind(int fd)
{
	int wanted = mount_of(fd), mount;
	FILE *file = wanted < 0 ? NULL : fopen("/proc/self/mountinfo", "re");
	uint64_t kind = 0;
	char *line = NULL, name[64];
	size_t room = 0;

	while (file && !kind && getline(&line, &room, file) > 0) {
		const char *end = strstr(line, " - ");

		if (end && sscanf(line, "%d", &mount) == 1 && mount == wanted &&
			sscanf(end, " - %63s", name) == 1)
			kind = kind_named(name);
	}
	free(line);
	if (file)
		fclose(file);
	return kind;
}

uint64_t mount_kind(int fd)
{
	uint64_t kind = stated_kind(fd);

	return kind ? kind : listed_kind(fd);
}

uint64_t mount_kind_ask(int fd)
{
	uint64_t kind = stated_kind(fd);
	struct statfs fs = {0};

	return kind || CALL3(fstatfs, fd, &fs, 0) < 0 ? kind : (uint64_t)fs.f_type;
}
