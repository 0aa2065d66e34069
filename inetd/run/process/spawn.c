/* spawn: see spawn.h. The child shares the daemon's memory until it execs and, for its first
 * system call, its descriptor table: close_range(CLOSE_RANGE_UNSHARE) then copies only the low
 * part of it, so that a start costs the same with one service and with thousands. Each child on
 * its way has a job: a stack, a room, and a word that the kernel clears when it leaves our memory
 * (CLONE_CHILD_CLEARTID). */
#include "run/process/spawn.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/rawcall.h"

#define JOBS        8 /* on their way at once; more than cores gain nothing */
#define STACK_BYTES 16384
#define GROUPS_MOST 64
#define SPINS       200 /* looks before sleeping for another process */
#define NAP_NS      2000000

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

struct job {
	_Atomic int tid;     /* not 0 while the child is in our memory; futex */
	_Atomic int own_fds; /* the child has its own descriptor table; futex */
	_Atomic int awaited; /* the daemon sleeps until own_fds */
	int close_fd;        /* to be closed then, with the next; 0 or -1 = none; owned */
	int close_errors;
	unsigned keep_below; /* descriptors from here on are not copied */
	bool set_identity;
	struct spawn_error *error;
	struct spawn_room room;
	char stack[STACK_BYTES] __attribute__((aligned(64)));
};

static struct job jobs[JOBS];

static struct {
	bool unshare; /* close_range(2) with CLOSE_RANGE_UNSHARE works */
	bool wait;    /* for each exec (CLONE_VFORK): no raw system calls, or not our own memory */
	uid_t uid, euid;
	gid_t gid, groups[GROUPS_MOST];
	bool may_setgroups; /* not in every user namespace (user_namespaces(7)) */
	int ngroups;        /* -1: more than fit, so never equal */
} self;

/* valgrind does not let two processes share memory; it only knows vfork. */
static bool is_under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

void spawn_init(void)
{
	self.unshare = !syscall(SYS_close_range, ~0U, ~0U, CLOSE_RANGE_UNSHARE);
	self.uid = getuid();
	self.gid = getgid();
	self.euid = geteuid();
	self.ngroups = getgroups(GROUPS_MOST, self.groups);
	self.may_setgroups = self.ngroups < 0 || !setgroups((size_t)self.ngroups, self.groups);
#if !defined(RAWCALL) || defined(SANITIZED)
	self.wait = true;
#else
	self.wait = false;
#endif
	self.wait |= is_under_valgrind();
}

/* The first group of a list, from `at` on, that is not `gid`, which everybody with it has anyway.
 */
static int next_group(const gid_t *groups, int count, gid_t gid, int at)
{
	while (at < count && groups[at] == gid)
		at++;
	return at;
}

static bool has_our_groups(const struct identity *identity)
{
	int count = (int)identity->ngroups, i = 0, j = 0;

	if (!self.may_setgroups) /* ours will have to do */
		return true;
	if (self.ngroups < 0)
		return false;
	for (;; i++, j++) {
		i = next_group(identity->groups, count, self.gid, i);
		j = next_group(self.groups, self.ngroups, self.gid, j);
		if (i >= count || j >= self.ngroups)
			return i >= count && j >= self.ngroups;
		if (identity->groups[i] != self.groups[j])
			return false;
	}
}

/* Sparing three system calls where the program runs as who we are. */
static bool is_self(const struct identity *identity)
{
	return identity->uid == self.uid && identity->uid == self.euid &&
	       identity->gid == self.gid && has_our_groups(identity);
}

/* --- in the child: system calls only, none through libc --- */

#define CALL3(name, a, b, c)    raw_call(SYS_##name, (long)(a), (long)(b), (long)(c), 0, 0)
#define CALL4(name, a, b, c, d) raw_call(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), 0)

__attribute__((noreturn)) static void child_fail(struct job *job, const char *step, long result)
{
	job->error->err = (int)-result;
	job->error->step = step;
	for (;;)
		CALL3(exit_group, 127, 0, 0);
}

static void child_must(struct job *job, const char *step, long result)
{
	if (result < 0)
		child_fail(job, step, result);
}

static void child_own_fds(struct job *job)
{
	if (!self.unshare)
		return;
	child_must(
		job, "close_range", CALL3(close_range, job->keep_below, ~0U, CLOSE_RANGE_UNSHARE));
	atomic_store(&job->own_fds, 1);
	if (atomic_load(&job->awaited))
		CALL3(futex, &job->own_fds, FUTEX_WAKE, 1);
}

/* getpriority(2) of the kernel gives 20 - nice, so that it is never negative. */
static void child_nice(struct job *job, int nice)
{
	long own = 20 - CALL3(getpriority, PRIO_PROCESS, 0, 0);

	child_must(job, "setpriority", CALL3(setpriority, PRIO_PROCESS, 0, own + nice));
}

static void child_identity(struct job *job, const struct identity *identity)
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
static void child_signals(struct job *job)
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
static void child_more_descriptors(struct job *job)
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

static void child_descriptors(struct job *job)
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

static long child_call(const struct spawn_call *call)
{
	const long *args = call->args;

	if (call->number == SPAWN_WRITE)
		return child_write(AT_FDCWD, args[0], args[1], args[2]);
	if (call->number == SPAWN_JOIN) /* 0: who writes */
		return child_write(args[0], (long)"cgroup.procs", (long)"0", 1);
	return raw_call(call->number, args[0], args[1], args[2], args[3], args[4]);
}

static void child_calls(struct job *job, enum spawn_stage stage)
{
	for (const struct spawn_call *call = job->room.plan.calls; call && call->step; call++)
		if (call->stage == stage)
			child_must(job, call->step, child_call(call));
}

#if defined(SANITIZED)
__attribute__((no_sanitize_address))
#endif
static int
child_main(void *arg)
{
	struct job *job = arg;
	const struct spawn_plan *plan = &job->room.plan;

	child_calls(job, SPAWN_FIRST);
	child_own_fds(job);
	CALL3(prctl, PR_SET_NAME, "inetd-child", 0);
	child_must(job, "setsid", CALL3(setsid, 0, 0, 0));
	if (plan->set_nofile)
		child_must(job, "prlimit64", CALL4(prlimit64, 0, RLIMIT_NOFILE, &plan->nofile, 0));
	if (plan->directory)
		child_must(job, "chdir", CALL3(chdir, plan->directory, 0, 0));
	if (plan->nice)
		child_nice(job, plan->nice);
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
	child_calls(job, SPAWN_LAST);
	job->error->exec_us = child_clock_us();
	child_fail(job, "exec", CALL3(execve, plan->path, plan->argv, plan->envp));
}

/* --- in the daemon --- */

/* Looks a few times whether `word` has left `value`, then sleeps for a moment at most. */
static void wait_while(_Atomic int *word, int value)
{
	const struct timespec nap = {.tv_nsec = NAP_NS};

	for (int i = 0; i < SPINS; i++)
		if (atomic_load(word) != value)
			return;
	syscall(SYS_futex, word, FUTEX_WAIT, value, &nap, NULL, 0);
}

static bool is_on_its_way(struct job *job)
{
	return atomic_load(&job->tid) != 0;
}

static void close_copy(int *fd)
{
	if (*fd > 0)
		fd_close(fd);
}

static void close_copies(struct job *job)
{
	close_copy(&job->close_fd);
	close_copy(&job->close_errors);
}

static void settle(struct job *job)
{
	if (job->close_fd <= 0 && job->close_errors <= 0)
		return;
	while (!atomic_load(&job->own_fds) && is_on_its_way(job)) {
		atomic_store(&job->awaited, 1);
		wait_while(&job->own_fds, 0);
	}
	close_copies(job);
}

void spawn_settle(void)
{
	for (int i = 0; i < JOBS; i++)
		settle(&jobs[i]);
}

static void finish(struct job *job)
{
	int tid;

	settle(job);
	while ((tid = atomic_load(&job->tid)))
		wait_while(&job->tid, tid);
}

void spawn_wait(void)
{
	for (int i = 0; i < JOBS; i++)
		finish(&jobs[i]);
}

/* Waits for whichever child gets there first: a program on a disk that does not answer must not
 * hold up the others. */
static struct job *free_job(void)
{
	for (unsigned turn = 0;; turn = (turn + 1) % JOBS) {
		int tid;

		for (int i = 0; i < JOBS; i++)
			if (!is_on_its_way(&jobs[i]))
				return &jobs[i];
		tid = atomic_load(&jobs[turn].tid);
		if (tid)
			wait_while(&jobs[turn].tid, tid);
	}
}

struct spawn_room *spawn_room(void)
{
	struct job *job = free_job();

	settle(job);
	free(job->room.argv);
	free(job->room.more_fds);
	job->room.argv = NULL;
	job->room.more_fds = NULL;
	job->room.more_count = 0;
	job->room.env_count = job->room.bytes_used = 0;
	job->room.overflow = false;
	return &job->room;
}

static unsigned keep_below(const struct spawn_room *room)
{
	int last = FD_LOW - 1;

	for (int i = 0; i < SPAWN_FDS; i++)
		last = MAX(last, room->plan.fds[i]);
	for (unsigned i = 0; i < room->more_count; i++)
		last = MAX(last, room->more_fds[i]);
	return (unsigned)last + 1;
}

pid_t spawn_run(struct spawn_room *room, struct spawn_error *error)
{
	struct job *job = container_of(room, struct job, room);
	struct spawn_plan *plan = &room->plan;
	int flags = CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD | (self.unshare ? CLONE_FILES : 0) |
		    (self.wait || plan->alone ? CLONE_VFORK : 0);
	pid_t pid;

	*error = (struct spawn_error){0};
	job->error = error;
	job->keep_below = keep_below(room);
	job->set_identity = plan->identity && !is_self(plan->identity);
	job->close_fd = plan->close_fd;
	job->close_errors = plan->close_errors;
	plan->close_fd = plan->close_errors = -1;
	atomic_store(&job->own_fds, !self.unshare);
	atomic_store(&job->awaited, 0);
	atomic_store(&job->tid, 1);
	pid = clone(child_main, job->stack + STACK_BYTES, flags, job, NULL, NULL, &job->tid);
	if (pid < 0) {
		*error = (struct spawn_error){"clone", errno, 0};
		atomic_store(&job->tid, 0);
		close_copies(job);
	}
	return pid;
}
