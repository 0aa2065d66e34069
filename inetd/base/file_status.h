/* file_status: what statx(2) tells of an open file, also where only fstatat(2) is let through:
 * filters of system calls that were written before Linux 4.11 refuse the newer one. */
#ifndef BASE_FILE_STATUS_H
#define BASE_FILE_STATUS_H

#include <linux/stat.h>

/* Fills type, mode, owner, group, links and device of *st, which is 0 otherwise, for `fd`, which
 * may be O_PATH. The file system is not asked for news (AT_STATX_DONT_SYNC) where there is
 * statx(2). stx_attributes_mask has STATX_ATTR_MOUNT_ROOT only where the kernel tells that. Makes
 * system calls only, none through libc (base/rawcall.h). Returns 0 or -errno. */
int file_status_get(int fd, struct statx *st);

#endif
