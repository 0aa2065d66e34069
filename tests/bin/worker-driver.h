/* worker-driver.h: sockets for worker-driver.c, and messages to the worker. */
#ifndef TESTS_WORKER_DRIVER_H
#define TESTS_WORKER_DRIVER_H

/* Commands, one a line:
 *   stream BUILTIN IDLE_MS [PATH] | say TEXT | header | dgram BUILTIN ADDRESS RATE BURST | drop ID
 * | mux [NAME] | lost COUNT (of STREAM without fd) | garbage | deaf on|off (to the link) | sndbuf
 * BYTES (of later listeners) | limit MS (of later streams) | list only|no|exempt NETWORK, list
 * times FROM MINUTES (of the next dgram) | quiet (no open, done) | broken (the next dgram has an
 * error to tell of) | count | hangup Events: pid PID | ready | listening ID PORT | open ID | done
 * ID | wants ID NAME | client ID RESULT | note loop|rate|denied|times ID COUNT PEER PORT | note
 * failed|without STEP ERRNO | accepted COUNT over COUNT | ended exit|signal NUMBER A tcpmux client
 * gets "+NAME\r\n", and back what it sends after its line. */

#include <err.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/message.h"

/* Sends a message with a descriptor (-1: none), without waiting. Returns 0, or -1 with errno. */
static int send_down(int link_fd, const struct worker_down *msg, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {(void *)(uintptr_t)msg, worker_down_size(msg)};
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

/* The port a socket is bound to. */
static uint16_t port_of(int fd)
{
	struct sockaddr_len local = {.len = sizeof(local.addr)};

	getsockname(fd, &local.addr.sa, &local.len);
	return ntohs(local.addr.sa.sa_family == AF_INET6 ? local.addr.in6.sin6_port
							 : local.addr.in.sin_port);
}

/* On a unix path, or on any port where that is NULL. */
static int listen_on(const char *path)
{
	union sockaddr_any any = {.in = {.sin_family = AF_INET}};
	socklen_t len = path ? sizeof(any.un) : sizeof(any.in);
	int fd;

	any.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (path) {
		any.un = (struct sockaddr_un){.sun_family = AF_UNIX};
		strlcpy(any.un.sun_path, path, sizeof(any.un.sun_path));
	}
	fd = socket(any.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (bind(fd, &any.sa, len) < 0 || listen(fd, 65535) < 0)
		err(1, "listen");
	return fd;
}

/* A datagram socket on any port of a numeric address, as a supervisor would make it. */
static int dgram_on(const char *host)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM};
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
	return fd;
}

/* One event. */
#define say(...) (printf(__VA_ARGS__), putchar('\n'), fflush(stdout))

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

static void noted(const struct worker_up *up)
{
	static const char *const names[] = {"?", "loop", "rate", "denied", "times"};
	char host[NI_MAXHOST] = "-", port[NI_MAXSERV] = "-";

	if (up->note == NOTE_FAILED || up->note == NOTE_ROOT) {
		say("note %s %s %d", up->note == NOTE_ROOT ? "without" : "failed", up->text,
			up->err);
		return;
	}
	getnameinfo(&up->peer.addr.sa, up->peer.len, host, sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV);
	say("note %s %u %u %s %s", up->note <= NOTE_TIMES ? names[up->note] : "?", up->id,
		up->count, host, port);
}

#define MUXES 1024

/* Descriptors of tcpmux connections that the worker is talking to. */
static struct {
	uint32_t id;
	int fd;
} muxes[MUXES];

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

/* Plays the service: its name, then an echo. */
static void mux_serve(int fd, const char *name)
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

/* What was sent from it has found nobody, as when a program has left it connected to one that has
 * gone. */
static void break_dgram(int fd)
{
	int gone = dgram_on("127.0.0.1");
	struct sockaddr_len peer = {.len = sizeof(peer.addr)};

	getsockname(gone, &peer.addr.sa, &peer.len);
	close(gone);
	if (connect(fd, &peer.addr.sa, peer.len) < 0 || send(fd, "", 1, 0) < 0)
		err(1, "connect");
}

#endif
