/* worker-driver: a supervisor for tests of inetd-worker. Starts it over a link of its own, does what
 * standard input says, one command a line, and prints what happens, one event a line.
 *
 * usage: worker-driver WORKER [argument...]
 * commands                               events
 *   stream BUILTIN IDLE_MS [PATH]          pid PID / ready / ended exit|signal N
 *   say TEXT                               listening ID PORT (of each listener or dgram socket)
 *   dgram BUILTIN ADDRESS RATE BURST       open ID / done ID
 *   drop ID                                wants ID NAME
 *   mux [NAME]                             note loop|rate ID COUNT PEER
 *   lost COUNT  (STREAM without fd)        note failed STEP ERRNO
 *   garbage                                accepted COUNT / over COUNT (answer to `count`)
 *   deaf on|off (reading of the link)
 *   count, hangup
 * What a tcpmux client sends after its line is sent back to it after "+NAME\r\n". */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker/message.h"

#define LISTENERS 64
#define MUXES     1024

static int link_fd;
static pid_t worker;
static bool deaf, quiet;
static uint32_t last_id;
static unsigned long accepted, over;

static struct listener {
	int fd;
	struct worker_down msg;
} listeners[LISTENERS];
static int listener_count;

static int pending_fd = -1; /* an accepted connection that the link had no room for */
static struct worker_down pending;

static struct {
	uint32_t id;
	int fd;
} muxes[MUXES];

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

static int send_down(const struct worker_down *msg, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {(void *)(uintptr_t)msg,
		offsetof(struct worker_down, text) + strlen(msg->text) + 1};
	struct msghdr hdr = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		struct cmsghdr *c = (struct cmsghdr *)control.room;

		hdr.msg_control = control.room;
		hdr.msg_controllen = sizeof(control.room);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	return sendmsg(link_fd, &hdr, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -1 : 0;
}

static void send_down_wait(const struct worker_down *msg, int fd)
{
	struct pollfd p = {.fd = link_fd, .events = POLLOUT};

	while (send_down(msg, fd) < 0) {
		if (errno != EAGAIN || poll(&p, 1, 10000) <= 0) {
			say("unsent %s", strerror(errno));
			return;
		}
	}
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

static uint16_t port_of(int fd)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof(ss);

	getsockname(fd, (struct sockaddr *)&ss, &len);
	return ntohs(ss.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&ss)->sin6_port
					      : ((struct sockaddr_in *)&ss)->sin_port);
}

static int listen_tcp(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&in, sizeof(in)) < 0 || listen(fd, 65535) < 0)
		err(1, "listen");
	return fd;
}

static int listen_unix(const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strlcpy(un.sun_path, path, sizeof(un.sun_path));
	if (bind(fd, (struct sockaddr *)&un, sizeof(un)) < 0 || listen(fd, 65535) < 0)
		err(1, "%s", path);
	return fd;
}

static void add_listener(const struct worker_down *msg, int fd)
{
	if (listener_count == LISTENERS)
		errx(1, "too many listeners");
	listeners[listener_count++] = (struct listener){fd, *msg};
	say("listening %u %u", msg->id, port_of(fd));
}

static void add_dgram(struct worker_down *msg, const char *host)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_DGRAM};
	struct addrinfo *ai;
	int fd, on = 1, off = 0;

	if (getaddrinfo(host, "0", &hints, &ai) != 0)
		errx(1, "%s: no address", host);
	fd = socket(ai->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (ai->ai_family == AF_INET6) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	} else {
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	}
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) < 0)
		err(1, "bind %s", host);
	freeaddrinfo(ai);
	say("listening %u %u", msg->id, port_of(fd));
	send_down_wait(msg, fd);
	close(fd);
}

static uint32_t builtin_of(const char *name)
{
	static const char *const names[BUILTIN_COUNT] = {
		"-", "echo", "discard", "chargen", "daytime", "time", "tcpmux"};

	for (uint32_t i = 0; name && i < BUILTIN_COUNT; i++)
		if (!strcmp(names[i], name))
			return i;
	errx(1, "%s: no such built-in", name ? name : "-");
}

static uint32_t number(char **at)
{
	char *word = strsep(at, " ");

	return word ? (uint32_t)strtoul(word, NULL, 10) : 0;
}

static void command(char *line)
{
	char *at = line, *verb = strsep(&at, " ");
	struct worker_down msg = {.id = ++last_id};

	if (!strcmp(verb, "stream")) {
		msg.verb = WORKER_STREAM;
		msg.builtin = builtin_of(strsep(&at, " "));
		msg.idle_ms = number(&at);
		add_listener(&msg, at ? listen_unix(at) : listen_tcp());
	} else if (!strcmp(verb, "say")) {
		msg.verb = WORKER_SAY;
		strlcpy(msg.text, at ? at : "", sizeof(msg.text));
		add_listener(&msg, listen_tcp());
	} else if (!strcmp(verb, "dgram")) {
		const char *host;

		msg.verb = WORKER_DGRAM;
		msg.builtin = builtin_of(strsep(&at, " "));
		host = strsep(&at, " ");
		msg.reply_rate = number(&at);
		msg.reply_burst = number(&at);
		add_dgram(&msg, host);
	} else if (!strcmp(verb, "drop")) {
		msg.verb = WORKER_DROP;
		msg.id = number(&at);
		send_down_wait(&msg, -1);
	} else if (!strcmp(verb, "mux")) {
		msg.verb = WORKER_MUX;
		strlcpy(msg.text, at ? at : "", sizeof(msg.text));
		send_down_wait(&msg, -1);
	} else if (!strcmp(verb, "lost")) {
		for (uint32_t n = number(&at); n > 0; n--) {
			msg.verb = WORKER_STREAM;
			msg.builtin = BUILTIN_ECHO;
			msg.id = ++last_id;
			send_down_wait(&msg, -1);
		}
	} else if (!strcmp(verb, "garbage")) {
		msg.verb = 4711;
		send_down_wait(&msg, STDIN_FILENO);
		send(link_fd, "x", 1, MSG_NOSIGNAL);
	} else if (!strcmp(verb, "deaf")) {
		deaf = at && !strcmp(at, "on");
	} else if (!strcmp(verb, "quiet")) {
		quiet = true;
	} else if (!strcmp(verb, "count")) {
		say("accepted %lu over %lu", accepted, over);
	} else if (!strcmp(verb, "hangup")) {
		shutdown(link_fd, SHUT_RDWR);
		close(link_fd);
		link_fd = -1;
	} else {
		errx(1, "%s?", verb);
	}
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

static void mux_keep(uint32_t id, int fd)
{
	for (int i = 0; i < MUXES; i++)
		if (!muxes[i].id) {
			muxes[i].id = id;
			muxes[i].fd = dup(fd);
			return;
		}
}

static int mux_take(uint32_t id)
{
	for (int i = 0; i < MUXES; i++)
		if (muxes[i].id == id) {
			muxes[i].id = 0;
			return muxes[i].fd;
		}
	return -1;
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
		if (send_down(&pending, fd) < 0)
			pending_fd = fd;
		else
			close(fd);
	}
}

static void serve_mux(int fd, const char *name)
{
	char data[4096];
	ssize_t n;

	signal(SIGPIPE, SIG_IGN);
	fcntl(fd, F_SETFL, 0);
	dprintf(fd, "+%s\r\n", name);
	while ((n = read(fd, data, sizeof(data))) > 0)
		if (write(fd, data, (size_t)n) < 0)
			break;
	_exit(0);
}

static void wanted(const struct worker_up *up)
{
	int fd = mux_take(up->id);

	say("wants %u %s", up->id, up->text);
	if (fd >= 0 && fork() == 0)
		serve_mux(fd, up->text);
	close(fd);
}

static void noted(const struct worker_up *up)
{
	char host[NI_MAXHOST] = "-", port[NI_MAXSERV] = "-";

	if (up->note == NOTE_FAILED) {
		say("note failed %s %d", up->text, up->err);
		return;
	}
	getnameinfo(&up->peer.addr.sa, up->peer.len, host, sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV);
	say("note %s %u %u %s %s", up->note == NOTE_LOOP ? "loop" : "rate", up->id, up->count, host,
		port);
}

static void hear(void)
{
	struct worker_up up;
	int status;
	ssize_t n = recv(link_fd, &up, sizeof(up), 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		waitpid(worker, &status, 0);
		say("ended %s %d", WIFSIGNALED(status) ? "signal" : "exit",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		exit(0);
	}
	if (up.verb == WORKER_READY)
		say("ready");
	else if (up.verb == WORKER_WANTS)
		wanted(&up);
	else if (up.verb == WORKER_NOTE)
		noted(&up);
	if (up.verb == WORKER_WANTS)
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
	if (pending_fd >= 0 && (p[1].revents & POLLOUT) && send_down(&pending, pending_fd) == 0) {
		close(pending_fd);
		pending_fd = -1;
	}
	for (int i = 0; i < n; i++)
		if (p[i + 2].revents)
			take(&listeners[i]);
	if (p[0].revents)
		read_commands();
	if (link_fd < 0) {
		int status;

		waitpid(worker, &status, 0);
		say("ended %s %d", WIFSIGNALED(status) ? "signal" : "exit",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		exit(0);
	}
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
