/* stderr_keeper: see stderr_keeper.h. What locks a pipe is done between stderr_turn_enter() and
 * stderr_turn_leave(); a thread that has come back late from there does what it has to with its own
 * pipe and is no more. All pipes are freed by the reader. */
#include "run/program/stderr_keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/monotonic.h"
#include "base/title.h"
#include "run/process/companion.h"
#include "run/process/worker_uid.h"
#include "run/program/stderr_turn.h"
#include "run/program/stderr_window.h"

#define PIPE_BYTES 65536     /* of one pipe in a window */
#define ALL_BYTES  (1 << 20) /* of all pipes in a window */

struct pipe {
	struct stderr_turn turn;
	int fd;         /* owned */
	int shared;     /* the other end; owned; -1: the daemon does not share it now */
	bool forgotten; /* nobody wants to know, and the daemon has no copy */
	bool watched;   /* by epoll */
	bool unshare;   /* `shared` is to be closed */
	bool ended;     /* the daemon has been told */
	struct stderr_window window;
	uint64_t paused_until_ms; /* while it is in `paused` */
	TAILQ_ENTRY(pipe) in_all, in_paused;
};

TAILQ_HEAD(pipe_list, pipe);

/* Of reading; AWAY: another thread is the reader now. */
enum outcome { ALL_READ, MORE, AWAY };

static struct {
	int epoll_fd;
	bool linked;
	uint64_t resume_ms; /* no pipe's pause is over before */
	struct stderr_window window;
	struct pipe_list all, paused;
} keeper = {
	.all = TAILQ_HEAD_INITIALIZER(keeper.all),
	.paused = TAILQ_HEAD_INITIALIZER(keeper.paused),
};

/* --- the link --- */

/* Waits for room. Nothing of a pipe is looked at after it, which another thread may have freed. */
static void answer_with(struct stderr_answer *answer, uint32_t verb, uint64_t inode, size_t len)
{
	struct pollfd link = {.fd = COMPANION_LINK, .events = POLLOUT};

	answer->verb = verb;
	answer->inode = inode;
	len += offsetof(struct stderr_answer, text);
	while (keeper.linked && fd_send(COMPANION_LINK, answer, len, -1) < 0 &&
		(errno == EAGAIN || errno == ENOBUFS || errno == EINTR)) {
		stderr_turn_unlock();
		poll(&link, 1, STDERR_WINDOW_MS);
		stderr_turn_lock();
	}
}

static void answer(uint32_t verb, uint64_t inode)
{
	struct stderr_answer text;

	answer_with(&text, verb, inode, 0);
}

/* --- pipes --- */

static int watch_fd(int op, int fd, struct pipe *pipe)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = pipe};

	return epoll_ctl(keeper.epoll_fd, op, fd, &event);
}

/* The daemon may have the same pipe still, so that closing would not be enough for epoll. */
static void unwatch(struct pipe *pipe)
{
	if (pipe->watched)
		watch_fd(EPOLL_CTL_DEL, pipe->fd, NULL);
	pipe->watched = false;
}

static void pause_for(struct pipe *pipe, uint64_t ms)
{
	uint64_t until_ms = monotonic_ms() + ms;

	unwatch(pipe);
	if (TAILQ_EMPTY(&keeper.paused) || until_ms < keeper.resume_ms)
		keeper.resume_ms = until_ms;
	if (!pipe->paused_until_ms)
		TAILQ_INSERT_TAIL(&keeper.paused, pipe, in_paused);
	pipe->paused_until_ms = until_ms;
}

static void unpause(struct pipe *pipe)
{
	if (pipe->paused_until_ms)
		TAILQ_REMOVE(&keeper.paused, pipe, in_paused);
	pipe->paused_until_ms = 0;
}

static void watch(struct pipe *pipe)
{
	unpause(pipe);
	pipe->watched = watch_fd(EPOLL_CTL_ADD, pipe->fd, pipe) == 0;
	if (!pipe->watched)
		pause_for(pipe, STDERR_WINDOW_MS);
}

/* Those whose pause is over; *due: has more to be done than to be read, the first such.
 * Milliseconds until the next; -1: there is none. */
static int resume(struct pipe **due)
{
	uint64_t now_ms = monotonic_ms(), next_ms = UINT64_MAX;
	struct pipe *pipe, *next;

	if (TAILQ_EMPTY(&keeper.paused))
		return -1;
	if (keeper.resume_ms > now_ms)
		return (int)(keeper.resume_ms - now_ms);
	for (pipe = TAILQ_FIRST(&keeper.paused); pipe; pipe = next) {
		next = TAILQ_NEXT(pipe, in_paused);
		if (pipe->paused_until_ms <= now_ms && !pipe->unshare)
			watch(pipe);
		else if (pipe->paused_until_ms <= now_ms && !*due)
			*due = pipe;
		if (pipe->paused_until_ms) /* still, or again */
			next_ms = MIN(next_ms, pipe->paused_until_ms);
	}
	keeper.resume_ms = next_ms;
	return TAILQ_EMPTY(&keeper.paused) ? -1 : (int)MAX(next_ms - now_ms, 1);
}

static void drop(struct pipe *pipe)
{
	unwatch(pipe);
	unpause(pipe);
	TAILQ_REMOVE(&keeper.all, pipe, in_all);
	stderr_turn_enter(&pipe->turn);
	fd_close(&pipe->fd);
	stderr_turn_leave(&pipe->turn);
	free(pipe);
}

/* The daemon has closed its copy, before us: who closes a pipe last may have to wait. One that has
 * ended is read again, and found to. */
static void forget(struct pipe *pipe)
{
	pipe->forgotten = true;
	if (pipe->ended)
		watch(pipe);
	pipe->ended = false;
}

/* --- reading --- */

static void ends(struct pipe *pipe)
{
	unwatch(pipe);
	pipe->ended = true;
	if (pipe->forgotten)
		drop(pipe);
	else
		answer(STDERR_END, pipe->turn.inode);
}

/* Some of it goes to the daemon, or its end. */
static enum outcome read_some(struct pipe *pipe)
{
	struct stderr_answer text;
	bool is_reader;
	ssize_t len;
	int err;

	stderr_turn_enter(&pipe->turn);
	len = read(pipe->fd, text.text, sizeof(text.text));
	err = errno;
	is_reader = stderr_turn_leave(&pipe->turn);
	if (!is_reader) /* who is it now will see what is to be seen besides */
		pause_for(pipe, STDERR_WINDOW_MS);
	if (len > 0) {
		pipe->window.used += (size_t)len;
		keeper.window.used += (size_t)len;
		if (!pipe->forgotten)
			answer_with(&text, STDERR_TEXT, pipe->turn.inode, (size_t)len);
	} else if (is_reader && (!len || (err != EAGAIN && err != EINTR))) {
		ends(pipe);
	}
	if (!is_reader)
		return AWAY;
	return len > 0 ? MORE : ALL_READ;
}

static void close_shared(struct pipe *pipe)
{
	int fd = pipe->shared;

	pipe->shared = -1;
	pipe->unshare = false;
	stderr_turn_enter(&pipe->turn);
	fd_close(&fd);
	if (!stderr_turn_leave(&pipe->turn))
		pause_for(pipe, STDERR_WINDOW_MS);
	else if (!pipe->watched)
		watch(pipe);
}

/* There is something in it, or its end has come; or `shared` is to be closed. */
static void look(struct pipe *pipe)
{
	uint64_t own_ms = stderr_window_wait_ms(&pipe->window, PIPE_BYTES);
	uint64_t all_ms = stderr_window_wait_ms(&keeper.window, ALL_BYTES);
	uint64_t wait_ms = MAX(MAX(own_ms, all_ms), stderr_turn_wait_ms(pipe->turn.group));

	if (wait_ms)
		pause_for(pipe, wait_ms);
	else if (pipe->unshare)
		close_shared(pipe);
	else
		read_some(pipe);
}

/* --- orders --- */

static struct pipe *find(uint64_t inode)
{
	struct pipe *pipe;

	TAILQ_FOREACH (pipe, &keeper.all, in_all)
		if (pipe->turn.inode == inode)
			break;
	return pipe;
}

static void add(const struct stderr_order *order, int fd)
{
	struct pipe *pipe = fd >= 0 ? calloc(1, sizeof(*pipe)) : NULL;

	if (pipe) {
		pipe->fd = fd;
		pipe->shared = -1;
		pipe->turn.inode = order->inode;
		pipe->turn.group = order->group;
		TAILQ_INSERT_TAIL(&keeper.all, pipe, in_all);
		watch(pipe);
		return;
	}
	fd_close(&fd); /* which is not the last: the daemon has it */
	answer(STDERR_REFUSED, order->inode);
	TAILQ_FOREACH (pipe, &keeper.all, in_all)
		if (pipe->forgotten && pipe->shared < 0 && !stderr_turn_wait_ms(pipe->turn.group))
			break;
	if (pipe)
		drop(pipe);
}

/* Now, or when the thread that is in it has come back. */
static void unshare(struct pipe *pipe)
{
	pipe->unshare = pipe->shared >= 0;
	if (pipe->unshare && !pipe->turn.is_away)
		look(pipe);
}

/* All that is there now, but of each no more than a pipe holds. */
static void flush(void)
{
	struct pipe *pipe, *next;

	for (pipe = TAILQ_FIRST(&keeper.all); pipe; pipe = next) {
		enum outcome outcome = MORE;

		next = TAILQ_NEXT(pipe, in_all);
		if (pipe->forgotten || pipe->ended || stderr_turn_wait_ms(pipe->turn.group))
			continue;
		for (unsigned i = 0; i < PIPE_BYTES / STDERR_TEXT_BYTES && outcome == MORE; i++)
			outcome = read_some(pipe);
		if (outcome == AWAY) /* the daemon does not wait as long as that */
			return;
	}
	answer(STDERR_FLUSHED, 0);
}

/* The daemon has gone. */
static void unlinked(void)
{
	int link = COMPANION_LINK;
	struct pipe *pipe;

	title_set("reads what programs write to a closed log");
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	watch_fd(EPOLL_CTL_DEL, link, NULL);
	keeper.linked = false;
	fd_close(&link);
	stderr_turn_rename("inetd-leftover");
	TAILQ_FOREACH (pipe, &keeper.all, in_all) {
		forget(pipe);
		pipe->unshare = pipe->shared >= 0;
		if (pipe->unshare && !pipe->turn.is_away)
			pause_for(pipe, 0);
	}
}

static void take_order(void)
{
	struct stderr_order order = {0};
	struct pipe *pipe;
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
		flush();
	else if (order.verb == STDERR_PING)
		answer(STDERR_PONG, stderr_turn_any_waits());
	else if (!(pipe = find(order.inode)))
		fd_close(&fd);
	else if (order.verb == STDERR_FORGET)
		forget(pipe);
	else if (order.verb == STDERR_SHARE)
		pipe->shared = fd;
	else if (order.verb == STDERR_SHARED)
		unshare(pipe);
}

/* --- the turns --- */

static bool once(void)
{
	struct pipe *due = NULL;
	int wait_ms = resume(&due), count;
	struct epoll_event event;

	if (!keeper.linked && TAILQ_EMPTY(&keeper.all))
		return false;
	if (due) {
		look(due);
		return true;
	}
	if (stderr_turn_any_waits() && (wait_ms < 0 || wait_ms > STDERR_WINDOW_MS))
		wait_ms = STDERR_WINDOW_MS; /* another thread may have come back, and paused one */
	stderr_turn_unlock();
	count = epoll_wait(keeper.epoll_fd, &event, 1, wait_ms);
	stderr_turn_lock();
	if (count > 0 && event.data.ptr)
		look(event.data.ptr);
	else if (count > 0)
		take_order();
	return true;
}

static void away(struct stderr_turn *turn)
{
	unwatch(container_of(turn, struct pipe, turn));
	answer(STDERR_AWAY, 0);
}

static void told(uint64_t inode)
{
	answer(STDERR_LOCKED, inode);
}

void stderr_keeper_work(const void *arg)
{
	static const struct stderr_turn_calls calls = {once, away, told};
	const struct worker_uid *ids = arg;

	keeper.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	keeper.linked = true;
	if (keeper.epoll_fd >= 0 && watch_fd(EPOLL_CTL_ADD, COMPANION_LINK, NULL) == 0 &&
		worker_uid_become(*ids) == 0)
		stderr_turn_run(&calls);
}
