/* mount_kind: what kind of file system is mounted at a directory. */
#ifndef BASE_MOUNT_KIND_H
#define BASE_MOUNT_KIND_H

#include <stdint.h>

/* Kinds are numbers of statfs(2); these two are not in <linux/magic.h>. */
#define MOUNT_KIND_SMB  0xff534d42
#define MOUNT_KIND_SMB2 0xfe534d42

/* The kind of the file system whose root directory is `fd`, as the kernel has it in its list of
 * mounts: the file system is not asked, so nobody can make it wait (statmount(2), Linux 6.8;
 * proc(5), mountinfo, before). Kinds that the list calls by a name are told apart as far as another
 * machine or program answers for them. 0 = not known. */
uint64_t mount_kind(int fd);

/* The same, and asks the file system where the kernel has no statmount(2). Makes system calls only,
 * none through libc (base/rawcall.h). */
uint64_t mount_kind_ask(int fd);

#endif
