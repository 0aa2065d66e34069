/* passrights: for LD_PRELOAD. A kernel before Linux 6.16, which has no SO_PASSRIGHTS: everybody can
 * send descriptors to a unix socket. */
#include <dlfcn.h>
#include <errno.h>
#include <sys/socket.h>

#define PASSRIGHTS 83

int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	int (*real)(int, int, int, const void *, socklen_t) =
		(int (*)(int, int, int, const void *, socklen_t))dlsym(RTLD_NEXT, "setsockopt");

	if (level != SOL_SOCKET || option != PASSRIGHTS)
		return real(fd, level, option, value, len);
	errno = ENOPROTOOPT;
	return -1;
}

int getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
	int (*real)(int, int, int, void *, socklen_t *) =
		(int (*)(int, int, int, void *, socklen_t *))dlsym(RTLD_NEXT, "getsockopt");

	if (level != SOL_SOCKET || option != PASSRIGHTS)
		return real(fd, level, option, value, len);
	errno = ENOPROTOOPT;
	return -1;
}
