/* control: see control.h. */
#include "common/control.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/io.h"

#define REQUEST_BYTES 256
#define FIRST_BYTES   16384
#define PROTOCOL      "inetd/2 "    /* answers have their length */
#define GOOD          PROTOCOL "0 " /* and it, of an answer that is what was asked for */
#define HEAD_MOST     32

/* An answer as it comes in; always room for a NUL. */
struct answer {
	char *text; /* owned */
	size_t len, size;
};

const char *control_path(void)
{
	const char *path = getenv("INETD_CONTROL");

	return path && *path ? path : "/run/inetd.sock";
}

/* The socket is a blocking one: connect(2) waits for room in the daemon's queue then, but never
 * longer than SO_SNDTIMEO; unix(7) has no other way to wait for that. */
static int dial_daemon(const struct control *daemon)
{
	struct timeval wait = {daemon->limit_ms / 1000, daemon->limit_ms % 1000 * 1000};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd, error;

	if (strlcpy(addr.sun_path, daemon->path, sizeof(addr.sun_path)) >= sizeof(addr.sun_path)) {
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

static int grow(struct answer *answer, size_t most)
{
	size_t size = answer->size ? answer->size * 2 : FIRST_BYTES;
	char *text;

	if (answer->len + 1 < answer->size)
		return 0;
	if (answer->len > most) {
		errno = EMSGSIZE;
		return -1;
	}
	text = realloc(answer->text, size);
	if (!text)
		return -1;
	answer->text = text;
	answer->size = size;
	return 0;
}

/* Everything up to the end of file. */
static int take_answer(int fd, uint64_t end, size_t most, struct answer *answer)
{
	uint64_t now;
	ssize_t got;

	do {
		if (grow(answer, most) < 0)
			return -1;
		now = io_now_ms();
		if (now >= end || io_wait(fd, POLLIN, (int)(end - now)) <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		got = recv(fd, answer->text + answer->len, answer->size - 1 - answer->len,
			MSG_DONTWAIT);
		answer->len += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)));
	answer->text[answer->len] = '\0';
	return got < 0 ? -1 : 0;
}

/* Cuts the status line off, and tells whether what it promises is there. */
static int check_answer(struct answer *answer, size_t most)
{
	const char *err = NULL;
	long long promised;
	char *end = strchr(answer->text, '\n');

	errno = EPROTO;
	if (!end || strncmp(answer->text, GOOD, strlen(GOOD)) != 0)
		return -1;
	*end++ = '\0';
	promised = strtonum(answer->text + strlen(GOOD), 0, LLONG_MAX, &err);
	if (err) {
		errno = EPROTO;
		return -1;
	}
	answer->len -= (size_t)(end - answer->text);
	memmove(answer->text, end, answer->len + 1);
	if (answer->len > most)
		errno = EMSGSIZE;
	return answer->len > most || answer->len != (unsigned long long)promised ? -1 : 0;
}

char *control_ask(const struct control *daemon, const char *request, size_t *len)
{
	uint64_t end = io_now_ms() + (uint64_t)daemon->limit_ms;
	size_t most = daemon->most;
	struct answer answer = {0};
	char line[REQUEST_BYTES];
	int line_len = snprintf(line, sizeof(line), PROTOCOL "%s\n", request), fd, result, error;

	if (line_len >= (int)sizeof(line)) {
		errno = EMSGSIZE;
		return NULL;
	}
	fd = dial_daemon(daemon);
	if (fd < 0)
		return NULL;
	/* A new socket has room for a line: this never waits. */
	result = io_write_all(fd, line, (size_t)line_len);
	if (result == 0)
		result = take_answer(fd, end, most + HEAD_MOST, &answer);
	if (result == 0)
		result = check_answer(&answer, most);
	close(fd);
	if (result == 0) {
		*len = answer.len;
		return answer.text;
	}
	error = errno;
	free(answer.text);
	errno = error;
	return NULL;
}
