/* spawn: see spawn.h. The child shares the daemon's memory until it execs and, for its first
 * system call, its descriptor table: close_range(CLOSE_RANGE_UNSHARE) then copies only the low
 * part of it, so that a start costs the same with one service and with thousands. Each child on
 * its way has a job: a stack, a room, and a word that the kernel clears when it leaves our memory
 * (CLONE_CHILD_CLEARTID). Whatever keeps it there, nobody waits for it but for a moment: a job, and
 * the configuration that its plan points into, stay as long as it takes. */
#include "run/process/spawn.h"

#include <errno.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/param.h>
#include <sys/syscall.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/footprint.h"
#include "base/heap.h"
#include "base/loop.h"
#include "base/rawcall.h"
#include "base/valgrind.h"
#include "config/conf.h"
#include "run/process/child.h"
#include "run/process/closer.h"
#include "run/process/own_identity.h"
#include "run/process/spawn_wait.h"

#define FRESH_MOST 24    /* on their way at once; more gain nothing... */
#define FRESH_US   10000 /* ...of those that may get there any moment */
#define IDLE_MOST  32    /* jobs that are kept for the next... */
#define REST_KEPT  1     /* ...and when none has come... */
#define REST_MS    5000  /* ...for so long */
#ifndef WAIT_NAPS
#define WAIT_NAPS 100 /* where libc would get in our way */
#endif
#define LOOK_MS  100  /* how often children on their way are looked at */
#define SOON_MS  10   /* and the first time, and those that have not told yet */
#define STUCK_MS 1000 /* and those that have been killed */

static struct spawn_jobs idle = TAILQ_HEAD_INITIALIZER(idle);
static unsigned idle_count;

static void look(struct timer *timer);
static void rest(struct timer *timer);
static struct timer look_timer = {.fired = look}, rest_timer = {.fired = rest};

static struct {
	bool unshare; /* close_range(2) with CLOSE_RANGE_UNSHARE works */
	bool few;     /* descriptors: a child may have a copy of all for a moment */
	bool wait;    /* for each exec, a moment: what libc writes would be seen here */
	pid_t pid;
	bool vfork; /* until each exec (CLONE_VFORK): under valgrind */
} self;

/* --- children that have left our memory --- */

static void room_empty(struct spawn_room *room)
{
	free(room->argv);
	room->argv = NULL;
	free(room->more_fds);
	room->more_fds = NULL;
	room->more_count = 0;
}

static void job_free(struct spawn_job *job)
{
	free(job->room.envp);
	free(job);
}

/* What a crowd has needed is given back, and what nobody needs who only waits. */
static void rest(struct timer *timer)
{
	struct spawn_job *job;

	(void)timer;
	if (idle_count > REST_KEPT) {
		while (idle_count > REST_KEPT) {
			job = TAILQ_LAST(&idle, spawn_jobs);
			TAILQ_REMOVE(&idle, job, in_list);
			idle_count--;
			job_free(job);
		}
		heap_trim();
	}
	footprint_rest();
}

static void set_late(struct spawn_job *job)
{
	*job->told = (struct spawn_error){.step = job->at, .err = ETIME};
}

static void finish(struct spawn_job *job)
{
	struct spawn_error *told = job->told;
	void (*left)(struct spawn_error *) = job->room.plan.left;

	spawn_child_started(job);
	spawn_wait_close(job);
	TAILQ_REMOVE(&spawn_jobs, job, in_list);
	spawn_wait_forget(job);
	config_unref(job->config);
	room_empty(&job->room);
	*told = job->error;
	if (job->late && !told->step)
		set_late(job);
	if (idle_count < IDLE_MOST) {
		TAILQ_INSERT_HEAD(&idle, job, in_list);
		idle_count++;
	} else {
		job_free(job);
	}
	if (TAILQ_EMPTY(&spawn_jobs))
		loop_timer(&rest_timer, REST_MS);
	if (left)
		left(told);
}

void spawn_collect(void)
{
	struct spawn_job *job, *next;

	TAILQ_FOREACH_SAFE (job, &spawn_jobs, in_list, next) {
		spawn_wait_close(job);
		if (!spawn_wait_is_here(job))
			finish(job);
	}
}

void spawn_settle(void)
{
	struct spawn_job *job;

	TAILQ_FOREACH (job, &spawn_jobs, in_list)
		spawn_wait_settle(job);
	spawn_collect();
}

void spawn_settle_all(void)
{
	spawn_wait_all_told();
	spawn_collect();
}

bool spawn_may_sleep(void)
{
	spawn_collect();
	return spawn_wait_may_sleep();
}

void spawn_before_sleep(void)
{
	spawn_wait_before_sleep();
	spawn_collect();
	if (!spawn_wait_have_told())
		loop_timer(&look_timer, SOON_MS);
}

bool spawn_wait_all(void)
{
	struct spawn_job *job;
	bool all = true;

	spawn_settle();
	TAILQ_FOREACH (job, &spawn_jobs, in_list) {
		if (!job->late && all)
			spawn_wait_left(job);
		all &= job->late || !spawn_wait_is_here(job);
	}
	spawn_collect();
	return all;
}

/* --- late ones --- */

static bool kill_late(struct spawn_job *job)
{
	if (job->late)
		return true;
	job->late = true;
	kill(job->pid, SIGKILL);
	set_late(job);
	if (job->room.plan.late)
		job->room.plan.late(job->told);
	return true;
}

/* Not even a signal ends who waits for some file systems: there may be some for ever. */
static void look(struct timer *timer)
{
	uint64_t now_us = loop_clock_us();
	struct spawn_job *job, *next;
	bool all_late = true;

	self.few = fd_are_few();
	spawn_settle();
	TAILQ_FOREACH_SAFE (job, &spawn_jobs, in_list, next)
		all_late &= now_us - job->started_us >= SPAWN_LATE_MS * UINT64_C(1000) &&
			    kill_late(job);
	if (!TAILQ_EMPTY(&spawn_jobs))
		loop_timer(timer, all_late ? STUCK_MS : spawn_wait_have_told() ? LOOK_MS : SOON_MS);
}

struct spawn_way spawn_on_way(const void *owner)
{
	struct spawn_way way = {0};
	struct spawn_job *job;

	TAILQ_FOREACH (job, &spawn_jobs, in_list)
		if (job->room.plan.owner == owner && spawn_wait_is_here(job)) {
			if (!way.count++)
				way.oldest_us = loop_clock_us() - job->started_us;
		}
	return way;
}

/* --- start --- */

void spawn_init(void)
{
	self.unshare = !syscall(SYS_close_range, ~0U, ~0U, CLOSE_RANGE_UNSHARE);
	self.wait = !RAW_CALLS;
	self.vfork = valgrind_is_here();
	self.pid = getpid();
	own_identity_read();
	child_reaped = spawn_collect;
	closer_may_close = spawn_wait_have_told;
}

/* The oldest of those that may get there any moment, where there are many. */
static struct spawn_job *find_fresh(void)
{
	uint64_t now_us = loop_clock_us();
	struct spawn_job *job, *oldest = NULL;
	unsigned count = 0;

	TAILQ_FOREACH_REVERSE(job, &spawn_jobs, spawn_jobs, in_list)
	{
		if (now_us - job->started_us > FRESH_US)
			break;
		oldest = job;
		count++;
	}
	return count < FRESH_MOST ? NULL : oldest;
}

struct spawn_room *spawn_room(void)
{
	struct spawn_job *job;

	spawn_collect();
	job = find_fresh();
	if (job) {
		spawn_wait_settle(job);
		spawn_wait_left(job);
		spawn_collect();
	}
	job = TAILQ_FIRST(&idle);
	if (!job) {
		job = malloc(sizeof(*job));
		if (!job)
			return NULL;
		memset(job, 0, offsetof(struct spawn_job, starter_stack));
		TAILQ_INSERT_HEAD(&idle, job, in_list);
		idle_count++;
	}
	room_empty(&job->room);
	job->room.env_count = job->room.bytes_used = 0;
	job->room.overflow = false;
	return &job->room;
}

static unsigned keep_below(const struct spawn_room *room)
{
	int last = STDERR_FILENO;

	for (int i = 0; i < SPAWN_FDS; i++)
		last = MAX(last, room->plan.fds[i]);
	for (unsigned i = 0; i < room->more_count; i++)
		last = MAX(last, room->more_fds[i]);
	return (unsigned)last + 1;
}

static void prepare(struct spawn_job *job, struct spawn_error *error)
{
	struct spawn_plan *plan = &job->room.plan;

	*error = job->error = (struct spawn_error){0};
	job->told = error;
	job->at = "start";
	job->daemon = self.pid;
	job->keep_below = keep_below(&job->room);
	job->set_identity = plan->identity && !own_identity_is(plan->identity);
	job->close_fd = plan->close_fd;
	job->close_errors = plan->close_errors;
	plan->close_fd = plan->close_errors = -1;
	job->late = job->gave_up = job->held = false;
	job->started_us = loop_clock_us();
	job->config = plan->config ? config_ref(plan->config) : NULL;
	job->tells = self.unshare;
	job->shares = self.unshare && (!self.few || plan->calls || plan->close_first);
	atomic_store(&job->own_fds, !job->tells);
	atomic_store(&job->awaited, 0);
	atomic_store(&job->released, self.vfork || (job->close_fd < 0 && job->close_errors < 0));
	atomic_store(&job->waits, 0);
	atomic_store(&job->tid, 1);
}

static void failed(struct spawn_job *job, const char *step, int err)
{
	job->error = (struct spawn_error){.step = step, .err = err};
	job->room.plan.left = NULL;
	atomic_store(&job->tid, 0);
	finish(job);
}

/* What it goes on to write through libc's wrappers later we would take for ours. */
static void wait_for_exec(struct spawn_job *job)
{
	for (unsigned naps = WAIT_NAPS; naps && spawn_wait_is_here(job); naps--) {
		spawn_wait_left(job);
		spawn_wait_close(job); /* the child may wait for that by now */
	}
	if (spawn_wait_is_here(job))
		kill_late(job);
}

pid_t spawn_run(struct spawn_room *room, struct spawn_error *error)
{
	struct spawn_job *job = container_of(room, struct spawn_job, room);
	int flags = CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD | (self.vfork ? CLONE_VFORK : 0);
	pid_t pid;

	prepare(job, error);
	if (job->shares)
		flags |= CLONE_FILES;
	TAILQ_REMOVE(&idle, job, in_list);
	idle_count--;
	TAILQ_INSERT_TAIL(&spawn_jobs, job, in_list);
	pid = job->pid = spawn_child_start(job, flags);
	if (pid < 0) {
		failed(job, "clone", errno);
		return -1;
	}
	if (room->plan.close_first || self.wait)
		spawn_wait_settle(job);
	else
		spawn_wait_close(job);
	if (self.wait)
		wait_for_exec(job);
	if (!loop_timer_running(&look_timer))
		loop_timer(&look_timer, SOON_MS);
	return pid;
}
