/* openat2: for LD_PRELOAD, because valgrind knows no openat2(2). The program that OPENAT2 names
 * (tests/bin/openat2.c) is run for it, outside of valgrind, and passes the open file back: what the
 * kernel allows is decided by the kernel here too. */
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

_Noreturn static void ask(int socket, int root, const char *path, const struct open_how *how)
{
	const char *helper = getenv("OPENAT2");
	char numbers[4][24];

	snprintf(numbers[0], sizeof(numbers[0]), "%d", root);
	snprintf(numbers[1], sizeof(numbers[1]), "%llu", how->flags);
	snprintf(numbers[2], sizeof(numbers[2]), "%llu", how->mode);
	snprintf(numbers[3], sizeof(numbers[3]), "%llu", how->resolve);
	if (root >= 0)
		fcntl(root, F_SETFD, 0);
	dup2(socket, STDIN_FILENO);
	unsetenv("LD_PRELOAD");
	if (helper)
		execl(helper, "openat2", numbers[0], path, numbers[1], numbers[2], numbers[3],
			NULL);
	_exit(127);
}

/* The answer: an errno, and the descriptor where that is 0. */
static int answer_of(int socket)
{
	int error = EIO, fd = -1;
	struct iovec iov = {&error, sizeof(error)};
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(fd))];
	} control = {0};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room)};

	if (recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) != sizeof(error))
		errx(99, "openat2: no answer");
	if (error == 0 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	errno = error;
	return fd;
}

static int openat2(int root, const char *path, const struct open_how *how)
{
	int pair[2], fd, error;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		ask(pair[1], root, path, how);
	close(pair[1]);
	fd = answer_of(pair[0]);
	error = errno;
	close(pair[0]);
	waitpid(pid, NULL, 0);
	errno = error;
	return fd;
}

long syscall(long number, ...)
{
	long (*real)(long number, ...), a[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_openat2)
		return openat2((int)a[0], (const char *)a[1], (const struct open_how *)a[2]);
	*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
