/* syscall_filter: the system calls that programs of a service may make (seccomp(2)), as the program
 * of the kernel's filter language that libseccomp makes of their names. What is not allowed answers
 * EPERM.
 */
#ifndef RUN_SYSCALL_FILTER_H
#define RUN_SYSCALL_FILTER_H

#include <linux/filter.h>

#include "config/cage.h"

/* True if a cage asks for a filter. */
bool syscall_filter_is_wanted(const struct cage *cage);

/* True if the word names a system call of this machine, or a set ("@default"). */
bool syscall_filter_knows(const char *word);

/* Makes the filter of a cage. Returns 0 and the program, malloc'ed, the caller's, in *program; or
 * -1 with errno, and the name that failed (borrowed from the cage or static) in *subject. */
int syscall_filter_make(const struct cage *cage, struct sock_fprog *program, const char **subject);

#endif
