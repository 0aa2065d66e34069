/* no-ipv6: for LD_PRELOAD. There are no IPv6 sockets, as on a kernel without. */
#include <dlfcn.h>
#include <errno.h>
#include <sys/socket.h>

int socket(int family, int type, int protocol)
{
	int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");

	if (family != AF_INET6)
		return real(family, type, protocol);
	errno = EAFNOSUPPORT;
	return -1;
}
