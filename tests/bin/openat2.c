/* openat2: opens a file by openat2(2) for a program that cannot call it (tests/fault/openat2.c),
 *and passes it, or the errno, over the socket on standard input.
 *
 *	openat2 ROOT-DESCRIPTOR PATH FLAGS MODE RESOLVE */
#include <errno.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	int error, fd;
	struct open_how how = {0};
	struct iovec iov = {&error, sizeof(error)};
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(fd))];
	} control = {0};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (argc != 6)
		return 2;
	how.flags = strtoull(argv[3], NULL, 10);
	how.mode = strtoull(argv[4], NULL, 10);
	how.resolve = strtoull(argv[5], NULL, 10);
	fd = (int)syscall(SYS_openat2, (int)strtol(argv[1], NULL, 10), argv[2], &how, sizeof(how));
	error = fd < 0 ? errno : 0;
	if (fd >= 0) {
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
		CMSG_FIRSTHDR(&msg)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&msg)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&msg)->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), &fd, sizeof(fd));
	}
	return sendmsg(STDIN_FILENO, &msg, MSG_NOSIGNAL) < 0;
}
