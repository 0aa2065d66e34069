/* stderr_drain: see stderr_drain.h. Who closes a pipe last may have to wait as well: so the process
 * keeps each until it is told that the daemon has closed its copy, and a pipe that it does not have
 * is not closed before it has. */
#include "run/program/stderr_drain.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/tree.h>

#include "base/fdutil.h"
#include "base/handover.h"
#include "base/large.h"
#include "base/loop.h"
#include "base/monotonic.h"
#include "base/patience.h"
#include "run/process/companion.h"
#include "run/process/spawn.h"
#include "run/process/worker_uid.h"
#include "run/program/stderr_keeper.h"
#include "run/service/service_state.h"

#define AGAIN_MS 1000 /* until another try to have pipes held */
#define FLUSH_MS 100
#define PING_MS  1000
#define PINGS    3 /* without an answer, until the process is lost */
#ifndef KEEPER_IDLE_MS
#define KEEPER_IDLE_MS 2000 /* without any pipe, until the process may go */
#endif

/* One pipe. */
struct drained {
	int fd; /* its reading end; owned; -1: closed */
	uint64_t inode;
	uint32_t group;
	bool held;   /* the process has it */
	bool shared; /* and the other end, which the daemon has closed */
	const struct drained_calls *calls;
	void *of; /* NULL: removed */
	RB_ENTRY(drained) by_inode;
	TAILQ_ENTRY(drained) in_leaving;
};

static void link_ready(struct watch *watch, uint32_t events);
static void tend(struct timer *timer);
static void ping(struct timer *timer);

static struct watch link_watch = {.fd = -1, .ready = link_ready}; /* fd is owned */
static struct timer tending = {.fired = tend};
static struct timer pinging = {.fired = ping};
static unsigned pings;    /* not answered */
static int old_link = -1; /* owned; see stderr_drain_resume_old() */

static int compare(struct drained *a, struct drained *b)
{
	return a->inode < b->inode ? -1 : a->inode > b->inode;
}

static RB_HEAD(drained_pipes, drained) all = RB_INITIALIZER(&all);
RB_PROTOTYPE(drained_pipes, drained, by_inode, compare)
RB_GENERATE(drained_pipes, drained, by_inode, compare)

/* Those that are removed but not gone yet. */
static TAILQ_HEAD(, drained) leaving = TAILQ_HEAD_INITIALIZER(leaving);
static struct stderr_answer answer LARGE;

/* --- the link --- */

static void close_link(void)
{
	loop_untimer(&pinging);
	pings = 0;
	loop_unwatch(&link_watch);
	fd_close(&link_watch.fd);
}

static int start(void)
{
	static const struct companion keeper = {
		.name = "inetd-stderr",
		.title = "reads what programs write to the log",
		.work = stderr_keeper_work,
	};
	const struct worker_uid ids = worker_uid_choose(service_state_uses_id);

	spawn_settle(); /* of what we give to children it would have, and have to close, a copy */
	link_watch.fd = companion_start(&keeper, &ids);
	if (link_watch.fd >= 0 && loop_watch(&link_watch, EPOLLIN) == 0)
		return 0;
	close_link();
	return -1;
}

static void ping_soon(void)
{
	if (!loop_timer_running(&pinging))
		loop_timer(&pinging, PING_MS);
}

static int order(uint32_t verb, uint64_t inode, uint32_t group, int fd)
{
	const struct stderr_order order = {.verb = verb, .inode = inode, .group = group};

	if (link_watch.fd < 0 && start() < 0)
		return -1;
	ping_soon();
	return fd_send(link_watch.fd, &order, sizeof(order), fd);
}

static int hold(struct drained *drained)
{
	drained->held = drained->held ||
			order(STDERR_LOG, drained->inode, drained->group, drained->fd) == 0;
	return drained->held ? 0 : -1;
}

/* Of one that is removed: true if it has gone. */
static bool let_go(struct drained *drained)
{
	if (drained->fd >= 0 && hold(drained) < 0)
		return false;
	fd_close(&drained->fd);
	/* A process that was lost meanwhile has lost it too. */
	return !drained->held || order(STDERR_FORGET, drained->inode, 0, -1) == 0;
}

/* The process has ended. */
static void lost(void)
{
	struct drained *drained;

	close_link();
	RB_FOREACH (drained, drained_pipes, &all)
		drained->held = drained->shared = false;
	TAILQ_FOREACH (drained, &leaving, in_leaving)
		drained->held = false;
	loop_timer(&tending, AGAIN_MS);
}

/* A process that was killed keeps its end of the link while a thread of it does not come back. So
 * it is asked while there is one, and once after each order. */
static void ping(struct timer *timer)
{
	(void)timer;
	if (link_watch.fd < 0)
		return;
	if (pings == PINGS) {
		lost();
		return;
	}
	pings++;
	ping_soon();
	order(STDERR_PING, 0, 0, -1);
}

static void take_pong(bool again)
{
	pings = 0;
	if (!again)
		loop_untimer(&pinging);
}

static struct drained *find(uint64_t inode)
{
	struct drained key = {.inode = inode};

	return RB_FIND(drained_pipes, &all, &key);
}

static int unshare_end(struct drained *drained)
{
	if (drained->shared && drained->held && order(STDERR_SHARED, drained->inode, 0, -1) < 0)
		return -1;
	drained->shared = false;
	return 0;
}

static void tell(struct drained *drained, size_t text_len)
{
	switch (answer.verb) {
	case STDERR_TEXT:
		drained->calls->text(drained->of, answer.text, text_len);
		break;
	case STDERR_END:
		drained->calls->ended(drained->of);
		break;
	case STDERR_LOCKED:
		drained->calls->locked(drained->of);
		break;
	case STDERR_REFUSED:
		drained->held = false;
		if (!loop_timer_running(&tending))
			loop_timer(&tending, AGAIN_MS);
		break;
	}
}

static void take_answer(size_t text_len)
{
	struct drained *drained;

	if (answer.verb == STDERR_PONG)
		take_pong(answer.inode);
	else if (answer.verb == STDERR_AWAY)
		ping_soon();
	else if ((drained = find(answer.inode)))
		tell(drained, text_len);
}

/* One message. Returns its verb; 0: there is none; -1: the process has ended. */
static int take_one(void)
{
	ssize_t len = recv(link_watch.fd, &answer, sizeof(answer), MSG_DONTWAIT);

	if (len < 0)
		return 0;
	if (len < (ssize_t)offsetof(struct stderr_answer, text)) {
		lost();
		return -1;
	}
	take_answer((size_t)len - offsetof(struct stderr_answer, text));
	return (int)answer.verb;
}

static void link_ready(struct watch *watch, uint32_t events)
{
	(void)watch;
	(void)events;
	take_one();
}

/* --- the pipes --- */

/* Runs when some could not be held or let go, or none is left. */
static void tend(struct timer *timer)
{
	struct drained *drained;

	(void)timer;
	while ((drained = TAILQ_FIRST(&leaving))) {
		if (!let_go(drained)) {
			loop_timer(&tending, AGAIN_MS);
			return;
		}
		TAILQ_REMOVE(&leaving, drained, in_leaving);
		free(drained);
	}
	if (RB_EMPTY(&all)) {
		close_link();
		fd_close(&old_link);
	}
	RB_FOREACH (drained, drained_pipes, &all) {
		if (hold(drained) == 0 && unshare_end(drained) == 0)
			continue;
		loop_timer(&tending, AGAIN_MS);
		return;
	}
}

void stderr_drain_prepare(void)
{
	if (link_watch.fd < 0 && start() < 0 && !loop_timer_running(&tending))
		loop_timer(&tending, AGAIN_MS);
}

struct drained *stderr_drain_add(int fd, uint32_t group, bool held)
{
	struct drained *drained = patience_calloc(1, sizeof(*drained));
	struct stat st;

	if (!drained || fstat(fd, &st) < 0) {
		free(drained);
		fd_close(&fd);
		return NULL;
	}
	drained->fd = fd;
	drained->inode = st.st_ino;
	drained->group = group;
	drained->held = held && link_watch.fd >= 0;
	RB_INSERT(drained_pipes, &all, drained);
	if (hold(drained) < 0 && !loop_timer_running(&tending))
		loop_timer(&tending, AGAIN_MS);
	return drained;
}

void stderr_drain_tell(struct drained *drained, const struct drained_calls *calls, void *of)
{
	drained->calls = calls;
	drained->of = of;
}

int stderr_drain_fd(const struct drained *drained)
{
	return drained->fd;
}

bool stderr_drain_is_held(const struct drained *drained)
{
	return drained->held;
}

int stderr_drain_share(struct drained *drained, int fd)
{
	return hold(drained) < 0 ? -1 : order(STDERR_SHARE, drained->inode, 0, fd);
}

void stderr_drain_shared(struct drained *drained)
{
	drained->shared = true;
	if (unshare_end(drained) < 0 && !loop_timer_running(&tending))
		loop_timer(&tending, AGAIN_MS);
}

void stderr_drain_remove(struct drained *drained)
{
	drained->of = NULL;
	RB_REMOVE(drained_pipes, &all, drained);
	if (let_go(drained)) {
		free(drained);
	} else {
		TAILQ_INSERT_TAIL(&leaving, drained, in_leaving);
		loop_timer(&tending, AGAIN_MS);
	}
	if (RB_EMPTY(&all) && TAILQ_EMPTY(&leaving))
		loop_timer(&tending, KEEPER_IDLE_MS);
}

int stderr_drain_flush(void)
{
	uint64_t end_ms = monotonic_ms() + FLUSH_MS, now_ms;
	struct drained *drained;
	int result = 0, verb = 0;

	if (RB_EMPTY(&all))
		return 0;
	RB_FOREACH (drained, drained_pipes, &all)
		result = hold(drained) < 0 ? -1 : result;
	if (order(STDERR_FLUSH, 0, 0, -1) < 0)
		return -1;
	while (verb >= 0 && verb != STDERR_FLUSHED && (now_ms = monotonic_ms()) < end_ms) {
		struct pollfd pollfd = {.fd = link_watch.fd, .events = POLLIN};

		verb = take_one();
		if (!verb)
			poll(&pollfd, 1, (int)(end_ms - now_ms));
	}
	return result;
}

void stderr_drain_leave(void)
{
	loop_untimer(&tending);
	close_link();
	fd_close(&old_link);
}

/* --- from one daemon to the next --- */

void stderr_drain_put(FILE *out)
{
	record_begin(out, "stderr-keeper");
	handover_put_fd(out, "fd", old_link);
	record_end(out);
	record_begin(out, "stderr-reader");
	handover_put_fd(out, "fd", link_watch.fd);
	record_end(out);
}

void stderr_drain_resume(const struct record *record)
{
	link_watch.fd = handover_take_fd(record, "fd");
	if (link_watch.fd >= 0 && loop_watch(&link_watch, EPOLLIN) < 0)
		close_link();
	loop_timer(&tending, KEEPER_IDLE_MS);
	ping_soon();
}

void stderr_drain_resume_old(const struct record *record)
{
	old_link = handover_take_fd(record, "fd");
}
