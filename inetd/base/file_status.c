/* file_status: see file_status.h. */
#include "base/file_status.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/rawcall.h"

/* Where words have 64 bits the struct of this call is libc's. Elsewhere libc itself calls statx(2).
 */
#if defined(SYS_newfstatat) && defined(__LP64__)
static int get_older(int fd, struct statx *st)
{
	struct stat old = {0};
	int result = (int)CALL4(newfstatat, fd, "", &old, AT_EMPTY_PATH);

	if (!result) {
		st->stx_mode = (uint16_t)old.st_mode;
		st->stx_uid = old.st_uid;
		st->stx_gid = old.st_gid;
		st->stx_nlink = (uint32_t)old.st_nlink;
		st->stx_dev_major = major(old.st_dev);
		st->stx_dev_minor = minor(old.st_dev);
	}
	return result;
}
#else
static int get_older(int fd, struct statx *st)
{
	(void)fd;
	(void)st;
	return -ENOSYS;
}
#endif

int file_status_get(int fd, struct statx *st)
{
	int result;

	*st = (struct statx){0};
	result = (int)CALL5(statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_NLINK, st);
	return result == -ENOSYS || result == -EPERM ? get_older(fd, st) : result;
}
