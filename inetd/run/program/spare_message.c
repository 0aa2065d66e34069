/* spare_message: see spare_message.h. */
#include "run/program/spare_message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/large.h"

#define STRINGS_MOST 1024 /* pieces of a message (IOV_MAX) */
#define BYTES_MOST   65536

int spare_message_send(
	int link, char *const *envp, unsigned count, const int *fds, unsigned fd_count)
{
	static struct iovec pieces[STRINGS_MOST] LARGE;
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control = {0};
	struct msghdr msg = {.msg_iov = pieces,
		.msg_iovlen = count,
		.msg_control = control.room,
		.msg_controllen = CMSG_SPACE(fd_count * sizeof(int))};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	size_t len = 0;

	for (unsigned i = 0; i < count && i < STRINGS_MOST; i++) {
		pieces[i] = (struct iovec){envp[i], strlen(envp[i]) + 1};
		len += pieces[i].iov_len;
	}
	if (count > STRINGS_MOST || len > BYTES_MOST) {
		errno = E2BIG;
		return -1;
	}
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, fd_count * sizeof(int));
	return sendmsg(link, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 0;
}
