/* stderr_drain: see stderr_drain.h. */
#include "run/program/stderr_drain.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/handover.h"
#include "base/loop.h"
#include "run/process/companion.h"
#include "run/process/worker_uid.h"
#include "run/program/stderr_keeper.h"
#include "run/service/service_state.h"

#define AGAIN_MS 1000 /* until another try to have pipes held */
#ifndef KEEPER_IDLE_MS
#define KEEPER_IDLE_MS 2000 /* without any pipe, until the process may go */
#endif

static void link_ready(struct watch *watch, uint32_t events);
static void tend(struct timer *timer);

static struct watch link_watch = {.fd = -1, .ready = link_ready}; /* fd is owned */
static struct timer tending = {.fired = tend};
static TAILQ_HEAD(pipes, drained) all = TAILQ_HEAD_INITIALIZER(all);

/* --- the link --- */

static void close_link(void)
{
	loop_unwatch(&link_watch);
	fd_close(&link_watch.fd);
}

/* The process never sends anything: it has ended. */
static void link_ready(struct watch *watch, uint32_t events)
{
	struct drained *drained;

	(void)watch;
	(void)events;
	close_link();
	TAILQ_FOREACH (drained, &all, in_all)
		drained->held = false;
	loop_timer(&tending, AGAIN_MS);
}

static int start(void)
{
	static const struct companion keeper = {
		.name = "inetd-stderr",
		.title = "keeps the log of programs open",
		.work = stderr_keeper_work,
	};
	const struct worker_uid ids = worker_uid_choose(service_state_uses_id);

	link_watch.fd = companion_start(&keeper, &ids);
	if (link_watch.fd >= 0 && loop_watch(&link_watch, EPOLLIN) == 0)
		return 0;
	close_link();
	return -1;
}

static int order(uint32_t verb, const struct drained *drained)
{
	struct stderr_order order = {.verb = verb};
	struct stat st;

	if (fstat(drained->fd, &st) < 0 || (link_watch.fd < 0 && start() < 0))
		return -1;
	order.inode = st.st_ino;
	return fd_send(link_watch.fd, &order, sizeof(order), drained->held ? -1 : drained->fd);
}

/* --- the pipes --- */

/* Runs when some could not be held, or none is left. */
static void tend(struct timer *timer)
{
	struct drained *drained;

	(void)timer;
	if (TAILQ_EMPTY(&all))
		close_link();
	TAILQ_FOREACH (drained, &all, in_all) {
		if (stderr_drain_hold(drained) == 0)
			continue;
		loop_timer(&tending, AGAIN_MS);
		return;
	}
}

void stderr_drain_add(struct drained *drained)
{
	TAILQ_INSERT_TAIL(&all, drained, in_all);
	drained->held = drained->held && link_watch.fd >= 0;
	if (stderr_drain_hold(drained) < 0 && !loop_timer_running(&tending))
		loop_timer(&tending, AGAIN_MS);
}

void stderr_drain_remove(struct drained *drained)
{
	TAILQ_REMOVE(&all, drained, in_all);
	if (TAILQ_EMPTY(&all))
		loop_timer(&tending, KEEPER_IDLE_MS);
}

int stderr_drain_hold(struct drained *drained)
{
	drained->held = drained->held || order(STDERR_HOLD, drained) == 0;
	return drained->held ? 0 : -1;
}

int stderr_drain_read(struct drained *drained)
{
	return order(STDERR_READ, drained);
}

void stderr_drain_leave(void)
{
	loop_untimer(&tending);
	close_link();
}

/* --- from one daemon to the next --- */

void stderr_drain_put(FILE *out)
{
	record_begin(out, "stderr-keeper");
	handover_put_fd(out, "fd", link_watch.fd);
	record_end(out);
}

void stderr_drain_resume(const struct record *record)
{
	link_watch.fd = handover_take_fd(record, "fd");
	if (link_watch.fd >= 0 && loop_watch(&link_watch, EPOLLIN) < 0)
		close_link();
	loop_timer(&tending, KEEPER_IDLE_MS);
}
