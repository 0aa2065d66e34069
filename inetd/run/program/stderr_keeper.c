/* stderr_keeper: see stderr_keeper.h. The first thread waits for what is to be done and takes
 * orders; what locks a pipe is done by workers (stderr_pool.h), who alone free pipes. An event
 * names its pipe by number: it may have gone when the event is looked at. */
#include "run/program/stderr_keeper.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/heap.h"
#include "base/title.h"
#include "run/process/companion.h"
#include "run/process/worker_uid.h"
#include "run/program/stderr_link.h"
#include "run/program/stderr_pipe.h"

static struct {
	int epoll_fd;
	bool linked;
} keeper;

static void away(void)
{
	stderr_link_tell(STDERR_AWAY, 0);
}

/* The daemon has closed its copy, before us: who closes a pipe last may have to wait. One that has
 * ended is read again, and found to. */
static void forget(struct stderr_pipe *pipe)
{
	pipe->forgotten = true;
	if (pipe->ended)
		stderr_pool_do(&pipe->job);
}

/* The daemon asks for one that it had done with; or does not know that it is here. */
static void remember(struct stderr_pipe *pipe)
{
	pipe->forgotten = false;
	if (pipe->ended)
		stderr_pool_do(&pipe->job);
}

/* There is no room: one of those that nobody wants to know of goes. */
static void drop_one(void)
{
	struct stderr_pipe *pipe;

	RB_FOREACH (pipe, stderr_pipes, &stderr_pipes)
		if (pipe->forgotten && !pipe->drop)
			break;
	if (!pipe)
		return;
	pipe->drop = true;
	stderr_pool_do(&pipe->job);
}

static void add(const struct stderr_order *order, int fd)
{
	struct stderr_pipe *known = stderr_pipe_find(order->inode);

	if (!known && fd >= 0 && stderr_pipe_add(fd, order->inode, order->group))
		return;
	fd_close(&fd); /* which is not the last: the daemon has it */
	if (known && !known->drop) {
		remember(known);
		return;
	}
	drop_one();
	stderr_link_tell(STDERR_REFUSED, order->inode);
}

static void share(struct stderr_pipe *pipe, int fd)
{
	if (pipe->shared >= 0) /* of which the daemon has told nothing yet: it has it */
		fd_close(&fd);
	else
		pipe->shared = fd;
}

static void unshare(struct stderr_pipe *pipe)
{
	pipe->unshare = pipe->shared >= 0;
	if (pipe->unshare)
		stderr_pool_do(&pipe->job);
}

/* The daemon has gone. */
static void unlinked(void)
{
	struct stderr_pipe *pipe;

	prctl(PR_SET_NAME, "inetd-leftover");
	title_set("reads what programs write to a closed log");
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	epoll_ctl(keeper.epoll_fd, EPOLL_CTL_DEL, COMPANION_LINK, NULL);
	keeper.linked = false;
	stderr_link_close();
	RB_FOREACH (pipe, stderr_pipes, &stderr_pipes) {
		unshare(pipe);
		forget(pipe);
	}
}

static void take_order(void)
{
	struct stderr_order order = {0};
	struct stderr_pipe *pipe;
	int fd;
	ssize_t len = fd_recv(COMPANION_LINK, &order, sizeof(order), &fd);

	if (len < 0 && errno == EMSGSIZE) /* there was no descriptor for the pipe */
		len = sizeof(order);
	if (!len)
		unlinked();
	else if (len < (ssize_t)sizeof(order))
		fd_close(&fd); /* of nobody who waits for it */
	else if (order.verb == STDERR_LOG)
		add(&order, fd);
	else if (order.verb == STDERR_FLUSH)
		stderr_pipe_flush();
	else if (order.verb == STDERR_PING)
		stderr_link_tell(STDERR_PONG, stderr_pool_any_away());
	else if (!(pipe = stderr_pipe_find(order.inode)))
		fd_close(&fd);
	else if (order.verb == STDERR_FORGET)
		forget(pipe);
	else if (order.verb == STDERR_SHARE)
		share(pipe, fd);
	else if (order.verb == STDERR_SHARED)
		unshare(pipe);
}

/* Until there is neither a daemon nor a pipe any more. */
static void keep(void)
{
	struct epoll_event event;
	struct stderr_pipe *pipe;

	while (keeper.linked || !RB_EMPTY(&stderr_pipes)) {
		int again_ms = stderr_pool_tend(), wait_ms = stderr_pipe_resume(), count;

		if (wait_ms < 0 || (again_ms >= 0 && again_ms < wait_ms))
			wait_ms = again_ms;
		stderr_pool_unlock();
		count = epoll_wait(keeper.epoll_fd, &event, 1, wait_ms);
		stderr_pool_lock();
		if (count > 0 && !event.data.u64)
			take_order();
		else if (count > 0 && (pipe = stderr_pipe_find(event.data.u64)))
			stderr_pipe_look(pipe);
	}
}

void stderr_keeper_work(const void *arg)
{
	static const struct stderr_pool_calls calls = {
		.act = stderr_pipe_act,
		.told = stderr_pipe_told,
		.away = away,
		.done = stderr_pipe_done,
	};
	struct epoll_event event = {.events = EPOLLIN}; /* 0, which is no inode */
	const struct worker_uid *ids = arg;

	heap_keep_one();
	keeper.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	keeper.linked = true;
	stderr_pipe_begin(keeper.epoll_fd);
	if (keeper.epoll_fd >= 0 &&
		epoll_ctl(keeper.epoll_fd, EPOLL_CTL_ADD, COMPANION_LINK, &event) == 0 &&
		worker_uid_become(*ids) == 0 && stderr_pool_start(&calls) == 0)
		keep();
}
