/* fdutil: see fdutil.h. */
#include "base/fdutil.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FD_MOST 1048576U /* no descriptor of this number is open: fs.nr_open of proc(5) */

#define USUAL_MOST 1024 /* descriptors, where nobody knows */

#define FEW         64
#define ENTRY_BYTES 24 /* of getdents64(2), with a name of up to four digits */

void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

/* Those that /proc lists. Returns false where it is not mounted. */
static bool close_listed(unsigned first, unsigned last)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!dir)
		return false;
	while ((entry = readdir(dir))) {
		const char *error;
		unsigned fd = (unsigned)strtonum(entry->d_name, first, MIN(last, INT_MAX), &error);

		if (!error && fd != (unsigned)dirfd(dir))
			close((int)fd);
	}
	closedir(dir);
	return true;
}

void fd_close_range(unsigned first, unsigned last)
{
	if (syscall(SYS_close_range, first, last, 0) == 0 || close_listed(first, last))
		return;
	for (unsigned fd = first; fd <= MIN(last, FD_MOST - 1); fd++)
		close((int)fd);
}

bool fd_are_few(void)
{
	char entries[FEW * ENTRY_BYTES];
	int dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool few = syscall(SYS_getdents64, dir, entries, sizeof(entries)) > 0 &&
		   syscall(SYS_getdents64, dir, entries, sizeof(entries)) == 0;

	fd_close(&dir);
	return few;
}

struct rlimit fd_limit(void)
{
	struct rlimit limit;

	for (int i = 0; i < 2; i++)
		if (!getrlimit(RLIMIT_NOFILE, &limit))
			return limit;
	return (struct rlimit){USUAL_MOST, USUAL_MOST};
}

int fd_raise(int fd)
{
	int high;

	if (fd < 0 || fd >= FD_LOW)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, FD_LOW);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

int fd_set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);
	int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;

	if (flags < 0)
		return -1;
	return flags == wanted ? 0 : fcntl(fd, F_SETFL, wanted);
}

void fd_block_hold(struct fd_block *block)
{
	block->count = 0;
	for (int fd = open("/dev/null", O_RDONLY | O_CLOEXEC); fd >= 0; fd = dup(fd)) {
		if (fd >= FD_LOW) {
			close(fd);
			break;
		}
		block->fds[block->count++] = fd;
	}
	for (int i = 0; i < block->count; i++)
		fcntl(block->fds[i], F_SETFD, FD_CLOEXEC);
}

void fd_block_release(struct fd_block *block)
{
	while (block->count > 0)
		close(block->fds[--block->count]);
}

int fd_send(int sock, const void *data, size_t len, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)data, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		struct cmsghdr *cmsg;

		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -1 : 0;
}

ssize_t fd_recv(int sock, void *data, size_t size, int *fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = data, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		/* Without the padding, in which a second one would find room. */
		.msg_controllen = CMSG_LEN(sizeof(int))};
	ssize_t len = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	*fd = -1;
	if (len < 0)
		return -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
			c->cmsg_len >= CMSG_LEN(sizeof(int)))
			memcpy(fd, CMSG_DATA(c), sizeof(int));
	if (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		fd_close(fd);
		errno = EMSGSIZE;
		return -1;
	}
	return len;
}
