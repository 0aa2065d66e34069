/* pool_worker: see pool.h. The side of those who serve. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "common/fdpass.h"
#include "common/io.h"
#include "common/pool.h"

#define SHORT_OF_MS 100 /* to wait when there are no descriptors or no memory */

enum next { NEXT_LEAVE = -1, NEXT_FAILED = -2 };

static bool somebody_idle(const struct pool *pool)
{
	for (unsigned i = 0; i < pool->max; i++)
		if (atomic_load(&pool->board->seats[i].state) == POOL_IDLE)
			return true;
	return false;
}

/* Without a poke the manager sleeps: he has to know when the last idle one goes to work, or, if he
 * gives out the work himself, when somebody is there for more of it. */
static void say(struct pool *pool, struct pool_seat *seat, enum pool_state state)
{
	atomic_store(&seat->changed_ms, monotonic_ms());
	atomic_store(&seat->state, state);
	if (pool->pass ? state == POOL_IDLE && atomic_load(&pool->board->hungry)
		       : state == POOL_BUSY && !somebody_idle(pool))
		eventfd_write(pool->poke_fd, 1);
}

/* Waits for the listener and the channel at once. With EPOLLEXCLUSIVE a connection wakes one of
 * those who wait for it, not all (epoll_ctl(2)). */
static int watch(const struct pool *pool, int channel)
{
	struct epoll_event on_listener = {EPOLLIN | EPOLLEXCLUSIVE, {.fd = pool->listener}};
	struct epoll_event on_channel = {EPOLLIN, {.fd = channel}};
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, pool->listener, &on_listener) < 0 ||
		epoll_ctl(fd, EPOLL_CTL_ADD, channel, &on_channel) < 0)
		return -1;
	return fd;
}

/* What accept(2) says of a connection that has gone, or of one that another process has taken. */
static bool may_accept_again(void)
{
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
		poll(NULL, 0, SHORT_OF_MS);
		return true;
	}
	return errno != EINVAL && errno != EBADF && errno != ENOTSOCK && errno != EOPNOTSUPP;
}

/* The next connection of the listener, or an enum next. One that waits while the channel says
 * "leave" is for others. */
static int accept_next(const struct pool *pool, int epoll_fd, int channel)
{
	for (;;) {
		struct epoll_event event[2];
		int count = epoll_wait(epoll_fd, event, 2, -1), fd;

		if (count < 0 && errno != EINTR)
			return NEXT_FAILED;
		for (int i = 0; i < count; i++)
			if (event[i].data.fd == channel)
				return NEXT_LEAVE;
		if (count <= 0)
			continue;
		fd = accept4(pool->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			return fd;
		if (!may_accept_again())
			return NEXT_FAILED;
	}
}

static int receive_next(int channel)
{
	int fd = fdpass_receive(channel);

	if (fd >= 0)
		return fd;
	return errno == 0 ? NEXT_LEAVE : NEXT_FAILED;
}

void pool_work(struct pool *pool, struct pool_seat *seat, int channel)
{
	int epoll_fd = pool->pass ? -1 : watch(pool, channel), connection = NEXT_FAILED;

	while (pool->pass || epoll_fd >= 0) {
		connection =
			pool->pass ? receive_next(channel) : accept_next(pool, epoll_fd, channel);
		if (connection < 0)
			break;
		say(pool, seat, POOL_BUSY);
		if (pool->serve(connection) < 0) {
			connection = NEXT_FAILED;
			break;
		}
		close(connection);
		say(pool, seat, POOL_IDLE);
	}
	if (connection == NEXT_FAILED)
		atomic_store(&seat->state, POOL_FAILED);
	_exit(connection == NEXT_FAILED);
}
