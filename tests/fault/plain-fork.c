/* plain-fork: for LD_PRELOAD, because valgrind knows fork(2) and no other clone(2). A child gets a
 * copy of the memory, so that what it reports of a failed start is lost; the parent goes on when it
 * has execed or ended. */
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/types.h>
#include <unistd.h>

int clone(int (*function)(void *), void *stack, int flags, void *arg, ...)
{
	pid_t *parent_tid, *child_tid, pid;
	int pipe_fds[2];
	va_list list;
	char byte;

	(void)stack;
	va_start(list, arg);
	parent_tid = va_arg(list, pid_t *);
	(void)va_arg(list, void *);
	child_tid = va_arg(list, pid_t *);
	va_end(list);
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(pipe_fds[0]);
		_exit(function(arg));
	}
	close(pipe_fds[1]);
	while (read(pipe_fds[0], &byte, 1) > 0)
		;
	close(pipe_fds[0]);
	if (flags & CLONE_PARENT_SETTID)
		*parent_tid = pid;
	if (flags & CLONE_CHILD_CLEARTID)
		*child_tid = 0;
	return pid;
}
