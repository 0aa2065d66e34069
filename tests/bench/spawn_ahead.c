/* spawn_ahead: the ways that do not wait for the child, which shares our memory until its exec and
 * so needs a stack of its own as long; the kernel tells when it has left (CLONE_CHILD_CLEARTID). */
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"

#define SEATS   64
#define WAITING 8 /* children that wait for a connection: more than there are processors */

static struct seat {
	_Atomic int tid; /* not 0 while a child uses it; futex */
	int fd;
	char *const *argv;
	char stack[16384] __attribute__((aligned(16)));
} seats[SEATS];

static _Atomic int taken; /* connections; futex */

static void wait_while(_Atomic int *word, int value)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

static struct seat *next_seat(void)
{
	static unsigned turn;
	struct seat *seat = &seats[turn++ % SEATS];

	for (int tid; (tid = atomic_load(&seat->tid)) != 0;)
		wait_while(&seat->tid, tid);
	return seat;
}

static pid_t start(int (*child)(void *arg), int fd, char *const argv[])
{
	struct seat *seat = next_seat();
	pid_t pid;

	seat->fd = fd;
	seat->argv = argv;
	atomic_store(&seat->tid, 1);
	pid = clone(child, seat->stack + sizeof(seat->stack),
		CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD, seat, NULL, NULL, &seat->tid);
	if (pid < 0)
		atomic_store(&seat->tid, 0);
	return pid;
}

static int run_goon(void *arg)
{
	const struct seat *seat = arg;

	spawn_exec(seat->fd, seat->argv);
}

/* What is between the clone and the exec of a service that asks for nothing. */
static int run_must(void *arg)
{
	static const char *const environment[] = {"TCPREMOTEIP=127.0.0.1", "TCPREMOTEPORT=40000",
		"TCPLOCALIP=127.0.0.1", "TCPLOCALPORT=7000", "REMOTE_ADDR=127.0.0.1",
		"REMOTE_HOST=127.0.0.1", "REMOTE_PORT=40000", "SERVER_ADDR=127.0.0.1",
		"SERVER_PORT=7000", "PROTO=TCP", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "USER=root",
		"LOGNAME=root", "HOME=/root", "SHELL=/bin/bash", NULL};
	const struct seat *seat = arg;
	uint64_t pending = 0, none = 0;

	prctl(PR_SET_NAME, "starting");
	syscall(SYS_setsid);
	syscall(SYS_umask, 022);
	for (int i = 0; i <= STDERR_FILENO; i++)
		syscall(SYS_dup3, seat->fd, i, 0);
	syscall(SYS_rt_sigpending, &pending, sizeof(pending));
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
	execve(seat->argv[0], seat->argv, (char *const *)environment);
	_exit(127);
}

pid_t spawn_go_on(int fd, char *const argv[], bool must)
{
	return start(must ? run_must : run_goon, fd, argv);
}

static int run_ahead(void *arg)
{
	const struct seat *seat = arg;
	long fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	do
		fd = accept4(seat->fd, NULL, NULL, SOCK_CLOEXEC);
	while (fd < 0);
	atomic_fetch_add(&taken, 1);
	syscall(SYS_futex, &taken, FUTEX_WAKE, 1, NULL, NULL, 0);
	spawn_exec((int)fd, seat->argv);
}

_Noreturn void spawn_ahead(int listen_fd, char *const argv[])
{
	for (int started = 0;;) {
		int seen = atomic_load(&taken);

		while (started - seen < WAITING && start(run_ahead, listen_fd, argv) > 0)
			started++;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		wait_while(&taken, seen);
	}
}
