/* spawn_start: see spawn_job.h. For the kernel all processes of one memory are one where memory is
 * short: it ends them together and gives them one oom_score_adj (mm/oom_kill.c, fs/proc/base.c), so
 * that a service whose control group is full would end the daemon, whose memory its child shares.
 * Only a child whose parent sleeps until its exec (CLONE_VFORK) is left out, and as the daemon must
 * not sleep, a thread does in its place: it makes the child and goes. Nobody can stop it but who
 * stops the daemon, and so the daemon may wait for it. */
#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>

#include "base/rawcall.h"
#include "base/sanitized.h"
#include "run/process/spawn_wait.h"

#define STARTER_FLAGS (CLONE_VM | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_CHILD_CLEARTID)

static const struct spawn_call *find_call(const struct spawn_job *job, long number)
{
	const struct spawn_call *call = job->room.plan.calls;

	while (call && call->step && call->number != number)
		call++;
	return call && call->step ? call : NULL;
}

/* Born in its control group, where it has one and the kernel can (Linux 5.7): entering one later
 * has all processors wait for each other, and no limit of the group is asked then. Returns -errno.
 */
static long start_in_group(struct spawn_job *job, int flags)
{
	const struct spawn_call *call = find_call(job, SPAWN_JOIN);
	struct clone_args args = {.flags = (uint64_t)(flags & ~SIGCHLD) | CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.parent_tid = (uintptr_t)&job->begun,
		.child_tid = (uintptr_t)&job->tid,
		.stack = (uintptr_t)job->stack,
		.stack_size = SPAWN_STACK_BYTES};

	if (!call)
		return -ENOSYS;
	args.cgroup = (uint64_t)call->args[0];
	job->in_group = true;
	return raw_clone3(&args, sizeof(args), spawn_child_main, job);
}

/* Returns the pid or -errno. */
static long start(struct spawn_job *job, int flags)
{
	long pid = start_in_group(job, flags);

	if (pid > 0 || pid == -EAGAIN || pid == -ENOMEM) /* the group may be full (pids.max) */
		return pid;
	job->in_group = false;
	pid = clone(spawn_child_main, job->stack + SPAWN_STACK_BYTES, flags, job, &job->begun, NULL,
		&job->tid);
	return pid < 0 ? -errno : pid;
}

/* --- the thread --- */

#if defined(SANITIZED)
__attribute__((no_sanitize_address))
#endif
__attribute__((noreturn)) static int
starter_main(void *arg)
{
	struct spawn_job *job = arg;
	long pid = start(job, job->flags | CLONE_VFORK | CLONE_PARENT_SETTID);

	if (pid < 0) {
		atomic_store(&job->begun, (int)pid);
		CALL3(futex, &job->begun, FUTEX_WAKE, 1);
	}
	for (;;)
		CALL3(exit, 0, 0, 0);
}

static long make_starter(struct spawn_job *job)
{
	struct clone_args args = {.flags = STARTER_FLAGS,
		.child_tid = (uintptr_t)&job->starter,
		.stack = (uintptr_t)job->starter_stack,
		.stack_size = SPAWN_STARTER_BYTES};
	long tid = raw_clone3(&args, sizeof(args), starter_main, job);

	if (tid != -ENOSYS)
		return tid;
	tid = clone(starter_main, job->starter_stack + SPAWN_STARTER_BYTES, STARTER_FLAGS, job,
		NULL, NULL, &job->starter);
	return tid < 0 ? -errno : tid;
}

static long start_by_thread(struct spawn_job *job, int flags)
{
	long tid;

	job->flags = flags;
	atomic_store(&job->begun, 0);
	atomic_store(&job->starter, 1);
	tid = make_starter(job);
	if (tid < 0) {
		atomic_store(&job->starter, 0);
		return tid;
	}
	while (!atomic_load(&job->begun))
		spawn_wait_while(&job->begun, 0);
	return atomic_load(&job->begun);
}

/* --- for the daemon --- */

pid_t spawn_child_start(struct spawn_job *job, int flags)
{
	long pid;

	job->by_starter = !(flags & CLONE_VFORK) && find_call(job, SPAWN_OWN_MEMORY);
	pid = job->by_starter ? start_by_thread(job, flags) : start(job, flags);
	if (pid < 0)
		errno = (int)-pid;
	return pid < 0 ? -1 : (pid_t)pid;
}

void spawn_child_started(struct spawn_job *job)
{
	int tid;

	while ((tid = atomic_load(&job->starter)))
		spawn_wait_while(&job->starter, tid);
}
