/* stderr_pipe: see stderr_pipe.h. */
#include "run/program/stderr_pipe.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/monotonic.h"
#include "run/program/stderr_keeper.h"
#include "run/program/stderr_link.h"

#define PIPE_BYTES  65536     /* of one pipe in a window */
#define ALL_BYTES   (1 << 20) /* of all pipes in a window, besides what each group may have */
#define GROUP_BYTES 16384     /* of a group in a window, whatever is read of others */
#define LEAST_BYTES 512       /* that one read counts */

RB_GENERATE(stderr_pipes, stderr_pipe, by_inode, stderr_pipe_compare)

struct stderr_pipes stderr_pipes = RB_INITIALIZER(&stderr_pipes);

static struct {
	int epoll_fd;
	bool flushing;      /* all there is is read, and the end of that is to be told */
	uint64_t resume_ms; /* no pipe's pause is over before */
	struct stderr_window window;
	TAILQ_HEAD(, stderr_pipe) paused;
} reading = {
	.paused = TAILQ_HEAD_INITIALIZER(reading.paused),
};

/* --- pipes --- */

static int watch_fd(int op, int fd, uint64_t inode)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = inode};

	return epoll_ctl(reading.epoll_fd, op, fd, &event);
}

static void pause_for(struct stderr_pipe *pipe, uint64_t ms)
{
	uint64_t until_ms = monotonic_ms() + ms;

	if (TAILQ_EMPTY(&reading.paused) || until_ms < reading.resume_ms)
		reading.resume_ms = until_ms;
	if (!pipe->paused_until_ms)
		TAILQ_INSERT_TAIL(&reading.paused, pipe, in_paused);
	pipe->paused_until_ms = until_ms;
}

static void unpause(struct stderr_pipe *pipe)
{
	if (pipe->paused_until_ms)
		TAILQ_REMOVE(&reading.paused, pipe, in_paused);
	pipe->paused_until_ms = 0;
}

static void watch(struct stderr_pipe *pipe)
{
	int op = pipe->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	unpause(pipe);
	pipe->watched = watch_fd(op, pipe->fd, pipe->inode) == 0;
	if (!pipe->watched)
		pause_for(pipe, STDERR_WINDOW_MS);
}

/* Those whose pause is over. Milliseconds until the next; -1: there is none. */
int stderr_pipe_resume(void)
{
	uint64_t now_ms = monotonic_ms(), next_ms = UINT64_MAX;
	struct stderr_pipe *pipe, *next;

	if (TAILQ_EMPTY(&reading.paused))
		return -1;
	if (reading.resume_ms > now_ms)
		return (int)(reading.resume_ms - now_ms);
	for (pipe = TAILQ_FIRST(&reading.paused); pipe; pipe = next) {
		next = TAILQ_NEXT(pipe, in_paused);
		if (pipe->paused_until_ms <= now_ms)
			watch(pipe);
		if (pipe->paused_until_ms) /* still, or again */
			next_ms = MIN(next_ms, pipe->paused_until_ms);
	}
	reading.resume_ms = next_ms;
	return TAILQ_EMPTY(&reading.paused) ? -1 : (int)MAX(next_ms - now_ms, 1);
}

/* The daemon may have the same pipe still, so that closing would not be enough for epoll. */
static void drop(struct stderr_pipe *pipe)
{
	if (pipe->watched)
		watch_fd(EPOLL_CTL_DEL, pipe->fd, pipe->inode);
	unpause(pipe);
	stderr_pool_enter(&pipe->job);
	fd_close(&pipe->shared);
	fd_close(&pipe->fd);
	stderr_pool_leave(&pipe->job);
	RB_REMOVE(stderr_pipes, &stderr_pipes, pipe);
	stderr_pool_part(&pipe->job);
	free(pipe);
}

void stderr_pipe_begin(int epoll_fd)
{
	reading.epoll_fd = epoll_fd;
}

struct stderr_pipe *stderr_pipe_find(uint64_t inode)
{
	struct stderr_pipe key = {.inode = inode};

	return RB_FIND(stderr_pipes, &stderr_pipes, &key);
}

struct stderr_pipe *stderr_pipe_add(int fd, uint64_t inode, uint64_t group)
{
	struct stderr_pipe *pipe = calloc(1, sizeof(*pipe));

	if (!pipe || stderr_pool_join(&pipe->job, group) < 0) {
		free(pipe);
		return NULL;
	}
	pipe->fd = fd;
	pipe->shared = -1;
	pipe->inode = inode;
	RB_INSERT(stderr_pipes, &stderr_pipes, pipe);
	watch(pipe);
	return pipe;
}

/* --- by workers --- */

static void count(struct stderr_pipe *pipe, size_t len)
{
	size_t bytes = MAX(len, LEAST_BYTES);

	pipe->window.used += bytes;
	stderr_pool_window(&pipe->job)->used += bytes;
	reading.window.used += bytes;
}

/* False if it is paused, as enough was read in this window. */
static bool may_read(struct stderr_pipe *pipe)
{
	uint64_t own_ms = stderr_window_wait_ms(&pipe->window, PIPE_BYTES);
	uint64_t group_ms = stderr_window_wait_ms(stderr_pool_window(&pipe->job), GROUP_BYTES);
	uint64_t all_ms = stderr_window_wait_ms(&reading.window, ALL_BYTES);
	uint64_t wait_ms = MAX(own_ms, MIN(all_ms, group_ms));

	if (wait_ms)
		pause_for(pipe, wait_ms);
	return !wait_ms;
}

/* Some of it goes to the daemon, or its end. False if that was all. */
static bool read_some(struct stderr_pipe *pipe)
{
	struct stderr_answer text;
	ssize_t len;
	int err;

	stderr_pool_enter(&pipe->job);
	len = read(pipe->fd, text.text, sizeof(text.text));
	err = errno;
	stderr_pool_leave(&pipe->job);
	if (len > 0) {
		count(pipe, (size_t)len);
		if (!pipe->forgotten)
			stderr_link_send(&text, STDERR_TEXT, pipe->inode, (size_t)len);
	} else if (!len || (err != EAGAIN && err != EINTR)) {
		pipe->ended = true;
		if (!pipe->forgotten)
			stderr_link_tell(STDERR_END, pipe->inode);
	}
	return len > 0;
}

static void close_shared(struct stderr_pipe *pipe)
{
	int fd = pipe->shared;

	pipe->unshare = false;
	pipe->shared = -1;
	stderr_pool_enter(&pipe->job);
	fd_close(&fd);
	stderr_pool_leave(&pipe->job);
}

/* While all is flushed, of each no more than a pipe holds. */
static void read_pipe(struct stderr_pipe *pipe)
{
	if (reading.flushing)
		while (pipe->window.used < PIPE_BYTES && read_some(pipe))
			;
	else if (may_read(pipe))
		read_some(pipe);
}

void stderr_pipe_act(struct stderr_job *job)
{
	struct stderr_pipe *pipe = container_of(job, struct stderr_pipe, job);

	if (pipe->unshare)
		close_shared(pipe);
	if (!pipe->drop)
		read_pipe(pipe);
	if (pipe->drop || (pipe->ended && pipe->forgotten))
		drop(pipe);
	else if (!pipe->ended && !pipe->paused_until_ms)
		watch(pipe);
}

void stderr_pipe_done(void)
{
	if (!reading.flushing)
		return;
	reading.flushing = false;
	stderr_link_tell(STDERR_FLUSHED, 0);
}

void stderr_pipe_told(struct stderr_job *job)
{
	stderr_link_tell(STDERR_LOCKED, container_of(job, struct stderr_pipe, job)->inode);
}

void stderr_pipe_look(struct stderr_pipe *pipe)
{
	if (may_read(pipe))
		stderr_pool_do(&pipe->job);
}

void stderr_pipe_flush(void)
{
	struct stderr_pipe *pipe;

	reading.flushing = true;
	RB_FOREACH (pipe, stderr_pipes, &stderr_pipes) {
		if (pipe->forgotten || pipe->ended)
			continue;
		pipe->window.used = 0;
		stderr_pool_do(&pipe->job);
	}
	if (stderr_pool_is_done())
		stderr_pipe_done();
}
