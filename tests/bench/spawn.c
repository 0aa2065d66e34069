/* spawn: see spawn.h. */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif

#define FD_HIGH 16 /* what is not the child's lives at or above it */

struct start {
	int fd;
	char *const *argv;
};

static const char *const way_names[SPAWN_WAYS] = {
	[SPAWN_VFORK] = "vfork",
	[SPAWN_FORK] = "fork",
	[SPAWN_SHARE] = "share",
	[SPAWN_GOON] = "goon",
	[SPAWN_AHEAD] = "ahead",
	[SPAWN_MUST] = "must",
};

const char *spawn_way_name(enum spawn_way way)
{
	return way < SPAWN_WAYS ? way_names[way] : "-";
}

enum spawn_way spawn_way_find(const char *name)
{
	enum spawn_way way = 0;

	while (way < SPAWN_WAYS && strcmp(way_names[way], name) != 0)
		way++;
	return way;
}

_Noreturn void spawn_exec(int fd, char *const argv[])
{
	char *const environment[] = {NULL};

	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execve(argv[0], argv, environment);
	_exit(127);
}

static int run_share(void *arg)
{
	const struct start *start = arg;

	close_range(FD_HIGH, ~0U, CLOSE_RANGE_UNSHARE);
	spawn_exec(start->fd, start->argv);
}

pid_t spawn_share(int (*child)(void *arg), void *arg, int extra_flags)
{
	static char stack[65536] __attribute__((aligned(16)));
	int flags = CLONE_VM | CLONE_VFORK | SIGCHLD | extra_flags;

	return clone(child, stack + sizeof(stack), flags, arg);
}

static pid_t spawn_vfork(int fd, char *const argv[])
{
	pid_t pid = vfork(); /* NOLINT(clang-analyzer-*): it is what is measured */

	if (pid == 0)
		spawn_exec(fd, argv); /* NOLINT(clang-analyzer-*): system calls only */
	return pid;
}

static pid_t spawn_fork(int fd, char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0)
		spawn_exec(fd, argv);
	return pid;
}

pid_t spawn_program(enum spawn_way way, int fd, char *const argv[])
{
	struct start start = {.fd = fd, .argv = argv};

	if (way == SPAWN_SHARE)
		return spawn_share(run_share, &start, CLONE_FILES);
	if (way == SPAWN_GOON || way == SPAWN_MUST)
		return spawn_go_on(fd, argv, way == SPAWN_MUST);
	return way == SPAWN_VFORK ? spawn_vfork(fd, argv) : spawn_fork(fd, argv);
}

static int open_one(void)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	int low = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd;

	if (low < 0)
		return -1;
	fd = fcntl(low, F_DUPFD_CLOEXEC, FD_HIGH);
	close(low);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -1;
	return listen(fd, 1);
}

int spawn_open_sockets(unsigned count)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	for (unsigned i = 0; i < count; i++)
		if (open_one() < 0)
			return -1;
	return 0;
}
