/* dial: see dial.h. */
#include "common/dial.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/io.h"

/* 0 or an errno. */
static int connect_within(int fd, const struct addrinfo *to, int limit_ms)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	if (io_wait(fd, POLLOUT, limit_ms) <= 0)
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? errno : error;
}

int dial(const struct addrinfo *list, int limit_ms)
{
	int error = EADDRNOTAVAIL;

	for (; list; list = list->ai_next) {
		int fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		error = fd < 0 ? errno : connect_within(fd, list, limit_ms);
		if (error == 0)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	errno = error;
	return -1;
}
