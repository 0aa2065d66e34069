/* worker_retired: see worker_retired.h. */
#include "run/worker/worker_retired.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/handover.h"
#include "base/log.h"
#include "base/patience.h"
#include "run/process/child.h"
#include "run/worker/worker_answer.h"
#include "run/worker/worker_ping.h"
#include "run/worker/worker_slots.h"
#include "worker/message.h"

#define TURNS_MOST 1000 /* to read what one that has ended has left: all that a link can hold */

struct retired {
	struct child child;
	struct watch link; /* .fd owned; -1: at its end */
	struct slot_owner owner;
	struct timer timer;
	unsigned version; /* of its messages */
	bool finishing;   /* it has been told to end */
	bool asked;       /* and has not said anything since */
	LIST_ENTRY(retired) in_all;
};

static LIST_HEAD(retired_list, retired) all = LIST_HEAD_INITIALIZER(all);
static bool finish; /* those that are here are to end */

static void close_link(struct retired *retired)
{
	unsigned lost = retired->owner.count;

	if (retired->link.fd < 0)
		return;
	loop_untimer(&retired->timer);
	loop_unwatch(&retired->link);
	fd_close(&retired->link.fd);
	slot_each(&retired->owner, worker_answer_lost);
	if (lost)
		log_errx("worker: one from before an upgrade is gone, %u sessions with it pid=%d",
			lost, (int)retired->child.pid);
}

static void ended(struct child *child, int status, const struct rusage *usage)
{
	struct retired *retired = container_of(child, struct retired, child);

	(void)status;
	(void)usage;
	for (int i = 0; i < TURNS_MOST && retired->link.fd >= 0; i++) /* what it said last */
		retired->link.ready(&retired->link, EPOLLIN);
	close_link(retired);
	LIST_REMOVE(retired, in_all);
	free(retired);
}

/* False while there is no room in the link, or no memory; whoever is gone need not be told. */
static bool tell(struct retired *retired, const struct worker_down *message)
{
	return retired->link.fd < 0 ||
	       fd_send(retired->link.fd, message, worker_down_size(message), -1) == 0 ||
	       errno == EPIPE || errno == ECONNRESET;
}

static void tell_finish(struct retired *retired)
{
	const struct worker_down message = {.verb = WORKER_FINISH};

	retired->finishing = finish && tell(retired, &message);
}

static void look(struct timer *timer)
{
	const struct worker_down message = {.verb = WORKER_PING};
	struct retired *retired = container_of(timer, struct retired, timer);

	if (retired->asked) { /* it hangs in a system call, perhaps for ever */
		kill(retired->child.pid, SIGKILL);
		close_link(retired);
		return;
	}
	if (!retired->finishing)
		tell_finish(retired);
	retired->asked = tell(retired, &message);
	loop_timer(timer, WORKER_PING_MS);
}

static void heard(void *arg, uint32_t verb)
{
	(void)verb;
	((struct retired *)arg)->asked = false;
}

static bool is_open(void *arg)
{
	return ((struct retired *)arg)->link.fd >= 0;
}

static void link_ready(struct watch *watch, uint32_t events)
{
	struct retired *retired = container_of(watch, struct retired, link);
	const struct worker_listener listener = {heard, is_open, retired};

	(void)events;
	if (!worker_answer_read(watch->fd, &retired->owner, &listener))
		close_link(retired);
}

int worker_retired_add(pid_t pid, int link_fd, unsigned version)
{
	struct retired *retired = link_fd < 0 ? NULL : patience_calloc(1, sizeof(*retired));

	if (retired) {
		retired->child = (struct child){.pid = pid, .ended = ended};
		retired->link = (struct watch){.fd = link_fd, .ready = link_ready};
		retired->timer.fired = look;
		retired->owner.foreign = version != WORKER_VERSION;
		retired->version = version;
	}
	if (!retired || loop_watch(&retired->link, EPOLLIN) < 0) {
		fd_close(&link_fd);
		free(retired);
		return -1;
	}
	LIST_INSERT_HEAD(&all, retired, in_all);
	child_add(&retired->child);
	loop_timer(&retired->timer, finish ? 0 : WORKER_PING_MS);
	return 0;
}

struct slot_owner *worker_retired_owner(pid_t pid)
{
	struct retired *retired;

	LIST_FOREACH (retired, &all, in_all)
		if (retired->child.pid == pid)
			return &retired->owner;
	return NULL;
}

pid_t worker_retired_pid(const struct slot_owner *owner)
{
	const struct retired *retired;

	LIST_FOREACH (retired, &all, in_all)
		if (&retired->owner == owner)
			return retired->child.pid;
	return 0;
}

void worker_retired_finish(void)
{
	struct retired *retired;

	finish = true;
	LIST_FOREACH (retired, &all, in_all)
		if (!retired->finishing)
			tell_finish(retired);
}

void worker_retired_end(const struct service_state *state)
{
	const struct worker_down message = {.verb = WORKER_END, .group = state->number};
	struct retired *retired;

	LIST_FOREACH (retired, &all, in_all)
		if (!tell(retired, &message)) /* then it ends with all that it has */
			close_link(retired);
}

void worker_retired_stop(void)
{
	struct retired *retired;

	LIST_FOREACH (retired, &all, in_all)
		close_link(retired);
}

void worker_retired_put_all(FILE *out)
{
	const struct retired *retired;

	LIST_FOREACH (retired, &all, in_all) {
		if (retired->link.fd < 0)
			continue;
		record_begin(out, "worker");
		record_number(out, "pid", (uint64_t)retired->child.pid);
		handover_put_fd(out, "link", retired->link.fd);
		record_number(out, "version", retired->version);
		record_end(out);
	}
}
