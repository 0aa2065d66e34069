/* spawn_parent: times the system calls that a super-server makes around a start. */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"
#include "spawn_steps.h"

static struct {
	int listen_fd, accepted_fd, client_fd, signal_fd, epoll_fd, null_fd;
	struct sockaddr_in addr;
	char *const *argv;
	pid_t pid;
} world = {.accepted_fd = -1, .client_fd = -1, .pid = -1};

static void open_world(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	socklen_t len = sizeof(world.addr);
	sigset_t set;

	world.addr = (struct sockaddr_in){.sin_family = AF_INET};
	world.addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	world.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	world.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	world.null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	world.listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (bind(world.listen_fd, (struct sockaddr *)&world.addr, len) < 0 ||
		listen(world.listen_fd, 16) < 0 ||
		getsockname(world.listen_fd, (struct sockaddr *)&world.addr, &len) < 0 ||
		epoll_ctl(world.epoll_fd, EPOLL_CTL_ADD, world.listen_fd, &event) < 0)
		err(1, "listening");
}

/* What has to be there before each call: a waiting connection, an accepted one, a dead child. */

static void need_waiting(void)
{
	world.client_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(world.client_fd, (struct sockaddr *)&world.addr, sizeof(world.addr)) < 0)
		err(1, "connect");
}

static void need_accepted(void)
{
	need_waiting();
	world.accepted_fd = accept4(world.listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static void need_dead(void)
{
	siginfo_t info;

	world.pid = spawn_program(SPAWN_SHARE, world.null_fd, world.argv);
	waitid(P_PID, (id_t)world.pid, &info, WEXITED | WNOWAIT);
}

static void clean_up(void)
{
	static const struct linger reset = {.l_onoff = 1};
	struct signalfd_siginfo info;

	if (world.client_fd > 0 && world.accepted_fd < 0)
		world.accepted_fd = accept4(world.listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (world.client_fd > 0) {
		setsockopt(world.client_fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(world.client_fd);
	}
	if (world.accepted_fd > 0)
		close(world.accepted_fd);
	if (world.pid > 0)
		waitpid(world.pid, NULL, 0);
	(void)!read(world.signal_fd, &info, sizeof(info));
	world.client_fd = world.accepted_fd = -1;
	world.pid = -1;
}

static void call_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
}

static void call_epoll(void)
{
	struct epoll_event event;

	epoll_wait(world.epoll_fd, &event, 1, 0);
}

static void call_epoll_twice(void)
{
	struct epoll_event event = {.events = EPOLLIN};

	epoll_ctl(world.epoll_fd, EPOLL_CTL_ADD, world.accepted_fd, &event);
	epoll_ctl(world.epoll_fd, EPOLL_CTL_DEL, world.accepted_fd, NULL);
}

static void call_accept(void)
{
	world.accepted_fd = accept4(world.listen_fd, NULL, NULL, SOCK_CLOEXEC);
}

static void call_accept_peer(void)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	world.accepted_fd = accept4(world.listen_fd, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC);
}

static void call_accept_none(void)
{
	accept4(world.listen_fd, NULL, NULL, SOCK_CLOEXEC);
}

static void call_getsockname(void)
{
	struct sockaddr_storage local;
	socklen_t len = sizeof(local);

	getsockname(world.accepted_fd, (struct sockaddr *)&local, &len);
}

static void call_tcp_info(void)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	getsockopt(world.listen_fd, IPPROTO_TCP, TCP_INFO, &info, &len);
}

static void call_blocking(void)
{
	fcntl(world.accepted_fd, F_SETFL, O_RDWR);
}

static void call_close(void)
{
	/* the client still holds the connection, as in a start the child does */
	int copy = dup(world.accepted_fd);

	close(copy);
}

static void call_signalfd(void)
{
	struct signalfd_siginfo info;

	(void)!read(world.signal_fd, &info, sizeof(info));
}

static void call_wait(void)
{
	if (waitpid(-1, NULL, WNOHANG) == world.pid)
		world.pid = -1;
}

static void call_wait_rusage(void)
{
	struct rusage usage;

	if (wait4(-1, NULL, WNOHANG, &usage) == world.pid)
		world.pid = -1;
}

static void call_mask(void)
{
	sigset_t set, old;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static const struct call {
	const char *name;
	void (*need)(void);
	void (*run)(void);
} calls[] = {
	{"clock_gettime (vdso)", NULL, call_clock},
	{"epoll_wait, one ready", need_waiting, call_epoll},
	{"epoll_ctl ADD + DEL", need_accepted, call_epoll_twice},
	{"accept4, no address", need_waiting, call_accept},
	{"accept4, address", need_waiting, call_accept_peer},
	{"accept4, EAGAIN", NULL, call_accept_none},
	{"getsockname", need_accepted, call_getsockname},
	{"getsockopt(TCP_INFO), listener", NULL, call_tcp_info},
	{"fcntl(F_SETFL)", need_accepted, call_blocking},
	{"dup + close", need_accepted, call_close},
	{"sigprocmask, two", NULL, call_mask},
	{"read(signalfd), one", need_dead, call_signalfd},
	{"read(signalfd), EAGAIN", NULL, call_signalfd},
	{"waitpid, one dead", need_dead, call_wait},
	{"wait4 + rusage, one dead", need_dead, call_wait_rusage},
	{"waitpid, ECHILD", NULL, call_wait},
};

void parent_calls_print(unsigned rounds, char *const argv[])
{
	uint64_t *took_ns = calloc(rounds, sizeof(*took_ns));

	if (!took_ns)
		err(1, "memory");
	world.argv = argv;
	open_world();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (unsigned round = 0; round < rounds; round++) {
			uint64_t began_ns;

			if (calls[i].need)
				calls[i].need();
			began_ns = steps_now_ns();
			calls[i].run();
			took_ns[round] = steps_now_ns() - began_ns;
			clean_up();
		}
		printf("  %-32s %8.2f\n", calls[i].name,
			(double)steps_percentile(took_ns, rounds, 0.5) / 1e3);
	}
	free(took_ns);
}
