/* stderr_keeper: see stderr_keeper.h. */
#include "run/program/stderr_keeper.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/large.h"
#include "base/title.h"
#include "run/process/companion.h"
#include "run/process/worker_uid.h"

#define TURN_BYTES 8192
#define EVENTS     64

struct keeper {
	int epoll_fd;
	unsigned count; /* pipes */
	int highest;    /* descriptor that one of them ever had */
	bool linked;
};

/* It has no more rights than the user `ids`; 0: than the caller, who is not root or may not. */
static int give_up_rights(struct worker_uid ids)
{
	if (ids.uid && (setgroups(0, NULL) < 0 || setresgid(ids.gid, ids.gid, ids.gid) < 0 ||
			       setresuid(ids.uid, ids.uid, ids.uid) < 0))
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int watch_fd(const struct keeper *keeper, int op, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	return epoll_ctl(keeper->epoll_fd, op, fd, &event);
}

/* Of a pipe that is not to be read yet epoll tells only that its last writer has gone: EPOLLHUP
 * needs no asking for (epoll_ctl(2)). */
static void add(struct keeper *keeper, int fd, uint32_t verb)
{
	if (watch_fd(keeper, EPOLL_CTL_ADD, fd, verb == STDERR_READ ? EPOLLIN : 0) < 0) {
		fd_close(&fd);
		return;
	}
	keeper->count++;
	keeper->highest = MAX(keeper->highest, fd);
}

/* The daemon may have the same pipe still, so that closing would not be enough for epoll. */
static void drop(struct keeper *keeper, int fd)
{
	watch_fd(keeper, EPOLL_CTL_DEL, fd, 0);
	fd_close(&fd);
	keeper->count--;
}

/* One that is held is read from now on; inode 0: all of them. */
static void read_held(const struct keeper *keeper, uint64_t inode)
{
	struct stat st;

	for (int fd = COMPANION_LINK + 1; fd <= keeper->highest; fd++)
		if (fd != keeper->epoll_fd &&
			(!inode || (fstat(fd, &st) == 0 && st.st_ino == inode)))
			watch_fd(keeper, EPOLL_CTL_MOD, fd, EPOLLIN);
}

/* The daemon has gone. */
static void unlinked(struct keeper *keeper)
{
	int link = COMPANION_LINK;

	prctl(PR_SET_NAME, "inetd-leftover");
	title_set("reads what programs write to a closed log");
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	watch_fd(keeper, EPOLL_CTL_DEL, link, 0);
	fd_close(&link);
	keeper->linked = false;
	read_held(keeper, 0);
}

/* The link has another pipe, or is closed. */
static void take(struct keeper *keeper)
{
	struct stderr_order order = {0};
	int fd;
	ssize_t len = fd_recv(COMPANION_LINK, &order, sizeof(order), &fd);

	if (fd >= 0)
		add(keeper, fd, order.verb);
	else if (len == sizeof(order) && order.verb == STDERR_READ)
		read_held(keeper, order.inode);
	else if (!len || (len < 0 && errno != EAGAIN && errno != EINTR && errno != EMSGSIZE))
		unlinked(keeper);
}

/* What is there of one, or its end. */
static void look(struct keeper *keeper, const struct epoll_event *event)
{
	static char text[TURN_BYTES] LARGE;
	ssize_t len = 0;

	if (event->events & EPOLLIN)
		len = read(event->data.fd, text, sizeof(text));
	if (!len || (len < 0 && errno != EAGAIN && errno != EINTR))
		drop(keeper, event->data.fd);
}

static void keep(struct keeper *keeper)
{
	struct epoll_event events[EVENTS];

	while (keeper->linked || keeper->count) {
		int count = epoll_wait(keeper->epoll_fd, events, EVENTS, -1);

		if (count < 0 && errno != EINTR)
			return;
		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == COMPANION_LINK && keeper->linked)
				take(keeper);
			else
				look(keeper, &events[i]);
		}
	}
}

void stderr_keeper_work(const void *arg)
{
	const struct worker_uid *ids = arg;
	struct keeper keeper = {.linked = true, .epoll_fd = epoll_create1(EPOLL_CLOEXEC)};

	if (keeper.epoll_fd >= 0 &&
		watch_fd(&keeper, EPOLL_CTL_ADD, COMPANION_LINK, EPOLLIN) == 0 &&
		give_up_rights(*ids) == 0)
		keep(&keeper);
}
