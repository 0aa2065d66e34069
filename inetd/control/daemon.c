/* daemon: see daemon.h. */
#include "control/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fdutil.h"

#define KEY_POS_VIEW 0x01000000 /* keyctl_setperm(3): who possesses it may see that it is there */

static int outcome_fd = -1; /* to the waiting parent */

void daemon_clean_start(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL}, old;
	sigset_t all;
	int fd;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (int sig = 1; sig < NSIG; sig++)
		if (!sigaction(sig, NULL, &old) && old.sa_handler != SIG_DFL)
			sigaction(sig, &action, NULL);
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	fd_close(&fd);
}

void daemon_own_keyring(void)
{
	long ring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);

	/* It is every program's too: nothing is to be kept in it. Who wants a keyring joins one. */
	if (ring >= 0)
		syscall(SYS_keyctl, KEYCTL_SETPERM, ring, KEY_POS_VIEW);
}

/* The old process: waits for a byte (all is well) or for the end of the new one. */
__attribute__((noreturn)) static void wait_for_outcome(int fd, pid_t pid)
{
	int status = 0;
	char byte;

	if (read(fd, &byte, 1) == 1)
		_exit(0);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1);
}

int daemon_background(void)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid > 0) {
		close(ends[1]);
		wait_for_outcome(ends[0], pid);
	}
	close(ends[0]);
	outcome_fd = fd_raise(ends[1]);
	return setsid() < 0 ? -1 : 0;
}

void daemon_ready(void)
{
	int null_fd;

	if (outcome_fd < 0)
		return;
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; null_fd >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null_fd, fd);
	fd_close(&null_fd);
	if (write(outcome_fd, "", 1) == 1) /* if not, the parent was killed: nobody waits */
		errno = 0;
	fd_close(&outcome_fd);
}

bool daemon_raise_nofile(struct rlimit *before)
{
	struct rlimit raised;

	*before = fd_limit();
	raised = *before;
	raised.rlim_cur = raised.rlim_max;
	return raised.rlim_cur != before->rlim_cur && setrlimit(RLIMIT_NOFILE, &raised) == 0;
}
