/* io: see io.h. */
#include "common/io.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/monotonic.h"

#define HANG_UP_BYTES (1024 * 1024)

int io_limit_ms = -1;

int io_wait(int fd, short events, int limit_ms)
{
	struct pollfd waited = {.fd = fd, .events = events};
	uint64_t end = monotonic_ms() + (uint64_t)(limit_ms < 0 ? 0 : limit_ms);
	int found;

	while ((found = poll(&waited, 1, limit_ms)) < 0 && errno == EINTR) {
		uint64_t now = monotonic_ms();

		if (limit_ms >= 0)
			limit_ms = now < end ? (int)(end - now) : 0;
	}
	return found;
}

/* True if the call that failed is worth trying again; waits if it would have blocked. */
static int again(int fd, short events)
{
	int found;

	if (errno == EINTR)
		return 1;
	if (errno != EAGAIN)
		return 0;
	found = io_wait(fd, events, io_limit_ms);
	if (found == 0)
		errno = ETIMEDOUT;
	return found > 0;
}

/* On a socket without waiting, blocking or not, so that all waiting is done in one place. */
static ssize_t receive_bytes(int fd, void *buf, size_t size)
{
	ssize_t got = recv(fd, buf, size, MSG_DONTWAIT);

	return got < 0 && errno == ENOTSOCK ? read(fd, buf, size) : got;
}

static ssize_t send_bytes(int fd, const void *buf, size_t len)
{
	ssize_t sent = send(fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	return sent < 0 && errno == ENOTSOCK ? write(fd, buf, len) : sent;
}

ssize_t io_read(int fd, void *buf, size_t size)
{
	ssize_t got;

	do
		got = receive_bytes(fd, buf, size);
	while (got < 0 && again(fd, POLLIN));
	return got < 0 && errno == ECONNRESET ? 0 : got;
}

int io_write_all(int fd, const void *buf, size_t len)
{
	const char *at = buf;

	while (len > 0) {
		ssize_t sent = send_bytes(fd, at, len);

		if (sent < 0 && !again(fd, POLLOUT))
			return -1;
		if (sent > 0) {
			at += sent;
			len -= (size_t)sent;
		}
	}
	return 0;
}

int io_peer_gone(int error)
{
	return error == EPIPE || error == ECONNRESET || error == ETIMEDOUT;
}

void io_hang_up(int fd, int limit_ms)
{
	uint64_t end = monotonic_ms() + (uint64_t)limit_ms, now;
	size_t left = HANG_UP_BYTES;
	char dropped[4096];

	if (shutdown(fd, SHUT_WR) < 0)
		return;
	while (left > 0 && (now = monotonic_ms()) < end &&
		io_wait(fd, POLLIN, (int)(end - now)) > 0) {
		ssize_t got =
			receive_bytes(fd, dropped, left < sizeof(dropped) ? left : sizeof(dropped));

		if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
			return;
		left -= got > 0 ? (size_t)got : 0;
	}
}
