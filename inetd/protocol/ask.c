/* ask: see ask.h. */
#include "protocol/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "protocol/request.h"

#define FIRST_BYTES 16384

/* The socket is a blocking one: connect(2) waits for room in the daemon's queue then, but never
 * longer than SO_SNDTIMEO; unix(7) has no other way to wait for that. */
static int connect_path(const char *path, int limit_ms)
{
	struct timeval wait = {limit_ms / 1000, limit_ms % 1000 * 1000};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd, error;

	if (strlcpy(addr.sun_path, path, sizeof(addr.sun_path)) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
		connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	error = errno == EAGAIN ? ETIMEDOUT : errno;
	close(fd);
	errno = error;
	return -1;
}

/* At the first path where a daemon is: a user's own may not run. */
static int connect_any(const struct ask *ask, struct ask_answer *answer)
{
	static char own[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *path = ask->path ? ask->path : getenv("INETD_CONTROL");
	const char *dir = getenv("XDG_RUNTIME_DIR");
	int fd;

	if (path && *path) {
		answer->path = path;
		return connect_path(path, ask->limit_ms);
	}
	if (geteuid() != 0 && dir && *dir &&
		snprintf(own, sizeof(own), "%s/inetd.sock", dir) < (int)sizeof(own)) {
		answer->path = own;
		fd = connect_path(own, ask->limit_ms);
		if (fd >= 0 || (errno != ENOENT && errno != ECONNREFUSED))
			return fd;
	}
	answer->path = ASK_SOCKET;
	return connect_path(ASK_SOCKET, ask->limit_ms);
}

/* Makes room for more of the answer and a NUL. */
static int make_room(struct ask_answer *answer, size_t *size, size_t most)
{
	char *text;

	if (answer->len + 1 < *size)
		return 0;
	if (answer->len >= REQUEST_HEAD && answer->len - REQUEST_HEAD > most) {
		errno = EMSGSIZE;
		return -1;
	}
	*size = *size ? *size * 2 : FIRST_BYTES;
	text = realloc(answer->text, *size);
	if (!text)
		return -1;
	answer->text = text;
	return 0;
}

/* Waits until there is something to read. */
static int wait_input(int fd, uint64_t end_ms)
{
	struct pollfd input = {.fd = fd, .events = POLLIN};
	uint64_t now_ms = monotonic_ms();
	int found = now_ms < end_ms ? poll(&input, 1, (int)(end_ms - now_ms)) : 0;

	if (found == 0)
		errno = ETIMEDOUT;
	return found > 0 || (found < 0 && errno == EINTR) ? 0 : -1;
}

/* Everything up to the end of file. */
static int read_answer(int fd, uint64_t end_ms, size_t most, struct ask_answer *answer)
{
	size_t size = 0;
	ssize_t got;

	do {
		if (make_room(answer, &size, most) < 0 || wait_input(fd, end_ms) < 0)
			return -1;
		got = recv(fd, answer->text + answer->len, size - 1 - answer->len, MSG_DONTWAIT);
		answer->len += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)));
	answer->text[answer->len] = '\0';
	return got < 0 ? -1 : 0;
}

/* Cuts the first line off, and tells whether what it promises is there. Returns 0 or an errno. */
static int check(struct ask_answer *answer, size_t most)
{
	char *end = strchr(answer->text, '\n');

	if (!end)
		return EPROTO;
	*end++ = '\0';
	if (!request_head_parse(answer->text, &answer->status, &answer->promised))
		return EPROTO;
	answer->len -= (size_t)(end - answer->text);
	memmove(answer->text, end, answer->len + 1);
	if (answer->len > most)
		return EMSGSIZE;
	if (answer->len < answer->promised)
		return EBADMSG;
	return answer->len > answer->promised ? EPROTO : 0;
}

int ask_daemon(const struct ask *ask, const char *verb, const char *arg, struct ask_answer *answer)
{
	uint64_t end_ms = monotonic_ms() + (uint64_t)ask->limit_ms;
	char line[REQUEST_BYTES];
	size_t line_len = request_line(line, verb, arg);
	int fd, error;

	*answer = (struct ask_answer){0};
	if (!line_len) {
		errno = EINVAL;
		return -1;
	}
	fd = connect_any(ask, answer);
	if (fd < 0)
		return -1;
	answer->connected = true;
	/* A new socket has room for a line: this never waits. */
	if (send(fd, line, line_len, MSG_NOSIGNAL) < 0 ||
		read_answer(fd, end_ms, ask->most, answer) < 0)
		error = errno;
	else
		error = check(answer, ask->most);
	close(fd);
	if (error && error != EBADMSG) {
		free(answer->text);
		answer->text = NULL;
	}
	errno = error;
	return error ? -1 : 0;
}
