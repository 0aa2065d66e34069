/* stderr_drain: see stderr_drain.h. */
#include "run/program/stderr_drain.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/title.h"
#include "run/process/worker_uid.h"
#include "run/service/service_state.h"

#define TURN_BYTES 8192
#define PIPES_MORE 64 /* room is made for so many more */

/* What the process reads. The first may be the link by which it gets more. */
struct drain {
	struct pollfd *pipes; /* owned */
	size_t count, room;
	bool has_link;
};

static int link_fd = -1; /* the daemon's end; owned */

static int fd_compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Closes all but the standard descriptors and those in the list, which is in order. */
static void close_others(const int *fds, size_t count)
{
	unsigned from = STDERR_FILENO + 1;

	for (size_t i = 0; i < count; i++) {
		unsigned fd = (unsigned)fds[i];

		if (fd > from)
			fd_close_range(from, fd - 1);
		from = fd + 1;
	}
	fd_close_range(from, ~0U);
}

/* It has no more rights than the user `ids`; 0: than the caller, who is not root or may not. */
static int give_up_rights(struct worker_uid ids)
{
	if (ids.uid && (setgroups(0, NULL) < 0 || setresgid(ids.gid, ids.gid, ids.gid) < 0 ||
			       setresuid(ids.uid, ids.uid, ids.uid) < 0))
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void add(struct drain *drain, int fd)
{
	struct pollfd *pipes = drain->pipes;

	if (drain->count == drain->room) {
		pipes = reallocarray(pipes, drain->room + PIPES_MORE, sizeof(*pipes));
		if (!pipes) {
			fd_close(&fd);
			return;
		}
		drain->pipes = pipes;
		drain->room += PIPES_MORE;
	}
	pipes[drain->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

/* The link has another pipe, or is closed: false. */
static bool take(struct drain *drain)
{
	char byte;
	int fd;
	ssize_t len = fd_recv(drain->pipes[0].fd, &byte, 1, &fd);

	if (fd >= 0)
		add(drain, fd);
	return len > 0 || (len < 0 && (errno == EAGAIN || errno == EINTR || errno == EMSGSIZE));
}

/* What is there of one. False at its end. */
static bool read_some(struct drain *drain, size_t i)
{
	static char text[TURN_BYTES];
	ssize_t len;

	if (!drain->pipes[i].revents)
		return true;
	if (i == 0 && drain->has_link)
		return take(drain);
	len = read(drain->pipes[i].fd, text, sizeof(text));
	return len > 0 || (len < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Until the other ends are gone. A pipe that is at its end has the place of the last one. */
static void read_all(struct drain *drain)
{
	while (drain->count) {
		if (poll(drain->pipes, drain->count, -1) < 0 && errno != EINTR)
			return;
		for (size_t i = drain->count; i-- > 0;) {
			if (read_some(drain, i))
				continue;
			fd_close(&drain->pipes[i].fd);
			drain->pipes[i] = drain->pipes[--drain->count];
			drain->has_link &= i > 0;
		}
	}
}

__attribute__((noreturn)) static void drain_main(
	struct drain *drain, const int *fds, int null_fd, struct worker_uid ids)
{
	sigset_t none;

	prctl(PR_SET_NAME, "inetd-leftover");
	title_set("reads what programs write to a closed log");
	setsid();
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		dup2(null_fd, fd);
	signal(SIGHUP, SIG_IGN); /* what was sent to "inetd" before we had our own name */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close_others(fds, drain->count);
	if (chdir("/") == 0 && give_up_rights(ids) == 0)
		read_all(drain);
	_exit(0);
}

static int start(int *fds, size_t count, bool has_link)
{
	struct drain drain = {.has_link = has_link};
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct worker_uid ids = worker_uid_choose(service_state_uses_id);
	int err = 0;
	pid_t pid;

	if (null_fd < 0) {
		err = errno;
	} else {
		qsort(fds, count, sizeof(*fds), fd_compare);
		pid = fork();
		for (size_t i = 0; pid == 0 && i < count; i++)
			add(&drain, fds[i]);
		if (pid == 0)
			drain_main(&drain, fds, null_fd, ids);
		if (pid < 0)
			err = errno;
	}
	fd_close(&null_fd);
	errno = err;
	return err ? -1 : 0;
}

int stderr_drain_run(int *fds, size_t count)
{
	return start(fds, count, false);
}

static int start_linked(void)
{
	int ends[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return -1;
	err = start(&ends[1], 1, true) < 0 ? errno : 0;
	fd_close(&ends[1]);
	if (err)
		fd_close(&ends[0]);
	link_fd = fd_raise(ends[0]);
	errno = err;
	return err ? -1 : 0;
}

int stderr_drain_give(int fd)
{
	if (link_fd >= 0 && fd_send(link_fd, "", 1, fd) == 0)
		return 0;
	if (link_fd >= 0 && errno == EAGAIN)
		return -1;
	fd_close(&link_fd); /* there is none, or it has gone */
	return start_linked() < 0 ? -1 : fd_send(link_fd, "", 1, fd);
}
