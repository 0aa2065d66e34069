/* helper: see helper.h. */
#include "run/process/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/log.h"

__attribute__((noreturn)) static void helper_main(
	void (*work)(const void *arg, int out), const void *arg, int out, unsigned limit_s)
{
	sigset_t none;
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_NAME, "inetd-helper");
	log_close();
	log_gather(false);
	/* Who has started the daemon may wait until nobody has these any more. Helpers with a pipe
	 * log nothing. */
	for (int fd = 0; null_fd >= 0 && fd <= STDERR_FILENO; fd++)
		if (fd < STDERR_FILENO || out >= 0 || !log_is_stderr())
			dup2(null_fd, fd);
	if (out >= 0 && out != STDERR_FILENO + 1) {
		dup2(out, STDERR_FILENO + 1);
		out = STDERR_FILENO + 1;
	}
	closefrom(out >= 0 ? out + 1 : STDERR_FILENO + 1);
	signal(SIGHUP, SIG_IGN); /* what was sent to "inetd" before we had our own name */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(limit_s);
	work(arg, out);
	_exit(0);
}

int helper_start(struct child *child, void (*work)(const void *arg, int out), const void *arg,
	bool want_pipe, unsigned limit_s)
{
	int ends[2] = {-1, -1};
	int saved;

	if (want_pipe && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	child->pid = fork();
	if (child->pid == 0)
		helper_main(work, arg, ends[1], limit_s);
	saved = errno;
	fd_close(&ends[1]);
	if (child->pid < 0) {
		fd_close(&ends[0]);
		errno = saved;
		return -1;
	}
	child_add(child);
	if (!want_pipe)
		return 0;
	fd_set_nonblock(ends[0], true);
	return fd_raise(ends[0]);
}
