/* spawn: see spawn.h. The child shares the daemon's memory and, for its first system call, its
 * descriptor table: close_range(CLOSE_RANGE_UNSHARE) then copies only the low part of it, so that
 * a start costs the same with one service and with thousands. */
#include "run/spawn.h"

#include <errno.h>
#include <grp.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fdutil.h"

#define STACK_BYTES 32768
#define GROUPS_MOST 64

struct spawn {
	const struct spawn_plan *plan;
	struct spawn_error *error;
	unsigned keep_below; /* descriptors from here on are not copied */
	bool set_identity;
};

static struct {
	bool unshare;       /* close_range(2) with CLOSE_RANGE_UNSHARE works */
	uid_t uid;
	gid_t gid, groups[GROUPS_MOST];
	int ngroups;        /* -1: more than fit, so never equal */
	uid_t euid;
	char stack[STACK_BYTES] __attribute__((aligned(64)));
} self;

void spawn_init(void)
{
	self.unshare = !syscall(SYS_close_range, ~0U, ~0U, CLOSE_RANGE_UNSHARE);
	self.uid = getuid();
	self.gid = getgid();
	self.euid = geteuid();
	self.ngroups = getgroups(GROUPS_MOST, self.groups);
}

/* Sparing three system calls where the program runs as who we are. */
static bool is_self(const struct identity *identity)
{
	return identity->uid == self.uid && identity->uid == self.euid &&
		identity->gid == self.gid && self.ngroups == (int)identity->ngroups &&
		!memcmp(self.groups, identity->groups, identity->ngroups * sizeof(gid_t));
}

/* Below here: in the child. No libc function that keeps state or locks. */

__attribute__((noreturn)) static void child_fail(struct spawn *spawn, const char *step)
{
	spawn->error->err = errno;
	spawn->error->step = step;
	for (;;)
		syscall(SYS_exit_group, 127);
}

static void child_identity(struct spawn *spawn)
{
	const struct identity *identity = spawn->plan->identity;

	if (syscall(SYS_setgroups, identity->ngroups, identity->groups) < 0)
		child_fail(spawn, "setgroups");
	if (syscall(SYS_setresgid, identity->gid, identity->gid, identity->gid) < 0)
		child_fail(spawn, "setresgid");
	if (syscall(SYS_setresuid, identity->uid, identity->uid, identity->uid) < 0)
		child_fail(spawn, "setresuid");
}

/* A signal for "inetd" that hit the child before it had its own name was not meant for the
 * program: ignoring drops what is pending (sigaction(2)). */
static void child_signals(struct spawn *spawn)
{
	static const int meant_for_us[] = {SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, SIGINT};
	struct sigaction action = {.sa_handler = SIG_IGN};
	sigset_t pending, none;

	sigemptyset(&none);
	if (sigpending(&pending) == 0 && !sigisemptyset(&pending)) {
		for (size_t i = 0; i < sizeof(meant_for_us) / sizeof(int); i++) {
			action.sa_handler = SIG_IGN;
			sigaction(meant_for_us[i], &action, NULL);
			action.sa_handler = SIG_DFL;
			sigaction(meant_for_us[i], &action, NULL);
		}
	}
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		child_fail(spawn, "sigprocmask");
}

static int child_main(void *arg)
{
	struct spawn *spawn = arg;
	const struct spawn_plan *plan = spawn->plan;

	if (self.unshare && syscall(SYS_close_range, spawn->keep_below, ~0U, CLOSE_RANGE_UNSHARE) < 0)
		child_fail(spawn, "close_range");
	prctl(PR_SET_NAME, "inetd-child");
	if (syscall(SYS_setsid) < 0)
		child_fail(spawn, "setsid");
	if (plan->set_nofile && setrlimit(RLIMIT_NOFILE, &plan->nofile) < 0)
		child_fail(spawn, "setrlimit");
	if (plan->directory && chdir(plan->directory) < 0)
		child_fail(spawn, "chdir");
	if (spawn->set_identity)
		child_identity(spawn);
	for (int i = 0; i < SPAWN_FDS; i++)
		if (plan->fds[i] >= 0 && plan->fds[i] != i && syscall(SYS_dup3, plan->fds[i], i, 0) < 0)
			child_fail(spawn, "dup3");
	child_signals(spawn);
	execve(plan->path, plan->argv, plan->envp);
	child_fail(spawn, "exec");
}

/* In the parent again. */

static unsigned keep_below(const struct spawn_plan *plan)
{
	unsigned below = FD_LOW;

	for (int i = 0; i < SPAWN_FDS; i++)
		if (plan->fds[i] >= (int)below)
			below = (unsigned)plan->fds[i] + 1;
	return below;
}

pid_t spawn_run(const struct spawn_plan *plan, struct spawn_error *error)
{
	int flags = CLONE_VM | CLONE_VFORK | SIGCHLD | (self.unshare ? CLONE_FILES : 0);
	struct spawn spawn = {.plan = plan, .error = error, .keep_below = keep_below(plan)};
	pid_t pid;

	*error = (struct spawn_error){NULL, 0};
	spawn.set_identity = plan->identity && !is_self(plan->identity);
	pid = clone(child_main, self.stack + sizeof(self.stack), flags, &spawn);
	if (pid < 0) {
		*error = (struct spawn_error){"clone", errno};
		return -1;
	}
	if (!error->step)
		return pid;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return -1;
}
