/* accept: for LD_PRELOAD. The first $FAULT_TIMES calls of accept4(2) on an internet socket where a
 * connection waits fail with the error number $FAULT_ERRNO. */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

static int number_of(const char *name)
{
	const char *text = getenv(name);

	return text ? (int)strtol(text, NULL, 10) : 0;
}

int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	static int times;
	int (*real)(int, struct sockaddr *, socklen_t *, int) =
		(int (*)(int, struct sockaddr *, socklen_t *, int))dlsym(RTLD_NEXT, "accept4");
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	struct sockaddr_storage local = {0};
	socklen_t local_len = sizeof(local);

	getsockname(fd, (struct sockaddr *)&local, &local_len);
	if (local.ss_family == AF_UNIX || poll(&ready, 1, 0) != 1 ||
		times >= number_of("FAULT_TIMES"))
		return real(fd, addr, len, flags);
	times++;
	errno = number_of("FAULT_ERRNO");
	return -1;
}
