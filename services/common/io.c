/* io: see io.h. */
#include "common/io.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

uint64_t io_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int io_wait(int fd, short events, int limit_ms)
{
	struct pollfd waited = {.fd = fd, .events = events};
	uint64_t end = io_now_ms() + (uint64_t)(limit_ms < 0 ? 0 : limit_ms);
	int found;

	while ((found = poll(&waited, 1, limit_ms)) < 0 && errno == EINTR) {
		uint64_t now = io_now_ms();

		if (limit_ms >= 0)
			limit_ms = now < end ? (int)(end - now) : 0;
	}
	return found;
}

/* True if the call that failed is worth trying again; waits if it would have blocked. */
static int again(int fd, short events)
{
	if (errno == EINTR)
		return 1;
	return errno == EAGAIN && io_wait(fd, events, -1) > 0;
}

ssize_t io_read(int fd, void *buf, size_t size)
{
	ssize_t got;

	do
		got = read(fd, buf, size);
	while (got < 0 && again(fd, POLLIN));
	return got < 0 && errno == ECONNRESET ? 0 : got;
}

int io_write_all(int fd, const void *buf, size_t len)
{
	const char *at = buf;

	while (len > 0) {
		ssize_t put = write(fd, at, len);

		if (put < 0 && !again(fd, POLLOUT))
			return -1;
		if (put > 0) {
			at += put;
			len -= (size_t)put;
		}
	}
	return 0;
}
