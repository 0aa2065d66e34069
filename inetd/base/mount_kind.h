/* mount_kind: what kind of file system is mounted at a directory. */
#ifndef BASE_MOUNT_KIND_H
#define BASE_MOUNT_KIND_H

#include <stdbool.h>
#include <stdint.h>

/* The kind, a number of statfs(2), of the file system whose root directory is `fd`, as the kernel
 * has it in its list of mounts: the file system is not asked, so nobody can make it wait
 * (statmount(2), Linux 6.8; proc(5), mountinfo, before). Kinds that the list calls by a name are
 * told apart as far as another machine or program answers for them. 0 = not known. */
uint64_t mount_kind(int fd);

/* The same, and asks the file system where the kernel has no statmount(2). Makes system calls only,
 * none through libc (base/rawcall.h). */
uint64_t mount_kind_ask(int fd);

/* True if another machine or program answers for file systems of that kind, or it is not known. */
bool mount_kind_may_not_answer(uint64_t kind);

#endif
