/* companion: see companion.h. */
#include "run/process/companion.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/title.h"

#define LINK_BYTES (1 << 20)

static void ignore_signals(void)
{
	static const int ignored[] = {SIGHUP, SIGTERM, SIGINT, SIGXFSZ};
	sigset_t none;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

__attribute__((noreturn)) static void companion_main(
	const struct companion *companion, const void *arg, int link, int null_fd)
{
	prctl(PR_SET_NAME, companion->name);
	title_set("%s", companion->title);
	setsid();
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		dup2(null_fd, fd);
	if (link != COMPANION_LINK && dup2(link, COMPANION_LINK) < 0)
		_exit(1);
	ignore_signals();
	fd_close_range(COMPANION_LINK + 1, ~0U);
	if (chdir("/") == 0)
		companion->work(arg);
	_exit(0);
}

int companion_start(const struct companion *companion, const void *arg)
{
	const int bytes = LINK_BYTES;
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC), ends[2] = {-1, -1}, saved;
	pid_t pid = -1;

	if (null_fd >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0) {
		if (setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
			setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
		pid = fork();
	}
	if (pid == 0)
		companion_main(companion, arg, ends[1], null_fd);
	saved = errno;
	fd_close(&null_fd);
	fd_close(&ends[1]);
	if (pid < 0) {
		fd_close(&ends[0]);
		errno = saved;
		return -1;
	}
	fd_set_nonblock(ends[0], true);
	return fd_raise(ends[0]);
}
