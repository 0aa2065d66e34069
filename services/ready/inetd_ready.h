/* inetd_ready: for programs of inetd(8) that start before their connection comes (spare_ready =
 * yes). inetd_ready() returns when it is there: on descriptors 0, 1 and 2, with its variables in
 * the environment; at once where there is nothing to wait for. Protocol: inetd-services(7). */
#pragma once
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void inetd_ready(void)
{
	static char text[65536 + 1];
	size_t got[CMSG_SPACE(2 * sizeof(int)) / sizeof(size_t)];
	struct iovec iov = {text, sizeof(text) - 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = got};
	int fd = getenv("INETD_READY") ? atoi(getenv("INETD_READY")) : -1, fds[2];

	if (fd < 0 || send(fd, "", 1, MSG_NOSIGNAL) < 0)
		return;
	memset(got, -1, sizeof(got));
	do
		msg.msg_controllen = sizeof(got);
	while (recvmsg(fd, &msg, MSG_CMSG_CLOEXEC) < 0 && errno == EINTR);
	memcpy(fds, CMSG_DATA((struct cmsghdr *)got), sizeof(fds));
	if (fds[0] < 0)
		_exit(0); /* there will be none */
	for (int i = 0; i < 3; i++)
		dup2(fds[i / 2], i);
	for (int i = 0; i < 3; i++)
		close(i < 2 ? fds[i] : fd);
	clearenv();
	for (char *at = text; *at; at += strlen(at) + 1)
		putenv(at);
}
