/* spawn_child: see spawn_job.h. System calls only, none through libc. From setresuid(2) on the
 * child belongs to another user, who may stop it: nobody waits for it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "base/path.h"
#include "base/rawcall.h"
#include "run/process/spawn_job.h"
#include "run/process/time_slice.h"

#define ERRORS_MODE 0640
#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446 /* the same on every architecture */
#endif

__attribute__((noreturn)) static void child_fail(
	struct spawn_job *job, const char *step, long result)
{
	job->error.err = (int)-result;
	job->error.step = step;
	for (;;)
		CALL3(exit_group, 127, 0, 0);
}

static void child_must(struct spawn_job *job, const char *step, long result)
{
	if (result < 0)
		child_fail(job, step, result);
}

static void child_identity(struct spawn_job *job, const struct identity *identity)
{
	child_must(job, "setgroups", CALL3(setgroups, identity->ngroups, identity->groups, 0));
	child_must(job, "setresgid", CALL3(setresgid, identity->gid, identity->gid, identity->gid));
	child_must(job, "setresuid", CALL3(setresuid, identity->uid, identity->uid, identity->uid));
}

/* The kernel's struct sigaction (rt_sigaction(2)). */
struct kernel_sigaction {
	unsigned long handler, flags, restorer;
	uint64_t mask;
};

/* The vDSO's clock: no system call, and nothing of libc's is written. */
static uint64_t child_clock_us(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* A signal for "inetd" that hit the child before it had its own name was not meant for the
 * program: ignoring drops what is pending. */
static void child_signals(struct spawn_job *job)
{
	static const int meant_for_us[] = {SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, SIGINT};
	struct kernel_sigaction ignore = {(unsigned long)SIG_IGN, 0, 0, 0};
	struct kernel_sigaction standard = {(unsigned long)SIG_DFL, 0, 0, 0};
	uint64_t pending = 0, none = 0;

	CALL3(rt_sigpending, &pending, sizeof(pending), 0);
	if (pending) {
		for (size_t i = 0; i < sizeof(meant_for_us) / sizeof(int); i++) {
			CALL4(rt_sigaction, meant_for_us[i], &ignore, 0, sizeof(none));
			CALL4(rt_sigaction, meant_for_us[i], &standard, 0, sizeof(none));
		}
	}
	child_must(job, "sigprocmask", CALL4(rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof(none)));
}

/* LISTEN_PID names who is to take the descriptors, so only the child can write it. */
static void child_write_pid(char *text)
{
	char digits[SPAWN_PID_BYTES], *p = digits + sizeof(digits) - 1;
	long pid = CALL3(getpid, 0, 0, 0);

	*p = 0;
	do
		*--p = (char)('0' + pid % 10);
	while (pid /= 10);
	while ((*text++ = *p++))
		;
}

/* None may be in the place of another: those that are move out of the way first. */
static void child_more_descriptors(struct spawn_job *job)
{
	int *fds = job->room.more_fds, end = SPAWN_FDS + (int)job->room.more_count;

	for (unsigned i = 0; i < job->room.more_count; i++)
		if (fds[i] < end) {
			fds[i] = (int)CALL3(fcntl, fds[i], F_DUPFD_CLOEXEC, end);
			child_must(job, "fcntl", fds[i]);
		}
	for (unsigned i = 0; i < job->room.more_count; i++)
		child_must(job, "dup3", CALL3(dup3, fds[i], SPAWN_FDS + i, 0));
}

static void child_descriptors(struct spawn_job *job)
{
	const struct spawn_plan *plan = &job->room.plan;

	for (int i = 0; i < SPAWN_FDS; i++) {
		if (plan->fds[i] >= 0 && plan->fds[i] != i)
			child_must(job, "dup3", CALL3(dup3, plan->fds[i], i, 0));
		else if (plan->fds[i] == i && i > STDERR_FILENO)
			child_must(job, "fcntl", CALL3(fcntl, i, F_SETFD, 0));
	}
}

static long child_write(long dir, long path, long text, long len)
{
	long fd = CALL4(openat, dir, path, O_WRONLY | O_CLOEXEC, 0), result;

	if (fd < 0)
		return fd;
	result = CALL3(write, fd, text, len);
	CALL3(close, fd, 0, 0);
	return result;
}

static long child_call(const struct spawn_job *job, const struct spawn_call *call)
{
	const long *args = call->args;

	if (call->number == SPAWN_WRITE)
		return child_write(AT_FDCWD, args[0], args[1], args[2]);
	if (call->number == SPAWN_OWN_MEMORY)
		return 0;
	if (call->number == SPAWN_JOIN) /* 0: who writes */
		return job->in_group ? 0 : child_write(args[0], (long)"cgroup.procs", (long)"0", 1);
	return raw_call(call->number, args[0], args[1], args[2], args[3], args[4]);
}

static void child_calls(struct spawn_job *job, enum spawn_stage stage)
{
	for (const struct spawn_call *call = job->room.plan.calls; call && call->step; call++)
		if (call->stage == stage)
			child_must(job, call->step, child_call(job, call));
}

/* The first descriptor from `from` on by which a cage is entered; ~0U: there is none. */
static unsigned next_of_cage(const struct spawn_job *job, unsigned from)
{
	unsigned next = ~0U;

	for (const struct spawn_call *call = job->room.plan.calls; call && call->step; call++)
		if ((call->number == SPAWN_JOIN || call->number == SYS_setns ||
			    call->number == SYS_fchdir ||
			    call->number == SYS_landlock_restrict_self) &&
			(unsigned)call->args[0] >= from && (unsigned)call->args[0] < next)
			next = (unsigned)call->args[0];
	return next;
}

/* The first descriptor from `from` on that the child needs; ~0U: there is none. */
static unsigned next_own(const struct spawn_job *job, unsigned from, bool with_cage)
{
	const struct spawn_room *room = &job->room;
	unsigned next = with_cage ? next_of_cage(job, from) : ~0U;

	for (unsigned i = 0; i < SPAWN_FDS; i++)
		if (room->plan.fds[i] >= 0 && (unsigned)room->plan.fds[i] >= from)
			next = MIN(next, (unsigned)room->plan.fds[i]);
	for (unsigned i = 0; i < room->more_count; i++)
		if ((unsigned)room->more_fds[i] >= from)
			next = MIN(next, (unsigned)room->more_fds[i]);
	return next;
}

/* The program may make the last close of its connection wait (SO_LINGER), so the daemon must not
 * be who makes it. Without the daemon nobody tells us: what it had is closed then, but others may
 * have what a unix peer has filled. */
static void child_wait_released(struct spawn_job *job)
{
	const struct timespec second = {.tv_sec = 1};

	atomic_store(&job->waits, 1);
	while (!atomic_load(&job->released)) {
		CALL4(futex, &job->released, FUTEX_WAIT, 0, &second);
		if (CALL3(getppid, 0, 0, 0) != job->daemon) {
			if (job->room.plan.close_first)
				child_fail(job, "wait", -ESRCH);
			return;
		}
	}
}

/* From here on the child has a table of descriptors of its own, and nothing in it that is
 * another's: what was copied along would keep the daemon from opening a socket again, and be closed
 * by the exec, for ever if a unix peer has filled it (run/process/closer.h). */
static void child_own_fds(struct spawn_job *job, bool with_cage)
{
	unsigned end = job->keep_below, from, fd;

	if (job->tells) {
		while (with_cage && (fd = next_of_cage(job, end)) != ~0U)
			end = fd + 1;
		child_must(job, "close_range",
			CALL3(close_range, end, ~0U, job->shares ? CLOSE_RANGE_UNSHARE : 0));
		for (from = STDERR_FILENO + 1; from < end; from = fd + 1) {
			fd = next_own(job, from, with_cage);
			if (fd > from)
				CALL3(close_range, from, fd - 1, 0);
		}
		atomic_store(&job->own_fds, 1);
		if (atomic_load(&job->awaited))
			CALL3(futex, &job->own_fds, FUTEX_WAKE, 1);
	}
}

/* The standard error is a file: opened with the daemon's rights and outside of any cage, where we
 * may have to wait for it. A program whose file cannot be opened has none. */
static void child_errors(struct spawn_job *job)
{
	struct spawn_plan *plan = &job->room.plan;
	int fd;

	child_own_fds(job, true); /* we may stay here for long */
	job->at = "stderr";
	fd = path_open(plan->errors_path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK,
		ERRORS_MODE);
	if (fd < 0) {
		job->error.errors_err = -fd;
		return;
	}
	/* Not to wait was for the opening alone, as of a pipe that nobody reads. */
	CALL3(fcntl, fd, F_SETFL, O_WRONLY | O_APPEND);
	plan->fds[STDERR_FILENO] = fd;
	if ((unsigned)fd >= job->keep_below)
		job->keep_below = (unsigned)fd + 1;
}

static void child_first(struct spawn_job *job)
{
	bool errors = job->room.plan.errors_path;

	if (errors)
		child_errors(job);
	job->at = "start";
	child_calls(job, SPAWN_FIRST);
	if (!errors)
		child_own_fds(job, false);
	else if (job->tells)
		CALL3(close_range, job->keep_below, ~0U, 0);
	job->at = "exec";
}

/* getpriority(2) of the kernel gives 20 - nice, so that it is never negative. */
static void child_nice(struct spawn_job *job, int nice)
{
	long own = 20 - CALL3(getpriority, PRIO_PROCESS, 0, 0);

	child_must(job, "setpriority", CALL3(setpriority, PRIO_PROCESS, 0, own + nice));
}

/* When the daemon has closed its copy: its close must not wait. */
static void child_linger(int seconds)
{
	const struct linger linger = {.l_onoff = 1, .l_linger = seconds};

	CALL5(setsockopt, STDIN_FILENO, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

int spawn_child_main(void *arg)
{
	struct spawn_job *job = arg;
	const struct spawn_plan *plan = &job->room.plan;

	if (job->by_starter)
		CALL3(futex, &job->begun, FUTEX_WAKE, 1);
	child_first(job);
	CALL3(prctl, PR_SET_NAME, "inetd-child", 0);
	child_must(job, "setsid", CALL3(setsid, 0, 0, 0));
	if (plan->set_nofile)
		child_must(job, "prlimit64", CALL4(prlimit64, 0, RLIMIT_NOFILE, &plan->nofile, 0));
	if (plan->directory)
		child_must(job, "chdir", CALL3(chdir, plan->directory, 0, 0));
	if (plan->nice)
		child_nice(job, plan->nice);
	if (plan->slice_ns)
		time_slice_take(plan->slice_ns);
	CALL3(umask, plan->umask, 0, 0);
	child_calls(job, SPAWN_BEFORE);
	if (job->set_identity)
		child_identity(job, plan->identity);
	child_calls(job, SPAWN_AFTER);
	if (plan->pid_text)
		child_write_pid(plan->pid_text);
	child_descriptors(job);
	child_more_descriptors(job);
	child_signals(job);
	if (!atomic_load(&job->released))
		child_wait_released(job);
	if (plan->linger_s)
		child_linger(plan->linger_s);
	if (plan->check_path)
		child_must(job, "exec", CALL3(faccessat, AT_FDCWD, plan->check_path, X_OK));
	child_calls(job, SPAWN_LAST);
	job->error.exec_us = child_clock_us();
	child_fail(job, "exec", CALL3(execve, plan->path, plan->argv, plan->envp));
}
