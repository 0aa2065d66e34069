/* ondemand: has a daemon that knows nothing of inetd started by its first connection or datagram.
 * Takes listening sockets from inetd (`wait`, or `activation = proxy`, which puts it in front of
 * the program), starts the daemon on a port or path of its own, waits until it accepts, and passes
 * each connection on. When nobody has called for a while the daemon is told to end, and inetd
 * listens again; when it ends by itself so do we, with status 1, and inetd starts both again.
 *
 * Shown here: many connections in one process that waits for all of them (common/relay.h); callers
 * wait in the queue of the socket until they can be served; once the daemon runs we open no file
 * any more. Parts: common/daemon_child.h, the daemon; common/udp_sessions.h, datagrams. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "common/daemon_child.h"
#include "common/given.h"
#include "common/options.h"
#include "common/relay.h"
#include "common/relay_confine.h"
#include "common/tell_peer.h"
#include "common/udp_sessions.h"

#define LISTENERS_MOST 64
#define FIRST_LISTENER 3 /* sd_listen_fds(3) */
#define EVENTS         256
#define ACCEPTS        64 /* of one socket in a turn */
#define LOOK_MS        4  /* at most, between looks whether the daemon accepts */
#define RETRY_MS       2  /* until its queue has room again */
#define PAUSE_MS       100
#define SILENCE_MS     60000 /* ends a session of datagrams */

static const struct options_known known = {
	.usage = "ondemand [-p] [-s start-ms] [-i idle-ms] [-k kill-ms] program [argument...]",
	.letters = "ps:i:k:",
	.least = 1,
	.most = OPTIONS_PROGRAM};

static struct {
	bool tells_peer; /* -p */
	int start_ms, idle_ms, kill_ms;
} options = {.start_ms = 30000, .idle_ms = 600000, .kill_ms = 10000};

static struct {
	struct daemon_place place;
	pid_t pid;
	int next_fd;   /* a connection to it that nobody has yet; -1 */
	int caller_fd; /* whom it had no room for; -1 */
	int listeners[LISTENERS_MOST];
	int listener_count;
	bool datagrams;   /* is what comes from them */
	bool listens;     /* they are watched */
	bool stopping;    /* it was told to end */
	bool told_full;   /* that descriptors are missing */
	uint64_t busy_ms; /* the last time that somebody was served */
	uint64_t due_ms;  /* when it is to be killed, or listeners are watched again */
	int epoll_fd, signal_fd;
} on;

static void log_end(int status, const char *when)
{
	bool killed = WIFSIGNALED(status);

	warnx("the daemon has ended %s %d%s", killed ? "by signal" : "with status",
		killed ? WTERMSIG(status) : WEXITSTATUS(status), when);
}

/* --- start --- */

static void take_listeners(void)
{
	const char *text = getenv("LISTEN_FDS");
	int count = text ? (int)strtol(text, NULL, 10) : 0, first = FIRST_LISTENER;

	if (count <= 0) {
		count = 1;
		first = STDIN_FILENO;
	}
	on.datagrams = given_kind(first) == GIVEN_DATAGRAMS;
	for (int i = 0; i < count && i < LISTENERS_MOST; i++) {
		if (given_kind(first + i) != (on.datagrams ? GIVEN_DATAGRAMS : GIVEN_LISTENER))
			errx(1, "descriptor %d is not a listening socket: say `wait`", first + i);
		on.listeners[on.listener_count++] = first + i;
	}
}

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	on.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (on.signal_fd < 0)
		err(1, "signalfd");
}

/* What is left of the start: the daemon is killed and callers wait in the queue. */
_Noreturn static void give_up(const char *what)
{
	kill(on.pid, SIGKILL);
	daemon_place_leave(&on.place);
	errx(1, "%s", what);
}

/* Where nothing waits any more there is nothing to see it by. */
static bool takes_datagrams(void)
{
	for (int i = 0; i < on.listener_count; i++)
		if (udp_sessions_first(on.listeners[i]) < 0 && errno != EAGAIN)
			return false;
	return true;
}

static bool is_there(void)
{
	if (daemon_child_is_there(&on.place, on.pid) < 0) {
		if (errno == EADDRINUSE)
			give_up("another user has taken the port that was chosen for the daemon");
		return false;
	}
	if (on.datagrams)
		return takes_datagrams();
	return (on.next_fd = daemon_child_connect(&on.place)) >= 0;
}

/* Looks whether it accepts, sooner in the beginning. */
static void await_daemon(void)
{
	uint64_t began = monotonic_ms();
	struct signalfd_siginfo info;
	struct timespec nap = {0};
	int status;

	while (!is_there()) {
		uint64_t age = monotonic_ms() - began;

		if (waitpid(on.pid, &status, WNOHANG) == on.pid) {
			log_end(status, " before it accepted connections");
			daemon_place_leave(&on.place);
			exit(1);
		}
		if (age >= (uint64_t)options.start_ms)
			give_up("the daemon accepts no connection within the time for its start");
		while (read(on.signal_fd, &info, sizeof(info)) > 0)
			if (info.ssi_signo != SIGCHLD)
				give_up("told to end before the daemon accepted connections");
		nap.tv_nsec = (age / 16 + 1 < LOOK_MS ? (long)age / 16 + 1 : LOOK_MS) * 1000000;
		nanosleep(&nap, NULL);
	}
	warnx("process %d accepts connections after %d ms", (int)on.pid,
		(int)(monotonic_ms() - began));
}

/* --- connections --- */

/* By which inetd sees, too, that the daemon has started (lent_is_served()). */
static void stop_blocking(void)
{
	for (int i = 0; i < on.listener_count; i++)
		fcntl(on.listeners[i], F_SETFL, O_RDWR | O_NONBLOCK);
}

static void watch(int fd, void *data, int how)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = data};

	if (epoll_ctl(on.epoll_fd, how, fd, &event) < 0)
		err(1, "epoll_ctl");
}

static void listen_again(bool yes)
{
	if (yes == on.listens)
		return;
	on.listens = yes;
	for (int i = 0; i < on.listener_count; i++)
		watch(on.listeners[i], &on.listeners[i], yes ? EPOLL_CTL_ADD : EPOLL_CTL_DEL);
}

/* Ends with the daemon, if that has. */
static void reap(void)
{
	int status;

	if (waitpid(on.pid, &status, WNOHANG) != on.pid)
		return;
	if (!on.stopping) {
		log_end(status, "");
		relay_reset_all();
	}
	daemon_place_leave(&on.place);
	exit(on.stopping ? 0 : 1);
}

/* The daemon's side of a caller. False, with errno, if there is no room now. */
static bool pass_on(int caller)
{
	char line[256];
	size_t len = options.tells_peer ? tell_peer(caller, line, sizeof(line)) : 0;
	int fd = on.next_fd >= 0 ? on.next_fd : daemon_child_connect(&on.place);

	if (fd < 0)
		return false;
	on.next_fd = -1;
	reap(); /* without the daemon its port may be anybody's */
	if (relay_add(caller, fd, line, len) < 0)
		warn("a connection is lost");
	return true;
}

static void tell_full(void)
{
	if (!on.told_full)
		warnx("there are no more descriptors than for %u connections: others wait "
		      "(rlimit_nofile)",
			relay_count());
	on.told_full = true;
}

static void pause_for(int ms)
{
	listen_again(false);
	on.due_ms = monotonic_ms() + (uint64_t)ms;
}

/* Where the daemon's queue is full, or it does not listen for a moment, callers wait in ours. */
static void accept_some(int listener)
{
	for (int i = 0; i < ACCEPTS && on.caller_fd < 0; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE))
			tell_full();
		if (fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			pause_for(PAUSE_MS);
		if (fd < 0)
			return;
		if (pass_on(fd))
			continue;
		if (errno == EMFILE || errno == ENFILE)
			tell_full();
		on.caller_fd = fd;
		pause_for(RETRY_MS);
	}
}

static void go_on(void)
{
	if (on.caller_fd >= 0) {
		if (!pass_on(on.caller_fd)) {
			pause_for(RETRY_MS);
			return;
		}
		on.caller_fd = -1;
	}
	listen_again(true);
}

/* --- end --- */

static void tell_to_end(void)
{
	if (on.stopping)
		return;
	on.stopping = true;
	listen_again(false);
	kill(on.pid, SIGTERM);
	on.due_ms = monotonic_ms() + (uint64_t)options.kill_ms;
}

static void take_signals(void)
{
	struct signalfd_siginfo info;

	while (read(on.signal_fd, &info, sizeof(info)) > 0)
		if (info.ssi_signo == SIGCHLD)
			reap();
		else
			tell_to_end();
}

static void time_is_over(void)
{
	if (on.stopping) {
		kill(on.pid, SIGKILL);
		on.due_ms = monotonic_ms() + (uint64_t)options.kill_ms;
	} else if (!on.listens) {
		go_on();
	} else if (udp_sessions_count()) {
		udp_sessions_expire();
	} else {
		warnx("no connection for %g s: the daemon is told to end", options.idle_ms / 1e3);
		tell_to_end();
	}
}

static int wait_ms(void)
{
	uint64_t now = monotonic_ms(), due;

	if (relay_count() || udp_sessions_count())
		on.busy_ms = now;
	if (on.stopping || !on.listens)
		due = on.due_ms;
	else if (relay_count())
		return -1;
	else if (udp_sessions_count())
		due = udp_sessions_due_ms();
	else
		due = on.busy_ms + (uint64_t)options.idle_ms;
	return now >= due ? 0 : (int)(due - now);
}

static bool is_listener(const void *data)
{
	return (const int *)data >= on.listeners &&
	       (const int *)data < on.listeners + on.listener_count;
}

_Noreturn static void serve(void)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		int count = epoll_wait(on.epoll_fd, events, EVENTS, wait_ms());

		for (int i = 0; i < count; i++) {
			void *data = events[i].data.ptr;

			if (data == &on.signal_fd)
				take_signals();
			else if (udp_sessions_is(data))
				udp_sessions_ready(data);
			else if (!is_listener(data))
				relay_ready(data, events[i].events);
			else if (on.datagrams)
				udp_sessions_receive(*(const int *)data);
			else if (on.listens)
				accept_some(*(const int *)data);
		}
		relay_turn();
		if (wait_ms() == 0)
			time_is_over();
	}
}

int main(int argc, char *argv[])
{
	const char *failed;
	int opt;

	while ((opt = options_next(&known, argc, argv)) != -1) {
		if (opt == 'p')
			options.tells_peer = true;
		else if (opt == 's')
			options.start_ms = options_number(&known, 1, INT32_MAX);
		else if (opt == 'i')
			options.idle_ms = options_number(&known, 1, INT32_MAX);
		else
			options.kill_ms = options_number(&known, 1, INT32_MAX);
	}
	on.next_fd = on.caller_fd = -1;
	take_listeners();
	failed = daemon_place_choose(
		&on.place, argv + optind, on.datagrams ? SOCK_DGRAM : SOCK_STREAM);
	if (failed)
		err(1, "%s", failed);
	block_signals();
	on.pid = daemon_child_start(argv + optind);
	if (on.pid < 0)
		err(1, "fork");
	on.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (on.epoll_fd < 0)
		err(1, "epoll_create");
	udp_sessions_init(on.epoll_fd, &on.place,
		options.idle_ms < SILENCE_MS ? options.idle_ms : SILENCE_MS);
	await_daemon();
	relay_init(on.epoll_fd);
	failed = relay_confine(on.pid);
	if (failed)
		give_up(failed);
	watch(on.signal_fd, &on.signal_fd, EPOLL_CTL_ADD);
	on.busy_ms = monotonic_ms();
	stop_blocking();
	listen_again(true);
	serve();
}
