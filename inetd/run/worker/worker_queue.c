/* worker_queue: see worker_queue.h. */
#include "run/worker/worker_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/queue.h>

#include "base/fdutil.h"
#include "base/loop.h"
#include "run/process/closer.h"

struct pending {
	TAILQ_ENTRY(pending) in_queue;
	int fd;                     /* owned; -1 = none */
	struct worker_down message; /* as far as it is used */
};

static void link_ready(struct watch *watch, uint32_t events);

static struct {
	struct watch watch; /* .fd owned; -1 when closed */
	void (*ready)(int fd);
	void (*clear)(void);
	TAILQ_HEAD(pending_list, pending) pending;
} queue = {
	.watch = {.fd = -1, .ready = link_ready}, .pending = TAILQ_HEAD_INITIALIZER(queue.pending)};

int queue_open(int fd, void (*ready)(int fd), void (*clear)(void))
{
	queue.watch.fd = fd;
	queue.ready = ready;
	queue.clear = clear;
	if (loop_watch(&queue.watch, EPOLLIN) == 0)
		return 0;
	fd_close(&queue.watch.fd);
	return -1;
}

static void pending_free(struct pending *pending)
{
	TAILQ_REMOVE(&queue.pending, pending, in_queue);
	closer_close(&pending->fd);
	free(pending);
}

void queue_close(void)
{
	struct pending *pending;

	loop_unwatch(&queue.watch);
	fd_close(&queue.watch.fd);
	while ((pending = TAILQ_FIRST(&queue.pending)))
		pending_free(pending);
}

bool queue_is_open(void)
{
	return queue.watch.fd >= 0;
}

int queue_link(void)
{
	return queue.watch.fd;
}

bool queue_is_clear(void)
{
	return queue.watch.fd >= 0 && TAILQ_EMPTY(&queue.pending);
}

static int enqueue(const struct worker_down *message, int fd)
{
	size_t size = worker_down_size(message);
	struct pending *pending = malloc(offsetof(struct pending, message) + size);

	if (!pending)
		return -1;
	memcpy(&pending->message, message, size);
	pending->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FD_LOW);
	if (fd >= 0 && pending->fd < 0) {
		free(pending);
		return -1;
	}
	TAILQ_INSERT_TAIL(&queue.pending, pending, in_queue);
	if (loop_watch(&queue.watch, EPOLLIN | EPOLLOUT) == 0)
		return 0;
	pending_free(pending); /* the caller takes it as not sent */
	return -1;
}

int queue_send(const struct worker_down *message, int fd)
{
	if (queue.watch.fd < 0) {
		errno = ENOTCONN;
		return -1;
	}
	if (TAILQ_EMPTY(&queue.pending)) {
		if (!fd_send(queue.watch.fd, message, worker_down_size(message), fd))
			return 0;
		if (errno != EAGAIN)
			return -1;
	}
	return enqueue(message, fd);
}

static void flush(void)
{
	struct pending *pending;

	while ((pending = TAILQ_FIRST(&queue.pending))) {
		if (fd_send(queue.watch.fd, &pending->message, worker_down_size(&pending->message),
			    pending->fd) < 0)
			return; /* full again; a broken link is noticed by reading */
		pending_free(pending);
	}
	loop_watch(&queue.watch, EPOLLIN);
	queue.clear();
}

static void link_ready(struct watch *watch, uint32_t events)
{
	if (events & EPOLLOUT)
		flush();
	if (events & ~(uint32_t)EPOLLOUT)
		queue.ready(watch->fd);
}
