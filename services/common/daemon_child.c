/* daemon_child: see daemon_child.h. */
#include "common/daemon_child.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/sockopt.h"
#include "common/port_owner.h"

#define ANSWER_MS 20 /* on the machine itself it takes microseconds; longer: its queue is full */

/* Replaces what stands in braces in one word. Returns 1 if it was there, 0 if not, -1 without
 * memory. */
static int replace(char **word, const char *name, const char *value)
{
	char *at = strstr(*word, name), *whole;

	if (!at)
		return 0;
	if (asprintf(&whole, "%.*s%s%s", (int)(at - *word), *word, value, at + strlen(name)) < 0)
		return -1;
	*word = whole;
	return replace(word, name, value) < 0 ? -1 : 1;
}

static bool is_in(char *const *words, const char *name)
{
	for (; *words; words++)
		if (strstr(*words, name))
			return true;
	return false;
}

static int choose_port(struct daemon_place *place)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, place->socktype | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		return -1;
	/* Bound again by the daemon in a moment. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&addr, len) < 0 ||
		getsockname(fd, (struct sockaddr *)&addr, &len) < 0) {
		close(fd);
		return -1;
	}
	place->owner_is_told = port_owner_is_told(fd, place->socktype, &addr);
	close(fd);
	memcpy(&place->addr, &addr, sizeof(addr));
	place->addr_len = sizeof(addr);
	snprintf(place->text, sizeof(place->text), "%u", ntohs(addr.sin_port));
	return 0;
}

static int choose_path(struct daemon_place *place)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	strlcpy(place->directory, "/tmp/inetd-ondemand.XXXXXX", sizeof(place->directory));
	if (!mkdtemp(place->directory)) {
		*place->directory = 0;
		return -1;
	}
	snprintf(place->path, sizeof(place->path), "%s/socket", place->directory);
	strlcpy(addr.sun_path, place->path, sizeof(addr.sun_path));
	memcpy(&place->addr, &addr, sizeof(addr));
	place->addr_len = sizeof(addr);
	place->owner_is_told = false; /* nobody else can have a socket there */
	return 0;
}

const char *daemon_place_choose(struct daemon_place *place, char **words, int socktype)
{
	bool port = is_in(words, "{port}"), path = is_in(words, "{path}");

	*place = (struct daemon_place){.socktype = socktype};
	if (!port && !path) {
		errno = EINVAL;
		return "no {port} or {path} among its arguments";
	}
	if (port && choose_port(place) < 0)
		return "a free port";
	if (path && choose_path(place) < 0)
		return "a directory for its socket";
	for (; *words; words++)
		if (replace(words, "{port}", place->text) < 0 ||
			replace(words, "{path}", place->path) < 0)
			return "memory";
	return NULL;
}

void daemon_place_leave(const struct daemon_place *place)
{
	if (!*place->directory)
		return;
	unlink(place->path);
	rmdir(place->directory);
}

_Noreturn static void become(char *const *words)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	dup2(null, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	fd_close_range(STDERR_FILENO + 1, ~0U);
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(words[0], words);
	err(127, "cannot run %s", words[0]);
}

pid_t daemon_child_start(char *const *words)
{
	pid_t pid = fork();

	if (pid == 0)
		become(words);
	return pid;
}

/* Whoever connects to a port of his own machine that nobody listens on may be given that very port
 * for his side: then he has reached himself. */
static bool is_self(int fd)
{
	struct sockaddr_in ends[2] = {0};
	socklen_t len = sizeof(ends[0]);

	return !getsockname(fd, (struct sockaddr *)&ends[0], &len) &&
	       ends[0].sin_family == AF_INET && (len = sizeof(ends[1])) &&
	       !getpeername(fd, (struct sockaddr *)&ends[1], &len) &&
	       ends[0].sin_port == ends[1].sin_port;
}

/* errno of a connect(2) that was begun; 0: it is done, or still on its way. */
static int outcome(int fd)
{
	struct pollfd pollfd = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int error = 0;

	if (poll(&pollfd, 1, ANSWER_MS) == 1)
		sockopt_get(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

int daemon_child_connect(const struct daemon_place *place)
{
	int fd = sockopt_socket(
		place->addr.ss_family, place->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&place->addr, place->addr_len) < 0)
		error = errno == EINPROGRESS ? outcome(fd) : errno;
	if (!error && is_self(fd))
		error = ECONNREFUSED;
	if (!error)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

int daemon_child_is_there(const struct daemon_place *place, pid_t daemon)
{
	if (!place->owner_is_told)
		return 0;
	return port_owner_check((const struct sockaddr_in *)&place->addr, place->socktype, daemon);
}
