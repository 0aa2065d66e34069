/* sockopt: sockets and their options by system calls of their own. On some machines (i386, s390x)
 * libc makes them by socketcall(2), whose arguments a filter of system calls cannot see
 * (worker/filter.c, relay_confine.c of the services). */
#ifndef BASE_SOCKOPT_H
#define BASE_SOCKOPT_H

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* socket(2) */
static inline int sockopt_socket(int family, int type, int protocol)
{
	return (int)syscall(SYS_socket, family, type, protocol);
}

/* setsockopt(2) */
static inline int sockopt_set(int fd, int level, int option, const void *value, socklen_t len)
{
	return (int)syscall(SYS_setsockopt, fd, level, option, value, len);
}

/* getsockopt(2) */
static inline int sockopt_get(int fd, int level, int option, void *value, socklen_t *len)
{
	return (int)syscall(SYS_getsockopt, fd, level, option, value, len);
}

#endif
