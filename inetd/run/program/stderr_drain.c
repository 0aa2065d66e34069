/* stderr_drain: see stderr_drain.h. */
#include "run/program/stderr_drain.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/title.h"
#include "run/process/worker_uid.h"
#include "run/service/service_state.h"

#define TURN_BYTES 8192

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

/* Until the other ends are gone. A pipe that is at its end has the place of the last one. */
static void read_all(struct pollfd *pipes, size_t count)
{
	static char text[TURN_BYTES];

	while (count) {
		if (poll(pipes, count, -1) < 0 && errno != EINTR)
			return;
		for (size_t i = count; i-- > 0;) {
			ssize_t len = pipes[i].revents ? read(pipes[i].fd, text, sizeof(text)) : 1;

			if (len > 0 || (len < 0 && (errno == EAGAIN || errno == EINTR)))
				continue;
			fd_close(&pipes[i].fd);
			pipes[i] = pipes[--count];
		}
	}
}

__attribute__((noreturn)) static void drain_main(
	const int *fds, struct pollfd *pipes, size_t count, int null_fd, struct worker_uid ids)
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
	close_others(fds, count);
	if (chdir("/") == 0 && give_up_rights(ids) == 0)
		read_all(pipes, count);
	_exit(0);
}

int stderr_drain_run(int *fds, size_t count)
{
	struct pollfd *pipes = calloc(count, sizeof(*pipes));
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct worker_uid ids = worker_uid_choose(service_state_uses_id);
	int err = 0;
	pid_t pid;

	if (!pipes || null_fd < 0) {
		err = errno;
	} else {
		qsort(fds, count, sizeof(*fds), fd_compare);
		for (size_t i = 0; i < count; i++)
			pipes[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
		pid = fork();
		if (pid == 0)
			drain_main(fds, pipes, count, null_fd, ids);
		if (pid < 0)
			err = errno;
	}
	fd_close(&null_fd);
	free(pipes);
	errno = err;
	return err ? -1 : 0;
}
