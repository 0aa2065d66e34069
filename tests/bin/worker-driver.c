/* worker-driver: a supervisor for tests of inetd-worker. Starts it over a link of its own, does
 * what standard input says, and prints what happens: commands and events are in worker-driver.h. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker-access.h"
#include "worker-driver.h"

#define LISTENERS 64

static int link_fd;
static pid_t worker;
static bool deaf, quiet, broken;
static uint32_t last_id, sndbuf; /* of listeners to come, in bytes; 0 = the system's */
static uint32_t limit_ms;
static unsigned long accepted, over;

static struct listener {
	int fd;
	struct worker_down msg;
} listeners[LISTENERS];
static int listener_count;

static int pending_fd = -1; /* an accepted connection that the link had no room for */
static struct worker_down pending;

static void send_down_wait(const struct worker_down *msg, int fd)
{
	struct pollfd p = {.fd = link_fd, .events = POLLOUT};

	while (send_down(link_fd, msg, fd) < 0) {
		if (errno != EAGAIN || poll(&p, 1, 10000) <= 0) {
			say("unsent %s", strerror(errno));
			return;
		}
	}
}

_Noreturn static void ended(void)
{
	int status = 0;

	waitpid(worker, &status, 0);
	if (WIFSIGNALED(status))
		say("ended signal %d", WTERMSIG(status));
	else
		say("ended exit %d", WEXITSTATUS(status));
	exit(0);
}

static void start_worker(char **argv)
{
	int pair[2], bytes = 1 << 20;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		err(1, "socketpair");
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	worker = fork();
	if (worker < 0)
		err(1, "fork");
	if (worker == 0) {
		if (dup2(pair[1], WORKER_LINK_FD) < 0)
			err(126, "dup2");
		execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	close(pair[1]);
	link_fd = pair[0];
	fcntl(link_fd, F_SETFL, O_NONBLOCK);
	say("pid %d", (int)worker);
}

static void add_listener(const struct worker_down *msg, int fd)
{
	if (sndbuf)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	if (listener_count == LISTENERS)
		errx(1, "too many listeners");
	listeners[listener_count++] = (struct listener){fd, *msg};
	say("listening %u %u", msg->id, port_of(fd));
}

static void add_dgram(const struct worker_down *msg, const char *host)
{
	int fd = dgram_on(host);

	if (broken)
		break_dgram(fd);
	broken = false;
	say("listening %u %u", msg->id, port_of(fd));
	for (int i = 0; i < access_count; i++) {
		accesses[i].id = msg->id;
		send_down_wait(&accesses[i], -1);
	}
	access_count = 0;
	send_down_wait(msg, fd);
	close(fd);
}

/* Commands get what is to be sent, with an id of its own, and the rest of the line. */

static void do_stream(struct worker_down *msg, char *at)
{
	msg->verb = WORKER_STREAM;
	msg->builtin = builtin_of(strsep(&at, " "));
	msg->idle_ms = number(&at);
	msg->limit_ms = limit_ms;
	add_listener(msg, listen_on(at));
}

static void do_say(struct worker_down *msg, char *at)
{
	msg->verb = WORKER_SAY;
	strlcpy(msg->text, at, sizeof(msg->text));
	msg->limit_ms = limit_ms;
	add_listener(msg, listen_on(NULL));
}

static void do_header(struct worker_down *msg, char *at)
{
	(void)at;
	msg->verb = WORKER_HEADER;
	msg->limit_ms = limit_ms;
	add_listener(msg, listen_on(NULL));
}

static void do_dgram(struct worker_down *msg, char *at)
{
	const char *host;

	msg->verb = WORKER_DGRAM;
	msg->builtin = builtin_of(strsep(&at, " "));
	host = strsep(&at, " ");
	msg->reply_rate = number(&at);
	msg->reply_burst = number(&at);
	add_dgram(msg, host);
}

static void do_broken(struct worker_down *msg, char *at)
{
	(void)msg;
	(void)at;
	broken = true;
}

static void do_drop(struct worker_down *msg, char *at)
{
	msg->verb = WORKER_DROP;
	msg->id = number(&at);
	send_down_wait(msg, -1);
}

static void do_mux(struct worker_down *msg, char *at)
{
	msg->verb = WORKER_MUX;
	strlcpy(msg->text, at ? at : "", sizeof(msg->text));
	send_down_wait(msg, -1);
}

static void do_lost(struct worker_down *msg, char *at)
{
	msg->verb = WORKER_STREAM;
	msg->builtin = BUILTIN_ECHO;
	for (uint32_t n = number(&at); n > 0; n--) {
		msg->id = ++last_id;
		send_down_wait(msg, -1);
	}
}

static void do_garbage(struct worker_down *msg, char *at)
{
	(void)at;
	msg->verb = 4711;
	send_down_wait(msg, STDIN_FILENO);
	send(link_fd, "x", 1, MSG_NOSIGNAL);
}

static void do_deaf(struct worker_down *msg, char *at)
{
	(void)msg;
	deaf = !strcmp(at, "on");
}

static void do_sndbuf(struct worker_down *msg, char *at)
{
	(void)msg;
	sndbuf = number(&at);
}

static void do_limit(struct worker_down *msg, char *at)
{
	(void)msg;
	limit_ms = number(&at);
}

static void do_list(struct worker_down *msg, char *at)
{
	(void)msg;
	access_command(at);
}

static void do_quiet(struct worker_down *msg, char *at)
{
	(void)msg;
	(void)at;
	quiet = true;
}

static void do_count(struct worker_down *msg, char *at)
{
	(void)msg;
	(void)at;
	say("accepted %lu over %lu", accepted, over);
}

static void do_hangup(struct worker_down *msg, char *at)
{
	(void)msg;
	(void)at;
	close(link_fd);
	ended();
}

static const struct {
	const char *name;
	void (*go)(struct worker_down *msg, char *at);
} commands[] = {
	{"stream", do_stream},
	{"say", do_say},
	{"header", do_header},
	{"dgram", do_dgram},
	{"broken", do_broken},
	{"drop", do_drop},
	{"mux", do_mux},
	{"lost", do_lost},
	{"garbage", do_garbage},
	{"deaf", do_deaf},
	{"sndbuf", do_sndbuf},
	{"limit", do_limit},
	{"list", do_list},
	{"quiet", do_quiet},
	{"count", do_count},
	{"hangup", do_hangup},
};

static void command(char *line)
{
	char *at = line, *verb = strsep(&at, " ");
	struct worker_down msg = {.id = ++last_id};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, verb)) {
			commands[i].go(&msg, at);
			return;
		}
	errx(1, "%s?", verb);
}

static void read_commands(void)
{
	static char text[8192];
	static size_t len;
	ssize_t n = read(STDIN_FILENO, text + len, sizeof(text) - 1 - len);
	char *at = text, *newline;

	if (n <= 0) {
		kill(worker, SIGKILL);
		exit(0);
	}
	len += (size_t)n;
	text[len] = 0;
	while ((newline = strchr(at, '\n'))) {
		*newline = 0;
		command(at);
		at = newline + 1;
	}
	len -= (size_t)(at - text);
	memmove(text, at, len);
}

/* Takes connections until the link is full or there are none. */
static void take(const struct listener *l)
{
	for (int i = 0; i < 64 && pending_fd < 0; i++) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		accepted++;
		pending = l->msg;
		pending.id = ++last_id;
		if (!quiet)
			say("open %u", pending.id);
		if (l->msg.builtin == BUILTIN_TCPMUX)
			mux_keep(pending.id, fd);
		if (send_down(link_fd, &pending, fd) < 0)
			pending_fd = fd;
		else
			close(fd);
	}
}

static void wanted(const struct worker_up *up)
{
	int fd = mux_take(up->id);

	say("wants %u %s", up->id, up->text);
	if (fd >= 0 && fork() == 0)
		mux_serve(fd, up->text);
	close(fd);
}

static void hear(void)
{
	struct worker_up up;
	ssize_t n = recv(link_fd, &up, sizeof(up), 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		ended();
	if (up.verb == WORKER_READY)
		say("ready");
	else if (up.verb == WORKER_WANTS)
		wanted(&up);
	else if (up.verb == WORKER_NOTE)
		noted(&up);
	else if (up.verb == WORKER_CLIENT)
		say("client %u %d", up.id, up.err);
	if (up.verb == WORKER_WANTS || up.verb == WORKER_CLIENT)
		over++;
	if (up.verb != WORKER_DONE)
		return;
	over += up.count;
	for (uint32_t i = 0; i < up.count; i++) {
		int fd = mux_take(up.ids[i]);

		if (fd >= 0)
			close(fd);
		if (!quiet)
			say("done %u", up.ids[i]);
	}
}

static void turn(void)
{
	struct pollfd p[LISTENERS + 2] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = link_fd, .events = deaf ? 0 : POLLIN},
	};
	int n = listener_count;

	if (pending_fd >= 0)
		p[1].events |= POLLOUT;
	for (int i = 0; i < n; i++)
		p[i + 2] = (struct pollfd){pending_fd < 0 ? listeners[i].fd : -1, POLLIN, 0};
	if (poll(p, (nfds_t)n + 2, -1) < 0)
		return;
	if (p[1].revents & (POLLIN | POLLHUP))
		hear();
	if (pending_fd >= 0 && (p[1].revents & POLLOUT) &&
		send_down(link_fd, &pending, pending_fd) == 0) {
		close(pending_fd);
		pending_fd = -1;
	}
	for (int i = 0; i < n; i++)
		if (p[i + 2].revents)
			take(&listeners[i]);
	if (p[0].revents)
		read_commands();
}

int main(int argc, char **argv)
{
	struct rlimit files;

	if (argc < 2)
		errx(2, "usage: worker-driver WORKER [argument...]");
	getrlimit(RLIMIT_NOFILE, &files);
	signal(SIGCHLD, SIG_DFL);
	start_worker(argv + 1);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	for (;;)
		turn();
}
