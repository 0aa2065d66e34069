/* floor: accept, start, reap, and nothing else: what no super-server that starts a program for
 * every connection, one at a time, can beat. No admission, no credentials, no environment, no log.
 *
 *   floor [-w WAY] [-n PROCESSES] [-x SOCKETS] ADDRESS PORT PROGRAM [ARG...]
 *
 * The ways: vfork, fork, share, goon, ahead; and must, which is goon with the system calls that a
 * daemon for many services and a program of one cannot do without.
 *
 * -n makes that many processes serve the same socket; -x opens that many listening sockets besides.
 * Runs until it is killed. */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"

_Noreturn static void usage(void)
{
	fputs("usage: floor [-w vfork|fork|share|goon|ahead|must] [-n processes] [-x sockets]\n"
	      "             address port program [arg...]\n",
		stderr);
	exit(2);
}

static int listen_at(const char *address, const char *port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	const char *error;
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	addr.sin_port = htons((in_port_t)strtonum(port, 1, 65535, &error));
	if (error || inet_pton(AF_INET, address, &addr.sin_addr) != 1)
		usage();
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
		bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, SOMAXCONN) < 0)
		err(1, "%s:%s", address, port);
	return fd;
}

static void watch(int epoll_fd, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		err(1, "epoll");
}

static void start_one(int listen_fd, char *const argv[])
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int fd = accept4(listen_fd, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC);

	if (fd >= 0 && spawn_program(SPAWN_MUST, fd, argv) < 0)
		warn("spawn");
	close(fd);
}

static void reap(int signal_fd)
{
	struct signalfd_siginfo info;
	struct rusage usage;

	if (read(signal_fd, &info, sizeof(info)) > 0)
		while (wait4(-1, NULL, WNOHANG, &usage) > 0)
			;
}

/* Waits for several things, as who serves many has to. */
_Noreturn static void serve_must(int listen_fd, char *const argv[])
{
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC), signal_fd;
	struct epoll_event events[8];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	watch(epoll_fd, signal_fd);
	watch(epoll_fd, listen_fd);
	for (;;) {
		int count = epoll_wait(epoll_fd, events, 8, -1);

		for (int i = 0; i < count; i++)
			if (events[i].data.fd == signal_fd)
				reap(signal_fd);
			else
				start_one(listen_fd, argv);
	}
}

_Noreturn static void serve(enum spawn_way way, int listen_fd, char *const argv[])
{
	if (way == SPAWN_AHEAD)
		spawn_ahead(listen_fd, argv);
	if (way == SPAWN_MUST)
		serve_must(listen_fd, argv);
	for (;;) {
		int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0 && spawn_program(way, fd, argv) < 0)
			warn("spawn");
		close(fd);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

/* They end with the first. */
static void make_processes(unsigned count)
{
	while (--count) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			return;
		}
	}
}

int main(int argc, char *argv[])
{
	enum spawn_way way = SPAWN_VFORK;
	unsigned sockets = 0, processes = 1;
	int opt, listen_fd;

	while ((opt = getopt(argc, argv, "+w:n:x:")) != -1) {
		const char *error = NULL;

		if (opt == 'w')
			way = spawn_way_find(optarg);
		else if (opt == 'n')
			processes = (unsigned)strtonum(optarg, 1, 64, &error);
		else if (opt == 'x')
			sockets = (unsigned)strtonum(optarg, 0, 1000000, &error);
		else
			usage();
		if (error || way == SPAWN_WAYS)
			usage();
	}
	if (argc - optind < 3)
		usage();
	if (spawn_open_sockets(sockets) < 0)
		err(1, "opening %u sockets", sockets);
	listen_fd = listen_at(argv[optind], argv[optind + 1]);
	make_processes(processes);
	serve(way, listen_fd, argv + optind + 2);
}
